// The command that runs whole simulations.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace nexte::program {

struct simulate_options {
  uint64_t first_seed = 1;
  uint64_t last_seed = 1;
  unsigned workspaces = 20;
  unsigned hours = 24;
  std::string faults = "mixed";
  std::filesystem::path trace_file; ///< Where the events of a single seed go; empty: nowhere.
  unsigned jobs = 0;                ///< Processes; 0: one per core.
  bool twice = false;               ///< Each seed is run again and must tell the same.
};

/// Runs each seed and prints what came of it. Yields the exit code: 1 when a rule was broken.
int run_simulate(const simulate_options& options);

} // namespace nexte::program
