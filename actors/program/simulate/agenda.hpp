// What is to happen at a moment of simulated time beside the engine's own timers.
#pragma once

#include "protocol/core/time.hpp"

#include <functional>
#include <map>
#include <utility>

namespace nexte::program {

/// Moments are counted from the start of the simulation. Of equal ones the older goes first.
class agenda {
public:
  using event = std::function<void()>;

  void at(milliseconds when, event what) {
    events_.emplace(when, std::move(what));
  }
  bool empty() const {
    return events_.empty();
  }
  /// @pre not empty
  milliseconds next() const {
    return events_.begin()->first;
  }
  /// @pre not empty
  event take() {
    return std::move(events_.extract(events_.begin()).mapped());
  }

private:
  std::multimap<milliseconds, event> events_;
};

} // namespace nexte::program
