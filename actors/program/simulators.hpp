// `nexte-sync simulators`: only the simulated providers, for other programs to talk to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nexte::program {

struct simulators_options {
  std::string listen_address = "127.0.0.1";
  uint16_t port = 0;
  bool tls = false;
  bool auto_consent = false;
  std::vector<std::string> providers; ///< Empty: all.
  uint64_t records = 1000;
  uint64_t seed = 1;
  std::filesystem::path fault_plan; ///< Empty: none.
};

/// Prints the one JSON line that says where they are, and serves until SIGINT or SIGTERM. Yields
/// the exit code.
int run_simulators(const simulators_options& options);

} // namespace nexte::program
