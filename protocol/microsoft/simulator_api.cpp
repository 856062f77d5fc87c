// Graph's door: whose token, which permission, how often; then what lies behind it.
#include "protocol/core/text.hpp"
#include "protocol/microsoft/simulator_door.hpp"

#include <algorithm>
#include <charconv>

namespace nexte::simulation {

using namespace microsoft;

namespace {

constexpr std::string_view json_type
    = "application/json;odata.metadata=minimal;odata.streaming=true;charset=utf-8";
constexpr size_t folders_default = 10;

bool is(std::string_view segment, std::string_view name) {
  return equal_ignoring_case(segment, name);
}

/// `mailfolders('ID')` is `mailfolders/ID`.
std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> all;
  for (auto& segment : path_segments(path)) {
    const auto open = segment.find("('");
    if (open == std::string::npos || !segment.ends_with("')")) {
      all.push_back(std::move(segment));
      continue;
    }
    all.push_back(segment.substr(0, open));
    all.push_back(segment.substr(open + 2, segment.size() - open - 4));
  }
  return all;
}

/// What of `Prefer` counts here (microsoft.md §2).
void read_preferences(const http_request& request, bool& immutable, size_t& page_items) {
  constexpr std::string_view size = "odata.maxpagesize=";
  for (const auto& [name, value] : request.headers) {
    if (!is(name, "Prefer"))
      continue;
    immutable = immutable || value.find("IdType=\"ImmutableId\"") != std::string::npos;
    if (const auto at = value.find(size); at != std::string::npos) {
      const auto* begin = value.data() + at + size.size();
      std::from_chars(begin, value.data() + value.size(), page_items);
    }
  }
  page_items = std::clamp<size_t>(page_items, 1, 1000);
}

/// The permission that a path needs; empty: there is no such path (microsoft.md §1.6).
std::string_view permission_of(std::string_view segment) {
  constexpr std::pair<std::string_view, std::string_view> known[] = {{"contacts", "Contacts"},
                                                                     {"messages", "Mail"},
                                                                     {"mailFolders", "Mail"},
                                                                     {"calendarView", "Calendars"},
                                                                     {"events", "Calendars"}};
  for (const auto& [name, permission] : known)
    if (is(segment, name))
      return permission;
  return {};
}

bool is_granted(const access_view& token, std::string_view permission) {
  return std::ranges::any_of(token.granted.scopes, [&](const std::string& scope) {
    return scope == std::string{permission} + ".Read"
           || scope == std::string{permission} + ".ReadWrite";
  });
}

} // namespace

http_response microsoft_simulator::serve_graph(const http_request& request, wall_time now) {
  const auto bearer = bearer_token(request);
  const auto* token = oauth_.grants().find_access(bearer);
  if (!token || now >= token->expires_at) {
    ++traffic_.requests["unauthenticated"];
    const bool challenges = token && mailboxes_[token->granted.account].claims_wanted;
    return unauthorized(challenges, bearer.empty() ? "Access token is empty."
                                                   : "Access token has expired or is not yet "
                                                     "valid.");
  }
  const auto mark = std::min(request.url.find('?'), request.url.size());
  auto query
      = parse_query(std::string_view{request.url}.substr(std::min(mark + 1, request.url.size())));
  if (!query)
    return refused(400, "BadRequest", "The query is malformed.");
  const auto path = std::string_view{request.url}.substr(0, mark).substr(api_base().size());
  door in{request, mailbox_at(token->granted.account, now), segments_of(path), *std::move(query)};
  read_preferences(request, in.immutable, in.page_items);
  if (in.below.empty() || !is(in.below[0], "me"))
    return refused(404, "ResourceNotFound", "Resource not found for the segment.");
  if (in.below.size() == 1)
    return is_granted(*token, "User") ? serve_me(in)
                                      : refused(403, "Authorization_RequestDenied",
                                                "Insufficient privileges to complete the "
                                                "operation.");
  const auto permission = permission_of(in.below[1]);
  if (permission.empty())
    return refused(400, "BadRequest", "Resource not found for the segment.");
  if (!is_granted(*token, permission))
    return refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
  if (!quota_.admit("GRAPH_APP", "app", now) || !quota_.admit("OUTLOOK_MAILBOX", in.at.id, now)) {
    ++traffic_.requests["limited"];
    return throttled();
  }
  if (!in.at.has_mailbox)
    return refused(404, "MailboxNotEnabledForRESTAPI",
                   "The mailbox is either inactive, soft-deleted, or is hosted on-premise.");
  if (request.method != "GET")
    return refused(405, "MethodNotAllowed", "This simulated mailbox is only read.");
  return route(in);
}

http_response microsoft_simulator::route(door& in) {
  const auto& below = in.below;
  const auto at
      = [&](size_t i, std::string_view name) { return below.size() > i && is(below[i], name); };
  const auto count = below.size();
  if (at(1, "contacts") && count == 3)
    return at(2, "delta") ? delta(in, {item_kind::contact}, "/me/contacts/delta")
                          : serve_item(in, item_kind::contact, below[2]);
  if (at(1, "messages") && count == 3)
    return serve_item(in, item_kind::message, below[2]);
  if (at(1, "events") && count == 3)
    return serve_item(in, item_kind::event, below[2]);
  if (at(1, "calendarView") && at(2, "delta") && count == 3)
    return delta(in, {item_kind::event}, "/me/calendarView/delta");
  if (!at(1, "mailFolders"))
    return refused(400, "BadRequest", "Resource not found for the segment.");
  if (count == 2)
    return list_folders(in, 0);
  const auto* folder = in.at.find_folder(std::string_view{below[2]});
  if (!folder)
    return refused(404, "ErrorItemNotFound", "The specified object was not found in the store.");
  if (count == 3) {
    ++traffic_.requests["mailFolders.read"];
    json::writer out;
    write_folder(out, in.at, *folder);
    return {200, out.take(), json_type};
  }
  if (at(3, "childFolders") && count == 4)
    return list_folders(in, folder->number);
  if (at(3, "messages") && at(4, "delta") && count == 5)
    return delta(in, {item_kind::message, folder->number},
                 "/me/mailFolders('" + mailbox::id_of_folder(folder->number) + "')/messages/delta");
  return refused(400, "BadRequest", "Resource not found for the segment.");
}

http_response microsoft_simulator::serve_me(const door& in) {
  ++traffic_.requests["me"];
  json::writer out;
  out.begin_object().key("@odata.context").value(api_base() + "/$metadata#users/$entity");
  out.key("id").value(in.at.id).key("displayName").value(in.at.name);
  out.key("mail").value(in.at.login).key("userPrincipalName").value(in.at.login).end_object();
  return {200, out.take(), json_type};
}

http_response microsoft_simulator::serve_item(door& in, item_kind kind, std::string_view id) {
  ++traffic_.requests[std::string{stream_of(kind)} + ".read"];
  const auto* item = in.at.find(kind, id);
  const bool shown = item
                     && (!item->gone
                         || (kind == item_kind::message && strict_.reads_deleted
                             && id == mailbox::id_of(*item, true)));
  const bool moved = item && id != mailbox::id_of(*item, true)
                     && id != mailbox::id_of(*item, false); // an id that ended with a move
  if (!shown || moved)
    return refused(404, "ErrorItemNotFound", "The specified object was not found in the store.");
  ++in.at.served[item->number];
  json::writer out;
  write_item(out, *item, in.immutable, false, strict_);
  return {200, out.take(), json_type};
}

http_response microsoft_simulator::list_folders(const door& in, uint64_t parent) {
  ++traffic_.requests["mailFolders.list"];
  const auto number = [&](std::string_view name, size_t otherwise) {
    const auto* text = find_parameter(in.query, name);
    size_t value = otherwise;
    if (text)
      std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
  };
  const auto top = std::clamp<size_t>(number("$top", folders_default), 1, 1000);
  const auto skip = number("$skip", 0);
  const auto* hidden = find_parameter(in.query, "includeHiddenFolders");
  std::vector<const mail_folder*> found;
  for (const auto& [at, folder] : in.at.folders())
    if (folder.parent == parent && (!folder.hidden || (hidden && *hidden == "true")))
      found.push_back(&folder);
  json::writer out;
  out.begin_object().key("@odata.context").value(api_base() + "/$metadata#mailFolders");
  out.key("value").begin_array();
  for (size_t i = skip; i < std::min(found.size(), skip + top); ++i)
    write_folder(out, in.at, *found[i]);
  out.end_array();
  if (found.size() > skip + top)
    out.key("@odata.nextLink")
        .value(api_base() + "/me/mailFolders"
               + (parent == 0 ? "" : "/" + mailbox::id_of_folder(parent) + "/childFolders")
               + "?$top=" + std::to_string(top) + "&$skip=" + std::to_string(skip + top));
  return {200, out.end_object().take(), json_type};
}

} // namespace nexte::simulation
