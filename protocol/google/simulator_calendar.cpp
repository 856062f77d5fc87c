// Google Calendar's API over simulated calendars (google.md §3).
#include "protocol/google/simulator_door.hpp"

#include "protocol/json/reader.hpp"

#include <algorithm>
#include <variant>

namespace nexte::simulation {

using namespace google;

namespace {

constexpr size_t events_most = 2500;
constexpr size_t calendars_most = 250;

http_response not_found() {
  return refuse({404, "notFound", "Not Found", "NOT_FOUND"});
}

http_response invalid_token() {
  return refuse({410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.",
                 "", "syncToken", "calendar"});
}

/// google.md §3.2: not together with a sync token.
constexpr std::string_view forbidden_with_token[]
    = {"iCalUID", "orderBy",   "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMax",
       "timeMin", "updatedMin"};

/// What a person may write of an event.
constexpr std::string_view writable[]
    = {"summary",    "description",        "location",   "start",
       "end",        "attendees",          "recurrence", "reminders",
       "visibility", "extendedProperties", "colorId",    "transparency"};

/// base32hex in small letters, 5 to 1024 of them (google.md §3.1).
bool is_given_id(std::string_view id) {
  return id.size() >= 5 && id.size() <= 1024 && std::ranges::all_of(id, [](char c) {
           return (c >= 'a' && c <= 'v') || (c >= '0' && c <= '9');
         });
}

std::string write_sync_token(const calendar& of, uint64_t change, wall_time now) {
  return write_place({"", 0, of.token_epoch, change, now});
}

bool is_live(const calendar& in, const event& one) {
  const auto series = in.events.find(one.series);
  return one.series.empty() ? !one.cancelled
                            : series == in.events.end() || !series->second.cancelled;
}

/// What a list of events is asked for.
struct events_query {
  size_t most = 0;
  bool with_deleted = false;
  std::optional<page_place> since; ///< Of the sync token.
  std::optional<page_place> place; ///< Of the page token.
  uint64_t since_change = 0;       ///< Of `place` in a list of changes.
  uint64_t list = 0;
};

std::vector<const event*> events_of(const calendar& at, const events_query& query) {
  std::vector<const event*> found;
  for (const auto& [id, one] : at.events)
    if (query.since ? one.change > query.since->snapshot : (query.with_deleted || is_live(at, one)))
      found.push_back(&one);
  if (query.since)
    std::ranges::sort(found, {}, &event::change);
  return found;
}

/// On a page before.
bool was_shown(const event& one, const events_query& query) {
  return query.place
         && (query.since ? one.change <= query.since_change : one.id <= query.place->after);
}

/// google.md §3.2: what may not stand beside a sync token, or not at all.
std::optional<http_response> refuse_parameters(const query_parameters& query, bool with_token) {
  const auto name = unknown_parameter(
      query, {"maxResults", "pageToken", "syncToken", "showDeleted", "singleEvents"});
  if (name.empty())
    return std::nullopt;
  const bool known
      = std::ranges::find(forbidden_with_token, name) != std::end(forbidden_with_token);
  return known && with_token
             ? refuse({400, "badRequest", "Sync token cannot be used with " + std::string{name}})
             : refuse_parameter(name);
}

template <class Door>
std::variant<events_query, http_response> read_events_query(Door& in, const calendar& at) {
  const auto* sync = in.parameter("syncToken");
  if (auto refused = refuse_parameters(in.query, sync != nullptr))
    return *std::move(refused);
  const auto most = read_count(in.parameter("maxResults"), 250, events_most);
  const auto with_deleted = read_flag(in.parameter("showDeleted"), false);
  if (!most || !with_deleted || in.parameter("singleEvents")
      || (sync && in.parameter("showDeleted") && !*with_deleted))
    return refuse_parameter(!most ? "maxResults" : "showDeleted");
  events_query query{*most, *with_deleted, {}, {}, 0, fingerprint(in.path, in.query)};
  if (sync) {
    query.since = read_place(*sync);
    if (!query.since || query.since->epoch != at.token_epoch
        || query.since->snapshot > at.last_change
        || in.now >= query.since->made_at + sync_token_life)
      return invalid_token();
  }
  if (const auto* token = in.parameter("pageToken")) {
    query.place = read_place(*token);
    const auto change
        = query.place && sync ? read_count(&query.place->after, 0, SIZE_MAX) : std::optional{0ul};
    if (!query.place || !change || query.place->list != query.list
        || query.place->epoch != in.at.events().cursor_epoch)
      return refuse_parameter("pageToken");
    query.since_change = *change;
  }
  return query;
}

http_response show(const event& one) {
  json::writer out;
  write_event(out, one, false);
  auto answer = json_answer(200, out.take());
  answer.headers.set("ETag", one.etag());
  return answer;
}

} // namespace

http_response google_simulator::serve_calendar(door& in) {
  const bool reads = in.request.method == "GET";
  const bool of_list = in.path.size() == 3 && in.path[0] == "users" && in.path[2] == "calendarList";
  if (auto refused = of_list ? refuse_for_scope(
                         in, {"calendar", "calendar.readonly", "calendar.calendarlist.readonly"})
                     : reads ? refuse_for_scope(in, {"calendar", "calendar.readonly",
                                                     "calendar.events", "calendar.events.readonly"})
                             : refuse_for_scope(in, {"calendar", "calendar.events"}))
    return *std::move(refused);
  if (auto refused = refuse_for_quota(in, "CALENDAR_USER", "CALENDAR_PROJECT", 1))
    return *std::move(refused);
  if (of_list && reads)
    return list_calendars(in);
  auto* at = in.path.size() > 2 && in.path[0] == "calendars" && in.path[2] == "events"
                 ? in.at.events().find(in.path[1])
                 : nullptr;
  if (!at)
    return not_found();
  if (in.path.size() == 3)
    return reads                         ? list_events(in, *at)
           : in.request.method == "POST" ? write_event(in, *at, {})
                                         : not_found();
  if (in.path.size() != 4)
    return not_found();
  if (!reads)
    return write_event(in, *at, in.path[3]);
  ++traffic_.requests["calendar.events.get"];
  const auto found = at->events.find(in.path[3]);
  if (found == at->events.end())
    return not_found();
  if (in.request.headers.get("If-None-Match") == found->second.etag())
    return {304, {}};
  return show(found->second);
}

http_response google_simulator::list_calendars(door& in) {
  ++traffic_.requests["calendar.calendarList.list"];
  if (const auto name = unknown_parameter(
          in.query, {"maxResults", "pageToken", "minAccessRole", "showDeleted", "showHidden"});
      !name.empty())
    return refuse_parameter(name);
  const auto most = read_count(in.parameter("maxResults"), 100, calendars_most);
  auto& held = in.at.events();
  const auto list = fingerprint(in.path, in.query);
  const auto* token = in.parameter("pageToken");
  const auto place = token ? read_place(*token) : std::nullopt;
  if (!most || (token && (!place || place->list != list || place->epoch != held.cursor_epoch)))
    return refuse_parameter(most ? "pageToken" : "maxResults");
  const auto& all = held.list();
  const auto begin = place ? static_cast<size_t>(place->snapshot) : 0;
  const auto end = std::min(begin + page_size(*most, all.size(), !token), all.size());
  json::writer out;
  out.begin_object().key("kind").value("calendar#calendarList").key("items").begin_array();
  for (size_t i = begin; i < end; ++i) {
    out.begin_object().key("kind").value("calendar#calendarListEntry").key("id").value(all[i].id);
    out.key("summary").value(all[i].summary).key("timeZone").value("Europe/Zurich");
    out.key("accessRole").value(all[i].role);
    if (all[i].primary)
      out.key("primary").value(true);
    if (all[i].selected)
      out.key("selected").value(true);
    out.end_object();
  }
  out.end_array();
  if (end < all.size())
    out.key("nextPageToken").value(write_place({"", list, held.cursor_epoch, end, in.now}));
  else
    out.key("nextSyncToken").value("calendar-list");
  out.end_object();
  return json_answer(200, out.take());
}

http_response google_simulator::list_events(door& in, calendar& at) {
  ++traffic_.requests["calendar.events.list"];
  auto read = read_events_query(in, at);
  if (auto* refused = std::get_if<http_response>(&read))
    return std::move(*refused);
  const auto& query = std::get<events_query>(read);
  auto found = events_of(at, query);
  const auto size = page_size(query.most, found.size(), !query.place);
  std::erase_if(found, [&](const event* one) { return was_shown(*one, query); });
  const bool more = found.size() > size;
  if (more)
    found.resize(size);
  const auto snapshot = query.place ? query.place->snapshot : at.last_change;
  json::writer out;
  out.begin_object().key("kind").value("calendar#events").key("summary").value(at.summary);
  out.key("timeZone").value("Europe/Zurich").key("accessRole").value(at.role);
  out.key("items").begin_array();
  for (const auto* one : found) {
    ++in.at.events().served[at.id + "/" + one->id];
    google::write_event(out, *one, one->cancelled);
  }
  out.end_array();
  if (more) {
    auto after = query.since ? std::to_string(found.back()->change) : found.back()->id;
    out.key("nextPageToken")
        .value(write_place(
            {std::move(after), query.list, in.at.events().cursor_epoch, snapshot, in.now}));
  } else {
    out.key("nextSyncToken").value(write_sync_token(at, snapshot, in.now));
  }
  out.end_object();
  return json_answer(200, out.take());
}

// google.md §3.3. An empty id: a new event.
http_response google_simulator::write_event(door& in, calendar& at, const std::string& id) {
  const auto& method = in.request.method;
  ++traffic_.requests["calendar.events.write"];
  if (at.role != "owner" && at.role != "writer")
    return refuse({403, "requiredAccessLevel", "You need to have writer access to this calendar."});
  auto& held = in.at.events();
  const auto found = at.events.find(id);
  if (!id.empty() && found == at.events.end())
    return not_found();
  const auto condition = in.request.headers.get("If-Match");
  if (!id.empty() && !condition.empty() && condition != found->second.etag())
    return refuse({412, "conditionNotMet", "Precondition Failed", "", "If-Match"});
  if (method == "DELETE") {
    if (found->second.cancelled)
      return refuse({410, "deleted", "Resource has been deleted"});
    held.cancel(at, found->second, in.now);
    ++traffic_.writes;
    return {204, {}};
  }
  const auto body = json::parse_value(in.request.body);
  if (!body || !body->is_object())
    return refuse({400, "parseError", "Parse Error"});
  const std::string given{id.empty() ? body->string_or_empty("id") : std::string_view{}};
  if (!given.empty() && !is_given_id(given))
    return refuse({400, "invalid", "Invalid resource id value.", "", "resource.id"});
  if (!given.empty() && at.events.contains(given))
    return refuse({409, "duplicate", "The requested identifier already exists."});
  if (method != "PATCH" && (!body->find("start") || !body->find("end")))
    return refuse({400, "required", "Missing end time.", "", "end"});
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto name : writable) {
    const auto* written = body->find(name);
    if (written)
      members.emplace_back(name, json::to_text(*written));
    else if (method == "PUT")
      members.emplace_back(name, "null"); // a whole new state
  }
  ++traffic_.writes;
  const auto target = !id.empty() ? id : !given.empty() ? given : held.fresh_id();
  auto& one = held.write(at, target, members, in.now);
  if (body->string_or_empty("status") == "cancelled")
    held.cancel(at, one, in.now);
  return show(one);
}

} // namespace nexte::simulation
