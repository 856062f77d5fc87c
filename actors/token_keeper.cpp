#include "actors/token_keeper.hpp"

#include "actors/policy/backoff.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace nexte {
namespace {

/// A refusal of the app itself heals when its developer mends the registration; asked rarely.
constexpr std::chrono::minutes app_retry{30};

oauth::token_failure passing(std::string code, std::string sentence) {
  return {oauth::token_failure_kind::transient, std::move(code), std::move(sentence), std::nullopt};
}

} // namespace

void token_keeper::adopt(token_set tokens, wall_time now) {
  tokens_ = std::move(tokens);
  next_ = {};
  adopted_at_ = now;
  refreshed_at_.reset();
  ++generation_;
  failures_ = 0;
  expired_by_provider_ = false;
  at_ = stage::idle;
}

void token_keeper::forget() {
  tokens_ = {};
  next_ = {};
  at_ = stage::empty;
}

bool token_keeper::ready(wall_time now) const {
  if (at_ != stage::idle || expired_by_provider_)
    return false;
  if (now < adopted_at_) // the wall clock was set back: nothing is known of the expiry
    return false;
  const auto life = tokens_.expires_at - adopted_at_;
  const auto margin = std::clamp<milliseconds>(life / 5, milliseconds{0}, refresh_margin_max);
  return now < tokens_.expires_at - margin;
}

void token_keeper::want(wall_time now) {
  if (at_ != stage::idle)
    return; // under way, or nobody's
  if (ready(now))
    return effects_->tokens_ready();
  begin();
}

bool token_keeper::refused(uint64_t generation, wall_time now) {
  if (generation != generation_ || at_ != stage::idle)
    return true;
  if (refreshed_at_ && now >= *refreshed_at_ && now - *refreshed_at_ < forced_refresh_interval)
    return false;
  expired_by_provider_ = true;
  return true;
}

void token_keeper::begin() {
  if (tokens_.refresh_token.empty()) {
    forget();
    return effects_->tokens_refused(
        {oauth::token_failure_kind::reconnect, "no_refresh_token",
         provider_->title + " gave no way to renew the sign-in; reconnect to sign in again.",
         std::nullopt});
  }
  at_ = stage::noting;
  effects_->note_refresh();
}

void token_keeper::noted(bool durable, wall_time, steady_time steady_now) {
  if (at_ != stage::noting)
    return;
  if (!durable)
    return retry_later(passing("storage", "The sign-in cannot be renewed while the disk fails."),
                       steady_now);
  at_ = stage::sending;
  asked_since_ = steady_now;
  effects_->send_refresh(++refreshes_, oauth::refresh_request(*app_, tokens_.refresh_token));
}

void token_keeper::answered(uint64_t number, const http_answer& answer, wall_time now,
                            steady_time steady_now) {
  if (at_ != stage::sending || number != refreshes_)
    return;
  if (!answer.response) {
    const bool passes = answer.response.failure().code != ec::refused;
    return fail({passes ? oauth::token_failure_kind::transient : oauth::token_failure_kind::app,
                 "network",
                 provider_->title + " cannot be reached to renew the sign-in: "
                     + answer.response.failure().line() + ".",
                 std::nullopt},
                now, steady_now);
  }
  observe_date(*answer.response, now);
  auto read = oauth::read_token_answer(*provider_, *answer.response, now);
  if (auto* failure = std::get_if<oauth::token_failure>(&read))
    return fail(std::move(*failure), now, steady_now);
  next_ = std::move(std::get<oauth::token_grant>(read).tokens);
  if (next_.refresh_token.empty())
    next_.refresh_token = tokens_.refresh_token;
  if (next_.scopes.empty())
    next_.scopes = tokens_.scopes;
  if (next_.api_base.empty())
    next_.api_base = tokens_.api_base;
  at_ = stage::storing;
  effects_->store_tokens(next_);
}

void token_keeper::stored(bool durable, wall_time now, steady_time steady_now) {
  if (at_ != stage::storing)
    return;
  if (!durable) // using the new token now could cost the sign-in at a crash
    return retry_later(
        passing("storage", "The renewed sign-in cannot be kept while the disk fails."), steady_now);
  adopt(std::exchange(next_, {}), now);
  refreshed_at_ = now;
  effects_->tokens_ready();
}

void token_keeper::wake(wall_time now) {
  if (at_ != stage::waiting)
    return;
  if (next_.access_token.empty()) {
    at_ = stage::idle;
    return want(now);
  }
  at_ = stage::storing;
  effects_->store_tokens(next_);
}

void token_keeper::fail(oauth::token_failure why, wall_time now, steady_time steady_now) {
  switch (why.kind) {
    case oauth::token_failure_kind::transient: return retry_later(why, steady_now);
    case oauth::token_failure_kind::app:
      why.retry_after
          = std::max<milliseconds>(why.retry_after.value_or(milliseconds{0}), app_retry);
      return retry_later(why, steady_now);
    case oauth::token_failure_kind::reconnect:
    case oauth::token_failure_kind::admin: break;
  }
  // Another process may have renewed it meanwhile: the vault has the last word.
  if (auto latest = effects_->stored_tokens();
      latest && !(latest->refresh_token == tokens_.refresh_token)) {
    adopt(*std::move(latest), now);
    return want(now);
  }
  forget();
  effects_->tokens_refused(why);
}

void token_keeper::retry_later(const oauth::token_failure& why, steady_time steady_now) {
  at_ = stage::waiting;
  const auto due = steady_now + backoff_wait(++failures_, why.retry_after);
  effects_->wake_keeper(due);
  effects_->tokens_failing(why, due);
}

void token_keeper::observe_date(const http_response& response, wall_time now) {
  if (const auto theirs = parse_http_date(response.headers.get("Date"), now))
    skew_ = *theirs - now;
}

} // namespace nexte
