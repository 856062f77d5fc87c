// What lets a shell complete the words of the program, made from the command tree itself.
#pragma once

#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): the library's own
class App;
}

namespace nexte::program {

/// A script that bash (or zsh) loads: completes commands, their options, fixed words, files, and
/// the ids of integrations, for which it asks the running engine.
std::string completion_script(const CLI::App& app, bool zsh);

} // namespace nexte::program
