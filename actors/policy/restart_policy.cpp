#include "actors/policy/restart_policy.hpp"

#include <algorithm>

namespace nexte {

restart_decision after_crash(restart_record& record, steady_time now, bool hung) {
  if (!hung && !record.restarts.empty() && now - record.restarts.back() >= healthy_run_min) {
    record.streak = 0;
    record.resting = false;
  }
  // The last one stays, however old: it tells how long the next run will have been.
  while (record.restarts.size() > 1 && now - record.restarts.front() > restarts_window)
    record.restarts.pop_front();
  ++record.streak;
  const auto recent = std::ranges::count_if(
      record.restarts, [now](steady_time at) { return now - at <= restarts_window; });
  record.resting = record.resting || static_cast<size_t>(recent) >= restarts_max;
  if (record.resting)
    return {rest_wait, true};
  constexpr unsigned doublings_max = 9; // 512 s is past the longest wait
  const milliseconds wait = restart_wait_min * (1u << std::min(record.streak - 1, doublings_max));
  return {std::min<milliseconds>(wait, restart_wait_max), false};
}

void started(restart_record& record, steady_time now) {
  record.restarts.push_back(now);
  if (record.restarts.size() > restarts_max + 1)
    record.restarts.pop_front();
}

bool kills_again(restart_record& record, std::string_view stream, std::string_view record_id) {
  const auto at = std::ranges::find_if(record.suspects, [&](const auto& one) {
    return one.stream == stream && one.record == record_id;
  });
  if (at == record.suspects.end()) {
    record.suspects.push_back({std::string{stream}, std::string{record_id}, 1});
    if (record.suspects.size() > suspects_kept_max)
      record.suspects.pop_front();
    return false;
  }
  if (++at->kills < record_kills_max)
    return false;
  record.suspects.erase(at);
  return true;
}

} // namespace nexte
