// One simulation from its seed to its end.
#pragma once

#include "actors/program/simulate/faults.hpp"
#include "actors/program/simulate/ruling.hpp"
#include "protocol/core/time.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace nexte::program {

struct simulation_options {
  uint64_t seed = 1;
  unsigned workspaces = 20;
  unsigned hours = 24;
  uint64_t records = 30; ///< Per stream and account, at the start.
  fault_mix faults;
  size_t trace_lines = 0;       ///< How many of the newest events to keep.
  std::filesystem::path folder; ///< For the engine's data; exists, and is emptied.
};

struct simulation_report {
  std::string digest; ///< Of every event, in order.
  uint64_t events = 0;
  uint64_t calls = 0;
  uint64_t steps = 0; ///< Messages handled by actors.
  milliseconds simulated{0};
  std::array<uint64_t, fault_site_count> struck{};
  std::vector<std::string> trace;
  std::optional<broken_rule> broken;
};

/// Runs the engine of production with its providers for so many hours, then until it is at rest.
/// The same options yield the same report. One thread; no two at once in a process, for a full disk
/// is made by a limit of the process.
simulation_report run_simulation(const simulation_options& options);

} // namespace nexte::program
