#include "actors/timers.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace nexte {

timers_actor::behavior_type timers_state::make_behavior(std::shared_ptr<const engine_ports> ports) {
  ports_ = std::move(ports);
  return {
      [this](const set_timer& asked) {
        if (!asked.who)
          return;
        queue_.set({asked.who->id(), asked.what.slot}, asked.due, {asked.who, asked.what});
        arm();
      },
      [this](tick) {
        armed_.pop_back();
        ring();
        arm();
      },
  };
}

void timers_state::ring() {
  const auto now = ports_->steady_now();
  while (const auto due = queue_.pop_due(now))
    if (const auto alive = caf::actor_cast<caf::strong_actor_ptr>(due->who))
      self_->send(caf::actor_cast<sleeper_actor>(alive), due->what);
}

void timers_state::arm() {
  const auto due = queue_.next_due();
  if (!due || (!armed_.empty() && armed_.back() <= *due))
    return;
  armed_.push_back(*due);
  const auto delay = std::max(*due - ports_->steady_now(), steady_time::duration::zero());
  self_->delayed_send(self_, delay, tick{});
}

timers_actor::behavior_type timers(timers_actor::stateful_pointer<timers_state> self,
                                   std::shared_ptr<const engine_ports> ports) {
  return state_of(self).make_behavior(std::move(ports));
}

} // namespace nexte
