// Reads a search body and refuses what HubSpot refuses.
#include "protocol/hubspot/simulator_search.hpp"

#include <algorithm>
#include <charconv>

namespace nexte::simulation::hubspot {

bool is_ordered(const property_description& property) {
  return property.kind == property_kind::number || property.kind == property_kind::date_time;
}

std::optional<long double> to_number(const property_description& property, std::string_view text) {
  if (property.kind == property_kind::date_time) {
    const auto at = parse_instant(text);
    return at ? std::optional{static_cast<long double>(at->time_since_epoch().count())}
              : std::nullopt;
  }
  int64_t whole = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (failed == std::errc{} && rest == text.data() + text.size())
    return static_cast<long double>(whole);
  const auto read = parse_number(text);
  return read ? std::optional{static_cast<long double>(*read)} : std::nullopt;
}

namespace {

using enum search_operator;

struct named_operator {
  std::string_view name;
  search_operator op;
};

constexpr named_operator operators[] = {
    {"EQ", eq},
    {"NEQ", neq},
    {"LT", lt},
    {"LTE", lte},
    {"GT", gt},
    {"GTE", gte},
    {"BETWEEN", between},
    {"IN", in},
    {"NOT_IN", not_in},
    {"HAS_PROPERTY", has_property},
    {"NOT_HAS_PROPERTY", not_has_property},
    {"CONTAINS_TOKEN", contains_token},
    {"NOT_CONTAINS_TOKEN", not_contains_token},
};

/// A second after the epoch: time filters below it make the real service fail.
constexpr long double first_time_filter = 1000;

search_refusal refused(std::string message) {
  return {400, std::move(message)};
}

bool is_text(const json::value& value) {
  return value.is_string() || value.type == json::value::kind::number;
}

std::optional<search_refusal> read_filter(const schema& type, const json::value& text,
                                          search_filter& filter) {
  const auto name = text.string_or_empty("propertyName");
  const auto property = type.find(name);
  if (!property)
    return refused("There was a problem with the request: Property \"" + std::string{name}
                   + "\" does not exist");
  filter.property = *property;
  const auto word = text.string_or_empty("operator");
  const auto* found = std::ranges::find(operators, word, &named_operator::name);
  if (found == std::end(operators))
    return refused(
        "Invalid input JSON: operator must be one of EQ, NEQ, LT, LTE, GT, GTE, BETWEEN, "
        "IN, NOT_IN, HAS_PROPERTY, NOT_HAS_PROPERTY, CONTAINS_TOKEN, "
        "NOT_CONTAINS_TOKEN");
  filter.op = found->op;
  if (filter.op == has_property || filter.op == not_has_property)
    return std::nullopt;
  std::vector<std::string_view> members = {"value"};
  if (filter.op == between)
    members.emplace_back("highValue");
  const auto* list = text.find("values");
  const bool takes_list = filter.op == in || filter.op == not_in;
  if (takes_list && (!list || !list->is_array() || list->items.empty()))
    return refused("operator " + std::string{word} + " requires values");
  if (takes_list) {
    for (const auto& item : list->items)
      filter.values.push_back(lower_case(item.text));
  } else {
    for (const auto member : members) {
      const auto* value = text.find(member);
      if (!value || !is_text(*value) || value->text.empty())
        return refused("operator " + std::string{word} + " requires " + std::string{member});
      filter.values.push_back(lower_case(value->text));
    }
  }
  const auto& described = type.properties[*property];
  if (!is_ordered(described) || filter.op == contains_token || filter.op == not_contains_token)
    return std::nullopt;
  for (const auto& value : filter.values) {
    // Lower case only matters to the letters of an ISO time.
    auto written = value;
    std::ranges::transform(written, written.begin(), [](char c) {
      return c == 't' ? 'T' : c == 'z' ? 'Z' : c;
    });
    const auto read = to_number(described, written);
    if (!read)
      return refused("Property \"" + std::string{name} + "\" cannot be compared with this value");
    if (described.kind == property_kind::date_time && *read < first_time_filter)
      return search_refusal{500, "internal error"};
    filter.numbers.push_back(*read);
  }
  return std::nullopt;
}

std::optional<search_refusal> read_groups(const schema& type, const json::value& groups,
                                          search_request& request) {
  if (!groups.is_array() || groups.items.size() > filter_groups_max)
    return refused("There was a problem with the request: at most "
                   + std::to_string(filter_groups_max) + " filterGroups are allowed");
  size_t total = 0;
  for (const auto& group : groups.items) {
    const auto* filters = group.find("filters");
    if (!filters || !filters->is_array() || filters->items.empty()
        || filters->items.size() > filters_per_group_max)
      return refused("There was a problem with the request: each filterGroup has 1 to "
                     + std::to_string(filters_per_group_max) + " filters");
    total += filters->items.size();
    auto& read = request.groups.emplace_back();
    for (const auto& text : filters->items)
      if (auto problem = read_filter(type, text, read.emplace_back()))
        return problem;
  }
  if (total > filters_max)
    return refused("There was a problem with the request: at most " + std::to_string(filters_max)
                   + " filters are allowed");
  return std::nullopt;
}

std::optional<search_refusal> read_sort(const schema& type, const json::value& sorts,
                                        search_request& request) {
  if (!sorts.is_array() || sorts.items.size() > 1)
    return refused("There was a problem with the request: only one sort is allowed");
  if (sorts.items.empty())
    return std::nullopt;
  const auto& sort = sorts.items[0];
  // The SDK writes a bare name, with a minus for descending.
  std::string_view name = sort.is_string() ? sort.text : sort.string_or_empty("propertyName");
  request.descending = sort.is_string() ? name.starts_with('-')
                                        : sort.string_or_empty("direction") == "DESCENDING";
  if (sort.is_string() && request.descending)
    name.remove_prefix(1);
  const auto direction = sort.string_or_empty("direction");
  if (!direction.empty() && direction != "ASCENDING" && direction != "DESCENDING")
    return refused("Invalid input JSON: direction must be ASCENDING or DESCENDING");
  request.sort = type.find(name);
  if (!request.sort)
    return refused("There was a problem with the request: Property \"" + std::string{name}
                   + "\" does not exist");
  return std::nullopt;
}

/// A whole number, written as a number or as text; nullopt for anything else.
std::optional<size_t> read_count(const json::value& value) {
  const auto count = value.as_int();
  return count && *count >= 0 ? std::optional{static_cast<size_t>(*count)} : std::nullopt;
}

} // namespace

std::variant<search_request, search_refusal> read_search(const schema& type,
                                                         const json::value& body) {
  search_request request;
  for (const auto& [name, value] : body.members) {
    std::optional<search_refusal> problem;
    if (name == "filterGroups") {
      problem = read_groups(type, value, request);
    } else if (name == "sorts") {
      problem = read_sort(type, value, request);
    } else if (name == "query") {
      request.query = lower_case(value.text);
    } else if (name == "properties" && value.is_array()) {
      for (const auto& item : value.items)
        request.properties.push_back(item.text);
    } else if (name == "limit") {
      const auto limit = read_count(value);
      if (!limit || *limit == 0 || *limit > search_limit_max)
        problem = refused("Invalid input JSON: limit must be between 1 and "
                          + std::to_string(search_limit_max));
      request.limit = limit.value_or(0);
    } else if (name == "after" && !value.text.empty()) {
      const auto after = read_count(value);
      if (!after)
        problem = refused("Invalid input JSON: after must be an integer");
      request.after = after.value_or(0);
    }
    if (problem)
      return *std::move(problem);
  }
  if (request.after + request.limit > search_results_max)
    return refused("There was a problem with the request: paging past "
                   + std::to_string(search_results_max) + " results is not possible");
  return request;
}

} // namespace nexte::simulation::hubspot
