#include "protocol/hubspot/property_values.hpp"

#include "protocol/core/text.hpp"
#include "protocol/core/time.hpp"
#include "protocol/json/reader.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace nexte::hubspot {
namespace {

constexpr std::string_view computed[]
    = {"createdate", "lastmodifieddate", "hs_lastmodifieddate", "hs_object_id"};
constexpr std::string_view times[] = {"closedate"};
constexpr std::string_view numbers[] = {"amount", "numberofemployees"};

template <size_t N>
bool among(const std::string_view (&names)[N], std::string_view name) {
  return std::ranges::find(names, name) != std::end(names);
}

std::string text_of(const json::value& value) {
  if (value.type == json::value::kind::boolean)
    return value.truth ? "true" : "false";
  return value.text;
}

result<property_values> values_of(const json::value& object, std::string_view what) {
  using kind = json::value::kind;
  if (!object.is_object())
    return error{ec::malformed, std::string{what} + " are no object"};
  property_values values;
  for (const auto& [name, value] : object.members) {
    if (value.type == kind::array || value.type == kind::object)
      return error{ec::malformed, "the value of \"" + name + "\" is no text, number or boolean"};
    values.emplace(name, text_of(value));
  }
  return values;
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, number);
  return failed == std::errc{} && rest == end ? std::optional{number} : std::nullopt;
}

template <class T>
bool known_and_same(const std::optional<T>& a, const std::optional<T>& b) {
  return a && b && *a == *b;
}

} // namespace

result<property_values> read_properties(std::string_view body) {
  const auto object = json::parse_value(body);
  if (!object)
    return object.failure();
  const auto* properties = object->find("properties");
  return values_of(properties ? *properties : json::value{}, "the properties");
}

result<property_values> read_fields(std::string_view fields) {
  const auto object = json::parse_value(fields);
  if (!object)
    return object.failure();
  return values_of(*object, "the fields");
}

std::string_view value_of(const property_values& values, std::string_view name) {
  const auto at = values.find(name);
  return at == values.end() ? std::string_view{} : std::string_view{at->second};
}

bool is_computed(std::string_view property) {
  return among(computed, property);
}

bool same_value(std::string_view property, std::string_view a, std::string_view b) {
  if (a == b)
    return true;
  if (among(times, property))
    return known_and_same(parse_iso_time(a), parse_iso_time(b));
  if (among(numbers, property))
    return known_and_same(number_of(a), number_of(b));
  return property == "email" && equal_ignoring_case(a, b);
}

} // namespace nexte::hubspot
