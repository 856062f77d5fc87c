// Deltas: rounds of pages, links that carry where they stand and that expire (microsoft.md §3.3).
#include "protocol/core/text.hpp"
#include "protocol/microsoft/simulator_door.hpp"

#include <algorithm>
#include <charconv>
#include <span>

namespace nexte::simulation {

using namespace microsoft;

namespace {

constexpr std::string_view json_type
    = "application/json;odata.metadata=minimal;odata.streaming=true;charset=utf-8";

/// <https://github.com/microsoftgraph/microsoft-graph-docs/issues/6284>, read 2026-11-24
constexpr std::chrono::days window_max{1825};

/// What a token carries.
struct delta_state {
  uint64_t epoch = 0;
  delta_position at;
  delta_scope of;
};

std::string write_token(const delta_state& state) {
  const auto ms = [](wall_time at) { return std::to_string(at.time_since_epoch().count()); };
  const auto text = std::to_string(state.epoch) + "." + std::to_string(state.at.start) + "."
                    + std::to_string(state.at.seen) + "."
                    + std::to_string(static_cast<unsigned>(state.of.kind)) + "."
                    + std::to_string(state.of.folder) + "." + ms(state.of.from) + "."
                    + ms(state.of.until);
  return hex(std::span{reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

std::optional<delta_state> read_token(const std::string& token) {
  const auto text = unhex(token);
  if (!text)
    return std::nullopt;
  std::array<int64_t, 7> numbers{};
  const char* at = text->data();
  const char* end = at + text->size();
  for (auto& number : numbers) {
    const auto [rest, failed] = std::from_chars(at, end, number);
    if (failed != std::errc{} || (rest != end && *rest != '.'))
      return std::nullopt;
    at = rest == end ? end : rest + 1;
  }
  delta_state state;
  state.epoch = static_cast<uint64_t>(numbers[0]);
  state.at = {static_cast<uint64_t>(numbers[1]), static_cast<uint64_t>(numbers[2])};
  state.of.kind = static_cast<item_kind>(numbers[3]);
  state.of.folder = static_cast<uint64_t>(numbers[4]);
  state.of.from = wall_time{milliseconds{numbers[5]}};
  state.of.until = wall_time{milliseconds{numbers[6]}};
  return state;
}

/// A delta of events takes no other parameters (microsoft.md §4.2).
bool refuses(item_kind kind, std::string_view parameter) {
  constexpr std::string_view everywhere[] = {"$search", "$count", "$skip"};
  constexpr std::string_view of_events[] = {"$select", "$expand", "$filter", "$orderby", "$top"};
  const auto among = [&](std::span<const std::string_view> list) {
    return std::ranges::find(list, parameter) != list.end();
  };
  return among(everywhere) || (kind == item_kind::event && among(of_events));
}

/// Reads the window of events; why it cannot be, or null.
const char* read_window(const query_parameters& query, delta_scope& of) {
  const auto read = [&](std::string_view name) {
    const auto* text = find_parameter(query, name);
    return text ? parse_iso_time(*text).value_or(wall_time{}) : wall_time{};
  };
  of.from = read("startDateTime");
  of.until = read("endDateTime");
  if (of.from == wall_time{} || of.until <= of.from)
    return "This request requires a time window specified by the query string parameters "
           "StartDateTime and EndDateTime.";
  return of.until - of.from > window_max
             ? "The range between the start and end dates is greater than the allowed range."
             : nullptr;
}

} // namespace

http_response microsoft_simulator::delta(door& in, delta_scope of, const std::string& path) {
  ++traffic_.requests[std::string{stream_of(of.kind)} + ".delta"];
  delta_state state{in.at.link_epoch, {in.at.counter(), 0}, of};
  const auto* token = find_parameter(in.query, "$skiptoken");
  if (!token)
    token = find_parameter(in.query, "$deltatoken");
  if (token) {
    const auto read = read_token(*token);
    if (!read || read->of.kind != of.kind || read->of.folder != of.folder)
      return refused(400, "BadRequest", "Badly formed token.");
    if (read->epoch != in.at.link_epoch) {
      auto expired = refused(strict_.expired_status, "SyncStateNotFound",
                             "The sync state generation is not found; enumerate anew.");
      if (strict_.expired_status == 410)
        expired.headers.set("Location", api_base() + path + "?$deltatoken=");
      return expired;
    }
    state = *read;
  } else if (of.kind == item_kind::event) {
    if (const auto* problem = read_window(in.query, state.of); problem)
      return refused(400, "ErrorInvalidParameter", problem);
  }
  for (const auto& [name, value] : in.query)
    if (refuses(of.kind, name))
      return refused(400, "ErrorInvalidUrlQuery", "The query parameter is not supported.");
  std::vector<delta_row> rows;
  const bool more = in.at.changes(state.of, state.at, in.page_items, strict_, rows);
  json::writer out;
  out.begin_object().key("@odata.context").value(api_base() + "/$metadata#Collection(item)");
  out.key(more ? "@odata.nextLink" : "@odata.deltaLink")
      .value(api_base() + path + (more ? "?$skiptoken=" : "?$deltatoken=") + write_token(state));
  out.key("value").begin_array();
  for (const auto& row : rows) {
    ++in.at.served[row.item->number];
    if (!row.removed) {
      write_item(out, *row.item, in.immutable, row.partial || row.item->type == "occurrence",
                 strict_);
      continue;
    }
    out.begin_object().key("id").value(mailbox::id_of(*row.item, in.immutable));
    out.key("@removed").begin_object().key("reason").value("deleted").end_object().end_object();
  }
  out.end_array().end_object();
  return {200, out.take(), json_type};
}

} // namespace nexte::simulation
