#include "protocol/json/fields.hpp"

#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

#include <algorithm>
#include <charconv>

namespace nexte {
namespace {

/// Whole numbers up to here are exact in a double.
constexpr double whole_max = 9007199254740992.0;

error malformed(std::string what, std::string mend) {
  return {ec::malformed, std::move(what), std::move(mend)};
}

bool is_among(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_computed(std::string_view field, const field_shape& shape) {
  return std::ranges::any_of(shape.computed, [&](std::string_view name) {
    return name.ends_with('*') ? field.starts_with(name.substr(0, name.size() - 1)) : field == name;
  });
}

/// 1.0 and 1e0 are written 1; what is no whole number stays as it was written.
std::string canonical_number(const std::string& text) {
  if (text == "-0")
    return "0";
  if (text.find_first_of(".eE") == std::string::npos)
    return text;
  double number = 0;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, number).ec != std::errc{} || number > whole_max
      || number < -whole_max || number != static_cast<double>(static_cast<int64_t>(number)))
    return text;
  return std::to_string(static_cast<int64_t>(number));
}

json::value canonical(json::value tree) {
  if (tree.type == json::value::kind::number)
    tree.text = canonical_number(tree.text);
  for (auto& item : tree.items)
    item = canonical(std::move(item));
  for (auto& [name, member] : tree.members)
    member = canonical(std::move(member));
  std::ranges::sort(tree.members, {}, &json::value::member::first);
  return tree;
}

/// A field's value as it is compared and stored.
std::string canonical_text(json::value tree, const field_shape& shape) {
  tree = canonical(std::move(tree));
  if (shape.text_values) {
    if (tree.type == json::value::kind::boolean)
      tree.text = tree.truth ? "true" : "false";
    if (tree.type == json::value::kind::boolean || tree.type == json::value::kind::number)
      tree.type = json::value::kind::string;
    if (tree.is_string() && tree.text.empty())
      return std::string{no_value};
  }
  return json::to_text(tree);
}

/// Calls `each(field, value)` for the fields of a container, nested ones by their own names.
template <class Each>
void for_each_field(json::value container, const field_shape& shape, Each&& each) {
  for (auto& [name, member] : container.members) {
    if (!is_among(shape.nested, name) || !member.is_object()) {
      each(std::move(name), std::move(member));
      continue;
    }
    for (auto& [inner, inner_member] : member.members)
      each(name + "/" + inner, std::move(inner_member));
  }
}

json::value& member_of(json::value& object, std::string_view name) {
  for (auto& [known, member] : object.members)
    if (known == name)
      return member;
  return object.members.emplace_back(std::string{name}, json::value{}).second;
}

/// The member, made an object if it is none.
json::value& object_of(json::value& object, std::string_view name) {
  auto& member = member_of(object, name);
  if (!member.is_object()) {
    member = {};
    member.type = json::value::kind::object;
  }
  return member;
}

json::value& place_of(json::value& container, std::string_view field, const field_shape& shape) {
  const auto slash = field.find('/');
  if (slash == std::string_view::npos || !is_among(shape.nested, field.substr(0, slash)))
    return member_of(container, field);
  return member_of(object_of(container, field.substr(0, slash)), field.substr(slash + 1));
}

/// @pre the values are JSON
void set_fields(json::value& container, const field_map& patch, const field_shape& shape) {
  for (const auto& [field, text] : patch)
    if (auto parsed = json::parse_value(text))
      place_of(container, field, shape) = *std::move(parsed);
}

result<json::value> parse_object(std::string_view text) {
  auto parsed = json::parse_value(text);
  if (!parsed || parsed->is_object())
    return parsed;
  return malformed("a record's JSON is no object", "give an object of fields");
}

json::value empty_object() {
  json::value made;
  made.type = json::value::kind::object;
  return made;
}

} // namespace

result<field_map> read_fields(std::string_view body, const field_shape& shape) {
  field_map fields;
  if (body.empty())
    return fields;
  auto parsed = parse_object(body);
  if (!parsed)
    return std::move(parsed).failure();
  json::value container;
  if (shape.container.empty())
    container = *std::move(parsed);
  else
    for (auto& [name, member] : parsed->members)
      if (name == shape.container)
        container = std::move(member);
  for_each_field(std::move(container), shape, [&](std::string field, json::value member) {
    if (is_computed(field, shape))
      return;
    auto text = canonical_text(std::move(member), shape);
    if (text != no_value)
      fields.emplace(std::move(field), std::move(text));
  });
  return fields;
}

result<field_map> read_patch(std::string_view patch, const field_shape& shape) {
  if (patch.size() > edit_bytes_max)
    return error{ec::refused, "an edit has " + std::to_string(patch.size()) + " bytes",
                 "one may have " + std::to_string(edit_bytes_max)};
  auto parsed = parse_object(patch);
  if (!parsed)
    return std::move(parsed).failure();
  field_map fields;
  std::optional<error> refused;
  for (const auto& [name, member] : parsed->members)
    if (is_among(shape.nested, name) && !member.is_object())
      return malformed("field " + name + " is no object", "give an object of the fields in it");
  for_each_field(*std::move(parsed), shape, [&](std::string field, json::value member) {
    if (is_computed(field, shape))
      refused
          = error{ec::refused, "field " + field + " is set by the provider itself", "leave it out"};
    auto text = canonical_text(std::move(member), shape);
    fields.emplace(std::move(field), std::move(text));
  });
  if (fields.size() > edit_fields_max)
    refused = error{ec::refused, "an edit changes " + std::to_string(fields.size()) + " fields",
                    "one may change " + std::to_string(edit_fields_max)};
  if (refused)
    return *std::move(refused);
  return fields;
}

std::string write_patch(const field_map& patch, const field_shape& shape) {
  auto container = empty_object();
  set_fields(container, patch, shape);
  return json::to_text(container);
}

field_map difference(const field_map& from, const field_map& to) {
  field_map patch;
  for (const auto& [field, value] : from)
    if (!to.contains(field))
      patch.emplace(field, no_value);
  for (const auto& [field, value] : to) {
    const auto old = from.find(field);
    if (old == from.end() || old->second != value)
      patch.emplace(field, value);
  }
  return patch;
}

field_map patched(field_map fields, const field_map& patch) {
  for (const auto& [field, value] : patch) {
    if (value == no_value)
      fields.erase(field);
    else
      fields.insert_or_assign(field, value);
  }
  return fields;
}

bool contains(const field_map& fields, const field_map& patch) {
  return std::ranges::all_of(patch, [&](const auto& entry) {
    const auto found = fields.find(entry.first);
    return found == fields.end() ? entry.second == no_value : found->second == entry.second;
  });
}

result<std::string> with_fields(std::string_view body, const field_map& patch,
                                const field_shape& shape) {
  auto parsed = body.empty() ? result<json::value>{empty_object()} : parse_object(body);
  if (!parsed)
    return std::move(parsed).failure();
  auto& container = shape.container.empty() ? *parsed : object_of(*parsed, shape.container);
  set_fields(container, patch, shape);
  return json::to_text(*parsed);
}

} // namespace nexte
