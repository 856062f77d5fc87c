#include "actors/program/quota_history.hpp"

#include <algorithm>

namespace nexte::program {
namespace {

double part_of(const quota_sample& sample) {
  return static_cast<double>(sample.used) / sample.limit;
}

/// Of each pair in the older half the one that used more: a peak must not vanish.
void thin_out(std::vector<quota_sample>& samples) {
  std::vector<quota_sample> kept;
  const size_t half = samples.size() / 4 * 2;
  for (size_t i = 0; i < half; i += 2)
    kept.push_back(part_of(samples[i]) >= part_of(samples[i + 1]) ? samples[i] : samples[i + 1]);
  kept.insert(kept.end(), samples.begin() + static_cast<std::ptrdiff_t>(half), samples.end());
  samples = std::move(kept);
}

struct present {
  quota_sample busiest;
  std::optional<wall_time> back_at;
};

std::map<std::string, present> present_of(const std::vector<integration_status>& all,
                                          wall_time now) {
  std::map<std::string, present> now_used;
  for (const auto& one : all) {
    if (one.quota_limit == 0)
      continue;
    auto& provider = now_used[one.provider];
    const quota_sample here{now, one.quota_used, one.quota_limit, 0};
    auto& busiest = provider.busiest;
    if (busiest.limit == 0 || part_of(here) > part_of(busiest)) {
      const auto waiting = busiest.waiting;
      busiest = here;
      busiest.waiting = waiting;
    }
    if (one.quota_back_at && *one.quota_back_at > now) {
      ++busiest.waiting;
      provider.back_at = std::max(provider.back_at.value_or(wall_time{}), *one.quota_back_at);
    }
  }
  return now_used;
}

} // namespace

void quota_history::take(const std::vector<integration_status>& all, wall_time now) {
  if (taken_at_ && now >= *taken_at_ && now - *taken_at_ < quota_sample_every)
    return;
  taken_at_ = now;
  for (const auto& [name, here] : present_of(all, now)) {
    auto& provider = providers_[name];
    auto& samples = provider.samples;
    samples.push_back(here.busiest);
    std::erase_if(samples, [now](const quota_sample& s) {
      return s.at > now || now - s.at > quota_samples_kept; // the clock may have been set back
    });
    if (samples.size() > quota_samples_max)
      thin_out(samples);
    provider.back_at = here.back_at;
    provider.forecast = forecast_of(samples);
  }
}

quota_forecast forecast_of(const std::vector<quota_sample>& samples) {
  const auto& last = samples.back();
  auto first = samples.end() - 1;
  while (first != samples.begin()) {
    const auto before = first - 1;
    if (before->used > first->used || before->limit != first->limit
        || last.at - before->at > quota_pace_over)
      break;
    first = before;
  }
  quota_forecast expected;
  const auto middle = first + (samples.end() - 1 - first) / 2;
  const auto time = last.at - first->at;
  if (time < quota_pace_min || middle->used <= first->used || last.used <= middle->used)
    return expected;
  const auto hours = std::chrono::duration<double, std::ratio<3600>>(time).count();
  expected.used_per_hour = (last.used - first->used) / hours;
  const double left = last.used < last.limit ? last.limit - last.used : 0;
  const std::chrono::duration<double, std::ratio<3600>> until{left / expected.used_per_hour};
  if (until <= quota_forecast_max)
    expected.full_at = last.at + std::chrono::duration_cast<milliseconds>(until);
  return expected;
}

} // namespace nexte::program
