// Many integrations at one simulated provider, some of them broken for good, in real time and on
// real threads.
#pragma once

#include "protocol/core/time.hpp"

#include <filesystem>
#include <vector>

namespace nexte::bench {

struct fleet_options {
  unsigned integrations = 0;
  bool with_broken = false; ///< One in five; without them there are as many fewer.
  seconds poll_every{0};
  seconds lasts{0};                ///< After each has synced once.
  std::filesystem::path directory; ///< Empty, exists.
};

/// Runs an engine over the fleet. Yields how long each cycle of a healthy integration took: from
/// when its poll was due to when its end was durable. Throws std::exception on any failure.
std::vector<milliseconds> run_fleet(const fleet_options& options);

} // namespace nexte::bench
