#include "protocol/notion/streams.hpp"

#include "protocol/answers.hpp"
#include "protocol/notion/checkpoint.hpp"
#include "protocol/notion/errors.hpp"
#include "protocol/notion/look_up.hpp"
#include "protocol/notion/page_reader.hpp"
#include "protocol/notion/requests.hpp"

#include <algorithm>
#include <utility>

namespace nexte::notion {
namespace {

constexpr std::string_view title = "Notion";
constexpr std::chrono::minutes tick{1}; ///< Of `last_edited_time` and `created_time`.

/// A search that can be followed by time.
struct feed {
  searched what;
  wall_time checkpoint::*since = nullptr;
};

constexpr feed changes{searched::pages, &checkpoint::since};
constexpr feed trash{searched::trashed_pages, &checkpoint::trashed_since};

/// What the steps of one pull share.
struct pull_run {
  stream_io& io;
  std::string api_base;
  checkpoint at;
  checkpoint stored;                   ///< What was last handed over.
  std::optional<wall_time> server_now; ///< Notion's clock at the last answer.
  bool cut_short = false;              ///< A list ended before its end.
};

/// Hands a page over, with the checkpoint that follows it.
completion_awaiter<done_t> emit(pull_run& run, page records, sweep enumeration) {
  records.enumeration = enumeration;
  records.next_checkpoint = write_checkpoint(run.at);
  run.stored = run.at;
  return run.io.emit(std::move(records));
}

/// The results of an answer, or why there are none.
result<results_page> read_answer(pull_run& run, const http_response& answer,
                                 const std::string& cursor) {
  if (answer.status < 200 || answer.status >= 300)
    return list_refused(title, "pages", classify(answer, run.io.now()).code);
  run.server_now = read_server_time(answer, run.io.now());
  auto read = read_page(answer.body, run.io.guard());
  if (!read)
    return read;
  const auto& after = read->list.after;
  if (after && *after == cursor)
    return cursor_stands_still(title);
  if (after && after->size() > own_cursor_bytes_max)
    return error{ec::malformed, "the cursor of Notion's next page is too long"};
  return read;
}

/// Changes before it show by now.
wall_time horizon_of(const pull_run& run) {
  const wall_time settled = std::chrono::floor<std::chrono::minutes>(*run.server_now) - overlap;
  return std::max(settled, wall_time{});
}

/// Step 1. @pre the checkpoint's phase is `pages`
task<done_t> enumerate_pages(pull_run& run) {
  bool begun_anew = false;
  while (run.at.at == phase::pages) {
    const bool first = run.at.cursor.empty();
    auto request = search_request(run.api_base, searched::pages, page_size, run.at.cursor);
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
    if (first)
      run.at.since = run.at.trashed_since = horizon_of(run);
    run.cut_short = run.cut_short || read->cut_short;
    run.at.cursor = read->list.after.value_or("");
    if (!read->list.after)
      run.at.at = phase::sources;
    auto emitted
        = co_await emit(run, std::move(read->list.objects), first ? sweep::first : sweep::more);
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  co_return done_t{};
}

/// Finds the next data sources. @pre the phase is `sources`
task<done_t> list_sources(pull_run& run, bool& begun_anew) {
  const bool first = run.at.cursor.empty();
  auto request = search_request(run.api_base, searched::data_sources, sources_max, run.at.cursor);
  auto answer = co_await run.io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (!first && !begun_anew && refuses_cursor(*answer)) {
    begun_anew = true;
    run.at.cursor.clear();
    co_return done_t{};
  }
  auto read = read_answer(run, *answer, run.at.cursor);
  if (!read)
    co_return std::move(read).failure();
  run.cut_short = run.cut_short || read->cut_short;
  for (const auto& source : read->list.objects.records)
    if (!source.deleted && source.id.size() <= source_id_bytes_max
        && run.at.sources.size() < sources_max)
      run.at.sources.emplace_back(source.id);
  run.at.cursor = read->list.after.value_or("");
  if (!read->list.after)
    run.at.at = phase::last_sources;
  co_return done_t{};
}

void next_source(checkpoint& at) {
  at.sources.erase(at.sources.begin());
  at.row_cursor.clear();
  at.rows_from = {};
}

/// Behind the last row that a query shows at its limit: the next one begins in that row's minute.
/// False where that is where this one began.
bool next_window(checkpoint& at, const page& rows) {
  at.row_cursor.clear();
  if (rows.records.empty())
    return false;
  const auto last = json::parse_value(rows.records.back().body);
  const auto created = last ? parse_iso_time(last->string_or_empty("created_time")) : std::nullopt;
  if (!created || *created <= at.rows_from)
    return false;
  at.rows_from = *created;
  return true;
}

/// Reads a page of the first data source. @pre there is one
task<done_t> read_rows(pull_run& run, bool& begun_anew) {
  auto& at = run.at;
  auto request = query_request(run.api_base, at.sources.front(), at.rows_from, at.row_cursor);
  auto answer = co_await run.io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (refuses_cursor(*answer)) {
    const bool from_the_start = at.row_cursor.empty() || std::exchange(begun_anew, true);
    at.row_cursor.clear();
    if (from_the_start) // no longer shared, or of a kind that cannot be queried
      next_source(at);
    co_return done_t{};
  }
  auto read = read_answer(run, *answer, at.row_cursor);
  if (!read)
    co_return std::move(read).failure();
  auto& rows = read->list.objects;
  if (read->list.after) {
    at.row_cursor = *read->list.after;
  } else if (!read->cut_short) {
    next_source(at);
  } else if (!next_window(at, rows)) {
    run.cut_short = true;
    next_source(at);
  }
  auto emitted = co_await emit(run, std::move(rows), sweep::more);
  if (!emitted)
    co_return std::move(emitted).failure();
  co_return done_t{};
}

/// Step 2. @pre the checkpoint's phase is `sources` or `last_sources`
task<done_t> enumerate_rows(pull_run& run) {
  bool listed_anew = false;
  bool read_anew = false;
  while (run.at.at == phase::sources || run.at.at == phase::last_sources) {
    if (run.at.sources.empty() && run.at.at == phase::last_sources) {
      run.at.at = phase::closing;
      break;
    }
    auto step = run.at.sources.empty() ? list_sources(run, listed_anew) : read_rows(run, read_anew);
    auto done = co_await std::move(step);
    if (!done)
      co_return std::move(done).failure();
  }
  co_return done_t{};
}

/// A feed on its way down.
struct descent {
  const feed& from;
  bool whole;       ///< To its end, not only to where it is known.
  wall_time newest; ///< Up to where it is known once it is through.
  std::optional<wall_time> horizon = {};
  bool met = false; ///< It has come to what is known.

  descent(pull_run& run, const feed& which, bool to_its_end)
      : from(which), whole(to_its_end), newest(run.at.*which.since) {}
};

/// Takes a page's times in, and off the page what is known. True at the end.
bool descend(pull_run& run, descent& down, results_page& read) {
  if (!down.horizon)
    down.horizon = horizon_of(run);
  auto& since = run.at.*down.from.since;
  auto& records = read.list.objects.records;
  const auto is_known = [&](const record_view& r) { return r.modified_at < since; };
  for (const auto& record : records)
    down.newest = std::max(down.newest, std::min(*down.horizon, record.modified_at + tick));
  down.met = down.met || std::ranges::any_of(records, is_known);
  if (!down.whole)
    std::erase_if(records, is_known);
  if (read.list.after && (down.whole || !down.met))
    return false;
  if (read.cut_short && !down.met)
    run.cut_short = true; // it does not reach down to what is known
  else
    since = down.newest;
  if (down.whole)
    run.at.trash_read = *run.server_now;
  return true;
}

/// Follows a feed down to where it is known, or, `whole`, to its end.
task<done_t> follow(pull_run& run, const feed& from, bool whole) {
  descent down{run, from, whole};
  std::string cursor;
  bool begun_anew = false;
  for (bool end = false; !end;) {
    auto request = search_request(run.api_base, from.what, page_size, cursor);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (!cursor.empty() && !begun_anew && refuses_cursor(*answer)) {
      begun_anew = true;
      cursor.clear();
      continue;
    }
    auto read = read_answer(run, *answer, cursor);
    if (!read)
      co_return std::move(read).failure();
    cursor = read->list.after.value_or("");
    end = descend(run, down, *read);
    const bool closing = run.at.at == phase::closing;
    if (end)
      run.at.at = phase::changes;
    auto& shown = read->list.objects;
    if (shown.records.empty() && shown.unread.empty() && run.at == run.stored)
      continue;
    shown.lagging = true; // a query may have shown what is not in the index yet
    if (closing && end)   // something may be there that no list shows: nothing absent is deleted
      shown.unread.emplace_back();
    const auto part = !closing ? sweep::none : end ? sweep::last : sweep::more;
    auto emitted = co_await emit(run, std::move(shown), part);
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  co_return done_t{};
}

/// Step 3. @pre the checkpoint's phase is another
task<done_t> follow_changes(pull_run& run) {
  return follow(run, changes, false);
}

/// Step 4.
task<done_t> follow_trash(pull_run& run) {
  return follow(run, trash, *run.server_now - run.at.trash_read >= trash_every);
}

constexpr task<done_t> (*steps[])(pull_run&)
    = {enumerate_pages, enumerate_rows, follow_changes, follow_trash};

task<bool> pull(stream_io& io, pull_request request) {
  pull_run run{io, std::move(request.api_base), {}, {}, {}, false};
  const auto known = request.checkpoint ? read_checkpoint(*request.checkpoint) : std::nullopt;
  if (known && !request.full)
    run.at = run.stored = *known;
  for (const auto step : steps) {
    auto done = co_await step(run);
    if (!done)
      co_return std::move(done).failure().with_context("notion.pages");
  }
  co_return !run.cut_short;
}

} // namespace

std::vector<stream_description> streams() {
  stream_description pages;
  pages.name = "pages";
  pages.title = "Pages";
  pages.pull = pull;
  pages.look_up = look_up;
  pages.reconcile_every = std::chrono::hours{6};
  return {pages};
}

} // namespace nexte::notion
