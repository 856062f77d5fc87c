#include "actors/policy/schedule.hpp"

#include <algorithm>

namespace nexte {
namespace {

/// Finalizer of SplitMix64: ids of any origin spread evenly.
/// <https://prng.di.unimi.it/splitmix64.c>
uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

} // namespace

std::optional<milliseconds> cadence(std::string_view mode, seconds every) {
  if (mode == "paused")
    return std::nullopt;
  if (mode == "hourly")
    return hourly_cadence;
  return std::clamp<milliseconds>(every, seconds{1}, real_time_cadence_max);
}

wall_time next_poll_at(integration_id id, std::string_view mode, seconds every, wall_time last,
                       wall_time now) {
  const auto apart = cadence(mode, every);
  if (!apart)
    return wall_time::max();
  const auto since = std::min(last, now).time_since_epoch(); // the clock may have been set back
  const auto phase = milliseconds{
      static_cast<int64_t>(mixed(id.value()) % static_cast<uint64_t>(apart->count()))};
  const auto past = since - phase;
  // Rounds down, also before 1970.
  const auto turns = past / *apart - (past % *apart < milliseconds{0} ? 1 : 0);
  return std::max(wall_time{phase + (turns + 1) * *apart}, now);
}

std::optional<wall_time> stalled_at(std::string_view mode, seconds every, wall_time progress_at) {
  const auto apart = cadence(mode, every);
  if (!apart)
    return std::nullopt;
  return progress_at + stalled_cadences * *apart;
}

} // namespace nexte
