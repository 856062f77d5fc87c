// Creating, changing and deleting records, with what Pipedrive refuses (pipedrive.md §1.4, §2).
#include "protocol/pipedrive/simulator_door.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace pipedrive;

namespace {

field_problem invalid(std::string_view name, std::string_view why) {
  return {400, "Validation failed: " + std::string{name} + ": " + std::string{why}};
}

/// What was written to a field; else what stands there.
std::string_view value_after(const schema& type, const kept_record* before,
                             const written_record& written, std::string_view name) {
  const auto field = type.find(name);
  for (const auto& [index, value] : written.values)
    if (index == field)
      return value;
  return before && field ? before->get(*field) : std::string_view{"null"};
}

bool is_written(const schema& type, const written_record& written, std::string_view name) {
  const auto field = type.find(name);
  return std::ranges::any_of(written.values, [&](const auto& value) {
    return value.first == field && value.second != "null";
  });
}

/// Each of these goes with one status only (pipedrive.md §2).
std::optional<field_problem> refuse_status(const schema& type, const kept_record* before,
                                           const written_record& written) {
  constexpr std::pair<std::string_view, std::string_view> bound[]
      = {{"lost_reason", "\"lost\""}, {"lost_time", "\"lost\""}, {"won_time", "\"won\""}};
  const auto status = value_after(type, before, written, "status");
  for (const auto& [field, needed] : bound)
    if (is_written(type, written, field) && status != needed)
      return invalid(field, "goes only with status " + std::string{needed});
  if (is_written(type, written, "close_time") && (status == "null" || status == "\"open\""))
    return invalid("close_time", "goes only with status \"won\" or \"lost\"");
  return std::nullopt;
}

/// What a new record has where the body says nothing.
void fill_in(const company& at, const schema& type, written_record& written) {
  const std::pair<std::string_view, std::string> defaults[] = {
      {"owner_id", std::to_string(at.user_id)},
      {"visible_to", "3"},
      {"label_ids", "[]"},
      {"emails", "[]"},
      {"phones", "[]"},
      {"pipeline_id", std::to_string(company::pipeline_id)},
      {"stage_id", "1"},
      {"status", "\"open\""},
      {"value", "0"},
      {"currency", "\"EUR\""},
      {"origin", "\"API\""},
  };
  for (const auto& [name, value] : defaults)
    if (const auto field = type.find(name); field && !is_written(type, written, name))
      written.values.emplace_back(*field, value);
}

/// First and last name follow from the name.
void split_name(const schema& type, written_record& written) {
  const auto first = type.find("first_name");
  if (!first || !is_written(type, written, "name"))
    return;
  const auto name = json::parse_value(value_after(type, nullptr, written, "name"));
  const auto space = name->text.find(' ');
  const bool whole = space == std::string::npos;
  written.values.emplace_back(*first, json::quoted(name->text.substr(0, space)));
  written.values.emplace_back(*type.find("last_name"),
                              whole ? "null" : json::quoted(name->text.substr(space + 1)));
}

/// Why the custom fields cannot be stored: each must be one of the company's.
std::optional<field_problem> refuse_custom(company& at, const schema& type, std::string_view text) {
  const auto written = json::parse_value(text);
  for (const auto& [code, value] : written->members)
    if (std::ranges::find(at.custom_fields(type), code, &custom_field::code)
        == at.custom_fields(type).end())
      return invalid("custom_fields." + code, "is not a field of this entity");
  return std::nullopt;
}

bool refers(company& at, field_kind kind, int64_t id, wall_time now) {
  const auto lives = [&](std::string_view type) {
    const auto* record = at.records(*find_schema(type)).find(id, now);
    return record && !record->deleted_at;
  };
  switch (kind) {
    case field_kind::user: return at.has_user(id);
    case field_kind::person: return lives("persons");
    case field_kind::organization: return lives("organizations");
    case field_kind::pipeline: return id == company::pipeline_id;
    case field_kind::stage: return id >= 1 && id <= company::stages;
    default: return true;
  }
}

} // namespace

std::variant<written_record, field_problem> pipedrive_simulator::read_written(door& in,
                                                                              wall_time now) {
  if (!in.request.headers.get("Content-Type").starts_with("application/json"))
    return field_problem{415, "The Content-Type must be application/json"};
  const auto body = json::parse_value(in.request.body);
  if (!body || !body->is_object())
    return field_problem{400, "Validation failed: the body is not a JSON object"};
  auto read = read_body(*in.type, *body);
  if (auto* written = std::get_if<written_record>(&read)) {
    for (const auto& [index, value] : written->values) {
      const auto& field = in.type->fields[index];
      if (field.kind == field_kind::custom)
        if (auto problem = refuse_custom(in.at, *in.type, value))
          return *std::move(problem);
      if (const auto id = read_id(value); id && !refers(in.at, field.kind, *id, now))
        return invalid(field.name, "refers to nothing");
    }
    split_name(*in.type, *written);
  }
  return read;
}

http_response pipedrive_simulator::create(door& in, wall_time now) {
  auto read = read_written(in, now);
  if (const auto* problem = std::get_if<field_problem>(&read))
    return refused(problem->status, problem->message);
  auto& written = std::get<written_record>(read);
  if (!is_written(*in.type, written, in.type->required))
    return refused(400, "Validation failed: " + std::string{in.type->required} + ": is required");
  if (in.at.capped.contains(in.type->name))
    return refused(403, "The limit of the plan is reached",
                   "feature_capping_" + std::string{in.type->name} + "_limit");
  fill_in(in.at, *in.type, written);
  if (const auto problem = refuse_status(*in.type, nullptr, written))
    return refused(problem->status, problem->message);
  ++traffic_.writes;
  return record_answer(in, strict_.create_is_201 ? 201 : 200,
                       in.at.records(*in.type).create(written, now));
}

http_response pipedrive_simulator::update(door& in, const kept_record& record, wall_time now) {
  const auto read = read_written(in, now);
  if (const auto* problem = std::get_if<field_problem>(&read))
    return refused(problem->status, problem->message);
  const auto& written = std::get<written_record>(read);
  if (const auto problem = refuse_status(*in.type, &record, written))
    return refused(problem->status, problem->message);
  // Nothing else can be done to an archived deal (pipedrive.md §3.2).
  if (record.archived_at && (written.archived.value_or(true) || !written.values.empty()))
    return refused(400, "Validation failed: an archived deal cannot be changed");
  ++traffic_.writes;
  auto& store = in.at.records(*in.type);
  if (written.deleted.value_or(false))
    return record_answer(in, 200, store.remove(record.id, now));
  return record_answer(in, 200, store.update(record.id, written, now));
}

http_response pipedrive_simulator::remove(door& in, const kept_record& record, wall_time now) {
  ++traffic_.writes;
  const auto id = in.at.records(*in.type).remove(record.id, now).id;
  json::writer out;
  out.begin_object().key("success").value(true).key("data").begin_object();
  out.key("id").value(id).end_object().end_object();
  return {200, out.take(), "application/json; charset=utf-8"};
}

} // namespace nexte::simulation
