#include "protocol/google/gmail.hpp"

#include "protocol/answers.hpp"
#include "protocol/google/addresses.hpp"
#include "protocol/google/checkpoint.hpp"
#include "protocol/google/errors.hpp"
#include "protocol/google/gmail_reader.hpp"
#include "protocol/google/quota.hpp"
#include "protocol/http/url.hpp"

#include <algorithm>

namespace nexte::google {
namespace {

constexpr std::string_view title = "Gmail";

/// What the steps of one pull share.
struct gmail_run {
  stream_io& io;
  std::string url; ///< Of the mailbox.
  checkpoint at;
  checkpoint stored;         ///< What was last handed over.
  bool begun = false;        ///< The first page of an enumeration was handed over in this run.
  bool listed_anew = false;  ///< The list began anew once, for its cursor was refused.
  bool history_lost = false; ///< The history was gone once, and the enumeration begun anew.
};

http_request get(std::string url, unsigned units) {
  http_request request{"GET", std::move(url)};
  request.quota = {std::string{gmail_endpoint}, units};
  return request;
}

http_request page_request(const std::string& url, query_parameters parameters,
                          const std::string& cursor, unsigned units) {
  parameters.emplace_back("maxResults", std::to_string(gmail_page_size));
  if (!cursor.empty())
    parameters.emplace_back("pageToken", cursor);
  return get(with_query(url, parameters), units);
}

bool is_success(const http_response& answer) {
  return answer.status >= 200 && answer.status < 300;
}

error refused(const gmail_run& run, const http_response& answer, std::string_view what) {
  return list_refused(title, what, classify(answer, run.io.now()).code);
}

/// Which part of an enumeration a page is.
sweep part_of(gmail_run& run, phase at, bool last) {
  if (at == phase::changes)
    return sweep::none;
  if (at == phase::closing)
    return last ? sweep::last : sweep::more;
  return std::exchange(run.begun, true) ? sweep::more : sweep::first;
}

/// Hands a page over, with the checkpoint that follows it.
completion_awaiter<done_t> emit(gmail_run& run, page& records, sweep part) {
  records.enumeration = part;
  records.next_checkpoint = write_checkpoint(run.at);
  run.stored = run.at;
  return run.io.emit(std::exchange(records, page{}));
}

/// Reads one message into the page. One that Gmail itself says is gone is deleted where it was
/// known to have been there, that is at `change`; the list only names what is left out then.
task<done_t> read_one(gmail_run& run, const std::string& id, const message_change* change,
                      page& into) {
  auto request
      = get(run.url + "/messages/" + percent_encode(id) + "?format=full", messages_get_units);
  auto answer = co_await run.io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (is_success(*answer)) {
    if (auto read = read_message(*answer->body, id, into, run.io.guard()); !read)
      co_return std::move(read).failure();
    co_return done_t{};
  }
  if (!says_not_found(*answer))
    co_return refused(run, *answer, "a message");
  if (change) {
    record_view gone;
    gone.id = into.keep(id);
    gone.version = into.keep(change->at);
    gone.deleted = true;
    into.records.push_back(gone);
  }
  co_return done_t{};
}

/// Hands over what was gathered, once it is much; the checkpoint stays where it was.
task<done_t> relieve(gmail_run& run, page& gathered, phase at) {
  if (gathered.payload_bytes() < gmail_page_bytes_max)
    co_return done_t{};
  auto emitted = co_await emit(run, gathered, part_of(run, at, false));
  if (!emitted)
    co_return std::move(emitted).failure();
  co_return done_t{};
}

/// Asks where the history stands, for what follows an enumeration that begins now.
task<done_t> note_history(gmail_run& run) {
  auto request = get(run.url + "/profile", get_profile_units);
  auto answer = co_await run.io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (!is_success(*answer))
    co_return refused(run, *answer, "the mailbox");
  auto history_id = read_profile(*answer->body);
  if (!history_id)
    co_return std::move(history_id).failure();
  run.at.from = *std::move(history_id);
  co_return done_t{};
}

/// The ids of the list's next page; none where the list must begin anew.
task<std::optional<message_ids>> list_ids(gmail_run& run) {
  auto request = page_request(run.url + "/messages", {}, run.at.cursor, messages_list_units);
  auto answer = co_await run.io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (!run.at.cursor.empty() && !run.listed_anew && refuses_cursor(*answer)) {
    run.listed_anew = true;
    co_return std::optional<message_ids>{};
  }
  if (!is_success(*answer))
    co_return refused(run, *answer, "the list of messages");
  auto read = read_message_ids(*answer->body);
  if (!read)
    co_return std::move(read).failure();
  if (!read->next.empty() && read->next == run.at.cursor)
    co_return cursor_stands_still(title);
  co_return std::optional{*std::move(read)};
}

/// Step 1. @pre the checkpoint's phase is `list`
task<done_t> enumerate(gmail_run& run) {
  while (run.at.at == phase::list) {
    if (run.at.from.empty()) {
      auto noted = co_await note_history(run);
      if (!noted)
        co_return std::move(noted).failure();
    }
    run.begun = !run.at.cursor.empty(); // in this run or in one before
    auto listed = co_await list_ids(run);
    if (!listed)
      co_return std::move(listed).failure();
    if (!*listed) {
      run.at = checkpoint{};
      continue;
    }
    page gathered;
    for (const auto& id : (*listed)->ids) {
      auto read = co_await read_one(run, id, nullptr, gathered);
      if (!read)
        co_return std::move(read).failure();
      auto relieved = co_await relieve(run, gathered, phase::list);
      if (!relieved)
        co_return std::move(relieved).failure();
    }
    run.at.cursor = (*listed)->next;
    if (run.at.cursor.empty())
      run.at.at = phase::closing;
    auto emitted = co_await emit(run, gathered, part_of(run, phase::list, false));
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  co_return done_t{};
}

/// The next page of the history; none where the run must begin anew: at the history's beginning,
/// or, where that is gone, with an enumeration.
task<std::optional<history_page>> list_history(gmail_run& run) {
  auto request = page_request(run.url + "/history", {{"startHistoryId", run.at.from}},
                              run.at.cursor, history_list_units);
  auto answer = co_await run.io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (refuses_cursor(*answer) && !run.at.cursor.empty()) {
    run.at.cursor.clear();
    run.at.until.clear();
    co_return std::optional<history_page>{};
  }
  if (refuses_cursor(*answer) && !run.history_lost) {
    run.history_lost = true;
    run.at = checkpoint{};
    co_return std::optional<history_page>{};
  }
  if (!is_success(*answer))
    co_return refused(run, *answer, "the history");
  auto read = read_history(*answer->body);
  if (!read)
    co_return std::move(read).failure();
  if (!read->next.empty() && read->next == run.at.cursor)
    co_return cursor_stands_still(title);
  co_return std::optional{*std::move(read)};
}

/// Reads what changed into pages and hands them over.
task<done_t> take_changes(gmail_run& run, const history_page& history) {
  const auto at = run.at.at;
  page gathered;
  if (run.at.until.empty())
    run.at.until = history.history_id;
  for (const auto& change : history.changes) {
    if (change.deleted) {
      record_view gone;
      gone.id = gathered.keep(change.id);
      gone.version = gathered.keep(change.at);
      gone.deleted = true;
      gathered.records.push_back(gone);
      continue;
    }
    auto read = co_await read_one(run, change.id, &change, gathered);
    if (!read)
      co_return std::move(read).failure();
    auto relieved = co_await relieve(run, gathered, at);
    if (!relieved)
      co_return std::move(relieved).failure();
  }
  run.at.cursor = history.next;
  const bool end = history.next.empty();
  if (end) {
    run.at.from = std::exchange(run.at.until, {});
    run.at.at = phase::changes;
  }
  const bool nothing = gathered.records.empty() && gathered.unread.empty();
  if (nothing && run.at == run.stored)
    co_return done_t{};
  auto emitted = co_await emit(run, gathered, part_of(run, at, end));
  if (!emitted)
    co_return std::move(emitted).failure();
  co_return done_t{};
}

/// Step 2, and step 1 before it where that is due.
task<done_t> follow(gmail_run& run) {
  for (bool end = false; !end;) {
    auto enumerated = co_await enumerate(run);
    if (!enumerated)
      co_return std::move(enumerated).failure();
    auto history = co_await list_history(run);
    if (!history)
      co_return std::move(history).failure();
    if (!*history)
      continue;
    end = (*history)->next.empty();
    auto taken = co_await take_changes(run, **history);
    if (!taken)
      co_return std::move(taken).failure();
  }
  co_return done_t{};
}

/// Reads how the message stands, and says so behind what was `asked`.
void read_standing(const json::value& message, const std::string& asked, sighting& seen) {
  const auto labels = json::texts_of(message.find("labelIds"));
  const auto has = [&labels](const char* label) { return std::ranges::count(labels, label) > 0; };
  seen.version = message.string_or_empty("historyId");
  seen.found = has("TRASH") || has("SPAM") ? standing::archived : standing::shown;
  const auto* where = has("TRASH")   ? "in the bin"
                      : has("SPAM")  ? "in spam"
                      : has("INBOX") ? "in the inbox"
                                     : "outside the inbox";
  seen.evidence.push_back(asked + " and showed it: " + where + ".");
}

} // namespace

task<bool> pull_gmail(stream_io& io, pull_request request) {
  gmail_run run{io, mailbox_url(request.api_base), {}, {}};
  const auto known = request.checkpoint ? read_checkpoint(*request.checkpoint) : std::nullopt;
  if (known && !request.full)
    run.at = run.stored = *known;
  auto done = co_await follow(run);
  if (!done)
    co_return std::move(done).failure().with_context("google.gmail_messages");
  co_return true;
}

task<sighting> look_up_message(stream_io& io, look_up_request request) {
  auto ask = get(mailbox_url(request.api_base) + "/messages/" + percent_encode(request.record)
                     + "?format=minimal",
                 messages_get_units);
  auto answer = co_await io.fetch(std::move(ask));
  if (!answer)
    co_return std::move(answer).failure();
  const auto asked = "Gmail was asked for the message " + request.record;
  sighting seen;
  if (says_not_found(*answer) || answer->status == 400) {
    seen.evidence.push_back(asked
                            + " and shows this mailbox none of that id: it never was, is in "
                              "another mailbox, or was deleted for ever.");
    co_return seen;
  }
  if (!is_success(*answer))
    co_return error{ec::refused,
                    "Gmail does not show it (" + classify(*answer, io.now()).code + ")"};
  const auto message = json::parse_value(*answer->body);
  if (!message || message->string_or_empty("id") != request.record)
    co_return error{ec::malformed, "Gmail's answer is no message of that id"};
  read_standing(*message, asked, seen);
  co_return seen;
}

} // namespace nexte::google
