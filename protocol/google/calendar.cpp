#include "protocol/google/calendar.hpp"

#include "protocol/answers.hpp"
#include "protocol/google/calendar_checkpoint.hpp"
#include "protocol/google/calendar_reader.hpp"
#include "protocol/google/errors.hpp"
#include "protocol/http/url.hpp"

#include <algorithm>
#include <set>

namespace nexte::google {
namespace {

constexpr std::string_view title = "Google Calendar";
constexpr unsigned calendars_page_size = 250; // the most, google.md §3.2

/// What the steps of one pull share.
struct calendar_run {
  stream_io& io;
  std::string base;
  calendar_checkpoint at;
  calendar_checkpoint stored;             ///< What was last handed over.
  std::map<std::string, std::string> ids; ///< Of the calendars that are read, by key.
  bool begun = false;                     ///< A page of the enumeration was handed over.
  bool begun_anew = false;                ///< An enumeration was begun for what had gone.
  bool listed_anew = false;               ///< A list began anew once, for its cursor was refused.
};

bool is_success(const http_response& answer) {
  return answer.status >= 200 && answer.status < 300;
}

error refused(const calendar_run& run, const http_response& answer, std::string_view what) {
  return list_refused(title, what, classify(answer, run.io.now()).code);
}

/// Hands a page over, with the checkpoint that follows it; an error where that grew too long.
result<page> with_checkpoint(calendar_run& run, page records, sweep part) {
  auto text = write_checkpoint(run.at);
  if (text.size() > calendar_checkpoint_bytes_max)
    return error{ec::refused,
                 std::to_string(run.ids.size()) + " calendars are selected, more than are followed",
                 "unselect some in Google Calendar's list of calendars"};
  records.enumeration = part;
  records.next_checkpoint = std::move(text);
  run.stored = run.at;
  return records;
}

task<done_t> emit(calendar_run& run, page& records, sweep part) {
  auto whole = with_checkpoint(run, std::exchange(records, page{}), part);
  if (!whole)
    co_return std::move(whole).failure();
  auto emitted = co_await run.io.emit(*std::move(whole));
  if (!emitted)
    co_return std::move(emitted).failure();
  co_return done_t{};
}

/// Step 1.
task<done_t> list_calendars(calendar_run& run) {
  std::string cursor;
  do {
    query_parameters parameters{{"maxResults", std::to_string(calendars_page_size)}};
    if (!cursor.empty())
      parameters.emplace_back("pageToken", cursor);
    http_request request{"GET", with_query(run.base + "/users/me/calendarList", parameters)};
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (!is_success(*answer))
      co_return refused(run, *answer, "the list of calendars");
    auto read = read_calendar_ids(answer->body);
    if (!read)
      co_return std::move(read).failure();
    if (!read->next.empty() && read->next == cursor)
      co_return cursor_stands_still(title);
    cursor = read->next;
    for (auto& id : read->ids)
      run.ids.emplace(calendar_key(id), std::move(id));
  } while (!cursor.empty());
  co_return done_t{};
}

/// Begins an enumeration of all calendars. False, the second time in one run.
bool begin_anew(calendar_run& run) {
  run.at = calendar_checkpoint{};
  return !std::exchange(run.begun_anew, true);
}

/// Whether the checkpoint knows a calendar that is no longer read.
bool lost_a_calendar(const calendar_run& run) {
  const auto is_read = [&run](const std::string& key) { return run.ids.contains(key); };
  return (!run.at.of.empty() && !is_read(run.at.of))
         || !std::ranges::all_of(run.at.tokens,
                                 [&](const auto& one) { return is_read(one.first); });
}

http_request events_request(const calendar_run& run, const std::string& id,
                            std::string_view sync_token, const std::string& cursor) {
  query_parameters parameters{{"maxResults", std::to_string(calendar_page_size)}};
  if (!sync_token.empty())
    parameters.emplace_back("syncToken", std::string{sync_token});
  if (!cursor.empty())
    parameters.emplace_back("pageToken", cursor);
  return {"GET", with_query(run.base + "/calendars/" + percent_encode(id) + "/events", parameters)};
}

/// What an answer to a page of events means for its calendar.
enum class standing_of_calendar : uint8_t { read, not_there, refused };

standing_of_calendar standing_in(const http_response& answer) {
  if (is_success(answer))
    return standing_of_calendar::read;
  return answer.status == 404 && says_not_found(answer) ? standing_of_calendar::not_there
                                                        : standing_of_calendar::refused;
}

/// The next calendar that the enumeration has to list; null where there is none.
const std::pair<const std::string, std::string>* next_to_list(const calendar_run& run) {
  if (!run.at.of.empty())
    return &*run.ids.find(run.at.of);
  for (const auto& calendar : run.ids)
    if (!run.at.tokens.contains(calendar.first))
      return &calendar;
  return nullptr;
}

/// Step 2. False: a calendar went in the middle of its list, so that the enumeration has to begin
/// anew. @pre the checkpoint's phase is `list`
task<bool> enumerate(calendar_run& run) {
  run.begun = !run.at.of.empty() || !run.at.tokens.empty();
  while (const auto* calendar = next_to_list(run)) {
    const auto [key, id] = *calendar;
    auto request = events_request(run, id, {}, run.at.cursor);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (!run.at.cursor.empty() && !run.listed_anew && refuses_cursor(*answer)) {
      run.listed_anew = true;
      run.at = calendar_checkpoint{};
      run.begun = false;
      continue;
    }
    const auto stands = standing_in(*answer);
    if (stands == standing_of_calendar::refused)
      co_return refused(run, *answer, "the events of a calendar");
    if (stands == standing_of_calendar::not_there) {
      run.ids.erase(key);
      if (!run.at.of.empty())
        co_return false;
      continue;
    }
    std::set<std::string> none; // a list shows no series that went
    auto read = read_events(answer->body, id, none, run.io.guard());
    if (!read)
      co_return std::move(read).failure();
    if (!read->next.empty() && read->next == run.at.cursor)
      co_return cursor_stands_still(title);
    run.at.of = read->next.empty() ? std::string{} : key;
    run.at.cursor = read->next;
    if (read->next.empty())
      run.at.tokens[key] = read->sync_token;
    const auto part = std::exchange(run.begun, true) ? sweep::more : sweep::first;
    auto emitted = co_await emit(run, read->events, part);
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  run.at.at = phase::closing;
  co_return true;
}

/// How following one calendar ended.
enum class followed : uint8_t { to_its_end, gone };

/// Follows one calendar from its token, or lists it where it is new, and takes its next token.
task<followed> follow_one(calendar_run& run, std::string key, std::string id) {
  const auto known = run.at.tokens.find(key);
  const std::string token = known == run.at.tokens.end() ? std::string{} : known->second;
  std::string cursor;
  std::set<std::string> gone_series;
  for (bool end = false; !end;) {
    auto request = events_request(run, id, token, cursor);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (!token.empty() && (answer->status == 410 || answer->status == 400))
      co_return followed::gone;
    const auto stands = standing_in(*answer);
    if (stands == standing_of_calendar::refused)
      co_return refused(run, *answer, "the events of a calendar");
    if (stands == standing_of_calendar::not_there) {
      run.ids.erase(key);
      co_return token.empty() ? followed::to_its_end : followed::gone;
    }
    auto read = read_events(answer->body, id, gone_series, run.io.guard());
    if (!read)
      co_return std::move(read).failure();
    if (!read->next.empty() && read->next == cursor)
      co_return cursor_stands_still(title);
    end = read->next.empty();
    cursor = read->next;
    if (end)
      run.at.tokens[key] = read->sync_token;
    if (read->events.records.empty() && read->events.unread.empty())
      continue;
    const auto part = run.at.at == phase::closing ? sweep::more : sweep::none;
    auto emitted = co_await emit(run, read->events, part);
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  co_return followed::to_its_end;
}

/// Step 3. False: an enumeration has to begin.
task<bool> follow(calendar_run& run) {
  const auto calendars = run.ids;
  for (const auto& [key, id] : calendars) {
    auto one = co_await follow_one(run, key, id);
    if (!one)
      co_return std::move(one).failure();
    if (*one == followed::gone)
      co_return false;
  }
  const bool closes = run.at.at == phase::closing;
  run.at.at = phase::changes;
  if (!closes && run.at == run.stored)
    co_return true;
  page last;
  auto emitted = co_await emit(run, last, closes ? sweep::last : sweep::none);
  if (!emitted)
    co_return std::move(emitted).failure();
  co_return true;
}

/// All steps.
task<done_t> synchronise(calendar_run& run) {
  auto listed = co_await list_calendars(run);
  if (!listed)
    co_return std::move(listed).failure();
  for (bool done = false; !done;) {
    if (lost_a_calendar(run) && !begin_anew(run))
      co_return error{ec::conflict, "the calendars change while they are read"};
    if (run.at.at == phase::list) {
      auto enumerated = co_await enumerate(run);
      if (!enumerated)
        co_return std::move(enumerated).failure();
      if (!*enumerated)
        continue; // it is lost, and so found out
    }
    auto all = co_await follow(run);
    if (!all)
      co_return std::move(all).failure();
    done = *all;
    if (!done && !begin_anew(run))
      co_return error{ec::refused, "Google Calendar refuses the sync token that it has just given",
                      "it is tried again with the next run; if it stays, report it"};
  }
  co_return done_t{};
}

} // namespace

task<bool> pull_calendar(stream_io& io, pull_request request) {
  calendar_run run{io, request.api_base + "/calendar/v3", {}, {}, {}};
  const auto known
      = request.checkpoint ? read_calendar_checkpoint(*request.checkpoint) : std::nullopt;
  if (known && !request.full)
    run.at = run.stored = *known;
  auto done = co_await synchronise(run);
  if (!done)
    co_return std::move(done).failure().with_context("google.calendar_events");
  co_return true;
}

task<sighting> look_up_event(stream_io& io, look_up_request request) {
  const auto [calendar, event] = split_event_record_id(request.record);
  sighting seen;
  if (event.empty()) {
    seen.evidence.emplace_back("Google Calendar cannot be asked for it by this id; ids are "
                               "\"calendar/event\".");
    co_return seen;
  }
  http_request get{"GET", request.api_base + "/calendar/v3/calendars/" + percent_encode(calendar)
                              + "/events/" + percent_encode(event)};
  auto answer = co_await io.fetch(std::move(get));
  if (!answer)
    co_return std::move(answer).failure();
  const auto asked = "Google Calendar was asked for the event " + request.record;
  if (says_not_found(*answer)) {
    seen.evidence.push_back(asked
                            + " and shows this account none of that id: it never was, or is "
                              "in a calendar that this account cannot see.");
    co_return seen;
  }
  if (!is_success(*answer))
    co_return error{ec::refused,
                    "Google Calendar does not show it (" + classify(*answer, io.now()).code + ")"};
  const auto found = json::parse_value(*answer->body);
  if (!found || found->string_or_empty("id") != event)
    co_return error{ec::malformed, "Google Calendar's answer is no event of that id"};
  const bool cancelled = found->string_or_empty("status") == "cancelled"
                         && found->string_or_empty("recurringEventId").empty();
  seen.version = found->string_or_empty("etag");
  seen.modified_at = parse_iso_time(found->string_or_empty("updated")).value_or(wall_time{});
  seen.found = cancelled ? standing::archived : standing::shown;
  seen.evidence.push_back(asked + " and showed it: " + (cancelled ? "cancelled." : "live."));
  co_return seen;
}

} // namespace nexte::google
