// The definitions of fields: those that every company has, and its own (pipedrive.md §2).
#include "protocol/pipedrive/simulator_door.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace pipedrive;

namespace {

constexpr std::string_view json_type = "application/json; charset=utf-8";
constexpr size_t name_bytes_max = 64;

void write_field(json::writer& out, std::string_view name, std::string_view code, bool custom) {
  out.begin_object().key("field_name").value(name).key("field_code").value(code);
  out.key("field_type").value("varchar").key("options").null();
  out.key("is_custom_field").value(custom).end_object();
}

/// Forty digits that no other field has.
std::string new_code(seeded_random& random) {
  auto digits = random_uuid(random) + random_uuid(random);
  std::erase(digits, '-');
  digits.resize(40);
  return digits;
}

} // namespace

http_response pipedrive_simulator::serve_fields(door& in, const schema& type) {
  auto& own = in.at.custom_fields(type);
  const bool adds = in.request.method == "POST";
  ++traffic_.requests[std::string{type.name} + (adds ? ".fields.create" : ".fields")];
  if (!adds && in.request.method != "GET")
    return refused(405, "Method not allowed");
  json::writer out;
  out.begin_object().key("success").value(true).key("data");
  if (adds) {
    const auto body = json::parse_value(in.request.body);
    const auto name = body ? body->string_or_empty("field_name") : std::string_view{};
    if (name.empty() || name.size() > name_bytes_max)
      return refused(400, "Validation failed: field_name: is required");
    if (body->string_or_empty("field_type") != "varchar") // nobody here needs another
      return refused(400, "Validation failed: field_type: must be varchar");
    own.push_back({new_code(random_), std::string{name}});
    write_field(out, own.back().name, own.back().code, true);
    return {200, out.end_object().take(), json_type};
  }
  out.begin_array();
  for (const auto& field : type.fields)
    if (field.kind != field_kind::custom)
      write_field(out, field.name, field.name, false);
  for (const auto& field : own)
    write_field(out, field.name, field.code, true);
  out.end_array().key("additional_data").begin_object().key("next_cursor").null();
  return {200, out.end_object().end_object().take(), json_type};
}

} // namespace nexte::simulation
