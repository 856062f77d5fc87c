#include "protocol/google/drive_reader.hpp"

#include "protocol/google/checkpoint.hpp"
#include "protocol/google/item_reader.hpp"
#include "protocol/json/reader.hpp"

namespace nexte::google {
namespace {

// google.md §4.1, §4.2.
constexpr std::string_view file_tops[] = {"nextPageToken", "incompleteSearch"};
constexpr std::string_view file_wanted[] = {"id", "version", "modifiedTime", "trashed"};
constexpr item_shape file_shape{"files", file_tops, file_wanted, {}};

constexpr std::string_view change_tops[] = {"nextPageToken", "newStartPageToken"};
constexpr std::string_view change_wanted[]
    = {"file.id", "file.version", "file.modifiedTime", "file.trashed", "changeType", "removed",
       "fileId",  "time"};
enum member : size_t { id, version, modified, trashed, type, removed, file_id, time };
constexpr item_shape change_shape{"changes", change_tops, change_wanted, "file"};

bool is_file_id(std::string_view text) {
  return is_cursor(text, record_id_bytes_max);
}

/// Adds a file that is there, by the values of `member` up to `trashed`.
void add_file(page& into, const item& one, std::string_view text, record_guard& guard) {
  record_view record;
  const bool has_id = is_file_id(one.values[id]) && one.problem.empty();
  if (has_id)
    record.id = one.values[id];
  record.version = one.values[version];
  const auto refuse = [&](std::string reason) {
    into.unread.push_back({record.id, record.version, std::move(reason)});
  };
  if (!has_id)
    return refuse("a file has no id" + (one.problem.empty() ? "" : ", or " + one.problem));
  if (record.version.empty())
    return refuse("file " + std::string{record.id} + " has no version");
  if (!guard.enter(record.id, record.version))
    return refuse({});
  const auto changed = one.values[modified];
  const auto at = parse_iso_time(changed);
  if (!changed.empty() && !at)
    return refuse("file " + std::string{record.id} + ": \"modifiedTime\" is no time");
  record.modified_at = at.value_or(wall_time{});
  record.deleted = one.values[trashed] == "true";
  record.body = text;
  into.records.push_back(record);
}

/// Adds a file that this account can no longer see.
void add_removal(page& into, const item& one) {
  record_view record;
  if (!is_file_id(one.values[file_id]) || !one.problem.empty()) {
    into.unread.push_back({{}, {}, "a change names no file that was removed"});
    return;
  }
  record.id = one.values[file_id];
  record.modified_at = parse_iso_time(one.values[time]).value_or(wall_time{});
  record.deleted = true;
  into.records.push_back(record);
}

} // namespace

result<file_page> read_files(std::shared_ptr<const std::string> body, record_guard& guard) {
  auto read = read_items(std::move(body), file_shape);
  if (!read)
    return std::move(read).failure();
  if (!read->listed)
    return error{ec::malformed, "Google Drive's answer is no list of files"};
  if (read->tops[1] == "true") // it leaves out what it could not search in time
    return error{ec::transport, "Google Drive could not list all files just now",
                 "it is tried again by itself"};
  file_page out;
  out.next = std::move(read->tops[0]);
  out.files = std::move(read->holder);
  for (const auto& one : read->items)
    add_file(out.files, one, one.text, guard);
  guard.leave();
  return out;
}

result<file_page> read_changes(std::shared_ptr<const std::string> body, record_guard& guard) {
  auto read = read_items(std::move(body), change_shape);
  if (!read)
    return std::move(read).failure();
  file_page out;
  out.next = std::move(read->tops[0]);
  out.new_start = std::move(read->tops[1]);
  if (!read->listed || out.next.empty() == out.new_start.empty())
    return error{ec::malformed, "Google Drive's answer is no page of changes"};
  if (out.next.size() > place_bytes_max || out.new_start.size() > place_bytes_max)
    return error{ec::malformed, "Google Drive's token of changes is longer than one can be"};
  out.files = std::move(read->holder);
  for (const auto& one : read->items) {
    if (!one.values[type].empty() && one.values[type] != "file")
      continue; // of a shared drive itself
    if (one.values[removed] == "true" || one.part.empty())
      add_removal(out.files, one);
    else
      add_file(out.files, one, one.part, guard);
  }
  guard.leave();
  return out;
}

result<std::string> read_start_token(const std::string& body) {
  const auto tree = json::parse_value(body);
  if (!tree)
    return tree.failure();
  std::string token{tree->string_or_empty("startPageToken")};
  if (!is_cursor(token, place_bytes_max))
    return error{ec::malformed, "Google Drive does not say where its changes begin"};
  return token;
}

} // namespace nexte::google
