// What actors say to each other. No CAF here: plain values, each with whom it goes to.
//
// Requests are verbs or nouns of asking, facts are past, commands bare verbs. Nothing is
// serialised: messages stay in the process, and CAF cannot print them (secrets stay unseen).
#pragma once

#include "actors/answer.hpp"
#include "actors/call_desk.hpp"
#include "actors/engine.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/token.hpp"
#include "protocol/http/transport.hpp"
#include "protocol/oauth/authorization.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace nexte {

// ---- timers ------------------------------------------------------------------------------------

/// A timer rang. `epoch` is what its owner gave when setting it: a stale one is dropped.
struct timer_due {
  uint32_t slot = 0;
  uint64_t epoch = 0;
};

// ---- store writer ------------------------------------------------------------------------------

/// Answer to a `commit_request`: durable, or not at all. One result per write, or the one error
/// that undid them all.
struct committed {
  uint64_t ticket = 0;
  std::shared_ptr<const std::vector<result<write_outcome>>> outcomes;

  /// The first failure among the outcomes, or null.
  const error* failure() const {
    for (const auto& one : *outcomes)
      if (!one)
        return &one.failure();
    return nullptr;
  }
};

// ---- rate limiter ------------------------------------------------------------------------------

/// Permission to send one request now.
struct quota_granted {
  uint64_t ticket = 0;
  unsigned used = 0;    ///< Units in the tightest window of this account, this request included …
  unsigned limit = 0;   ///< … of so many; 0: not counted.
  milliseconds span{0}; ///< … in so long: afterwards, what was used is free again.
  std::optional<steady_time> back_due; ///< When the next unit may go; absent: now, or unknown.
};
/// The request has to wait; told once, so that a person can be told.
struct quota_waits {
  uint64_t ticket = 0;
  std::optional<steady_time> until; ///< Absent: not known.
};

// ---- transport ---------------------------------------------------------------------------------

/// What came of a call, on its way to whoever made it.
class call_end {
public:
  using listener = std::function<void(const http_answer&)>;

  /// `if_unread` is told the answer should its reader die before; it does not throw.
  explicit call_end(http_answer&& what, listener if_unread = {})
      : answer(std::move(what)), if_unread_(std::move(if_unread)) {}
  ~call_end() {
    if (if_unread_)
      if_unread_(answer);
  }
  call_end(const call_end&) = delete;
  call_end& operator=(const call_end&) = delete;

  void was_read() {
    if_unread_ = nullptr;
  }

  http_answer answer;

private:
  listener if_unread_;
};

struct call_done {
  uint64_t call = 0;
  uint64_t refresh = 0; ///< Not 0: of the token endpoint, the refresh of this number.
  std::shared_ptr<call_end> end;
  wall_time sent_at{};
};

// ---- integration -------------------------------------------------------------------------------

/// A consent succeeded. `done` hears `outcome` once the tokens are durable.
struct adopt_tokens {
  token_set tokens;
  account_identity account;
  connect_outcome outcome;
  answer<connect_outcome> done;
};
/// A person was sent to the consent screen.
struct consent_begun {};
/// … and the attempt ended without tokens.
struct consent_failed {
  std::string code;
  std::string sentence;
};
struct refresh_command {
  answer<void> done;
};
struct disconnect_command {
  answer<void> done;
};
struct mode_command {
  std::string mode;
  answer<void> done;
};
struct release_command {
  std::string stream;
  answer<void> done;
};
/// A person's edit of a record; of a new one where `record` is empty.
struct edit_command {
  std::string stream;
  std::string record;
  edit_kind kind = edit_kind::update;
  std::string fields; ///< JSON; of an erase: empty.
  answer<edit_receipt> done;
};
/// Forgets an edit that is not being sent.
struct drop_command {
  uint64_t edit = 0;
  answer<void> done;
};
struct restore_command {
  conflict_row conflict;
  answer<edit_receipt> done;
};
struct rule_command {
  std::string rule;
  answer<void> done;
};
struct explain_query {
  std::string stream;
  std::string record;
  answer<explanation> done;
};
struct status_query {
  answer<integration_status> done;
};
/// What can be told an integration, through the supervisor.
using integration_command
    = std::variant<adopt_tokens, consent_begun, consent_failed, refresh_command, disconnect_command,
                   mode_command, release_command, edit_command, drop_command, restore_command,
                   rule_command, explain_query, status_query>;

// ---- supervisor --------------------------------------------------------------------------------

struct addressed_command {
  integration_id to;
  integration_command command;
};
struct add_command {
  workspace_id workspace;
  std::string provider;
  answer<integration_id> done;
};
struct connect_command {
  integration_id id;
  answer<std::string> authorization_url;
  answer<connect_outcome> outcome;
};
/// A hit on the host's own redirect address.
struct callback_command {
  std::string query;
  answer<connect_outcome> outcome;
};
/// The host has dealt with a notification.
struct acknowledge_command {
  uint64_t notification = 0;
  answer<void> done;
};
struct list_query {
  answer<std::vector<integration_status>> done;
};
/// What an authorizer brought back.
struct consent_grant {
  token_set tokens;
  account_identity account;
};
struct consent_ended {
  uint64_t attempt = 0;
  std::variant<consent_failed, consent_grant> outcome;
};
/// Ends the tree, children first.
struct stop {};

// ---- incidents ---------------------------------------------------------------------------------

/// A problem began, or is seen again.
struct trouble {
  integration_id integration;
  std::string kind;
  std::string stream;
  std::string code;
  std::string sentence;
  std::vector<std::string> evidence;
  std::optional<std::string> next_step; ///< Absent: the escalation table's.
};
/// … is over.
struct trouble_over {
  integration_id integration;
  std::string kind;
  std::string stream;
  bool proved = true; ///< By a success, so that a person is told; false: it has lost its sense.
};

} // namespace nexte
