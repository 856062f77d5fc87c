#include "actors/policy/quota_counter.hpp"

#include <algorithm>
#include <utility>

namespace nexte {

milliseconds quota_counter::counted_span() const {
  return rule_->daily ? std::max<milliseconds>(rule_->span, daily_span_max) : rule_->span;
}

milliseconds quota_counter::recovery_every() const {
  return std::clamp<milliseconds>(rule_->span, seconds{1}, recovery_every_max);
}

/// Lets go what has left by `now`.
void quota_counter::settle(steady_time now) {
  while (log_begin_ < log_.size() && log_[log_begin_].leaves_due <= now)
    logged_ -= log_[log_begin_++].units;
  if (log_begin_ > log_.size() / 2) { // each entry is moved at most once
    log_.erase(log_.begin(), log_.begin() + log_begin_);
    log_begin_ = 0;
  }
  if (assumed_ > 0 && assumed_until_ <= now)
    assumed_ = 0;
  while (allowed_ < ceiling_ && recovery_due_ <= now) {
    allowed_ = std::min(ceiling_, allowed_ + std::max(1u, ceiling_ / recovery_steps));
    recovery_due_ += recovery_every();
  }
}

bool quota_counter::admits(unsigned units, steady_time now) {
  settle(now);
  return blocked_until_ <= now && fits(counted(), units);
}

std::optional<steady_time> quota_counter::next_at(unsigned units, steady_time now) {
  settle(now);
  const auto not_before = std::max(now, blocked_until_);
  if (fits(counted(), units))
    return not_before;
  std::optional<steady_time> due;
  uint64_t left = counted();
  auto assumed_still = assumed_;
  for (auto at = log_begin_; !due && at <= log_.size(); ++at) {
    // What others spent leaves in the midst of our own departures.
    if (assumed_still > 0 && (at == log_.size() || assumed_until_ <= log_[at].leaves_due)) {
      left -= std::exchange(assumed_still, 0);
      if (fits(left, units))
        due = assumed_until_;
    }
    if (!due && at < log_.size()) {
      left -= log_[at].units;
      if (fits(left, units))
        due = log_[at].leaves_due;
    }
  }
  if (allowed_ < ceiling_)
    due = due ? std::min(*due, recovery_due_) : recovery_due_;
  if (due)
    *due = std::max(*due, not_before);
  return due;
}

void quota_counter::answered(unsigned units, steady_time now) {
  settle(now);
  in_flight_ -= units;
  if (rule_->span <= milliseconds{0} || units == 0)
    return;
  auto leaves_due = now + counted_span();
  if (rule_->daily && reset_due_ > now) {
    leaves_due = reset_due_; // it was counted before its answer, so before the reset
  } else if (ceiling_ > quota_log_steps) {
    const auto step = std::chrono::nanoseconds{counted_span()} / quota_log_steps;
    const auto past = (leaves_due - steady_time{}) % step;
    if (past.count() > 0)
      leaves_due += step - past;
  }
  logged_ += units;
  if (log_begin_ < log_.size() && log_.back().leaves_due >= leaves_due)
    log_.back().units += units;
  else
    log_.push_back({leaves_due, units});
}

void quota_counter::limited(milliseconds wait, steady_time now) {
  settle(now);
  blocked_until_ = std::max(blocked_until_, now + std::max(wait, milliseconds{0}));
  recovery_due_ = blocked_until_ + recovery_every();
  if (cut_due_ > now)
    return; // one burst meets many refusals: they are one sign
  cut_due_ = now + std::max<milliseconds>(rule_->span, seconds{1});
  allowed_ -= std::min(allowed_ - 1, std::max(1u, allowed_ / limited_cut));
}

void quota_counter::observe(const quota_reading& reading, unsigned own_units, steady_time now) {
  settle(now);
  const bool below = allowed_ < ceiling_;
  if (reading.limit && *reading.limit > 0) {
    ceiling_ = *reading.limit;
    allowed_ = std::min(allowed_, ceiling_);
    if (!below && allowed_ < ceiling_)
      recovery_due_ = now + recovery_every();
  }
  const auto reset_in
      = std::clamp(reading.reset_in.value_or(counted_span()), milliseconds{0}, counted_span());
  if (rule_->daily && reading.reset_in && reset_in > milliseconds{0}) {
    reset_due_ = now + reset_in;
    for (auto at = log_begin_; at < log_.size(); ++at)
      log_[at].leaves_due = std::min(log_[at].leaves_due, reset_due_);
  }
  if (reading.remaining) {
    const uint64_t ours = uint64_t{in_flight_} + logged_;
    const uint64_t uncounted = in_flight_ - own_units;
    const uint64_t room = *reading.remaining - std::min<uint64_t>(*reading.remaining, uncounted);
    const uint64_t others = allowed_ - std::min<uint64_t>(allowed_, ours + room);
    assume(static_cast<unsigned>(others), now + reset_in);
  }
}

unsigned quota_counter::used(steady_time now) {
  settle(now);
  return static_cast<unsigned>(std::min<uint64_t>(counted(), UINT32_MAX));
}

bool quota_counter::idle(steady_time now) {
  settle(now);
  return counted() == 0 && allowed_ == ceiling_ && blocked_until_ <= now && cut_due_ <= now;
}

} // namespace nexte
