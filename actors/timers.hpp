// The one actor that asks CAF's clock to be woken: everybody's timers in one queue.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/ports.hpp"
#include "actors/timer_queue.hpp"

#include <vector>

namespace nexte {

/// CAF's clock costs 50 to 76 µs of CPU for a sparse timer and cannot cancel; this queue costs a
/// few and holds one timer per owner and slot. Only the earliest is ever given to CAF.
class timers_state {
public:
  static inline constexpr const char* name = "timers";
  explicit timers_state(timers_actor::pointer self) : self_(self) {}
  timers_actor::behavior_type make_behavior(std::shared_ptr<const engine_ports> ports);

private:
  struct sleeper {
    caf::weak_actor_ptr who;
    timer_due what;
  };
  void ring();
  void arm();

  timers_actor::pointer self_;
  std::shared_ptr<const engine_ports> ports_;
  timer_queue<sleeper> queue_;
  /// When the ticks ring that CAF was asked for and cannot call off, the earliest last: each was
  /// earlier than all before it.
  std::vector<steady_time> armed_;
};

timers_actor::behavior_type timers(timers_actor::stateful_pointer<timers_state> self,
                                   std::shared_ptr<const engine_ports> ports);

} // namespace nexte
