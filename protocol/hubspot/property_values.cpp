#include "protocol/hubspot/property_values.hpp"

#include "protocol/core/text.hpp"
#include "protocol/core/time.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

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

/// As HubSpot gives it back (hubspot.md §2).
result<std::string> own_form(std::string_view name, const std::string& value) {
  if (value.empty())
    return value;
  if (among(times, name)) {
    const auto at = parse_iso_time(value);
    if (!at)
      return error{ec::refused, "the value of \"" + std::string{name} + "\" is no time",
                   "write it as 2026-12-31 or 2026-12-31T17:00:00Z"};
    auto text = format_iso_time(*at);
    if (const auto whole = text.find(".000Z"); whole != std::string::npos)
      text.replace(whole, 5, "Z");
    return text;
  }
  if (among(numbers, name) && !number_of(value))
    return error{ec::refused, "the value of \"" + std::string{name} + "\" is no number",
                 "write it as 15000 or 15000.50"};
  if (name != "email")
    return value;
  auto lower = value;
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  return lower;
}

std::string editable(std::span<const std::string_view> known) {
  std::string names;
  for (const auto name : known)
    if (!among(computed, name))
      names.append(names.empty() ? "" : ", ").append(name);
  return names;
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

std::span<const std::string_view> computed_properties() {
  return computed;
}

bool is_computed(std::string_view property) {
  return among(computed, property);
}

result<std::string> prepared(std::string_view fields, std::span<const std::string_view> known) {
  const auto values = read_fields(fields);
  if (!values)
    return values.failure();
  json::writer out;
  out.begin_object();
  for (const auto& [name, value] : *values) {
    if (is_computed(name))
      return error{ec::refused, "HubSpot sets \"" + name + "\" by itself", "leave it out"};
    if (std::ranges::find(known, name) == known.end())
      return error{ec::refused, "there is no field \"" + name + "\" here",
                   "use one of " + editable(known)};
    auto own = own_form(name, value);
    if (!own)
      return std::move(own).failure();
    out.key(name);
    if (own->empty())
      out.null();
    else
      out.value(*own);
  }
  out.end_object();
  return out.take();
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
