#include "actors/rate_limiter.hpp"

#include <caf/send.hpp>

#include <functional>

namespace nexte {
namespace {

constexpr std::chrono::minutes forget_every{1};
/// Others of a counter that was refused without a time are held for the first step of the ladder.
constexpr milliseconds limited_wait_default{1000};

} // namespace

rate_limiter_actor::behavior_type rate_limiter_state::make_behavior(rate_limiter_deps deps) {
  deps_ = std::move(deps);
  ledger_.emplace(deps_.windows, deps_.caps, now(), deps_.spent_percent);
  return {
      [this](const quota_request& request) { ask(request); },
      [this](const quota_report& report) { settle_use(report); },
      [this](const quota_withdrawn& one) {
        withdraw({one.integration, one.ticket});
      },
      [this](const quota_hurried& one) {
        hurry({one.integration, one.ticket});
      },
      [this](const quota_sent& one) {
        if (const auto at = tickets_.find({one.integration, one.ticket}); at != tickets_.end())
          at->second.sent = true;
      },
      [this](const quota_forget& gone) { forget(gone.integration); },
      [this](timer_due due) {
        if (due.slot == slot_forget) {
          forgetting_ = false;
          ledger_->forget_idle(now());
          std::erase_if(tickets_, [this](const auto& entry) {
            return entry.second.waiting == 0 && !ledger_->open(entry.second.grant);
          });
        }
        pump();
      },
  };
}

void rate_limiter_state::ask(const quota_request& request) {
  const ticket_key key{request.integration, request.ticket};
  if (tickets_.count(key))
    return deps_.ports->log("a ticket for quota was used twice; the second use is ignored");
  const auto account = request.account.empty() ? request.integration.str() : request.account;
  ticket asked;
  asked.who = request.who;
  asked.key.account = asked.key.user = std::hash<std::string>{}(account);
  asked.key.endpoint = ledger_->endpoint(request.cost.endpoint);
  waiting_request waiting;
  waiting.workspace = request.workspace;
  waiting.integration = request.integration;
  waiting.key = asked.key;
  waiting.cost = request.cost.cost;
  waiting.lane = request.lane;
  asked.waiting = queue_.push(waiting);
  asked.asked_due = now();
  waiting_.emplace(asked.waiting, key);
  tickets_.emplace(key, std::move(asked));
  pump();
  tell_wait(key);
}

void rate_limiter_state::tell_wait(const ticket_key& key) {
  const auto at = tickets_.find(key);
  if (at == tickets_.end() || at->second.waiting == 0)
    return;
  if (const auto alive = caf::actor_cast<caf::strong_actor_ptr>(at->second.who))
    self_->send(caf::actor_cast<spender_actor>(alive),
                quota_waits{key.second, ledger_->usage(at->second.key, now()).back_due});
}

void rate_limiter_state::settle_use(const quota_report& report) {
  const auto at = tickets_.find({report.integration, report.ticket});
  if (at == tickets_.end() || at->second.waiting != 0)
    return;
  const auto granted = at->second;
  tickets_.erase(at);
  const auto& use = report.use;
  if (use.limited)
    ledger_->limited(granted.grant, use.window, use.wait.value_or(limited_wait_default), now());
  else if (use.wait)
    ledger_->out_of_service(granted.grant, *use.wait, now());
  for (const auto& reading : use.readings)
    ledger_->observe(granted.grant, reading, now());
  give_back(granted, use.ended);
  pump();
}

void rate_limiter_state::give_back(const ticket& granted, quota_use::outcome ended) {
  if (ended == quota_use::outcome::answered)
    ledger_->answered(granted.grant, now());
  else
    ledger_->not_sent(granted.grant, now());
}

void rate_limiter_state::withdraw(const ticket_key& key) {
  const auto at = tickets_.find(key);
  if (at == tickets_.end())
    return;
  // Granted meanwhile: its owner gets the grant and reports that it was not used.
  if (at->second.waiting == 0)
    return;
  queue_.withdraw(at->second.waiting);
  waiting_.erase(at->second.waiting);
  tickets_.erase(at);
  pump(); // a cheaper one may have stood behind it
}

void rate_limiter_state::hurry(const ticket_key& key) {
  const auto at = tickets_.find(key);
  if (at != tickets_.end() && queue_.hurry(at->second.waiting))
    pump();
}

void rate_limiter_state::forget(integration_id integration) {
  auto at = tickets_.lower_bound({integration, 0});
  while (at != tickets_.end() && at->first.first == integration) {
    if (at->second.sent) { // its answer, or the lack of one, is still to come
      ++at;
      continue;
    }
    if (at->second.waiting == 0) {
      ledger_->not_sent(at->second.grant, now());
    } else {
      queue_.withdraw(at->second.waiting);
      waiting_.erase(at->second.waiting);
    }
    at = tickets_.erase(at);
  }
  pump();
}

void rate_limiter_state::pump() {
  for (const auto& grant : queue_.pop_ready(*ledger_, now()))
    hand_out(grant);
  // Limiters share the meter: each adds what has changed of its own.
  deps_.ports->meters->requests_waiting += queue_.size() - metered_;
  metered_ = queue_.size();
  if (const auto due = queue_.next_due())
    self_->send(deps_.timers, set_timer{weak(self_), *due, {slot_pump, 0}});
  if (!forgetting_ && ledger_->keys() > 0) {
    forgetting_ = true;
    self_->send(deps_.timers, set_timer{weak(self_), now() + forget_every, {slot_forget, 0}});
  }
}

void rate_limiter_state::hand_out(const quota_grant& grant) {
  const auto key = waiting_.extract(grant.waiting).mapped();
  auto& granted = tickets_.at(key);
  granted.waiting = 0;
  granted.grant = grant.grant;
  deps_.ports->meters->grant_wait_seconds.add(now() - granted.asked_due);
  const auto alive = caf::actor_cast<caf::strong_actor_ptr>(granted.who);
  if (!alive) {
    ledger_->not_sent(grant.grant, now());
    tickets_.erase(key);
    return;
  }
  const auto usage = ledger_->usage(granted.key, now());
  self_->send(caf::actor_cast<spender_actor>(alive),
              quota_granted{key.second, usage.used, usage.limit, usage.span, usage.back_due});
}

steady_time rate_limiter_state::now() const {
  return deps_.ports->steady_now();
}

rate_limiter_actor::behavior_type
rate_limiter(rate_limiter_actor::stateful_pointer<rate_limiter_state> self,
             rate_limiter_deps deps) {
  return state_of(self).make_behavior(std::move(deps));
}

} // namespace nexte
