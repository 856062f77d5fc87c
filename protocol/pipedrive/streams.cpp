#include "protocol/pipedrive/streams.hpp"

#include "protocol/answers.hpp"
#include "protocol/pipedrive/checkpoint.hpp"
#include "protocol/pipedrive/entity.hpp"
#include "protocol/pipedrive/errors.hpp"
#include "protocol/pipedrive/look_up.hpp"
#include "protocol/pipedrive/page_reader.hpp"
#include "protocol/pipedrive/quota.hpp"
#include "protocol/pipedrive/record_calls.hpp"
#include "protocol/pipedrive/writer.hpp"

#include <algorithm>

namespace nexte::pipedrive {
namespace {

constexpr std::string_view title = "Pipedrive";

/// A list that can be followed by update time.
struct feed {
  std::string_view below;  ///< Of the entity's path.
  std::string_view status; ///< Asked for; empty: what is live.
  unsigned cost = list_tokens;
  wall_time checkpoint::*since = nullptr;
  bool departures = false; ///< Whatever it lists is gone.
};

constexpr feed changes{"", "", list_tokens, &checkpoint::since, false};
constexpr feed deletions{"", "deleted", list_tokens, &checkpoint::deleted_since, true};
constexpr feed archivings{"/archived", "", archived_list_tokens, &checkpoint::archived_since, true};

/// What the steps of one pull share.
struct pull_run {
  stream_io& io;
  const entity& type;
  std::string url;
  checkpoint at;
  checkpoint stored;                   ///< What was last handed over.
  std::optional<wall_time> server_now; ///< Pipedrive's clock at the last answer.
};

/// Hands a page over, with the checkpoint that follows it.
completion_awaiter<done_t> emit(pull_run& run, page records, sweep enumeration) {
  records.enumeration = enumeration;
  records.next_checkpoint = write_checkpoint(run.at);
  run.stored = run.at;
  return run.io.emit(std::move(records));
}

http_request feed_request(const pull_run& run, const feed& from, wall_time since,
                          const std::string& cursor) {
  query_parameters parameters{{"sort_by", "update_time"},
                              {"sort_direction", "asc"},
                              {"updated_since", format_iso_seconds(since)}};
  if (!from.status.empty())
    parameters.emplace_back("status", std::string{from.status});
  return list_request(run.url + std::string{from.below}, std::move(parameters), cursor, from.cost);
}

/// The records of an answer, or why there are none.
result<listed_page> read_answer(pull_run& run, const http_response& answer,
                                const std::string& cursor) {
  if (answer.status < 200 || answer.status >= 300)
    return list_refused(title, run.type.name, classify(answer, run.io.now()).code);
  run.server_now = read_server_time(answer, run.io.now());
  auto read = read_page(answer.body, run.io.guard());
  if (read && read->after && *read->after == cursor)
    return cursor_stands_still(title);
  return read;
}

/// Step 1. @pre the checkpoint's phase is `list`
task<done_t> enumerate(pull_run& run) {
  bool begun_anew = false;
  while (run.at.at == phase::list) {
    const bool first = run.at.cursor.empty();
    auto request = list_request(run.url, {{"sort_by", "id"}, {"sort_direction", "asc"}},
                                run.at.cursor, list_tokens);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (!first && !begun_anew && refuses_cursor(*answer)) {
      begun_anew = true;
      run.at = checkpoint{};
      continue;
    }
    auto read = read_answer(run, *answer, run.at.cursor);
    if (!read)
      co_return std::move(read).failure();
    if (first) {
      run.at.since = std::max(*run.server_now - overlap, wall_time{});
      run.at.deleted_since = run.at.archived_since = run.at.looked = run.at.since;
    }
    run.at.cursor = read->after.value_or("");
    if (!read->after)
      run.at.at = phase::closing;
    auto emitted = co_await emit(run, std::move(read->objects), first ? sweep::first : sweep::more);
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  co_return done_t{};
}

/// Up to where a feed is known once it has shown changes up to `seen`, all of them if this is its
/// `end`. What is younger than the horizon may not have shown yet.
wall_time known_after(wall_time seen, wall_time horizon, bool end) {
  if (seen >= horizon)
    return horizon;
  return end ? seen + seconds{1} : seen;
}

/// Follows a feed from where it is known to its end.
task<done_t> follow(pull_run& run, const feed& from) {
  auto& since = run.at.*from.since;
  auto begin = since;
  std::string cursor;
  std::optional<wall_time> horizon;
  bool begun_anew = false;
  for (bool end = false; !end;) {
    auto request = feed_request(run, from, begin, cursor);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (!cursor.empty() && !begun_anew && refuses_cursor(*answer)) {
      begun_anew = true;
      begin = since;
      cursor.clear();
      continue;
    }
    auto read = read_answer(run, *answer, cursor);
    if (!read)
      co_return std::move(read).failure();
    if (!horizon)
      horizon = *run.server_now - overlap;
    end = !read->after;
    cursor = read->after.value_or("");
    for (auto& record : read->objects.records) {
      record.deleted = record.deleted || from.departures;
      since = std::max(since, known_after(record.modified_at, *horizon, end));
    }
    const bool closing = run.at.at == phase::closing;
    if (end)
      run.at.at = phase::changes;
    if (read->objects.records.empty() && read->objects.unread.empty() && run.at == run.stored)
      continue;
    const auto part = !closing ? sweep::none : end ? sweep::last : sweep::more;
    auto emitted = co_await emit(run, std::move(read->objects), part);
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  co_return done_t{};
}

/// Step 2. @pre the checkpoint's phase is another
task<done_t> follow_changes(pull_run& run) {
  return follow(run, changes);
}

/// Step 3.
task<done_t> follow_departures(pull_run& run) {
  if (!run.type.tells_departures || *run.server_now - run.at.looked < departures_every)
    co_return done_t{};
  run.at.looked = *run.server_now;
  for (const auto* from : {&deletions, &archivings}) {
    auto followed = co_await follow(run, *from);
    if (!followed)
      co_return std::move(followed).failure();
  }
  co_return done_t{};
}

constexpr task<done_t> (*steps[])(pull_run&) = {enumerate, follow_changes, follow_departures};

task<bool> pull(stream_io& io, const entity& type, pull_request request) {
  pull_run run{io, type, request.api_base + "/api/v2/" + std::string{type.name}, {}, {}, {}};
  const auto known = request.checkpoint ? read_checkpoint(*request.checkpoint) : std::nullopt;
  if (known && !request.full)
    run.at = run.stored = *known;
  for (const auto step : steps) {
    auto done = co_await step(run);
    if (!done)
      co_return std::move(done).failure().with_context("pipedrive." + std::string{type.name});
  }
  co_return true;
}

task<bool> pull_persons(stream_io& io, pull_request request) {
  return pull(io, persons(), std::move(request));
}
task<bool> pull_organizations(stream_io& io, pull_request request) {
  return pull(io, organizations(), std::move(request));
}
task<bool> pull_deals(stream_io& io, pull_request request) {
  return pull(io, deals(), std::move(request));
}

task<sighting> look_up_person(stream_io& io, look_up_request request) {
  return look_up(io, persons().name, std::move(request));
}
task<sighting> look_up_organization(stream_io& io, look_up_request request) {
  return look_up(io, organizations().name, std::move(request));
}
task<sighting> look_up_deal(stream_io& io, look_up_request request) {
  return look_up(io, deals().name, std::move(request));
}

task<std::vector<push_outcome>> push_persons(stream_io& io, push_request request) {
  return push(io, persons(), std::move(request));
}
task<std::vector<push_outcome>> push_organizations(stream_io& io, push_request request) {
  return push(io, organizations(), std::move(request));
}
task<std::vector<push_outcome>> push_deals(stream_io& io, push_request request) {
  return push(io, deals(), std::move(request));
}

result<std::string> prepare_person(std::string_view fields) {
  return prepared(fields, persons());
}
result<std::string> prepare_organization(std::string_view fields) {
  return prepared(fields, organizations());
}
result<std::string> prepare_deal(std::string_view fields) {
  return prepared(fields, deals());
}

/// pipedrive.md §1.5: persons and organizations share their scopes. Those of the field definitions
/// are for the one that tells our new records apart.
stream_description describe(const entity& type, std::string shown, const std::string& scope,
                            const std::string& fields_scope) {
  stream_description stream;
  stream.name = type.name;
  stream.title = std::move(shown);
  stream.scopes = {scope + ":read"};
  stream.write_scopes = {scope + ":full", fields_scope + ":full"};
  stream.fields = shape();
  if (!type.tells_departures)
    stream.reconcile_every = std::chrono::hours{12};
  return stream;
}

} // namespace

std::vector<stream_description> streams() {
  auto of_persons = describe(persons(), "Persons", "contacts", "contact-fields");
  of_persons.pull = pull_persons;
  of_persons.look_up = look_up_person;
  of_persons.push = push_persons;
  of_persons.prepare = prepare_person;
  auto of_organizations = describe(organizations(), "Organizations", "contacts", "contact-fields");
  of_organizations.pull = pull_organizations;
  of_organizations.look_up = look_up_organization;
  of_organizations.push = push_organizations;
  of_organizations.prepare = prepare_organization;
  auto of_deals = describe(deals(), "Deals", "deals", "deal-fields");
  of_deals.pull = pull_deals;
  of_deals.look_up = look_up_deal;
  of_deals.push = push_deals;
  of_deals.prepare = prepare_deal;
  return {std::move(of_persons), std::move(of_organizations), std::move(of_deals)};
}

} // namespace nexte::pipedrive
