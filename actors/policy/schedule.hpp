// When an integration is polled next, and when it should have made progress. No CAF, no clock, no
// I/O.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"

#include <optional>
#include <string_view>

namespace nexte {

/// Real-time mode: new data is visible within this, whatever the provider pushes.
inline constexpr std::chrono::minutes real_time_cadence_max{5};
inline constexpr std::chrono::hours hourly_cadence{1};
/// "Connected" without progress for so many cadences is stalled.
inline constexpr int stalled_cadences = 2;

/// How far apart polls are: `every` (a positive length), at most 5 min, for "real_time"; an hour
/// for "hourly"; nullopt for "paused".
std::optional<milliseconds> cadence(std::string_view mode, seconds every);

/// The time of the next poll after the one that ended at `last` (zero: never). Each integration
/// has its own phase within the cadence, by a hash of its id, so that a fleet spreads evenly; the
/// next poll is at most one cadence after `last`. Never before `now`: what is overdue (a laptop
/// slept) is polled at once. `wall_time::max()` for "paused".
wall_time next_poll_at(integration_id id, std::string_view mode, seconds every, wall_time last,
                       wall_time now);

/// When an integration that is connected, and last made progress at `progress_at`, must be called
/// stalled; nullopt for "paused".
std::optional<wall_time> stalled_at(std::string_view mode, seconds every, wall_time progress_at);

} // namespace nexte
