#include "actors/call_desk.hpp"

#include "actors/policy/backoff.hpp"

#include <algorithm>
#include <utility>

namespace nexte {
namespace {

error failure_of(const verdict& why, ec code) {
  return {code, why.sentence};
}

/// What a refusal for quota asks for: Retry-After, or the reset of a spent window if that is later.
std::optional<milliseconds> asked_wait(const verdict& refusal,
                                       const std::vector<quota_reading>& readings) {
  auto longest = refusal.retry_after;
  for (const auto& reading : readings)
    if (reading.remaining == 0u)
      longest = std::max(longest, reading.reset_in);
  return longest;
}

quota_use use_of(const provider_description& provider, const http_answer& answer,
                 const verdict& what) {
  quota_use use;
  if (!answer.response) {
    use.ended = answer.sent ? quota_use::outcome::answered : quota_use::outcome::not_sent;
    return use;
  }
  use.limited = what.kind == verdict_kind::limited;
  use.window = what.quota_window;
  if (provider.read_quota)
    use.readings = provider.read_quota(*answer.response);
  if (use.limited)
    use.wait = asked_wait(what, use.readings);
  else if (what.kind == verdict_kind::transient)
    use.wait = what.retry_after;
  return use;
}

verdict read(const provider_description& provider, const http_answer& answer, wall_time now) {
  if (answer.response)
    return provider.classify(*answer.response, now);
  verdict lost;
  lost.kind = verdict_kind::transient;
  lost.code = "network";
  lost.sentence = provider.title + " cannot be reached: " + answer.response.failure().line();
  return lost;
}

} // namespace

quota_use use_of(const provider_description& provider, const http_answer& answer, wall_time now) {
  return use_of(provider, answer, read(provider, answer, now));
}

uint64_t call_desk::begin(std::string stream, http_request request, quota_lane lane, done on_done) {
  call fresh;
  fresh.stream = std::move(stream);
  fresh.request = std::move(request);
  fresh.lane = lane;
  fresh.on_done = std::move(on_done);
  return add(std::move(fresh));
}

uint64_t call_desk::begin_once(std::string stream, http_request request, quota_lane lane,
                               done on_done) {
  call fresh;
  fresh.stream = std::move(stream);
  fresh.request = std::move(request);
  fresh.lane = lane;
  fresh.on_done = std::move(on_done);
  fresh.once = true;
  return add(std::move(fresh));
}

uint64_t call_desk::add(call fresh) {
  const auto id = next_id_++;
  advance(calls_.emplace(id, std::move(fresh)).first);
  return id;
}

void call_desk::cancel(const std::string& stream) {
  for (auto at = calls_.begin(); at != calls_.end();) {
    if (at->second.stream != stream) {
      ++at;
      continue;
    }
    if (at->second.at == stage::quota)
      effects_->withdraw_quota(at->first);
    at = calls_.erase(at);
  }
}

void call_desk::cancel_all() {
  for (const auto& [id, waiting] : calls_)
    if (waiting.at == stage::quota)
      effects_->withdraw_quota(id);
  calls_.clear();
}

void call_desk::hurry(const std::string& stream) {
  for (auto& [id, one] : calls_) {
    if (one.stream != stream)
      continue;
    const auto before = std::exchange(one.lane, quota_lane::person);
    if (one.at == stage::quota && before != quota_lane::person)
      effects_->hurry_quota(id);
  }
}

void call_desk::advance(entry at) {
  if (at->second.may_have_arrived && !at->second.request.repeatable)
    return hand_back(at);
  const bool usable = effects_->token_usable();
  at->second.at = usable ? stage::quota : stage::token;
  if (usable)
    effects_->ask_quota(at->first, at->second.request.quota, at->second.lane);
  else
    effects_->want_token();
}

void call_desk::token_ready(steady_time) {
  advance_all([](const call& one) { return one.at == stage::token; });
}

/// Going on with one call may cancel all of them, when it turns out that the sign-in is gone.
void call_desk::advance_all(const std::function<bool(const call&)>& which) {
  std::vector<uint64_t> ids;
  for (const auto& [id, one] : calls_)
    if (which(one))
      ids.push_back(id);
  for (const auto id : ids)
    if (const auto at = calls_.find(id); at != calls_.end())
      advance(at);
}

void call_desk::granted(uint64_t id, steady_time now) {
  const auto at = calls_.find(id);
  if (at == calls_.end() || at->second.at != stage::quota)
    return effects_->report_quota(id, {quota_use::outcome::not_sent, false, {}, {}, {}});
  if (!effects_->token_usable()) { // it expired while the call stood in line
    effects_->report_quota(id, {quota_use::outcome::not_sent, false, {}, {}, {}});
    return advance(at);
  }
  at->second.at = stage::flight;
  at->second.generation = effects_->token_generation();
  at->second.lost_due = now + flight_max;
  at->second.may_have_arrived = true;
  effects_->send(id, at->second.request);
}

void call_desk::answered(uint64_t id, const http_answer& answer, wall_time now,
                         steady_time steady_now) {
  auto what = read(*provider_, answer, now);
  const auto use = use_of(*provider_, answer, what);
  if (use.limited)
    what.retry_after = use.wait;
  effects_->report_quota(id, use);
  const auto at = calls_.find(id);
  if (at == calls_.end() || at->second.at != stage::flight)
    return; // cancelled meanwhile
  at->second.may_have_arrived = answer.sent;
  if (answer.response)
    return act_on(at, what, answer, steady_now);
  switch (answer.response.failure().code) {
    case ec::refused:
    case ec::malformed: return fail(at, what, answer.response.failure().code);
    case ec::cancelled: return finish(at, answer.response.failure(), false);
    default: break;
  }
  if (at->second.once)
    return fail(at, what, ec::transport);
  pause(at, wait_of(at->second, what), what, steady_now);
}

void call_desk::act_on(entry at, const verdict& what, const http_answer& answer, steady_time now) {
  auto& c = at->second;
  switch (what.kind) {
    case verdict_kind::ok:
    case verdict_kind::for_connector: return finish(at, *answer.response, true);
    case verdict_kind::token_expired:
      if (c.token_renewed || !effects_->token_refused(c.generation))
        return fail(at, what, ec::unauthorized);
      c.token_renewed = true;
      return advance(at);
    case verdict_kind::unauthorized: return fail(at, what, ec::unauthorized);
    case verdict_kind::scope_missing:
    case verdict_kind::forbidden: return fail(at, what, ec::refused);
    case verdict_kind::limited:
      return c.once ? fail(at, what, ec::limited) : pause(at, wait_of(c, what), what, now);
    case verdict_kind::transient:
      return c.once ? fail(at, what, ec::transport) : pause(at, wait_of(c, what), what, now);
  }
}

/// After a refusal for quota the limiter paces re-entry; after an outage chance has to.
milliseconds call_desk::wait_of(call& failed, const verdict& why) {
  if (why.kind == verdict_kind::limited)
    return backoff_wait(++failed.limited, why.retry_after);
  return spread_backoff_wait(++failed.failed, why.retry_after, effects_->draw());
}

void call_desk::pause(entry at, milliseconds wait, const verdict& why, steady_time now) {
  at->second.at = stage::pause;
  at->second.resume_due = now + wait;
  arm();
  effects_->calls_changed(&why);
}

void call_desk::arm() {
  if (const auto due = outlook().next_due)
    effects_->wake_desk(*due);
}

void call_desk::wake(steady_time now) {
  advance_all([now](const call& one) { return one.at == stage::pause && one.resume_due <= now; });
  arm();
}

call_outlook call_desk::outlook() const {
  call_outlook all;
  for (const auto& [id, c] : calls_) {
    all.limited += c.limited > 0;
    all.failing += c.failed > failures_tolerated;
    all.queued += c.at == stage::quota;
    if (c.at != stage::pause)
      continue;
    all.next_due = std::min(all.next_due.value_or(c.resume_due), c.resume_due);
    if (c.limited > 0)
      all.quota_due = std::min(all.quota_due.value_or(c.resume_due), c.resume_due);
  }
  return all;
}

const std::string* call_desk::lost(steady_time now) const {
  for (const auto& [id, c] : calls_)
    if (c.at == stage::flight && c.lost_due <= now)
      return &c.stream;
  return nullptr;
}

/// Its sender must look again before it asks anew.
void call_desk::hand_back(entry at) {
  const bool limited = at->second.limited > 0;
  finish(at,
         error{limited ? ec::limited : ec::transport,
               limited ? "the provider had it wait" : "it is not known whether it arrived",
               "it is looked at again before it is repeated"},
         false);
}

void call_desk::finish(entry at, result<http_response> outcome, bool went_through) {
  const auto on_done = std::move(at->second.on_done);
  calls_.erase(at);
  if (went_through)
    effects_->calls_changed(nullptr);
  on_done(std::move(outcome));
}

void call_desk::fail(entry at, const verdict& why, ec code) {
  effects_->call_failed(at->second.stream, why);
  // A permission that is missing is an answer all the same: neither quota nor outage held it up.
  const bool went_through
      = why.kind == verdict_kind::scope_missing || why.kind == verdict_kind::forbidden;
  finish(at, failure_of(why, code), went_through);
}

} // namespace nexte
