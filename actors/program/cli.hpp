// The command line: what was asked for, as values. Does nothing itself.
#pragma once

#include "actors/program/commands.hpp"
#include "actors/program/simulate.hpp"
#include "actors/program/simulators.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <ostream>

namespace nexte::program {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1; ///< One line on stderr says what and what to do.
inline constexpr int exit_usage = 2;

struct demo_options {
  bool once = false; ///< Exit at the end, also in a terminal.
  unsigned workspaces = 3;
  uint64_t records = 15'000; ///< Per stream of each workspace.
  listen_address listen;
};

/// One command to a running engine.
struct shell_request {
  engine_choice engine;
  bool json = false;
  std::function<result<void>(const shell&)> command;
};

/// What the program can do; each yields the exit code.
struct actions {
  std::function<int(const shell_request&)> ask;
  std::function<int(const std::filesystem::path& config_file, const std::string& log_level)> serve;
  std::function<int(const demo_options&)> demo;
  std::function<int(const simulators_options&)> simulators;
  std::function<int(const std::filesystem::path& config_file)> check_config = nullptr;
  std::function<int(const simulate_options&)> simulate = nullptr;
};

/// Reads the arguments and runs the one action that they name. Help goes to `out` with 0, a wrong
/// usage to `err` with exit_usage.
int run_command_line(int argc, const char* const* argv, const actions& can, std::ostream& out,
                     std::ostream& err);

} // namespace nexte::program
