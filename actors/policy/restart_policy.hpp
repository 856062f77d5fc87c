// When a failed integration is started again, and which record is to blame. No CAF, no clock, no
// I/O. The rules are those of the supervisor: a streak of failures, not a count, decides.
#pragma once

#include "protocol/core/time.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace nexte {

inline constexpr seconds restart_wait_min{1};
inline constexpr std::chrono::minutes restart_wait_max{5};
/// A run of this length ends a streak of failures.
inline constexpr std::chrono::minutes healthy_run_min{2};
/// More restarts than this within the window, and the integration rests.
inline constexpr size_t restarts_max = 5;
inline constexpr std::chrono::minutes restarts_window{10};
inline constexpr std::chrono::minutes rest_wait{30};
/// A record that was being read at this many failures is quarantined.
inline constexpr unsigned record_kills_max = 2;
inline constexpr size_t suspects_kept_max = 16; ///< The oldest are forgotten.

/// What the supervisor remembers of one integration. When a person asks for it, all but the
/// suspects are forgotten.
struct restart_record {
  struct suspect {
    std::string stream;
    std::string record;
    unsigned kills = 0;
  };

  unsigned streak = 0; ///< Failures in a row.
  bool resting = false;
  std::deque<steady_time> restarts; ///< Of the last `restarts_window`, oldest first.
  std::deque<suspect> suspects;
};

struct restart_decision {
  milliseconds wait{0}; ///< Until it is started again: from 1 s doubling to 5 min, or 30 min.
  bool resting = false; ///< It failed too often: an incident names the defect.
};

/// An integration failed at `now`. Notes it, and says when to start it again. One that `hung` was
/// not healthy, however long ago it was started.
restart_decision after_crash(restart_record& record, steady_time now, bool hung = false);
/// It was started again. Not for its first start.
void started(restart_record& record, steady_time now);

/// It failed while it read this record. True when the record did it for the second time: it must
/// be quarantined, and is forgotten here.
bool kills_again(restart_record& record, std::string_view stream, std::string_view record_id);

} // namespace nexte
