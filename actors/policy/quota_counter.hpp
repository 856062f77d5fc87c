// One counter of a provider as we believe it to stand. No CAF, no clock, no I/O.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/provider.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace nexte {

/// A window keeps at most about this many log entries: larger limits are counted in steps of
/// `span / quota_log_steps`, and a unit leaves at the end of its step, later than it might, never
/// earlier.
inline constexpr unsigned quota_log_steps = 1024;
/// A local day is at most 25 hours long (the end of summer time): as long do units of a daily
/// window count while we do not know when the provider resets it.
inline constexpr std::chrono::hours daily_span_max{25};
/// A 429 takes a quarter of the units we believed in, once per span at most. They come back by a
/// sixteenth of the provider's limit per span, or per minute where the span is longer.
inline constexpr unsigned limited_cut = 4;
inline constexpr unsigned recovery_steps = 16;
inline constexpr std::chrono::minutes recovery_every_max{1};

/// Counts the use of one `quota_window` (or, with span zero, of one concurrency cap) so that the
/// provider's own counter is never exceeded, whatever the latency: a unit counts from its grant
/// until `span` after its *answer*. The provider counted it somewhere in between, so in any of its
/// rolling windows (half-open, of length `span`) it sees no more than was counted here. A daily
/// window is counted as rolling over 25 hours, until its reset is known.
///
/// `now` never goes backwards from call to call.
class quota_counter {
public:
  explicit quota_counter(const quota_window& rule)
      : rule_(&rule), ceiling_(rule.limit), allowed_(rule.limit) {}

  /// Counts `units` as spent by others (a former process, another app) until `until`. Replaces
  /// what was assumed before.
  void assume(unsigned units, steady_time until) {
    assumed_ = units;
    assumed_until_ = until;
  }

  /// Whether `units` may be spent now. A request that costs more than the whole window goes when
  /// nothing else counts.
  bool admits(unsigned units, steady_time now);
  /// The earliest time at which it is worth asking again (`now`: now). Nullopt: not before an
  /// answer to what is in flight.
  std::optional<steady_time> next_at(unsigned units, steady_time now);

  void take(unsigned units) {
    in_flight_ += units;
  }
  void take_back(unsigned units) {
    in_flight_ -= units;
  }
  void answered(unsigned units, steady_time now);

  /// The provider refused: nothing goes before `now + wait`, and less is believed in.
  void limited(milliseconds wait, steady_time now);
  /// The provider told how it stands, in the answer to a request of `own_units`, still in flight.
  /// What else is in flight is taken as not yet counted by it. A lower limit holds at once, a
  /// higher one is recovered to; a limit of 0 is no limit and ignored.
  void observe(const quota_reading& reading, unsigned own_units, steady_time now);

  /// How long after its answer a unit counts; zero for a cap.
  milliseconds counted_span() const;
  /// Units that count now, ours and others'.
  unsigned used(steady_time now);
  /// Units believed in now.
  unsigned limit(steady_time now) {
    settle(now);
    return allowed_;
  }
  /// Whether nothing is known of it that a new one would not know, but the provider's own limit.
  bool idle(steady_time now);
  const quota_window& rule() const {
    return *rule_;
  }

private:
  struct departure {
    steady_time leaves_due;
    unsigned units;
  };

  void settle(steady_time now);
  milliseconds recovery_every() const;
  uint64_t counted() const {
    return uint64_t{in_flight_} + logged_ + assumed_;
  }
  bool fits(uint64_t counted, unsigned units) const {
    return counted == 0 || counted + units <= allowed_;
  }

  const quota_window* rule_;
  unsigned ceiling_; ///< The provider's limit, as it said last.
  unsigned allowed_; ///< What we believe in: at most the ceiling.
  unsigned in_flight_ = 0;
  unsigned logged_ = 0; ///< Sum of the log.
  unsigned assumed_ = 0;
  uint32_t log_begin_ = 0;     ///< Entries of `log_` before it have left.
  std::vector<departure> log_; ///< By time of leaving.
  steady_time assumed_until_{};
  steady_time blocked_until_{};
  steady_time cut_due_{};      ///< No further cut before it.
  steady_time recovery_due_{}; ///< Next step up, while allowed < ceiling.
  steady_time reset_due_{};    ///< Of a daily window, when known.
};

} // namespace nexte
