// HubSpot's search: filters, sorts, offsets and their limits (hubspot.md §3.1).
#pragma once

#include "protocol/hubspot/simulator_objects.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nexte::simulation::hubspot {

constexpr size_t search_results_max = 10'000; ///< Per query, whatever `total` says.
constexpr size_t search_limit_max = 200;
constexpr size_t search_limit_default = 10;
constexpr size_t filter_groups_max = 5;
constexpr size_t filters_per_group_max = 6;
constexpr size_t filters_max = 18;

enum class search_operator : uint8_t {
  eq,
  neq,
  lt,
  lte,
  gt,
  gte,
  between,
  in,
  not_in,
  has_property,
  not_has_property,
  contains_token,
  not_contains_token,
};

struct search_filter {
  uint16_t property = 0;
  search_operator op = search_operator::eq;
  std::vector<std::string> values;  ///< One, two for `between`, any for `in`; lower case.
  std::vector<long double> numbers; ///< The same as numbers, where the property is one.
};

struct search_request {
  std::vector<std::vector<search_filter>> groups; ///< OR of ANDs; none: everything.
  std::optional<uint16_t> sort;
  bool descending = false;
  std::string query; ///< Lower case; contained in some text of the record.
  std::vector<std::string> properties;
  size_t limit = search_limit_default;
  size_t after = 0;
};

/// A body that HubSpot refuses.
struct search_refusal {
  int status = 400;
  std::string message;
};

/// Reads a search body. Status 500 for a time filter within a second of the epoch.
std::variant<search_request, search_refusal> read_search(const schema& type,
                                                         const json::value& body);

/// True where values compare as numbers.
bool is_ordered(const property_description& property);
/// A value as a number, exact for every 64-bit id and every double.
std::optional<long double> to_number(const property_description& property, std::string_view text);

struct search_page {
  size_t total = 0;
  std::vector<const object*> results; ///< Live until the store changes.
  std::optional<size_t> next;         ///< The offset that follows, where there is more.
};

/// Runs a search on the index as of `now`. Without a sort: oldest record first.
search_page run_search(object_store& store, const search_request& request, wall_time now);

} // namespace nexte::simulation::hubspot
