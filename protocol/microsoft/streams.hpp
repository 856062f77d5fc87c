// The streams of Microsoft 365.
#pragma once

#include "protocol/provider.hpp"

#include <vector>

namespace nexte::microsoft {

/// How far back events are read when an account is first connected.
inline constexpr std::chrono::days window_behind{365};
/// How far ahead events are read.
inline constexpr std::chrono::days window_ahead{365};
/// A window is made anew so often, at the latest: the end that it was made with stays in its token.
inline constexpr std::chrono::days window_renewed_every{7};
/// Graph refuses a longer one.
/// <https://github.com/microsoftgraph/microsoft-graph-docs/issues/6284>, read 2026-11-24
inline constexpr std::chrono::days window_span_max{1825};

/// Contacts of the default folder, events of the default calendar, and mail.
///
/// One delta tells all of contacts, and one all of the events in a window of time (microsoft.md
/// §4.2, §5). Its first round is a complete enumeration; it ends with a link from which the next
/// run goes on, so nothing falls between two runs, whatever is edited meanwhile. The link of each
/// page is committed with its records. With nothing new a run costs one request; Graph may hand
/// out a new link with it, which is committed then.
///
/// A change that comes without the rest of its item, as Graph may send it, is asked for by id.
/// What the delta calls removed is deleted: it says so of what it showed before, and of nothing
/// that is still in the collection. A link that has expired begins the enumeration anew, whose end
/// tells what went meanwhile.
///
/// The window of events begins a year before the first connect, and stays there until Graph would
/// refuse its length, so that what is past does not look deleted; its end moves on with each
/// enumeration. An event that is put off beyond the end is gone here until the window reaches it.
std::vector<stream_description> streams();

} // namespace nexte::microsoft
