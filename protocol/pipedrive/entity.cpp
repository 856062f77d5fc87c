#include "protocol/pipedrive/entity.hpp"

#include "protocol/core/time.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

#include <algorithm>

namespace nexte::pipedrive {
namespace {

using enum value_kind;

// pipedrive.md §2.
constexpr editable_field person_fields[]
    = {{"name", text},   {"owner_id", integer},   {"org_id", integer}, {"emails", list},
       {"phones", list}, {"visible_to", integer}, {"label_ids", list}};
constexpr editable_field organization_fields[] = {{"name", text},
                                                  {"owner_id", integer},
                                                  {"visible_to", integer},
                                                  {"address", object},
                                                  {"label_ids", list},
                                                  {"website", text},
                                                  {"linkedin", text},
                                                  {"industry", integer},
                                                  {"annual_revenue", number},
                                                  {"employee_count", integer}};
constexpr editable_field deal_fields[] = {{"title", text},          {"owner_id", integer},
                                          {"person_id", integer},   {"org_id", integer},
                                          {"pipeline_id", integer}, {"stage_id", integer},
                                          {"value", number},        {"currency", text},
                                          {"status", text},         {"probability", number},
                                          {"lost_reason", text},    {"visible_to", integer},
                                          {"close_time", time},     {"won_time", time},
                                          {"lost_time", time},      {"expected_close_date", date},
                                          {"label_ids", list}};

constexpr entity all[] = {{"persons", "personFields", false, person_fields},
                          {"organizations", "organizationFields", false, organization_fields},
                          {"deals", "dealFields", true, deal_fields}};

constexpr std::string_view custom_fields = "custom_fields";

// pipedrive.md §2: ids, times, marks, what follows from another field, where a deal came from.
constexpr std::string_view computed[]
    = {"id",           "add_time",   "update_time", "is_deleted", "is_archived",
       "archive_time", "first_name", "last_name",   "picture_id", "stage_change_time",
       "origin",       "origin_id",  "channel",     "channel_id", "source_lead_id",
       "arr",          "mrr",        "acv"};

std::string_view kind_in_words(value_kind kind) {
  constexpr std::string_view words[] = {"a text",
                                        "a whole number",
                                        "a number",
                                        "a time such as 2026-12-31T17:00:00Z",
                                        "a date such as 2026-12-31",
                                        "a list",
                                        "an object"};
  return words[static_cast<size_t>(kind)];
}

bool is_date(std::string_view text) {
  return text.size() == 10 && parse_iso_time(text);
}

bool fits(value_kind kind, const json::value& value) {
  switch (kind) {
    case text: return value.is_string();
    case integer: return value.type == json::value::kind::number && value.as_int();
    case number: return value.type == json::value::kind::number;
    case time: return value.is_string() && parse_iso_time(value.text);
    case date: return value.is_string() && is_date(value.text);
    case list: return value.is_array();
    case object: return value.is_object();
  }
  return false;
}

error refused_field(const entity& type, const std::string& name) {
  if (std::ranges::find(computed, name) != std::end(computed))
    return {ec::refused, "Pipedrive sets \"" + name + "\" by itself", "leave it out"};
  std::string names;
  for (const auto& field : type.editable)
    names.append(field.name).append(", ");
  return {ec::refused, "there is no field \"" + name + "\" here that can be edited",
          "use one of " + names + std::string{custom_fields}};
}

} // namespace

const entity& persons() {
  return all[0];
}
const entity& organizations() {
  return all[1];
}
const entity& deals() {
  return all[2];
}

field_shape shape() {
  field_shape fields;
  fields.nested.emplace_back(custom_fields);
  fields.computed.assign(std::begin(computed), std::end(computed));
  return fields;
}

result<std::string> prepared(std::string_view fields, const entity& type) {
  const auto edit = json::parse_value(fields);
  if (!edit)
    return edit.failure();
  if (!edit->is_object())
    return error{ec::malformed, "the edit is no JSON object of fields"};
  json::writer out;
  out.begin_object();
  for (const auto& [name, value] : edit->members) {
    const bool clears = value.type == json::value::kind::null;
    const auto* field = std::ranges::find(type.editable, name, &editable_field::name).base();
    const bool known = field != type.editable.data() + type.editable.size();
    if (!known && name != custom_fields)
      return refused_field(type, name);
    const auto kind = known ? field->kind : object;
    if (!fits(kind, value) && !(clears && known))
      return error{ec::refused, "the value of \"" + name + "\" cannot be so",
                   "write " + std::string{kind_in_words(kind)}};
    out.key(name);
    if (kind == time && !clears)
      out.value(format_iso_seconds(*parse_iso_time(value.text)));
    else
      out.raw(json::to_text(value));
  }
  out.end_object();
  return out.take();
}

} // namespace nexte::pipedrive
