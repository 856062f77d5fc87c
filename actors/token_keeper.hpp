// The tokens of one integration: when to refresh, in which order, and what a failure means.
// No CAF, no clock, no I/O: effects go through a port.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/core/token.hpp"
#include "protocol/http/transport.hpp"
#include "protocol/oauth/token_endpoint.hpp"
#include "protocol/provider.hpp"

#include <cstdint>
#include <optional>

namespace nexte {

/// A token is renewed this long before it expires, or a fifth of its life if that is less
/// (oauth.md §4).
inline constexpr seconds refresh_margin_max{300};
/// A 401 that comes sooner than this after a refresh is not answered with another one (Entra locks
/// out clients that loop, oauth.md §4).
inline constexpr seconds forced_refresh_interval{30};
/// A clock of ours that is this wrong is worth a warning (oauth.md §4).
inline constexpr std::chrono::minutes clock_skew_reported{5};

/// What the keeper needs done. The answers come back through its `noted`, `answered`, `stored` and
/// `wake`.
class token_effects {
public:
  virtual void note_refresh() = 0; ///< Durably, before the refresh token is sent.
  /// `number` comes back with its answer: a stale one is dropped.
  virtual void send_refresh(uint64_t number, http_request request) = 0;
  virtual void store_tokens(const token_set& tokens) = 0;
  virtual std::optional<token_set> stored_tokens() = 0; ///< As the vault has them now.
  virtual void wake_keeper(steady_time due) = 0;
  virtual void tokens_ready() = 0; ///< `access()` may be used.
  /// A person must act; the keeper is empty.
  virtual void tokens_refused(const oauth::token_failure& why) = 0;
  /// Passing; tried again at `due`.
  virtual void tokens_failing(const oauth::token_failure& why, steady_time due) = 0;

protected:
  ~token_effects() = default;
};

/// Lets one refresh be under way at a time. A rotated refresh token is durable before the new
/// access token is used.
class token_keeper {
public:
  token_keeper(const provider_description& provider, const oauth::client& app,
               token_effects& effects)
      : provider_(&provider), app_(&app), effects_(&effects) {}

  /// Takes over tokens that are durable already. Whatever was under way is forgotten.
  void adopt(token_set tokens, wall_time now);
  void forget();
  bool empty() const {
    return at_ == stage::empty;
  }
  /// Good for a request that is sent now.
  bool ready(wall_time now) const;
  const secret& access() const {
    return tokens_.access_token;
  }
  const secret& refresh() const {
    return tokens_.refresh_token;
  }
  const token_set& tokens() const {
    return tokens_;
  }
  /// Counts the access tokens in the order they came.
  uint64_t generation() const {
    return generation_;
  }
  /// Ends in `tokens_ready`, `tokens_refused` or `tokens_failing`; inside the call when the tokens
  /// are ready as they are.
  void want(wall_time now);
  /// The provider answered 401 to the token of `generation`. Returns whether a newer one is there
  /// or on its way; false: the fresh one is refused too.
  bool refused(uint64_t generation, wall_time now);

  void noted(bool durable, wall_time now, steady_time steady_now);
  void answered(uint64_t number, const http_answer& answer, wall_time now, steady_time steady_now);
  void stored(bool durable, wall_time now, steady_time steady_now);
  void wake(wall_time now);
  /// When the refresh that is under way was sent; nullopt: none is.
  std::optional<steady_time> asked_since() const {
    return at_ == stage::sending ? std::optional{asked_since_} : std::nullopt;
  }

  /// Server time minus ours, by the last answer that told it.
  milliseconds clock_skew() const {
    return skew_;
  }
  void observe_date(const http_response& response, wall_time now);

private:
  enum class stage : uint8_t {
    empty,
    idle,    ///< Tokens at hand, good or expired.
    noting,  ///< The intent is being written.
    sending, ///< The token endpoint was asked.
    storing, ///< The new tokens are being written.
    waiting, ///< For the next try.
  };

  void begin();
  void fail(oauth::token_failure why, wall_time now, steady_time steady_now);
  void retry_later(const oauth::token_failure& why, steady_time steady_now);

  const provider_description* provider_;
  const oauth::client* app_;
  token_effects* effects_;
  stage at_ = stage::empty;
  token_set tokens_;
  token_set next_; ///< Being stored.
  wall_time adopted_at_{};
  steady_time asked_since_{};             ///< The token endpoint.
  std::optional<wall_time> refreshed_at_; ///< By ourselves; absent: they came from elsewhere.
  uint64_t refreshes_ = 0;                ///< Sent; numbers them.
  uint64_t generation_ = 0;
  unsigned failures_ = 0;
  bool expired_by_provider_ = false;
  milliseconds skew_{0};
};

} // namespace nexte
