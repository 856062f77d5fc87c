// Gmail's stream: the messages of a mailbox.
#pragma once

#include "protocol/provider.hpp"

namespace nexte::google {

/// Ids a page of the list, and entries a page of the history; the most are 500 (google.md §2.2).
/// A message is a call of its own: a page is what a run that was killed reads again.
inline constexpr unsigned gmail_page_size = 100;
/// Messages are handed over once they are so many bytes together.
inline constexpr size_t gmail_page_bytes_max = 4 * 1024 * 1024;

/// Brings `gmail_messages` up to date, resumable from the checkpoint of its last page (google.md
/// §2.2, §2.3):
///
/// 1. Asks for the mailbox's history id, then enumerates: ids by `messages.list`, each message by a
///    call, which costs 20 units of the person's 6,000 a minute. So a mailbox comes in at 300
///    messages a minute, newest first. A page token that Gmail refuses begins the list anew.
/// 2. Follows the history from that id on: what arrived, changed labels or was deleted. After an
///    enumeration these pages still belong to it, so that nothing is missed that moved meanwhile.
///    The next run begins at the history id that the first page of this one named: whatever
///    happened since is read then.
///
/// A message in the bin or in spam counts as gone, and returns when it is taken out; one deleted
/// for ever is in the history, or no longer there when it is asked for. History that Gmail no
/// longer has (404, after a week or even hours) leads to an enumeration.
///
/// With nothing new a run costs one request of 2 units, and commits only a history id that moved.
/// Since the history tells all, enumerations are rare (`gmail_reconcile_every`).
task<bool> pull_gmail(stream_io& io, pull_request request);

inline constexpr std::chrono::hours gmail_reconcile_every{24 * 30};

/// Reads how one message stands: 20 units. The bin and spam count as archived.
task<sighting> look_up_message(stream_io& io, look_up_request request);

} // namespace nexte::google
