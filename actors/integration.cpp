// Behaviour and transitions; commands are in integration_commands.cpp, effects in
// integration_effects.cpp, what it watches over in integration_watch.cpp.
#include "actors/integration.hpp"

#include "actors/policy/disconnect_diagnosis.hpp"
#include "actors/policy/restart_policy.hpp"
#include "actors/policy/schedule.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <exception>
#include <utility>
#include <variant>

namespace nexte {
namespace {

/// How often an integration looks whether it makes progress.
constexpr std::chrono::minutes watch_every{1};

} // namespace

integration_actor::behavior_type integration_state::make_behavior(integration_deps deps) {
  deps_ = std::move(deps);
  self_->set_exception_handler([this](std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& what) {
      return crash_reason(broke(std::string{"unexpected exception: "} + what.what()));
    } catch (...) {
      return crash_reason(broke("unexpected exception"));
    }
  });
  start();
  return {
      [this](integration_command& command) {
        on_command(command);
        settle();
      },
      [this](timer_due due) {
        on_timer(due);
        settle();
      },
      [this](const committed& fact) {
        commits_.answered(fact);
        settle();
      },
      [this](const quota_granted& grant) {
        quota_used_ = grant.used;
        quota_limit_ = grant.limit;
        quota_whole_due_ = steady_now() + grant.span;
        calls_->granted(grant.ticket, steady_now());
        settle();
        forecast(grant.back_due);
      },
      [this](const quota_waits& wait) {
        forecast(wait.until);
        deps_.ports->changes->tell(deps_.row.id);
      },
      [this](call_done& fact) {
        on_answer(fact);
        settle();
      },
  };
}

// ---- behaviour ----------------------------------------------------------------------------------

void integration_state::start() {
  const auto& provider = *deps_.provider;
  keeper_ = std::make_unique<token_keeper>(*provider.description, provider.app,
                                           static_cast<token_effects&>(*this));
  // Answers to calls of an actor that died are still told to the limiter: no number comes twice.
  calls_ = std::make_unique<call_desk>(*provider.description, static_cast<call_effects&>(*this),
                                       uint64_t{self_->id()} << 32 | 1);
  streams_ = std::make_unique<sync_desk>(deps_.row.id, static_cast<sync_effects&>(*this));
  look_ups_ = std::make_unique<look_up_desk>(static_cast<look_up_effects&>(*this));
  edits_ = std::make_unique<push_desk>(deps_.row.id, static_cast<push_effects&>(*this));
  edits_->load(provider.streams);
  for (const auto& stream : edits_->streams())
    conflicts_at_[stream.what->name] = now(); // those from before the start are old news soon
  if (!deps_.row.history.empty())
    at_ = parse_phase(deps_.row.history.back().state);
  if (auto loaded = streams_->load(provider.streams); !loaded) {
    die(loaded.failure().what);
    // CAF sets the behaviour after this, which undoes a quit: a message of no meaning ends it.
    return self_->send(self_, timer_due{slot_poll, ~uint64_t{0}});
  }
  for (const auto& stream : streams_->streams())
    if (!stream.quarantined.empty())
      tell_quarantine(stream);
  set_alarm(slot_healthy, steady_now() + healthy_run_min);
  streams_->grant(deps_.row.granted_scopes);
  edits_->grant(deps_.row.granted_scopes);
  if (auto errors = deps_.data->errors(deps_.row.id, 1); errors && !errors->empty())
    last_error_ = std::move(errors->back());
  auto tokens = deps_.data->tokens(deps_.row.id);
  if (!tokens)
    deny("tokens_unreadable", "The stored sign-in cannot be read: " + tokens.failure().what
                                  + ". Reconnect to sign in again.");
  else if (stopped_at_consent())
    apply(signal::consent_failed,
          {"consent_interrupted", "The sign-in was not finished. Reconnect to sign in again."});
  else if (!*tokens && at_ != phase::disconnected)
    deny("tokens_missing", "There is no sign-in any more. Reconnect to sign in again.");
  else if (at_ != phase::disconnected) {
    keeper_->adopt(**std::move(tokens), now());
    if (deps_.defect.empty())
      resume();
    else
      apply(signal::defect, {std::string{defect_code},
                             "The connector failed and was started again from its checkpoint: "
                                 + deps_.defect + "."});
  }
  retell();
  settle();
}

/// The process may have ended between a step and the news of it: they are told again, which is no
/// news where they are known.
void integration_state::retell() {
  if (deps_.row.history.empty())
    return;
  const auto& latest = deps_.row.history.back();
  const auto& disconnects = deps_.row.disconnects;
  if (at_ == phase::rate_limited)
    tell_trouble("rate_limited", {}, {latest.code, latest.because});
  if (at_ == phase::connected)
    tell_over("rate_limited", {});
  if (at_ != phase::disconnected)
    tell_over("disconnected", {});
  else if (!disconnects.empty() && disconnects.back().at == latest.at)
    tell_trouble("disconnected", {}, {latest.code, latest.because});
}

/// A sign-in in the browser outlives no stop; tokens that may still lie here are refused ones.
bool integration_state::stopped_at_consent() const {
  const auto& history = deps_.row.history;
  return at_ == phase::reconnecting && !history.empty() && history.back().code == consent_open_code;
}

void integration_state::on_command(integration_command& command) {
  std::visit([this](auto& one) { on(one); }, command);
}

void integration_state::on_timer(timer_due due) {
  if (due.slot == slot_look_ups) // of no epoch: a person waits also while the sync stands
    return look_ups_->wake(steady_now());
  if (due.slot == slot_healthy) // of the actor, not of its sync
    return healthy();
  if (due.epoch != epoch_)
    return;
  switch (due.slot) {
    case slot_poll: deps_.ports->meters->lateness_seconds.add(now() - next_poll_at_); return poll();
    case slot_desk: return calls_->wake(steady_now());
    case slot_keeper: return keeper_->wake(now());
    case slot_pushes: return edits_->wake(steady_now());
    case slot_watchdog: set_alarm(slot_watchdog, steady_now() + watch_every); return watch();
    default: return;
  }
}

void integration_state::on_answer(call_done& fact) {
  const auto& answer = fact.end->answer;
  if (fact.refresh != 0) {
    keeper_->answered(fact.refresh, answer, now(), steady_now());
    return note_clock();
  }
  if (answer.response) {
    keeper_->observe_date(*answer.response, now());
    if (const auto date = parse_http_date(answer.response->headers.get("Date"), now()))
      skew_.observe(*date, fact.sent_at, now());
  }
  note_clock();
  calls_->answered(fact.call, answer, now(), steady_now());
  fact.end->was_read(); // not before: until then an exception leaves the limiter untold
}

/// When what waits for quota may go, as the limiter said last.
void integration_state::forecast(std::optional<steady_time> back_due) {
  quota_back_at_.reset();
  if (back_due && calls_->outlook().queued > 0)
    quota_back_at_ = now() + std::chrono::ceil<milliseconds>(*back_due - steady_now());
}

void integration_state::settle() {
  if (!defect_)
    streams_->settle();
  if (!defect_)
    edits_->settle();
  look_ups_->settle();
  if (defect_)
    self_->quit(crash_reason(*defect_));
  deps_.ports->changes->tell(deps_.row.id);
}

// ---- transitions --------------------------------------------------------------------------------

void integration_state::apply(signal on, cause why) {
  const auto row = step(at_, on);
  if (!row) {
    deps_.ports->log("integration " + deps_.row.id.str() + ": " + std::string{to_string(on)}
                     + " cannot happen while " + std::string{to_string(at_)} + ", ignored");
    return;
  }
  const bool news
      = row->to != at_ || deps_.row.history.empty() || deps_.row.history.back().code != why.code;
  at_ = row->to;
  if (news) {
    const transition_entry entry{now(), std::string{to_string(at_)}, why.code, why.sentence};
    auto& history = deps_.row.history;
    history.push_back(entry);
    if (history.size() > transitions_kept_max)
      history.erase(history.begin());
    auto& disconnects = deps_.row.disconnects;
    if (on == signal::token_refused)
      disconnects.push_back(entry);
    if (disconnects.size() > disconnects_kept_max)
      disconnects.erase(disconnects.begin());
    commit({put_integration{deps_.row}}, [](const committed&) {});
    announce(on, why);
  }
  switch (row->then) {
    case effect::none: return;
    case effect::start_sync: return start_sync();
    case effect::stop_sync: return stop_sync();
  }
}

void integration_state::start_sync() {
  ++epoch_;
  sync_began_at_ = awaited_since();
  set_alarm(slot_watchdog, steady_now() + watch_every);
  calls_->token_ready(steady_now());
  calls_->wake(steady_now()); // sets its timer anew: that of the former epoch is stale
  push_on();
  poll();
}

/// Restarts are no progress.
wall_time integration_state::awaited_since() const {
  const bool restarted = !deps_.defect.empty() && deps_.awaited_since != wall_time{};
  return restarted ? deps_.awaited_since : now();
}

void integration_state::push_on() {
  if (deps_.row.mode != "paused")
    edits_->go();
}

/// The engine started: nothing changed, so the schedule goes on where it was.
void integration_state::resume() {
  ++epoch_;
  sync_began_at_ = now();
  set_alarm(slot_watchdog, steady_now() + watch_every);
  push_on();
  if (std::ranges::any_of(streams_->streams(), [](const auto& s) { return s.row.sweeping; }))
    return poll(); // an enumeration was cut off
  arm_poll();
}

void integration_state::stop_sync() {
  ++epoch_;
  streams_->stop();
  look_ups_->end_all("the integration was disconnected meanwhile.");
  edits_->stop();
  calls_->cancel_all();
  quota_back_at_.reset();
}

/// What a step means to a person, beyond the state itself.
void integration_state::announce(signal on, const cause& why) {
  switch (on) {
    case signal::call_limited: return tell_trouble("rate_limited", {}, why);
    case signal::token_refused: {
      for (const auto* kind : {"stalled", "unreachable", "rate_limited"})
        tell_over(kind, {}, false);
      forget_failures();
      tell_trouble("disconnected", {}, why);
      return diagnose();
    }
    case signal::recovered: {
      tell_over("unreachable", {});
      return tell_over("rate_limited", {});
    }
    case signal::tokens_adopted: return tell_over("disconnected", {});
    case signal::stopped_by_person: {
      for (const auto* kind : {"disconnected", "stalled", "unreachable", "rate_limited"})
        tell_over(kind, {}, false);
      return forget_failures();
    }
    case signal::consent_failed: return diagnose(); // it may show what stands behind them
    case signal::call_failed: // an outage shows in the state; it is told once nothing moves
    case signal::consent_begun:
    case signal::defect: return;
  }
}

/// What runs no more fails no more; nothing proves that it would go well.
void integration_state::forget_failures() {
  tell_over("connector_failing", {}, false);
  for (const auto& stream : streams_->streams())
    tell_over("connector_failing", stream.what->name, false);
  for (const auto& stream : edits_->streams())
    tell_over("push_failing", stream.what->name, false);
}

/// Disconnected again: perhaps one cause stands behind the last few times.
void integration_state::diagnose() {
  auto found = diagnose_disconnects(deps_.row, deps_.provider->description->title, now());
  if (!found)
    return;
  trouble news;
  news.integration = deps_.row.id;
  news.kind = "keeps_disconnecting";
  news.code = std::move(found->code);
  news.sentence = std::move(found->sentence);
  news.evidence = std::move(found->evidence);
  news.next_step = std::move(found->next_step);
  self_->send(deps_.incidents, std::move(news));
}

void integration_state::poll() {
  if (deps_.row.mode == "paused")
    return;
  streams_->poll();
  push_on();
  arm_poll();
}

void integration_state::arm_poll() {
  if (deps_.row.mode == "paused")
    return;
  wall_time last = now();
  for (const auto& stream : streams_->streams())
    if (!stream.pause && !stream.run && !stream.due)
      last = std::min(last, stream.row.synced_at);
  next_poll_at_ = next_poll_at(deps_.row.id, deps_.row.mode, deps_.provider->settings.poll_every,
                               last, now());
  set_alarm(slot_poll, steady_now() + (next_poll_at_ - now()));
}

/// Refused for good: a person must act. Runs end; their data and checkpoints stay.
void integration_state::deny(std::string code, std::string sentence) {
  keeper_->forget();
  log_error({}, code, sentence);
  apply(signal::token_refused, {std::move(code), std::move(sentence)});
}

integration_actor::behavior_type
integration(integration_actor::stateful_pointer<integration_state> self, integration_deps deps) {
  return state_of(self).make_behavior(std::move(deps));
}

} // namespace nexte
