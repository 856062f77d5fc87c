// Google Calendar's stream: the events of all calendars that the person has selected.
#pragma once

#include "protocol/provider.hpp"

namespace nexte::google {

/// Events a page; the most are 2500 (google.md §3.2).
inline constexpr unsigned calendar_page_size = 500;

/// Brings `calendar_events` up to date, resumable from the checkpoint of its last page (google.md
/// §3.2):
///
/// 1. Asks which calendars there are: the primary one and those selected to be shown, whose events
///    may be read. Each run asks anew.
/// 2. Enumerates them one by one, until each has handed out its sync token.
/// 3. Follows the changes of each by its token. After an enumeration these pages still belong to
///    it, so that nothing is missed that changed while another calendar was read. A calendar that
///    was added is listed whole here.
///
/// A cancelled event is among the changes. A calendar that is no longer there, or whose token
/// Google no longer takes (410, after weeks or a change of rights), leads to an enumeration of all:
/// only that proves which events went with it. One that Google says is not there, though it lists
/// it, counts as not there.
///
/// Series come as they are, with their exceptions as events of their own and without any window of
/// time. Reminders change without a trace: the daily enumeration finds them, and exceptions whose
/// series went.
///
/// With nothing new a run costs one request, and one for each calendar; it commits nothing, or the
/// tokens that moved.
task<bool> pull_calendar(stream_io& io, pull_request request);

/// Reads how one event stands: one request. Its id names its calendar.
task<sighting> look_up_event(stream_io& io, look_up_request request);

} // namespace nexte::google
