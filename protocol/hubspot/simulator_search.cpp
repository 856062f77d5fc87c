#include "protocol/hubspot/simulator_search.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace nexte::simulation::hubspot {
namespace {

using enum search_operator;
using number = long double;

/// The record's value as a number; nullopt when it has none.
std::optional<number> number_of(const schema& type, const object& state, uint16_t property) {
  const auto& described = type.properties[property];
  if (described.name == "hs_object_id")
    return static_cast<number>(state.id);
  if (described.name == "createdate")
    return static_cast<number>(state.created_at.time_since_epoch().count());
  if (described.name == type.modified_property)
    return static_cast<number>(state.modified_at.time_since_epoch().count());
  const auto text = state.properties.get(property);
  return text.empty() ? std::nullopt : to_number(described, text);
}

/// Matches `*` against any run of characters.
bool matches_glob(std::string_view pattern, std::string_view text) {
  const auto star = pattern.find('*');
  if (star == pattern.npos)
    return pattern == text;
  if (!text.starts_with(pattern.substr(0, star)))
    return false;
  pattern.remove_prefix(star + 1);
  for (size_t at = star; at <= text.size(); ++at)
    if (matches_glob(pattern, text.substr(at)))
      return true;
  return false;
}

bool has_token(std::string_view text, std::string_view pattern) {
  if (matches_glob(pattern, text))
    return true;
  constexpr std::string_view separators = " \t\n,;@/-";
  for (size_t at = text.find_first_not_of(separators); at != text.npos;) {
    const size_t end = std::min(text.find_first_of(separators, at), text.size());
    if (matches_glob(pattern, text.substr(at, end - at)))
      return true;
    at = text.find_first_not_of(separators, end);
  }
  return false;
}

bool compares(search_operator op, number value, const std::vector<number>& with) {
  switch (op) {
    case eq: return value == with[0];
    case neq: return value != with[0];
    case lt: return value < with[0];
    case lte: return value <= with[0];
    case gt: return value > with[0];
    case gte: return value >= with[0];
    case between: return value >= with[0] && value <= with[1];
    case in: return std::ranges::count(with, value) > 0;
    case not_in: return std::ranges::count(with, value) == 0;
    default: return false;
  }
}

bool matches(const schema& type, const object& state, const search_filter& filter) {
  if (!filter.numbers.empty()) {
    const auto value = number_of(type, state, filter.property);
    return value ? compares(filter.op, *value, filter.numbers)
                 : filter.op == neq || filter.op == not_in;
  }
  const auto value = lower_case(value_of(type, state, filter.property));
  const auto& with = filter.values;
  switch (filter.op) {
    case has_property: return !value.empty();
    case not_has_property: return value.empty();
    case eq: return value == with[0];
    case neq: return value != with[0];
    case in: return std::ranges::count(with, value) > 0;
    case not_in: return std::ranges::count(with, value) == 0;
    case contains_token: return has_token(value, with[0]);
    case not_contains_token: return !has_token(value, with[0]);
    case lt: return !value.empty() && value < with[0];
    case lte: return !value.empty() && value <= with[0];
    case gt: return value > with[0];
    case gte: return value >= with[0];
    case between: return value >= with[0] && value <= with[1];
  }
  return false;
}

bool contains_text(const object& state, const std::string& query) {
  bool found = false;
  state.properties.each([&](uint16_t, std::string_view value) {
    found = found || lower_case(value).find(query) != std::string::npos;
  });
  return found;
}

bool matches(const schema& type, const object& state, const search_request& request) {
  if (!request.query.empty() && !contains_text(state, request.query))
    return false;
  const auto all_match = [&](const std::vector<search_filter>& group) {
    return std::ranges::all_of(
        group, [&](const search_filter& filter) { return matches(type, state, filter); });
  };
  return request.groups.empty() || std::ranges::any_of(request.groups, all_match);
}

/// The part of the index that a single group's filters on last modification leave.
struct slice {
  std::span<const index_key> keys;
  bool exact = false; ///< Every key matches; no filter is left to try.
};

slice narrow(const object_store& store, const std::vector<index_key>& index,
             const search_request& request) {
  number low = std::numeric_limits<number>::lowest();
  number high = std::numeric_limits<number>::max();
  bool exact = request.query.empty() && request.groups.size() <= 1;
  if (request.groups.size() == 1)
    for (const auto& filter : request.groups[0]) {
      const auto name = store.type().properties[filter.property].name;
      const bool ranges = name == store.type().modified_property && !filter.numbers.empty();
      const auto from = [&](number bound) { low = std::max(low, bound); };
      const auto to = [&](number bound) { high = std::min(high, bound); };
      if (ranges && filter.op == gte)
        from(filter.numbers[0]);
      else if (ranges && filter.op == gt)
        from(filter.numbers[0] + 1);
      else if (ranges && filter.op == lte)
        to(filter.numbers[0]);
      else if (ranges && filter.op == lt)
        to(filter.numbers[0] - 1);
      else if (ranges && filter.op == between)
        from(filter.numbers[0]), to(filter.numbers[1]);
      else if (ranges && filter.op == eq)
        from(filter.numbers[0]), to(filter.numbers[0]);
      else
        exact = false;
    }
  const auto at = [](const index_key& key) {
    return static_cast<number>(key.modified_at.time_since_epoch().count());
  };
  const auto begin = std::ranges::lower_bound(index, low, {}, at);
  const auto end = std::ranges::upper_bound(index, high, {}, at);
  if (begin >= end)
    return {{}, exact};
  return {std::span{begin, end}, exact};
}

struct sort_key {
  number by_number = 0;
  std::string by_text;
  size_t position = 0; ///< In the index: ties come in its order.
  const object* state = nullptr;
};

/// Sorts by what the request says; the records without a value come last.
void sort_results(const schema& type, const search_request& request,
                  std::vector<const object*>& found) {
  std::vector<sort_key> keys;
  keys.reserve(found.size());
  for (const auto* state : found) {
    sort_key key{0, {}, keys.size(), state};
    if (!request.sort)
      key.by_number = static_cast<number>(state->created_at.time_since_epoch().count());
    else if (is_ordered(type.properties[*request.sort]))
      key.by_number = number_of(type, *state, *request.sort)
                          .value_or(request.descending ? std::numeric_limits<number>::lowest()
                                                       : std::numeric_limits<number>::max());
    else
      key.by_text = lower_case(value_of(type, *state, *request.sort));
    keys.push_back(std::move(key));
  }
  std::ranges::sort(keys, [&](const sort_key& a, const sort_key& b) {
    const auto order = std::tie(a.by_number, a.by_text) <=> std::tie(b.by_number, b.by_text);
    if (order != 0)
      return request.descending ? order > 0 : order < 0;
    return a.position < b.position;
  });
  std::ranges::transform(keys, found.begin(), &sort_key::state);
}

} // namespace

search_page run_search(object_store& store, const search_request& request, wall_time now) {
  const auto& type = store.type();
  const auto candidates = narrow(store, store.index(now), request);
  const auto keys = candidates.keys;
  const bool exact = candidates.exact;
  const bool by_index
      = request.sort && type.properties[*request.sort].name == type.modified_property;
  search_page page;
  const auto finish = [&](size_t total, auto result_at) {
    page.total = total;
    const auto end = std::min(total, request.after + request.limit);
    for (size_t i = request.after; i < end; ++i)
      page.results.push_back(result_at(i));
    if (end < total)
      page.next = end;
    return std::move(page);
  };
  if (exact && by_index)
    return finish(keys.size(), [&](size_t i) {
      return &store.indexed(keys[request.descending ? keys.size() - 1 - i : i].id);
    });
  std::vector<const object*> found;
  for (const auto& key : keys)
    if (const auto& state = store.indexed(key.id); exact || matches(type, state, request))
      found.push_back(&state);
  sort_results(type, request, found);
  return finish(found.size(), [&](size_t i) { return found[i]; });
}

} // namespace nexte::simulation::hubspot
