#include "protocol/pipedrive/simulator_schema.hpp"

#include "protocol/json/writer.hpp"

#include <algorithm>
#include <charconv>

namespace nexte::simulation::pipedrive {
namespace {

using kind = field_kind;
using right = field_right;
using value_kind = json::value::kind;

// pipedrive.md §2.
constexpr field person_fields[] = {
    {"name", kind::text, right::writable, false},
    {"first_name", kind::text, right::computed},
    {"last_name", kind::text, right::computed},
    {"owner_id", kind::user, right::writable, false},
    {"org_id", kind::organization},
    {"emails", kind::details},
    {"phones", kind::details},
    {"visible_to", kind::visibility, right::writable, false},
    {"label_ids", kind::ids},
    {"picture_id", kind::integer, right::computed},
    {"postal_address", kind::object, right::contact_sync},
    {"notes", kind::text, right::contact_sync},
    {"im", kind::details, right::contact_sync},
    {"birthday", kind::date, right::contact_sync},
    {"job_title", kind::text, right::contact_sync},
    {"custom_fields", kind::custom},
};
constexpr field organization_fields[] = {
    {"name", kind::text, right::writable, false},
    {"owner_id", kind::user, right::writable, false},
    {"visible_to", kind::visibility, right::writable, false},
    {"address", kind::object},
    {"label_ids", kind::ids},
    {"website", kind::text},
    {"linkedin", kind::text},
    {"industry", kind::integer},
    {"annual_revenue", kind::number},
    {"employee_count", kind::integer},
    {"custom_fields", kind::custom},
};
constexpr field deal_fields[] = {
    {"title", kind::text, right::writable, false},
    {"owner_id", kind::user, right::writable, false},
    {"person_id", kind::person},
    {"org_id", kind::organization},
    {"pipeline_id", kind::pipeline, right::writable, false},
    {"stage_id", kind::stage, right::writable, false},
    {"value", kind::number},
    {"currency", kind::text},
    {"stage_change_time", kind::time, right::computed},
    {"status", kind::status, right::writable, false},
    {"probability", kind::number},
    {"lost_reason", kind::text},
    {"visible_to", kind::visibility, right::writable, false},
    {"close_time", kind::time},
    {"won_time", kind::time},
    {"lost_time", kind::time},
    {"expected_close_date", kind::date},
    {"label_ids", kind::ids},
    {"origin", kind::text, right::computed},
    {"origin_id", kind::text, right::computed},
    {"channel", kind::integer, right::computed},
    {"channel_id", kind::text, right::computed},
    {"source_lead_id", kind::text, right::computed},
    {"arr", kind::number, right::computed},
    {"mrr", kind::number, right::computed},
    {"acv", kind::number, right::computed},
    {"custom_fields", kind::custom},
};

constexpr schema all_schemas[] = {
    {"persons", "person", "Person", "contacts", "name", true, false, person_fields},
    {"organizations", "organization", "Organization", "contacts", "name", true, false,
     organization_fields},
    {"deals", "deal", "Deal", "deals", "title", false, true, deal_fields},
};

constexpr std::string_view custom_keys[]
    = {"9dc80c50d78a15643bfc4ca79d76156a73a1ca0e", "5c1b3f7d9a0e2468ace13579bdf02468ace13579",
       "0f9e8d7c6b5a49382716f5e4d3c2b1a09f8e7d6c"};

bool is_integer(const json::value& value) {
  return value.type == value_kind::number && value.as_int().has_value();
}

bool is_date(std::string_view text) {
  return text.size() == 10 && parse_iso_time(text);
}

bool is_detail(const json::value& item) {
  return item.is_object() && item.find("value") && item.find("value")->is_string()
         && std::ranges::all_of(item.members, [](const auto& member) {
              return member.first == "value" || member.first == "primary"
                     || member.first == "label";
            });
}

/// Why a value is not one of its kind; empty: it is.
std::string_view misfit(const field& described, const json::value& value) {
  if (value.type == value_kind::null)
    return described.nullable ? "" : "must not be null";
  switch (described.kind) {
    case kind::text: return value.is_string() ? "" : "must be a string";
    case kind::number: return value.type == value_kind::number ? "" : "must be a number";
    case kind::time:
      return value.is_string() && parse_time(value.text) ? "" : "must be an RFC 3339 time";
    case kind::date: return value.is_string() && is_date(value.text) ? "" : "must be a date";
    case kind::ids:
      return value.is_array() && std::ranges::all_of(value.items, is_integer)
                 ? ""
                 : "must be an array of integers";
    case kind::details:
      return value.is_array() && std::ranges::all_of(value.items, is_detail)
                 ? ""
                 : "must be an array of {value, primary, label}";
    case kind::object:
    case kind::custom: return value.is_object() ? "" : "must be an object";
    case kind::status:
      return value.text == "open" || value.text == "won" || value.text == "lost"
                 ? ""
                 : "must be one of open, won, lost";
    case kind::visibility:
      return value.text == "1" || value.text == "3" || value.text == "5" || value.text == "7"
                 ? ""
                 : "must be one of 1, 3, 5, 7";
    default: return is_integer(value) ? "" : "must be an integer";
  }
}

field_problem invalid(std::string_view name, std::string_view why) {
  return {400, "Validation failed: " + std::string{name} + ": " + std::string{why}};
}

/// Members that are no fields: the store's own. False: it is not one of them.
std::variant<bool, field_problem> read_mark(const schema& type, std::string_view name,
                                            const json::value& value, written_record& into) {
  if (type.times_writable && (name == "add_time" || name == "update_time")) {
    const auto at = value.is_string() ? parse_time(value.text) : std::nullopt;
    if (!at)
      return invalid(name, "must be an RFC 3339 time");
    (name == "add_time" ? into.added_at : into.updated_at) = at;
    return true;
  }
  if (type.archives && (name == "is_archived" || name == "is_deleted")) {
    if (value.type != value_kind::boolean)
      return invalid(name, "must be a boolean");
    (name == "is_archived" ? into.archived : into.deleted) = value.truth;
    return true;
  }
  return false;
}

} // namespace

std::optional<uint8_t> schema::find(std::string_view field_name) const {
  const auto found = std::ranges::find(fields, field_name, &field::name);
  return found == fields.end() ? std::nullopt
                               : std::optional{static_cast<uint8_t>(found - fields.begin())};
}

std::span<const schema> schemas() {
  return all_schemas;
}

const schema* find_schema(std::string_view name) {
  const auto* found = std::ranges::find(all_schemas, name, &schema::name);
  return found == std::end(all_schemas) ? nullptr : found;
}

const schema* find_schema_of_fields(std::string_view path) {
  const auto* found = std::ranges::find_if(all_schemas, [&](const schema& type) {
    return path.starts_with(type.singular) && path.substr(type.singular.size()) == "Fields";
  });
  return found == std::end(all_schemas) ? nullptr : found;
}

std::string_view custom_field_of(const schema& type) {
  return custom_keys[&type - all_schemas];
}

wall_time whole_second(wall_time at) {
  return std::chrono::floor<seconds>(at);
}

std::optional<wall_time> parse_time(std::string_view text) {
  const auto at = text.find('T') == text.npos ? std::nullopt : parse_iso_time(text);
  return at ? std::optional{whole_second(*at)} : std::nullopt;
}

std::variant<written_record, field_problem> read_body(const schema& type, const json::value& body) {
  written_record read;
  for (const auto& [name, value] : body.members) {
    auto mark = read_mark(type, name, value, read);
    if (auto* problem = std::get_if<field_problem>(&mark))
      return std::move(*problem);
    if (std::get<bool>(mark))
      continue;
    const auto index = type.find(name);
    if (!index)
      return invalid(name, "is not allowed"); // v2 is strict, pipedrive.md §1.4
    const auto& described = type.fields[*index];
    if (described.right == field_right::computed)
      return invalid(name, "is not allowed");
    if (described.right == field_right::contact_sync)
      return field_problem{403, "Contact sync is not enabled: " + name + " cannot be written"};
    if (const auto why = misfit(described, value); !why.empty())
      return invalid(name, why);
    read.values.emplace_back(*index, described.kind == kind::time && value.is_string()
                                         ? json::quoted(format_iso_seconds(*parse_time(value.text)))
                                         : json::to_text(value));
  }
  return read;
}

} // namespace nexte::simulation::pipedrive
