// Reads what Google Calendar answers: the list of calendars, pages of events. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/record.hpp"
#include "protocol/core/record_guard.hpp"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexte::google {

/// Bytes of a calendar's id; real ones are addresses of some sixty.
inline constexpr size_t calendar_id_bytes_max = 150;

struct calendar_ids {
  std::vector<std::string> ids; ///< Of the calendars that are read, in the answer's order.
  std::string next;             ///< The next page's token; empty: this was the last.
};

/// Reads a page of `calendarList.list`: the primary calendar, and those that the person has
/// selected to be shown, if their events may be read (google.md §3.1, §3.6).
result<calendar_ids> read_calendar_ids(std::shared_ptr<const std::string> body);

/// A page of `events.list`.
struct event_page {
  page events;
  std::string next;       ///< The next page's token …
  std::string sync_token; ///< … or, on the last page alone, where the changes begin.
};

/// Reads a page of one calendar's events: `version` is the ETag, `modified_at` is `updated`, each
/// empty where a deletion does not say. A cancelled event is gone. A cancelled instance of a series
/// is not, for it is what the series lacks on that day; it goes with its series, where that went
/// on this page or on one before: `gone_series` remembers which did (google.md §3.1).
///
/// Records are named `<calendar>/<event>` (`event_record_id`), for one event stands in the
/// calendars of all who attend. One without an id, that the guard bars or that is no event goes to
/// `page::unread`.
///
/// `malformed` for what is not JSON, no list, or has not one of the two tokens.
result<event_page> read_events(std::shared_ptr<const std::string> body,
                               std::string_view calendar_id, std::set<std::string>& gone_series,
                               record_guard& guard);

/// The record's id. Ids of imported events may have more than 200 bytes: one that does not fit is
/// named by its SHA-256, behind `sha256:`.
std::string event_record_id(std::string_view calendar_id, std::string_view event_id);

/// The calendar and the event that a record's id names; empty texts where it names none.
std::pair<std::string_view, std::string_view> split_event_record_id(std::string_view record);

} // namespace nexte::google
