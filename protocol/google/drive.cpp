#include "protocol/google/drive.hpp"

#include "protocol/answers.hpp"
#include "protocol/google/checkpoint.hpp"
#include "protocol/google/drive_reader.hpp"
#include "protocol/google/errors.hpp"
#include "protocol/google/quota.hpp"
#include "protocol/http/url.hpp"

#include <algorithm>

namespace nexte::google {
namespace {

constexpr std::string_view title = "Google Drive";

/// What the steps of one pull share.
struct drive_run {
  stream_io& io;
  std::string base;
  checkpoint at;
  checkpoint stored;         ///< What was last handed over.
  bool listed_anew = false;  ///< The list began anew once, for its cursor was refused.
  bool changes_lost = false; ///< The changes were refused once, and the enumeration begun anew.
};

/// Shared drives are asked for by name, or they are left out (google.md §4.1).
http_request get(std::string_view url, query_parameters parameters) {
  parameters.emplace_back("supportsAllDrives", "true");
  http_request request{"GET", with_query(url, parameters)};
  request.quota.endpoint = drive_endpoint;
  return request;
}

http_request page_request(const drive_run& run, std::string_view path, query_parameters parameters,
                          const std::string& cursor) {
  parameters.emplace_back("pageSize", std::to_string(drive_page_size));
  parameters.emplace_back("includeItemsFromAllDrives", "true");
  if (!cursor.empty())
    parameters.emplace_back("pageToken", cursor);
  return get(run.base + std::string{path}, std::move(parameters));
}

std::string file_list_fields() {
  return "nextPageToken,incompleteSearch,files(" + std::string{file_fields} + ")";
}

std::string change_list_fields() {
  return "nextPageToken,newStartPageToken,changes(changeType,time,removed,fileId,file("
         + std::string{file_fields} + "))";
}

bool is_success(const http_response& answer) {
  return answer.status >= 200 && answer.status < 300;
}

error refused(const drive_run& run, const http_response& answer, std::string_view what) {
  return list_refused(title, what, classify(answer, run.io.now()).code);
}

/// Hands a page over, with the checkpoint that follows it.
completion_awaiter<done_t> emit(drive_run& run, page records, sweep part) {
  records.enumeration = part;
  records.next_checkpoint = write_checkpoint(run.at);
  run.stored = run.at;
  return run.io.emit(std::move(records));
}

/// Asks where the changes begin, for what follows an enumeration that begins now.
task<done_t> note_changes(drive_run& run) {
  auto request = get(run.base + "/changes/startPageToken", {{"fields", "startPageToken"}});
  auto answer = co_await run.io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (!is_success(*answer))
    co_return refused(run, *answer, "where its changes begin");
  auto token = read_start_token(*answer->body);
  if (!token)
    co_return std::move(token).failure();
  run.at.from = *std::move(token);
  co_return done_t{};
}

/// Step 1. @pre the checkpoint's phase is `list`
task<done_t> enumerate(drive_run& run) {
  while (run.at.at == phase::list) {
    const bool first = run.at.cursor.empty();
    if (run.at.from.empty()) {
      auto noted = co_await note_changes(run);
      if (!noted)
        co_return std::move(noted).failure();
    }
    auto request = page_request(
        run, "/files", {{"q", "trashed=false"}, {"fields", file_list_fields()}}, run.at.cursor);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (!first && !run.listed_anew && refuses_cursor(*answer)) {
      run.listed_anew = true;
      run.at = checkpoint{};
      continue;
    }
    if (!is_success(*answer))
      co_return refused(run, *answer, "the list of files");
    auto read = read_files(answer->body, run.io.guard());
    if (!read)
      co_return std::move(read).failure();
    if (!first && read->next == run.at.cursor)
      co_return cursor_stands_still(title);
    run.at.cursor = read->next;
    if (read->next.empty())
      run.at.at = phase::closing;
    auto emitted = co_await emit(run, std::move(read->files), first ? sweep::first : sweep::more);
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  co_return done_t{};
}

/// Takes a page of changes, and hands it over where there is something to it.
task<done_t> take_changes(drive_run& run, file_page& read) {
  const bool closes = run.at.at == phase::closing;
  const bool end = read.next.empty();
  run.at.from = end ? read.new_start : read.next;
  if (end)
    run.at.at = phase::changes;
  if (read.files.records.empty() && read.files.unread.empty() && run.at == run.stored)
    co_return done_t{};
  const auto part = !closes ? sweep::none : end ? sweep::last : sweep::more;
  auto emitted = co_await emit(run, std::move(read.files), part);
  if (!emitted)
    co_return std::move(emitted).failure();
  co_return done_t{};
}

/// Step 2, and step 1 before it where that is due.
task<done_t> follow(drive_run& run) {
  for (bool end = false; !end;) {
    auto enumerated = co_await enumerate(run);
    if (!enumerated)
      co_return std::move(enumerated).failure();
    auto request
        = page_request(run, "/changes",
                       {{"includeRemoved", "true"}, {"fields", change_list_fields()}}, run.at.from);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (refuses_cursor(*answer) && !run.changes_lost) {
      run.changes_lost = true;
      run.at = checkpoint{};
      continue;
    }
    if (!is_success(*answer))
      co_return refused(run, *answer, "its changes");
    auto read = read_changes(answer->body, run.io.guard());
    if (!read)
      co_return std::move(read).failure();
    if (read->next == run.at.from)
      co_return cursor_stands_still(title);
    end = read->next.empty();
    auto taken = co_await take_changes(run, *read);
    if (!taken)
      co_return std::move(taken).failure();
  }
  co_return done_t{};
}

} // namespace

task<bool> pull_drive(stream_io& io, pull_request request) {
  drive_run run{io, request.api_base + "/drive/v3", {}, {}};
  const auto known = request.checkpoint ? read_checkpoint(*request.checkpoint) : std::nullopt;
  if (known && !request.full)
    run.at = run.stored = *known;
  auto done = co_await follow(run);
  if (!done)
    co_return std::move(done).failure().with_context("google.drive_files");
  co_return true;
}

task<sighting> look_up_file(stream_io& io, look_up_request request) {
  auto ask = get(request.api_base + "/drive/v3/files/" + percent_encode(request.record),
                 {{"fields", "id,version,modifiedTime,trashed"}});
  auto answer = co_await io.fetch(std::move(ask));
  if (!answer)
    co_return std::move(answer).failure();
  const auto asked = "Google Drive was asked for the file " + request.record;
  sighting seen;
  if (says_not_found(*answer) || answer->status == 403) {
    seen.evidence.push_back(asked
                            + " and shows this account none of that id: it never was, was deleted "
                              "for ever, or is not shared with this account.");
    co_return seen;
  }
  if (!is_success(*answer))
    co_return error{ec::refused,
                    "Google Drive does not show it (" + classify(*answer, io.now()).code + ")"};
  const auto file = json::parse_value(*answer->body);
  if (!file || file->string_or_empty("id") != request.record)
    co_return error{ec::malformed, "Google Drive's answer is no file of that id"};
  const auto* mark = file->find("trashed");
  const bool in_bin = mark && mark->truth;
  seen.version = file->string_or_empty("version");
  seen.modified_at = parse_iso_time(file->string_or_empty("modifiedTime")).value_or(wall_time{});
  seen.found = in_bin ? standing::archived : standing::shown;
  seen.evidence.push_back(asked + " and showed it: " + (in_bin ? "in the bin." : "live."));
  co_return seen;
}

} // namespace nexte::google
