// How the command line is put together; for the files that add to it.
#pragma once

#include "actors/program/cli.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace nexte::program {

/// Everything that options can say. Shared, because CLI11 keeps pointers into it.
struct arguments {
  shell_request request;
  std::string id, workspace, provider, mode, stream, record;
  std::filesystem::path config_file;
  bool no_wait = false;
  bool wait = false;
  std::ostream* out = nullptr; ///< For what needs no engine.
  bool only_check = false;
  std::string log_level = "info";
  bool all = false;
  uint64_t number = 0;
  record_range range;
  record_edit edit;
  conflict_choice conflicts;
  std::string listen;
  demo_options demo;
  simulators_options simulators;
  simulate_options simulate;
  std::string seeds;
  std::function<int(const actions&)> chosen;
};

using command = std::function<result<void>(const shell&, const arguments&)>;

/// Adds the subcommands to an app.
class commands {
public:
  commands(CLI::App& app, std::shared_ptr<arguments> given) : app_(app), given_(std::move(given)) {}

  void add_all() {
    add_programs();
    add_simulate();
    add_consent();
    add_data();
    add_edits();
    add_conflicts();
    add_troubles();
    add_completion();
  }

private:
  CLI::App* add(const char* name, const char* text, const char* example) {
    auto* sub = app_.add_subcommand(name, text);
    sub->footer(std::string{"Example:\n  nexte-sync "} + example);
    return sub;
  }

  /// A command to a running engine: its options, and what it does.
  CLI::App* add_shell(const char* name, const char* text, const char* example, command run);
  void needs_id(CLI::App* sub) {
    sub->add_option("ID", given_->id, "An integration's id, see: nexte-sync status")->required();
  }
  void needs_stream(CLI::App* sub) {
    needs_id(sub);
    sub->add_option("STREAM", given_->stream, "e.g. contacts")->required();
  }
  void may_not_wait(CLI::App* sub) {
    sub->add_flag("--no-wait", given_->no_wait, "Print the address and exit (for scripts)");
  }

  void add_programs();
  void add_simulate();
  void add_consent();
  void add_data();
  void add_edits();
  void add_conflicts();
  void add_troubles();
  void add_completion();

  CLI::App& app_;
  std::shared_ptr<arguments> given_;
};

} // namespace nexte::program
