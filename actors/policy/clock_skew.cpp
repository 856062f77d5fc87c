#include "actors/policy/clock_skew.hpp"

#include <algorithm>

namespace nexte {

/// What a Date field leaves out: it is cut to seconds, and our own times to milliseconds.
constexpr milliseconds date_cut{999};

void clock_skew::observe(wall_time date, wall_time sent_at, wall_time received_at) {
  if (received_at < sent_at)
    return; // ours was set meanwhile
  const bounds seen{date - received_at, date + date_cut - sent_at};
  if (!known_ || seen.most < known_->least || seen.least > known_->most) {
    known_ = seen;
    return;
  }
  known_->least = std::max(known_->least, seen.least);
  known_->most = std::min(known_->most, seen.most);
}

milliseconds clock_skew::value() const {
  if (!known_ || (known_->least <= milliseconds{0} && known_->most >= milliseconds{0}))
    return milliseconds{0};
  return known_->least + (known_->most - known_->least) / 2;
}

} // namespace nexte
