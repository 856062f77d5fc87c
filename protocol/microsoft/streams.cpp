#include "protocol/microsoft/streams.hpp"

#include "protocol/answers.hpp"
#include "protocol/microsoft/checkpoint.hpp"
#include "protocol/microsoft/delta.hpp"
#include "protocol/microsoft/look_up.hpp"
#include "protocol/microsoft/mail.hpp"

#include <algorithm>

namespace nexte::microsoft {
namespace {

constexpr collection contacts{"contacts", "/me/contacts", 100, ""};
constexpr collection events{"calendar_events", "/me/events", 100, "outlook.timezone=\"UTC\""};

/// One stream that a single delta tells.
struct source {
  const collection& of;
  std::string_view first; ///< The first request's path.
  bool has_window = false;
};

constexpr source contact_source{contacts, "/me/contacts/delta"};
constexpr source event_source{events, "/me/calendarView/delta", true};

/// What the steps of one pull share.
struct pull_run {
  stream_io& io;
  const source& from;
  std::string api_base;
  checkpoint at;
  checkpoint stored; ///< What was last handed over.
};

void begin_anew(pull_run& run) {
  checkpoint fresh;
  if (run.from.has_window) {
    const auto today = std::chrono::floor<std::chrono::days>(run.io.now());
    fresh.until = today + window_ahead;
    fresh.from = run.at.from > wall_time{} ? run.at.from : wall_time{today - window_behind};
    fresh.from = std::max<wall_time>(fresh.from, fresh.until - window_span_max);
  }
  run.at = std::move(fresh);
}

/// Whether the window's end has come too near.
bool is_window_old(const pull_run& run) {
  return run.from.has_window && run.io.now() >= run.at.until - window_ahead + window_renewed_every;
}

std::string path_of(const pull_run& run) {
  if (!run.at.link.empty())
    return run.at.link;
  std::string path{run.from.first};
  if (run.from.has_window)
    path += "?startDateTime=" + format_iso_seconds(run.at.from)
            + "&endDateTime=" + format_iso_seconds(run.at.until);
  return path;
}

/// Puts the items of a page into its records, each of them whole.
task<done_t> take_items(pull_run& run, delta_page& read) {
  auto& records = read.texts.records;
  for (const auto& entry : read.items) {
    if (entry.whole || entry.record.deleted) {
      records.push_back(entry.record);
      continue;
    }
    auto asked
        = co_await fetch_item(run.io, run.from.of, run.api_base, entry.record.id, read.texts);
    if (!asked)
      co_return std::move(asked).failure();
    if (*asked)
      records.push_back((*asked)->record);
  }
  co_return done_t{};
}

/// Hands a page over, where it says anything, with the checkpoint that follows it.
task<done_t> hand_over(pull_run& run, page records, sweep enumeration) {
  const bool says_nothing = records.records.empty() && records.unread.empty();
  if (enumeration == sweep::none && says_nothing && run.at == run.stored)
    co_return done_t{};
  records.enumeration = enumeration;
  records.next_checkpoint = write_checkpoint(run.at);
  run.stored = run.at;
  co_return co_await run.io.emit(std::move(records));
}

/// Follows the delta from where it stands to its end.
task<done_t> follow(pull_run& run) {
  bool begun_anew = false;
  for (bool ended = false; !ended;) {
    const bool enumerates = run.at.at == checkpoint::phase::list;
    const bool first = run.at.link.empty();
    auto answer = co_await fetch_page(run.io, run.from.of, run.api_base, path_of(run), !first);
    if (!answer)
      co_return std::move(answer).failure();
    if (!*answer) {
      if (first || begun_anew)
        co_return list_refused(title, run.from.of.stream, "expired");
      begun_anew = true;
      begin_anew(run);
      continue;
    }
    auto& read = **answer;
    auto taken = co_await take_items(run, read);
    if (!taken)
      co_return std::move(taken).failure();
    ended = read.ended;
    run.at.link = read.link;
    if (ended)
      run.at.at = checkpoint::phase::changes;
    const auto part = !enumerates ? sweep::none
                      : first     ? (ended ? sweep::whole : sweep::first)
                      : ended     ? sweep::last
                                  : sweep::more;
    auto emitted = co_await hand_over(run, std::move(read.texts), part);
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  co_return done_t{};
}

task<bool> pull(stream_io& io, const source& from, pull_request request) {
  pull_run run{io, from, std::move(request.api_base), {}, {}};
  const auto known = request.checkpoint ? read_checkpoint(*request.checkpoint) : std::nullopt;
  if (known)
    run.at = run.stored = *known;
  if (!known || request.full || is_window_old(run))
    begin_anew(run);
  auto done = co_await follow(run);
  if (!done)
    co_return std::move(done).failure().with_context("microsoft." + std::string{from.of.stream});
  co_return true;
}

task<bool> pull_contacts(stream_io& io, pull_request request) {
  return pull(io, contact_source, std::move(request));
}
task<bool> pull_events(stream_io& io, pull_request request) {
  return pull(io, event_source, std::move(request));
}

task<sighting> look_up_contact(stream_io& io, look_up_request request) {
  auto told = co_await look_up(io, contacts, "contact", request.api_base, request.record);
  if (!told)
    co_return std::move(told).failure();
  co_return std::move(told->seen);
}

/// When an event begins, in UTC as it was asked for.
std::optional<wall_time> start_of(const item& event) {
  const auto body = json::parse_value(event.record.body);
  const auto* start = body ? body->find("start") : nullptr;
  return start ? parse_iso_time(std::string{start->string_or_empty("dateTime")} + "Z")
               : std::nullopt;
}

task<sighting> look_up_event(stream_io& io, look_up_request request) {
  auto told = co_await look_up(io, events, "event", request.api_base, request.record);
  if (!told)
    co_return std::move(told).failure();
  const auto start = told->found ? start_of(*told->found) : std::nullopt;
  if (start && *start >= io.now() + window_ahead) {
    told->seen.found = standing::filtered;
    told->seen.rule = "Events are read up to a year ahead; later ones come as time goes on.";
    told->seen.evidence.push_back("It begins at " + format_iso_seconds(*start) + ".");
  }
  co_return std::move(told->seen);
}

stream_description describe(const collection& of, std::string shown, std::string scope,
                            task<bool> (*pull_it)(stream_io&, pull_request),
                            task<sighting> (*look_up_it)(stream_io&, look_up_request)) {
  stream_description stream;
  stream.name = of.stream;
  stream.title = std::move(shown);
  stream.scopes = {std::move(scope)};
  stream.pull = pull_it;
  stream.look_up = look_up_it;
  return stream;
}

} // namespace

std::vector<stream_description> streams() {
  return {describe(events, "Calendar events", "Calendars.Read", pull_events, look_up_event),
          describe(contacts, "Contacts", "Contacts.Read", pull_contacts, look_up_contact),
          mail_stream()};
}

} // namespace nexte::microsoft
