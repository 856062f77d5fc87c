// How far a provider's clock is ahead of ours, as its answers tell. Pure.
#pragma once

#include "protocol/core/time.hpp"

#include <optional>

namespace nexte {

/// Date fields have whole seconds, and answers travel: each one only bounds the skew from both
/// sides. The bounds of all answers together narrow it down.
class clock_skew {
public:
  /// An answer dated `date` by the provider to a request of ours. An answer that contradicts the
  /// earlier ones begins anew: a clock was set.
  void observe(wall_time date, wall_time sent_at, wall_time received_at);

  /// Provider's clock minus ours; 0 while nothing speaks against it.
  milliseconds value() const;

private:
  struct bounds {
    milliseconds least{0};
    milliseconds most{0};
  };
  std::optional<bounds> known_;
};

} // namespace nexte
