// Google Drive's API over simulated files (google.md §4).
#include "protocol/google/simulator_door.hpp"

namespace nexte::simulation {

using namespace google;

namespace {

constexpr size_t page_most = 1000;

/// google.md §4.1: what is shown of a file where no fields are asked for.
constexpr std::string_view file_default = "kind,id,name,mimeType";
constexpr std::string_view list_default
    = "kind,incompleteSearch,nextPageToken,files(kind,id,name,mimeType)";
constexpr std::string_view changes_default
    = "kind,nextPageToken,newStartPageToken,changes(kind,removed,fileId,changeType,time,"
      "file(kind,id,name,mimeType))";

http_response show(bool has_fields, std::string body, std::string_view otherwise) {
  if (has_fields)
    return json_answer(200, std::move(body)); // the door keeps what is asked for
  return json_answer(200, *apply_fields(otherwise, body));
}

http_response refuse_token() {
  return refuse({400, "invalid", "Invalid Value", "", "pageToken"});
}

} // namespace

http_response google_simulator::serve_drive(door& in) {
  if (auto refused = refuse_for_scope(in, {"drive", "drive.readonly", "drive.metadata.readonly"}))
    return *std::move(refused);
  if (auto refused = refuse_for_quota(in, "DRIVE_USER", "DRIVE_PROJECT", 1))
    return *std::move(refused);
  if (in.is("GET", "files", 1))
    return list_files(in);
  if (in.is("GET", "changes", 1))
    return list_changes(in);
  if (in.is("GET", "changes", 2) && in.path[1] == "startPageToken") {
    ++traffic_.requests["drive.changes.getStartPageToken"];
    json::writer out;
    out.begin_object().key("kind").value("drive#startPageToken");
    out.key("startPageToken").value(std::to_string(in.at.drive().next_change())).end_object();
    return json_answer(200, out.take());
  }
  const auto* one = in.is("GET", "files", 2) ? in.at.drive().find(in.path[1]) : nullptr;
  const auto everywhere = read_flag(in.parameter("supportsAllDrives"), false);
  if (!one || (!one->drive.empty() && !everywhere.value_or(false)))
    return refuse({404, "notFound",
                   "File not found: " + (in.path.empty() ? std::string{} : in.path.back()) + "."});
  ++traffic_.requests["drive.files.get"];
  json::writer out;
  write_file(out, *one, in.at.login);
  return show(in.parameter("fields") != nullptr, out.take(), file_default);
}

http_response google_simulator::list_files(door& in) {
  ++traffic_.requests["drive.files.list"];
  if (const auto name
      = unknown_parameter(in.query, {"q", "pageSize", "pageToken", "supportsAllDrives",
                                     "includeItemsFromAllDrives", "corpora", "spaces"});
      !name.empty())
    return refuse_parameter(name);
  auto& held = in.at.drive();
  const auto most = read_count(in.parameter("pageSize"), 100, page_most);
  const auto supports = read_flag(in.parameter("supportsAllDrives"), false);
  const auto includes = read_flag(in.parameter("includeItemsFromAllDrives"), false);
  const auto* q = in.parameter("q");
  if (!most || !supports || !includes || (*includes && !*supports)
      || (q && *q != "trashed=false" && *q != "trashed = false"))
    return refuse_parameter(!most ? "pageSize" : q ? "q" : "includeItemsFromAllDrives");
  const auto list = fingerprint(in.path, in.query);
  const auto* token = in.parameter("pageToken");
  const auto place = token ? read_place(*token) : std::nullopt;
  if (token
      && (!place || place->list != list || place->epoch != held.cursor_epoch
          || in.now >= place->made_at + list_token_life))
    return refuse_token();
  const auto size = page_size(*most, held.held().size(), !token);
  std::vector<const file*> found;
  for (auto at = place ? held.held().upper_bound(place->after) : held.held().begin();
       at != held.held().end() && found.size() <= size; ++at)
    if (!(q && at->second.trashed) && (*includes || at->second.drive.empty()))
      found.push_back(&at->second);
  const bool more = found.size() > size;
  if (more)
    found.resize(size);
  json::writer out;
  out.begin_object().key("kind").value("drive#fileList").key("incompleteSearch").value(false);
  out.key("files").begin_array();
  for (const auto* one : found) {
    ++held.served[one->id];
    write_file(out, *one, in.at.login);
  }
  out.end_array();
  if (more)
    out.key("nextPageToken")
        .value(write_place({found.back()->id, list, held.cursor_epoch, 0, in.now}));
  out.end_object();
  return show(in.parameter("fields") != nullptr, out.take(), list_default);
}

http_response google_simulator::list_changes(door& in) {
  ++traffic_.requests["drive.changes.list"];
  if (const auto name
      = unknown_parameter(in.query, {"pageSize", "pageToken", "includeRemoved", "restrictToMyDrive",
                                     "supportsAllDrives", "includeItemsFromAllDrives", "spaces"});
      !name.empty())
    return refuse_parameter(name);
  auto& held = in.at.drive();
  const auto most = read_count(in.parameter("pageSize"), 100, page_most);
  const auto removed = read_flag(in.parameter("includeRemoved"), true);
  const auto supports = read_flag(in.parameter("supportsAllDrives"), false);
  const auto includes = read_flag(in.parameter("includeItemsFromAllDrives"), false);
  if (!most || !removed || !supports || !includes || (*includes && !*supports))
    return refuse_parameter(!most ? "pageSize" : "includeItemsFromAllDrives");
  const auto from = read_count(in.parameter("pageToken"), 0, held.next_change());
  if (!from || *from == 0)
    return refuse_token();
  const auto behind = static_cast<size_t>(held.next_change() - *from);
  const auto [found, more] = held.changes(*from, page_size(*most, behind, true));
  json::writer out;
  out.begin_object().key("kind").value("drive#changeList").key("changes").begin_array();
  for (const auto& [number, change] : found) {
    const auto* one = held.find(change.id);
    if ((!one && !*removed) || (one && !one->drive.empty() && !*includes))
      continue;
    out.begin_object().key("kind").value("drive#change").key("changeType").value("file");
    out.key("time").value(format_iso_time(change.at)).key("removed").value(change.removed);
    out.key("fileId").value(change.id);
    if (one) {
      ++held.served[one->id];
      out.key("file");
      write_file(out, *one, in.at.login);
    }
    out.end_object();
  }
  out.end_array();
  if (more)
    out.key("nextPageToken").value(std::to_string(found.back().first + 1));
  else
    out.key("newStartPageToken").value(std::to_string(held.next_change()));
  out.end_object();
  return show(in.parameter("fields") != nullptr, out.take(), changes_default);
}

} // namespace nexte::simulation
