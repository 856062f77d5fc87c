// Reads what Gmail answers: lists of ids, the history, one message. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/record.hpp"
#include "protocol/core/record_guard.hpp"

#include <string>
#include <vector>

namespace nexte::google {

/// A page of `messages.list`: ids alone (google.md §2.2).
struct message_ids {
  std::vector<std::string> ids; ///< In the answer's order.
  std::string next;             ///< The next page's token; empty: this was the last.
};
/// `malformed` for what is no such page, or has an id or token that cannot be one.
result<message_ids> read_message_ids(const std::string& body);

/// A message that changed.
struct message_change {
  std::string id;
  std::string at; ///< The history id of its last change.
  bool deleted = false;
};

/// A page of `history.list` (google.md §2.3).
struct history_page {
  std::vector<message_change> changes; ///< Each message once, as it stands after the last of them.
  std::string next;
  std::string history_id; ///< The mailbox's, at that moment.
};
/// `malformed` likewise, and without `historyId`.
result<history_page> read_history(const std::string& body);

/// The mailbox's history id, of `getProfile` (google.md §2.1).
result<std::string> read_profile(const std::string& body);

/// Appends the message of a `messages.get` to the page, which keeps its text: `version` is its
/// history id, and it is gone while it is in the bin or spam. It has no time of its last change.
/// One that the guard bars, or that has no history id, goes to `page::unread`.
///
/// `malformed` for what is not JSON, and for another message than was asked for.
result<void> read_message(const std::string& body, const std::string& asked, page& into,
                          record_guard& guard);

} // namespace nexte::google
