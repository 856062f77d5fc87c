#include "protocol/hubspot/simulator_render.hpp"

#include <algorithm>

namespace nexte::simulation::hubspot {
namespace {

void write_value(json::writer& out, std::string_view value) {
  if (value.empty())
    out.null();
  else
    out.value(value);
}

void write_property(json::writer& out, const schema& type, const object& state, uint16_t property) {
  out.key(type.properties[property].name);
  if (type.properties[property].computed)
    write_value(out, value_of(type, state, property));
  else
    write_value(out, state.properties.get(property));
}

void write_version(json::writer& out, std::string_view value, wall_time at,
                   std::string_view source) {
  out.begin_object().key("value").value(value);
  out.key("timestamp").value(format_instant(at));
  out.key("sourceType").value(source);
  if (source == "INTEGRATION")
    out.key("sourceId").value(app_id);
  out.end_object();
}

/// Newest first; a property that never changed has the one value it was created with.
void write_history(json::writer& out, const schema& type, const object& state, uint16_t property) {
  out.key(type.properties[property].name).begin_array();
  bool changed = false;
  for (auto entry = state.history.rbegin(); entry != state.history.rend(); ++entry)
    if (entry->property == property) {
      write_version(out, entry->value, entry->at, entry->source);
      changed = true;
    }
  if (const auto value = value_of(type, state, property); !changed && !value.empty())
    write_version(out, value, state.created_at, state.source);
  out.end_array();
}

bool is_fixed(const schema& type, uint16_t property) {
  const auto name = type.properties[property].name;
  return name == "hs_object_id" || name == "createdate" || name == type.modified_property;
}

} // namespace

http_response render(const api_error& failure, const std::string& correlation_id) {
  json::writer out;
  out.begin_object().key("status").value("error").key("message").value(failure.message);
  out.key("correlationId").value(correlation_id);
  if (!failure.category.empty())
    out.key("category").value(failure.category);
  out.end_object();
  auto body = out.take();
  if (!failure.extra.empty())
    body.insert(body.size() - 1, "," + failure.extra);
  http_response response{failure.status, std::move(body), "application/json;charset=utf-8"};
  response.headers.add("x-hubspot-correlation-id", correlation_id);
  return response;
}

projection project(const schema& type, const std::vector<std::string>& names,
                   const std::vector<std::string>& with_history) {
  projection shown;
  const auto add = [&](std::vector<uint16_t>& list, uint16_t property) {
    if (std::ranges::count(list, property) == 0)
      list.push_back(property);
  };
  for (uint16_t i = 0; i < type.properties.size(); ++i)
    if (is_fixed(type, i) || (names.empty() && type.properties[i].standard))
      add(shown.properties, i);
  for (const auto& name : names)
    if (const auto property = type.find(name))
      add(shown.properties, *property);
  for (const auto& name : with_history)
    if (const auto property = type.find(name)) {
      add(shown.properties, *property);
      add(shown.with_history, *property);
    }
  return shown;
}

void write_record(json::writer& out, const schema& type, const object& state,
                  const projection& shown, std::string_view record_base,
                  const record_extras& extras) {
  const auto id = std::to_string(state.id);
  out.begin_object().key("id").value(id).key("properties").begin_object();
  for (const auto property : shown.properties)
    write_property(out, type, state, property);
  if (shown.all)
    state.properties.each([&](uint16_t property, std::string_view value) {
      if (std::ranges::count(shown.properties, property) == 0)
        out.key(type.properties[property].name).value(value);
    });
  out.end_object();
  if (!shown.with_history.empty()) {
    out.key("propertiesWithHistory").begin_object();
    for (const auto property : shown.with_history)
      write_history(out, type, state, property);
    out.end_object();
  }
  out.key("createdAt").value(format_instant(state.created_at));
  out.key("updatedAt").value(format_instant(state.modified_at));
  out.key("archived").value(state.archived_at.has_value());
  if (state.archived_at)
    out.key("archivedAt").value(format_instant(*state.archived_at));
  if (!extras.is_new.empty())
    out.key("new").raw(extras.is_new);
  if (!extras.write_trace_id.empty())
    out.key("objectWriteTraceId").value(extras.write_trace_id);
  std::string url{record_base};
  out.key("url").value(url.append(id)).end_object();
}

} // namespace nexte::simulation::hubspot
