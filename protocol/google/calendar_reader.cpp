#include "protocol/google/calendar_reader.hpp"

#include "protocol/google/calendar_checkpoint.hpp"
#include "protocol/google/item_reader.hpp"
#include "protocol/oauth/pkce.hpp"

#include <algorithm>

namespace nexte::google {
namespace {

// google.md §3.1, §3.2.
constexpr std::string_view calendar_tops[] = {"nextPageToken"};
constexpr std::string_view calendar_wanted[]
    = {"id", "selected", "primary", "accessRole", "deleted", "hidden"};
constexpr item_shape calendar_shape{"items", calendar_tops, calendar_wanted, {}};

constexpr std::string_view event_tops[] = {"nextPageToken", "nextSyncToken"};
constexpr std::string_view event_wanted[] = {"id", "etag", "updated", "status", "recurringEventId"};
enum event_member : size_t { event_id, etag, updated, status, series };
constexpr item_shape event_shape{"items", event_tops, event_wanted, {}};

constexpr size_t event_id_bytes_max = 1024; // google.md §3.1
constexpr std::string_view hashed_prefix = "sha256:";

/// Adds the series that these items show to have gone.
void note_series(const std::vector<item>& items, std::set<std::string>& gone) {
  for (const auto& one : items)
    if (one.values[status] == "cancelled" && one.values[series].empty())
      gone.emplace(one.values[event_id]);
}

/// A member that stands twice may be the id.
bool is_event_id(const item& one) {
  return is_cursor(one.values[event_id], event_id_bytes_max) && one.problem.empty();
}

/// Why an event cannot be read; empty: it can.
std::string problem_of(const item& one) {
  if (!is_event_id(one))
    return "an event has no id" + (one.problem.empty() ? "" : ", or " + one.problem);
  const std::string id{one.values[event_id]};
  const auto at = one.values[updated];
  if (!at.empty() && !parse_iso_time(at))
    return "event " + id + ": \"updated\" is no time";
  return {};
}

} // namespace

result<calendar_ids> read_calendar_ids(std::shared_ptr<const std::string> body) {
  auto read = read_items(std::move(body), calendar_shape);
  if (!read)
    return std::move(read).failure();
  if (!read->listed)
    return error{ec::malformed, "Google's answer is no list of calendars"};
  calendar_ids page;
  page.next = std::move(read->tops[0]);
  for (const auto& one : read->items) {
    const auto id = one.values[0];
    const auto holds = [&one](size_t place) { return one.values[place] == "true"; };
    if (!one.problem.empty() || !is_cursor(id, calendar_id_bytes_max))
      return error{ec::malformed, "Google's list names a calendar by no id"};
    const bool readable = one.values[3] != "freeBusyReader";
    if ((holds(1) || holds(2)) && readable && !holds(4) && !holds(5))
      page.ids.emplace_back(id);
  }
  return page;
}

result<event_page> read_events(std::shared_ptr<const std::string> body,
                               std::string_view calendar_id, std::set<std::string>& gone_series,
                               record_guard& guard) {
  auto read = read_items(std::move(body), event_shape);
  if (!read)
    return std::move(read).failure();
  event_page out;
  out.next = std::move(read->tops[0]);
  out.sync_token = std::move(read->tops[1]);
  if (!read->listed || out.next.empty() == out.sync_token.empty())
    return error{ec::malformed, "Google's answer is no page of events"};
  if (out.sync_token.size() > sync_token_bytes_max)
    return error{ec::malformed, "Google's sync token is longer than one can be"};
  note_series(read->items, gone_series);
  out.events = std::move(read->holder);
  for (const auto& one : read->items) {
    record_view record;
    if (is_event_id(one))
      record.id = out.events.keep(event_record_id(calendar_id, one.values[event_id]));
    record.version = one.values[etag];
    if (auto problem = problem_of(one); !problem.empty()) {
      out.events.unread.push_back({record.id, record.version, std::move(problem)});
      continue;
    }
    if (!guard.enter(record.id, record.version)) {
      out.events.unread.push_back({record.id, record.version, {}});
      continue;
    }
    record.modified_at = parse_iso_time(one.values[updated]).value_or(wall_time{});
    record.deleted
        = one.values[status] == "cancelled"
          && (one.values[series].empty() || gone_series.contains(std::string{one.values[series]}));
    record.body = one.text;
    out.events.records.push_back(record);
  }
  guard.leave();
  return out;
}

std::string event_record_id(std::string_view calendar_id, std::string_view event_id) {
  const auto named
      = [&](std::string_view event) { return std::string{calendar_id} + "/" + std::string{event}; };
  auto id = named(event_id);
  return id.size() <= record_id_bytes_max
             ? id
             : named(std::string{hashed_prefix} + oauth::challenge_of(event_id));
}

std::pair<std::string_view, std::string_view> split_event_record_id(std::string_view record) {
  const auto slash = record.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == record.size()
      || record.substr(slash + 1).starts_with(hashed_prefix))
    return {};
  return {record.substr(0, slash), record.substr(slash + 1)};
}

} // namespace nexte::google
