// How the quota of each provider was used of late, and when it would be used up. No clock, no CAF.
#pragma once

#include "actors/engine.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nexte::program {

/// The busiest account of a provider, as it was at one moment.
struct quota_sample {
  wall_time at{};
  unsigned used = 0;    ///< Units in the tightest window of that account.
  unsigned limit = 0;   ///< Of that window; never 0.
  unsigned waiting = 0; ///< Integrations of which a request waits for quota.
};

/// What is to be expected of a provider's busiest account.
struct quota_forecast {
  double used_per_hour = 0;         ///< Units, since use last fell; 0: it does not grow.
  std::optional<wall_time> full_at; ///< When it is used up at this pace; absent: not at this pace.
};

/// Samples are taken no closer than this.
inline constexpr seconds quota_sample_every{15};
/// Per provider; older ones are thinned out two to one, where the higher one stays.
inline constexpr size_t quota_samples_max = 480;
inline constexpr std::chrono::hours quota_samples_kept{24};
/// What the forecast looks at …
inline constexpr std::chrono::minutes quota_pace_over{10};
/// … at no less than this, and both halves of it must have grown: a window of seconds rises and
/// falls, and would be used up soon by any two samples of it.
inline constexpr std::chrono::minutes quota_pace_min{2};
/// How far it dares to look ahead.
inline constexpr std::chrono::hours quota_forecast_max{24};

class quota_history {
public:
  /// Takes a sample of each provider that was asked anything, unless one was taken just now.
  void take(const std::vector<integration_status>& all, wall_time now);

  struct provider_quota {
    std::vector<quota_sample> samples; ///< Oldest first; never empty.
    std::optional<wall_time> back_at;  ///< When the last of those that wait may go.
    quota_forecast forecast;
  };
  const std::map<std::string, provider_quota>& providers() const {
    return providers_;
  }

private:
  std::map<std::string, provider_quota> providers_;
  std::optional<wall_time> taken_at_;
};

/// From the samples of the last minutes, since use last fell: a window that was cleared says
/// nothing of the pace. @pre samples oldest first, not empty
quota_forecast forecast_of(const std::vector<quota_sample>& samples);

} // namespace nexte::program
