// Timers of many owners in one queue: one pending timer per owner and slot. No CAF, no clock.
#pragma once

#include "protocol/core/time.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace nexte {

/// Whose timer it is, and which of its timers.
struct timer_key {
  uint64_t owner = 0;
  uint32_t slot = 0;
  friend auto operator<=>(const timer_key&, const timer_key&) = default;
};

/// Setting a timer replaces the one pending in its slot, so that what waits is bounded by owners
/// and slots, and nothing that was called off stays.
template <class Value>
class timer_queue {
public:
  void set(timer_key key, steady_time due, Value value) {
    cancel(key);
    order_.emplace(due, key);
    pending_.emplace(key, entry{due, std::move(value)});
  }
  void cancel(timer_key key) {
    const auto found = pending_.find(key);
    if (found == pending_.end())
      return;
    order_.erase({found->second.due, key});
    pending_.erase(found);
  }
  /// When the first one is due.
  std::optional<steady_time> next_due() const {
    if (order_.empty())
      return std::nullopt;
    return order_.begin()->first;
  }
  /// Takes one timer that is due at `now`, earliest first; nullopt when there is none.
  std::optional<Value> pop_due(steady_time now) {
    if (order_.empty() || order_.begin()->first > now)
      return std::nullopt;
    const auto node = pending_.extract(order_.begin()->second);
    order_.erase(order_.begin());
    return std::optional<Value>{std::move(node.mapped().value)};
  }
  size_t size() const {
    return pending_.size();
  }

private:
  struct entry {
    steady_time due;
    Value value;
  };
  std::map<timer_key, entry> pending_;
  std::set<std::pair<steady_time, timer_key>> order_;
};

} // namespace nexte
