// How much time has passed, under any jump of the wall clock. Pure: no clock is read here.
#pragma once

#include "protocol/core/time.hpp"

#include <optional>
#include <string>

namespace nexte {

/// The machine's own clock: it only goes forward, suspend included (CLOCK_BOOTTIME), and begins
/// anew with each boot.
struct uptime {
  std::string boot; ///< Tells boots apart (/proc/sys/kernel/random/boot_id); at most 64 bytes.
  milliseconds since_boot{0};
  friend bool operator==(const uptime&, const uptime&) = default;
};

/// What is stored of the time that has passed since the store was made.
struct elapsed_row {
  milliseconds total{0};
  wall_time wall_at{};      ///< At the last reading.
  std::optional<uptime> up; ///< At the last reading.
  friend bool operator==(const elapsed_row&, const elapsed_row&) = default;
};

/// A time that nobody measured counts at most so long: the wall clock alone tells of it.
inline constexpr std::chrono::hours unmeasured_max{24};

/// `row` at a later reading. Within one boot the machine's clock measures, across processes and
/// whatever the wall clock does. Across a boot, or without an `uptime`, only the wall clock is
/// left: its difference counts, never below zero and never more than `unmeasured_max`, so that a
/// clock that jumped years ahead while nobody looked costs a day of what is kept 30 days; what is
/// off for longer keeps its rows longer. Total never falls.
elapsed_row advanced(elapsed_row row, wall_time now, const std::optional<uptime>& up);

} // namespace nexte
