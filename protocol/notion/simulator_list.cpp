#include "protocol/notion/simulator_list.hpp"

#include "protocol/core/text.hpp"
#include "protocol/json/writer.hpp"
#include "protocol/notion/simulator_render.hpp"
#include "protocol/simulation/seeded_random.hpp"

#include <algorithm>

namespace nexte::simulation::notion {
namespace {

/// Stands for all of a body but its cursor.
uint64_t fingerprint(const json::value& body) {
  uint64_t hash = 0;
  for (const auto& [name, value] : body.members)
    if (name != "start_cursor") {
      uint64_t one = 0;
      for (const char c : name + "=" + json::to_text(value))
        one = seeded_random::mix(one + static_cast<unsigned char>(c) + 1);
      hash += one; // in whatever order they come
    }
  return hash >> 12;
}

/// Nullopt: no cursor of ours, or of another list.
std::optional<list_request::place> read_cursor(std::string_view text, const list_request& list,
                                               uint64_t epoch) {
  const auto tree = json::parse_value(unbase64(text).value_or(""));
  if (!tree)
    return std::nullopt;
  const auto number = [&](std::string_view name) {
    const auto* member = tree->find(name);
    return member ? member->as_int() : std::nullopt;
  };
  const auto minute = number("m");
  const auto shown = number("n");
  if (!minute || !shown || number("f") != static_cast<int64_t>(list.fingerprint)
      || number("e") != static_cast<int64_t>(epoch))
    return std::nullopt;
  return list_request::place{*minute, std::string{tree->string_or_empty("i")},
                             static_cast<uint64_t>(*shown)};
}

std::string wrong(std::string_view where, std::string_view what) {
  return "body failed validation: body." + std::string{where} + " should be " + std::string{what}
         + ".";
}

/// What both kinds of lists have; why it is refused, or empty.
std::string read_place(const json::value& body, uint64_t epoch, list_request& list) {
  list.fingerprint = fingerprint(body);
  if (const auto* size = body.find("page_size")) {
    const auto number = size->type == json::value::kind::number ? size->as_int() : std::nullopt;
    if (!number || *number < 1 || *number > page_size_max)
      return wrong("page_size", "a number from 1 to 100");
    list.size = static_cast<size_t>(*number);
  }
  const auto* cursor = body.find("start_cursor");
  if (!cursor || cursor->type == json::value::kind::null)
    return {};
  list.after = read_cursor(cursor->text, list, epoch);
  return list.after ? std::string{} : "The start_cursor provided is invalid: " + cursor->text;
}

/// One `{timestamp, direction}`.
std::string read_order(const json::value& sort, list_request& list, bool creation_too) {
  const auto by = sort.string_or_empty("timestamp");
  const auto direction = sort.string_or_empty("direction");
  list.by_creation = by == "created_time";
  if (by != "last_edited_time" && !(creation_too && list.by_creation))
    return wrong("sort.timestamp", "`\"last_edited_time\"`");
  list.ascending = direction == "ascending";
  if (!list.ascending && direction != "descending")
    return wrong("sort.direction", "`\"ascending\"` or `\"descending\"`");
  return {};
}

/// `{timestamp, <timestamp>: {on_or_after: …}}`, or several by `and`.
std::string read_times(const json::value& filter, list_request& list) {
  if (const auto* all = filter.find("and")) {
    for (const auto& one : all->items)
      if (auto refused = read_times(one, list); !refused.empty())
        return refused;
    return {};
  }
  const auto by = filter.string_or_empty("timestamp");
  const auto* condition = filter.find(by);
  if ((by != "created_time" && by != "last_edited_time") || !condition
      || condition->members.size() != 1)
    return wrong("filter", "a timestamp filter: others are not simulated");
  constexpr std::string_view known[] = {"on_or_after", "after", "on_or_before", "before", "equals"};
  const auto& [how, value] = condition->members.front();
  const auto at = parse_iso_time(value.text);
  if (std::ranges::count(known, how) == 0 || !at)
    return wrong("filter." + std::string{by}, "a condition on an ISO 8601 time");
  list.times.push_back({by == "created_time", how, shown_time(*at)});
  return {};
}

} // namespace

std::string read_search(const json::value& body, uint64_t cursor_epoch, list_request& list) {
  for (const auto& [name, value] : body.members)
    if (name != "query" && name != "sort" && name != "filter" && name != "start_cursor"
        && name != "page_size")
      return wrong(name, "not present");
  if (const auto* query = body.find("query"); query && !query->is_string())
    return wrong("query", "a string or `undefined`");
  if (const auto* sort = body.find("sort"))
    if (auto refused = read_order(*sort, list, false); !refused.empty())
      return refused;
  if (auto refused = read_place(body, cursor_epoch, list); !refused.empty())
    return refused;
  list.data_sources = true;
  const auto* filter = body.find("filter");
  if (!filter)
    return {};
  const auto value = filter->string_or_empty("value");
  const auto* trash = filter->find("in_trash");
  list.in_trash = trash && trash->truth;
  if (value.empty() && trash)
    return {};
  if (filter->string_or_empty("property") != "object"
      || (value != "page" && value != "data_source"))
    return wrong("filter.value", "`\"page\"` or `\"data_source\"`");
  list.pages = value == "page";
  list.data_sources = !list.pages;
  return {};
}

std::string read_query(const json::value& body, uint64_t cursor_epoch, list_request& list) {
  for (const auto& [name, value] : body.members)
    if (name != "filter" && name != "sorts" && name != "start_cursor" && name != "page_size"
        && name != "in_trash" && name != "result_type")
      return wrong(name, "not present");
  if (const auto* sorts = body.find("sorts")) {
    if (sorts->items.size() != 1)
      return wrong("sorts", "one timestamp: others are not simulated");
    if (auto refused = read_order(sorts->items.front(), list, true); !refused.empty())
      return refused;
  }
  if (auto refused = read_place(body, cursor_epoch, list); !refused.empty())
    return refused;
  const auto* trash = body.find("in_trash");
  list.in_trash = trash && trash->truth;
  if (const auto type = body.string_or_empty("result_type"); body.find("result_type"))
    list.pages = type == "page";
  const auto* filter = body.find("filter");
  return filter ? read_times(*filter, list) : std::string{};
}

bool passes(const list_request& list, const page_state& page) {
  return std::ranges::all_of(list.times, [&](const time_condition& one) {
    const auto shown = shown_time(one.of_creation ? page.created_at : page.edited_at);
    return one.how == "on_or_after"    ? shown >= one.at
           : one.how == "after"        ? shown > one.at
           : one.how == "on_or_before" ? shown <= one.at
           : one.how == "before"       ? shown < one.at
                                       : shown == one.at;
  });
}

int64_t minute_of(wall_time at) {
  return std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count();
}

std::pair<std::vector<list_row>, bool> cut(std::vector<list_row> rows, const list_request& list) {
  const auto before = [&](const list_row& a, const list_row& b) {
    const auto order = std::pair{a.minute, a.id} <=> std::pair{b.minute, b.id};
    return list.ascending ? order < 0 : order > 0;
  };
  if (list.after) {
    const list_row last{list.after->minute, list.after->id};
    std::erase_if(rows, [&](const list_row& one) { return !before(last, one); });
  }
  std::ranges::sort(rows, before);
  const bool more = rows.size() > list.size;
  if (more)
    rows.resize(list.size);
  return {std::move(rows), more};
}

std::string make_cursor(const list_request& list, const list_row& last, uint64_t shown,
                        uint64_t cursor_epoch) {
  json::writer out;
  out.begin_object().key("m").value(last.minute).key("i").value(last.id).key("n").value(shown);
  out.key("f").value(list.fingerprint).key("e").value(cursor_epoch);
  return base64(out.end_object().take());
}

} // namespace nexte::simulation::notion
