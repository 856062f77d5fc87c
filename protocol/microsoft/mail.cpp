#include "protocol/microsoft/mail.hpp"

#include "protocol/answers.hpp"
#include "protocol/core/text.hpp"
#include "protocol/microsoft/checkpoint.hpp"
#include "protocol/microsoft/look_up.hpp"
#include "protocol/microsoft/mail_folders.hpp"

#include <algorithm>
#include <set>

namespace nexte::microsoft {
namespace {

using phase = mail_checkpoint::phase;

/// Mail has whole bodies: a page of more is slow (microsoft.md §3.2).
constexpr collection messages{"mail_messages", "/me/messages", 50, ""};
/// Nothing is lost by a later one: the deltas tell all but what went with a folder.
constexpr std::chrono::hours reconcile_every{7 * 24};

/// What the steps of one pull share.
struct mail_run {
  stream_io& io;
  std::string api_base;
  mail_checkpoint at;
  mail_checkpoint stored;                     ///< What was last handed over.
  sweep next = sweep::none;                   ///< Of the next page in an enumeration.
  std::set<std::string, std::less<>> foreign; ///< Folders that are not followed.
  bool begun_anew = false;
};

folder_standing* find_folder(mail_run& run, std::string_view id) {
  const auto found = std::ranges::find(run.at.folders, id, &folder_standing::id);
  return found == run.at.folders.end() ? nullptr : &*found;
}

completion_awaiter<done_t> emit(mail_run& run, page records) {
  if (run.at.at != phase::changes)
    records.enumeration = std::exchange(run.next, sweep::more);
  records.next_checkpoint = write_mail_checkpoint(run.at);
  run.stored = run.at;
  return run.io.emit(std::move(records));
}

/// Begins a complete enumeration of the folders that there are.
task<done_t> begin_anew(mail_run& run) {
  auto listed = co_await list_folders(run.io, messages, run.api_base);
  if (!listed)
    co_return std::move(listed).failure();
  run.at = {};
  for (auto& id : *listed)
    run.at.folders.push_back({std::move(id), "", false});
  run.next = sweep::first;
  run.foreign.clear();
  co_return done_t{};
}

/// Takes new folders in. Yields whether all that were known are there still.
task<bool> list_anew(mail_run& run) {
  auto listed = co_await list_folders(run.io, messages, run.api_base);
  if (!listed)
    co_return std::move(listed).failure();
  for (const auto& id : *listed)
    if (!find_folder(run, id))
      run.at.folders.push_back({id, "", false});
  co_return std::ranges::all_of(run.at.folders, [&](const folder_standing& folder) {
    return std::ranges::find(*listed, folder.id) != listed->end();
  });
}

/// Whether a message of this folder is followed; a folder not known may be new.
task<bool> is_followed(mail_run& run, std::string id) {
  if (id.empty() || find_folder(run, id))
    co_return true;
  if (run.foreign.contains(id))
    co_return false;
  auto listed = co_await list_anew(run);
  if (!listed)
    co_return std::move(listed).failure();
  const bool found = find_folder(run, id) != nullptr;
  if (!found)
    run.foreign.insert(std::move(id));
  co_return found;
}

/// Puts the messages of a page into its records, each of them whole and none deleted without proof.
task<done_t> take_messages(mail_run& run, delta_page& read) {
  auto& records = read.texts.records;
  for (const auto& entry : read.items) {
    if (entry.whole && !entry.record.deleted) {
      records.push_back(entry.record);
      continue;
    }
    auto asked = co_await fetch_item(run.io, messages, run.api_base, entry.record.id, read.texts);
    if (!asked)
      co_return std::move(asked).failure();
    if (!*asked)
      continue;
    auto& found = **asked;
    auto followed = co_await is_followed(run, std::string{found.folder});
    if (!followed)
      co_return std::move(followed).failure();
    if (!*followed) {
      found.record.deleted = true;
      found.record.body = {};
    }
    records.push_back(found.record);
  }
  co_return done_t{};
}

/// Reads a folder from where it stands to its end. False: its link has expired, or it is gone.
task<bool> follow(mail_run& run, std::string id) {
  for (bool ended = false; !ended;) {
    const auto link = find_folder(run, id)->link;
    auto path = link.empty() ? "/me/mailFolders/" + percent_encode(id) + "/messages/delta" : link;
    auto answer
        = co_await fetch_page(run.io, messages, run.api_base, std::move(path), !link.empty());
    if (!answer)
      co_return std::move(answer).failure();
    if (!*answer)
      co_return false;
    auto& read = **answer;
    auto taken = co_await take_messages(run, read);
    if (!taken)
      co_return std::move(taken).failure();
    ended = read.ended;
    auto* folder = find_folder(run, id);
    folder->link = read.link;
    folder->ended = ended;
    if (read.texts.records.empty() && read.texts.unread.empty() && run.next != sweep::first)
      continue; // the next page, or the end of the run, takes the link along
    auto emitted = co_await emit(run, std::move(read.texts));
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  co_return true;
}

/// Follows every folder, or those that are not yet read to their end. False: begin anew.
task<bool> follow_all(mail_run& run, bool unread_alone) {
  for (size_t i = 0; i < run.at.folders.size(); ++i) { // it may grow
    if (unread_alone && run.at.folders[i].ended)
      continue;
    auto read = co_await follow(run, run.at.folders[i].id);
    if (!read || !*read)
      co_return read;
  }
  co_return true;
}

/// Steps 1 and 2, from wherever they stand. False: begin anew.
task<bool> enumerate(mail_run& run) {
  if (run.at.at == phase::list) {
    auto read = co_await follow_all(run, true);
    if (!read || !*read)
      co_return read;
    run.at.at = phase::closing;
  }
  auto listed = co_await list_anew(run);
  if (!listed || !*listed)
    co_return listed;
  auto read = co_await follow_all(run, false);
  if (!read || !*read)
    co_return read;
  page last;
  last.enumeration = run.next == sweep::first ? sweep::whole : sweep::last;
  run.at.at = phase::changes;
  auto emitted = co_await emit(run, std::move(last));
  if (!emitted)
    co_return std::move(emitted).failure();
  co_return true;
}

/// Step 3. False: begin anew.
task<bool> follow_changes(mail_run& run) {
  auto listed = co_await list_anew(run);
  if (!listed || !*listed)
    co_return listed;
  auto read = co_await follow_all(run, false);
  if (!read || !*read)
    co_return read;
  if (run.at == run.stored)
    co_return true;
  auto emitted = co_await emit(run, page{});
  if (!emitted)
    co_return std::move(emitted).failure();
  co_return true;
}

task<bool> bring_up_to_date(mail_run& run) {
  for (;;) {
    if (run.at.folders.empty()) {
      auto begun = co_await begin_anew(run);
      if (!begun)
        co_return std::move(begun).failure();
    }
    const auto step = run.at.at == phase::changes ? follow_changes : enumerate;
    auto done = co_await step(run);
    if (!done || *done)
      co_return done;
    if (run.begun_anew)
      co_return error{ec::refused, "mail folders went while they were enumerated",
                      "it is tried again by itself"};
    run.begun_anew = true;
    run.at = {};
  }
}

} // namespace

task<bool> pull_mail(stream_io& io, pull_request request) {
  mail_run run{io, std::move(request.api_base), {}, {}, sweep::more, {}, false};
  auto known = request.checkpoint ? read_mail_checkpoint(*request.checkpoint) : std::nullopt;
  if (known && !request.full)
    run.at = run.stored = *std::move(known);
  auto done = co_await bring_up_to_date(run);
  if (!done)
    co_return std::move(done).failure().with_context("microsoft.mail_messages");
  co_return true;
}

task<sighting> look_up_message(stream_io& io, look_up_request request) {
  auto told = co_await look_up(io, messages, "message", request.api_base, request.record);
  if (!told)
    co_return std::move(told).failure();
  if (!told->found || told->found->folder.empty())
    co_return std::move(told->seen);
  auto get = outlook_request(messages, request.api_base + "/me/mailFolders/"
                                           + percent_encode(told->found->folder)
                                           + "?$select=displayName,isHidden");
  auto answer = co_await io.fetch(std::move(get));
  if (!answer)
    co_return std::move(answer).failure();
  const auto folder = read_envelope(*answer);
  const auto* hidden = folder.find("isHidden");
  if (answer->status == 200 && !(hidden && hidden->truth)) {
    told->seen.evidence.push_back("It lies in the folder \""
                                  + std::string{folder.string_or_empty("displayName")} + "\".");
    co_return std::move(told->seen);
  }
  told->seen.found = standing::archived;
  told->seen.evidence.emplace_back("It lies in no folder that a person sees: a message that was "
                                   "deleted can be recovered for a while.");
  co_return std::move(told->seen);
}

stream_description mail_stream() {
  stream_description stream;
  stream.name = messages.stream;
  stream.title = "Mail";
  stream.scopes = {"Mail.Read"};
  stream.pull = pull_mail;
  stream.look_up = look_up_message;
  stream.reconcile_every = reconcile_every;
  return stream;
}

} // namespace nexte::microsoft
