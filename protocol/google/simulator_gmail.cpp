// Gmail's API over a simulated mailbox (google.md §2).
#include "protocol/google/simulator_door.hpp"

#include "protocol/json/reader.hpp"

#include <algorithm>
#include <charconv>

namespace nexte::simulation {

using namespace google;

namespace {

constexpr std::string_view full_scope = "https://mail.google.com/";
constexpr size_t page_most = 500;

/// What a method costs a project made since May 2026 (google.md §2.5).
unsigned units_of(std::string_view method, const std::vector<std::string>& path) {
  const auto& kind = path[0];
  const bool one = path.size() > 1;
  if (kind == "history")
    return 2;
  if (kind != "messages")
    return 1; // profile, labels
  if (!one || method == "POST")
    return path.size() > 2 && path[2] == "trash" ? 20 : 5;
  return method == "DELETE" ? 10 : 20;
}

http_response not_found() {
  return refuse({404, "notFound", "Requested entity was not found.", "NOT_FOUND"});
}

std::string_view name_of(history_entry::kind what) {
  constexpr std::string_view names[]
      = {"messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved"};
  return names[static_cast<size_t>(what)];
}

void write_entry(json::writer& out, const history_entry& entry) {
  const auto write_labels = [&](const std::vector<std::string>& labels) {
    out.key("labelIds").begin_array();
    for (const auto& label : labels)
      out.value(label);
    out.end_array();
  };
  out.begin_object().key("id").value(std::to_string(entry.id));
  out.key("messages").begin_array().begin_object().key("id").value(entry.message);
  out.key("threadId").value(entry.thread).end_object().end_array();
  out.key(name_of(entry.what)).begin_array().begin_object().key("message").begin_object();
  out.key("id").value(entry.message).key("threadId").value(entry.thread);
  const bool of_labels = entry.what == history_entry::kind::labels_added
                         || entry.what == history_entry::kind::labels_removed;
  if (!of_labels)
    write_labels(entry.labels);
  out.end_object();
  if (of_labels)
    write_labels(entry.labels);
  out.end_object().end_array().end_object();
}

/// The names of the types of change that `historyTypes` asks for; nullopt for an unknown one.
std::optional<std::vector<std::string_view>> history_types(const query_parameters& query) {
  constexpr std::pair<std::string_view, std::string_view> known[]
      = {{"messageAdded", "messagesAdded"},
         {"messageDeleted", "messagesDeleted"},
         {"labelAdded", "labelsAdded"},
         {"labelRemoved", "labelsRemoved"}};
  std::vector<std::string_view> wanted;
  for (const auto& [name, value] : query) {
    if (name != "historyTypes")
      continue;
    const auto* found = std::ranges::find(known, value, [](const auto& one) { return one.first; });
    if (found == std::end(known))
      return std::nullopt;
    wanted.push_back(found->second);
  }
  return wanted;
}

std::optional<uint64_t> read_history_id(const std::string* text) {
  uint64_t number = 0;
  if (!text || text->empty())
    return std::nullopt;
  const auto* end = text->data() + text->size();
  const auto [rest, failed] = std::from_chars(text->data(), end, number);
  return failed == std::errc{} && rest == end ? std::optional{number} : std::nullopt;
}

} // namespace

http_response google_simulator::serve_gmail(door& in) {
  auto& path = in.path;
  if (path.size() < 3 || path[0] != "users" || (path[1] != "me" && path[1] != in.at.login))
    return not_found();
  path.erase(path.begin(), path.begin() + 2);
  const bool reads = in.request.method == "GET";
  const bool deletes = in.request.method == "DELETE";
  if (auto refused = deletes ? refuse_for_scope(in, {full_scope})
                     : reads ? refuse_for_scope(
                           in, {full_scope, "gmail.modify", "gmail.readonly", "gmail.metadata"})
                             : refuse_for_scope(in, {full_scope, "gmail.modify"}))
    return *std::move(refused);
  if (auto refused
      = refuse_for_quota(in, "GMAIL_USER", "GMAIL_PROJECT", units_of(in.request.method, path)))
    return *std::move(refused);
  auto& mail = in.at.mail();
  if (in.is("GET", "profile", 1)) {
    ++traffic_.requests["gmail.profile"];
    json::writer out;
    out.begin_object().key("emailAddress").value(in.at.login);
    out.key("messagesTotal").value(static_cast<uint64_t>(mail.size()));
    out.key("threadsTotal").value(static_cast<uint64_t>(mail.size()));
    out.key("historyId").value(std::to_string(mail.history_id())).end_object();
    return json_answer(200, out.take());
  }
  if (in.is("GET", "messages", 1))
    return list_messages(in);
  if (in.is("GET", "history", 1))
    return list_history(in);
  if (path[0] == "messages" && path.size() >= 2)
    return serve_message(in, path[1]);
  return not_found();
}

http_response google_simulator::list_messages(door& in) {
  ++traffic_.requests["gmail.messages.list"];
  auto& mail = in.at.mail();
  if (const auto name = unknown_parameter(
          in.query, {"maxResults", "pageToken", "labelIds", "q", "includeSpamTrash"});
      !name.empty())
    return refuse_parameter(name);
  const auto most = read_count(in.parameter("maxResults"), 100, page_most);
  const auto everywhere = read_flag(in.parameter("includeSpamTrash"), false);
  if (!most || !everywhere)
    return refuse_parameter(most ? "includeSpamTrash" : "maxResults");
  if (in.parameter("q")) // the simulated mailbox has no search
    return refuse_parameter("q");
  std::vector<std::string> labels;
  for (const auto& [name, value] : in.query)
    if (name == "labelIds")
      labels.push_back(value);
  const auto list = fingerprint(in.path, in.query);
  std::optional<page_place> place;
  if (const auto* token = in.parameter("pageToken")) {
    place = read_place(*token);
    if (!place || place->list != list || place->epoch != mail.cursor_epoch)
      return refuse({400, "invalidArgument", "Invalid pageToken", "INVALID_ARGUMENT"});
  }
  const auto size = page_size(*most, mail.size(), !place);
  const auto [found, more]
      = mail.list(place ? std::optional{place->after} : std::nullopt, labels, *everywhere, size);
  json::writer out;
  out.begin_object();
  if (!found.empty())
    out.key("messages").begin_array();
  for (const auto* one : found)
    out.begin_object().key("id").value(one->id).key("threadId").value(one->thread).end_object();
  if (!found.empty())
    out.end_array();
  if (more)
    out.key("nextPageToken")
        .value(write_place({found.back()->id, list, mail.cursor_epoch, 0, in.now}));
  out.key("resultSizeEstimate").value(static_cast<uint64_t>(found.size())).end_object();
  return json_answer(200, out.take());
}

http_response google_simulator::list_history(door& in) {
  ++traffic_.requests["gmail.history.list"];
  auto& mail = in.at.mail();
  if (const auto name = unknown_parameter(
          in.query, {"maxResults", "pageToken", "labelId", "historyTypes", "startHistoryId"});
      !name.empty())
    return refuse_parameter(name);
  const auto most = read_count(in.parameter("maxResults"), 100, page_most);
  const auto types = history_types(in.query);
  auto start = read_history_id(in.parameter("startHistoryId"));
  if (!most || !types || !start)
    return refuse_parameter(!most ? "maxResults" : !types ? "historyTypes" : "startHistoryId");
  const auto list = fingerprint(in.path, in.query);
  const auto* token = in.parameter("pageToken");
  if (token) {
    const auto place = read_place(*token);
    if (!place || place->list != list || place->epoch != mail.cursor_epoch)
      return refuse({400, "invalidArgument", "Invalid pageToken", "INVALID_ARGUMENT"});
    start = place->snapshot;
  }
  const auto entries = mail.history(*start, in.now);
  if (!entries)
    return not_found();
  const auto size = page_size(*most, entries->size(), !token);
  const auto shown = std::min(size, entries->size());
  const bool more = shown < entries->size();
  json::writer out;
  out.begin_object();
  if (shown > 0) {
    out.key("history").begin_array();
    for (size_t i = 0; i < shown; ++i)
      if (types->empty() || std::ranges::count(*types, name_of((*entries)[i]->what)) > 0)
        write_entry(out, *(*entries)[i]);
    out.end_array();
  }
  if (more)
    out.key("nextPageToken")
        .value(write_place({"", list, mail.cursor_epoch, (*entries)[shown - 1]->id, in.now}));
  out.key("historyId").value(std::to_string(mail.history_id())).end_object();
  return json_answer(200, out.take());
}

http_response google_simulator::serve_message(door& in, std::string_view id) {
  auto& mail = in.at.mail();
  if (!mail.find(id))
    return not_found();
  if (in.is("GET", "messages", 2))
    return get_message(in, id);
  if (in.is("DELETE", "messages", 2)) {
    ++traffic_.requests["gmail.messages.delete"];
    ++traffic_.writes;
    mail.erase(id, in.now);
    return {204, {}};
  }
  if (in.request.method == "POST" && in.path.size() == 3)
    return modify_message(in, id);
  return not_found();
}

http_response google_simulator::get_message(door& in, std::string_view id) {
  ++traffic_.requests["gmail.messages.get"];
  if (const auto name = unknown_parameter(in.query, {"format", "metadataHeaders"}); !name.empty())
    return refuse_parameter(name);
  const auto* format = in.parameter("format");
  const bool metadata_only
      = refuse_for_scope(in, {full_scope, "gmail.modify", "gmail.readonly"}).has_value();
  const std::string wanted = format ? *format : "full";
  if (wanted != "full" && wanted != "minimal" && wanted != "metadata")
    return refuse_parameter("format");
  if (metadata_only && wanted == "full") // google.md §1.7: no bodies
    return refuse(
        {403, "forbidden", "Metadata scope doesn't allow format FULL", "PERMISSION_DENIED"});
  auto& mail = in.at.mail();
  ++mail.served[std::string{id}];
  json::writer out;
  write_message(out, *mail.find(id), wanted);
  return json_answer(200, out.take());
}

http_response google_simulator::modify_message(door& in, std::string_view id) {
  auto& mail = in.at.mail();
  const auto& verb = in.path[2];
  ++traffic_.requests["gmail.messages." + verb];
  if (verb == "trash") {
    mail.remove(id, in.now);
  } else if (verb == "untrash") {
    mail.restore(id, in.now);
  } else if (verb == "modify") {
    const auto body = json::parse_value(in.request.body);
    if (!body || !body->is_object())
      return refuse({400, "badRequest", "Invalid JSON payload received.", "INVALID_ARGUMENT"});
    const auto add = json::texts_of(body->find("addLabelIds"));
    const auto take = json::texts_of(body->find("removeLabelIds"));
    const auto is_fixed
        = [](const std::string& label) { return label == "SENT" || label == "DRAFT"; };
    if (add.size() > 100 || take.size() > 100 || std::ranges::any_of(add, is_fixed)
        || std::ranges::any_of(take, is_fixed)) // google.md §2.1, §2.4
      return refuse({400, "invalidArgument", "Invalid label", "INVALID_ARGUMENT"});
    mail.change_labels(id, add, take, in.now);
  } else {
    return not_found();
  }
  ++traffic_.writes;
  json::writer out;
  write_message(out, *mail.find(id), "minimal");
  return json_answer(200, out.take());
}

} // namespace nexte::simulation
