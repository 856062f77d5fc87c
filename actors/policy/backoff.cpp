#include "actors/policy/backoff.hpp"

#include <algorithm>

namespace nexte {

milliseconds backoff_wait(unsigned attempt, std::optional<milliseconds> asked) {
  constexpr unsigned doublings_max = 5; // 1 s to 32 s
  static_assert(backoff_min * (1u << doublings_max) == backoff_max);
  const auto doublings = std::min(std::max(attempt, 1u) - 1, doublings_max);
  const milliseconds ladder = backoff_min * (1u << doublings);
  return std::clamp<milliseconds>(asked.value_or(ladder), ladder, asked_wait_max);
}

milliseconds spread_backoff_wait(unsigned attempt, std::optional<milliseconds> asked,
                                 uint32_t draw) {
  const auto wait = backoff_wait(attempt, asked);
  const auto more = std::min<milliseconds>(wait, backoff_max) / 4;
  return wait + milliseconds{static_cast<int64_t>(draw) * more.count() / UINT32_MAX};
}

} // namespace nexte
