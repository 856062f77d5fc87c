// `nexte-sync serve`.
#pragma once

#include <filesystem>

namespace nexte::program {

/// Runs the engine of a configuration file until SIGTERM or SIGINT; logs to stderr. Yields the exit
/// code.
int serve(const std::filesystem::path& config_file);

} // namespace nexte::program
