// How long to wait before the same request goes again. No CAF, no clock, no I/O.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <optional>

namespace nexte {

inline constexpr seconds backoff_min{1};
inline constexpr seconds backoff_max{32};
/// Longest wait that a provider is believed to mean: Figma counts by the month (figma.md §5). What
/// asks for more is cut to this; a wait of hours or days is kept as a due time, never slept.
inline constexpr std::chrono::days asked_wait_max{31};

/// The wait before attempt `attempt` + 1, after `attempt` (from 1) refusals in a row: 1, 2, 4, 8,
/// 16, 32, 32, … s, or what the provider asked for (Retry-After, its reset fields: the longest of
/// them) when that is longer. Exact, without jitter: after a 429 the limiter paces re-entry. A
/// success resets the ladder: the caller counts from 1 again.
milliseconds backoff_wait(unsigned attempt, std::optional<milliseconds> asked);

/// The same for a passing failure (5xx, network), where no limiter stands between a fleet and a
/// provider that comes back: longer by up to a quarter, as `draw` (uniform over its range) says;
/// never shorter.
milliseconds spread_backoff_wait(unsigned attempt, std::optional<milliseconds> asked,
                                 uint32_t draw);

} // namespace nexte
