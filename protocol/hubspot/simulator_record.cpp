// Endpoints for one record: read, create, update, archive, merge, privacy deletion.
#include "protocol/hubspot/simulator_crm.hpp"

namespace nexte::simulation::hubspot {
namespace {

crm_outcome serve_read(const crm_call& call) {
  const auto archived = read_archived(call.query);
  if (const auto* failure = std::get_if<api_error>(&archived))
    return *failure;
  const auto found = find_record(*call.store, call.id, query_text(call.query, "idProperty"),
                                 std::get<bool>(archived));
  if (const auto* failure = std::get_if<api_error>(&found))
    return *failure;
  const auto shown = project(call.store->type(), query_list(call.query, "properties"),
                             query_list(call.query, "propertiesWithHistory"));
  return record_answer(call, 200, *std::get<object_ptr>(found), shown);
}

/// What an answer to a write shows: the fixed properties, what was sent, and what is computed.
projection after_write(const schema& type) {
  auto shown = project(type, {"hs_object_id"}, {});
  shown.all = true;
  return shown;
}

crm_outcome serve_create(const crm_call& call, const json::value& body, wall_time now) {
  auto values = read_properties(call.store->type(), body.find("properties"));
  if (const auto* failure = std::get_if<api_error>(&values))
    return *failure;
  const auto& wanted = std::get<property_values>(values);
  if (auto taken = refuse_taken(*call.store, wanted, 0))
    return *std::move(taken);
  if (const auto* links = body.find("associations"); links && !links->is_array())
    return api_error{.message = "Invalid input JSON: associations must be a list"};
  const auto made = call.store->create(wanted, now, "INTEGRATION");
  return record_answer(call, 201, *made, after_write(call.store->type()));
}

crm_outcome serve_update(const crm_call& call, const json::value& body, wall_time now) {
  const auto found = find_record(*call.store, call.id, query_text(call.query, "idProperty"), false);
  if (const auto* failure = std::get_if<api_error>(&found))
    return *failure;
  auto values = read_properties(call.store->type(), body.find("properties"));
  if (const auto* failure = std::get_if<api_error>(&values))
    return *failure;
  const auto id = std::get<object_ptr>(found)->id;
  const auto& wanted = std::get<property_values>(values);
  if (auto taken = refuse_taken(*call.store, wanted, id))
    return *std::move(taken);
  const auto state = call.store->update(id, wanted, now, "INTEGRATION");
  return record_answer(call, 200, *state, after_write(call.store->type()));
}

crm_outcome serve_archive(const crm_call& call, wall_time now) {
  const auto found = find_record(*call.store, call.id, {}, false);
  if (const auto* live = std::get_if<object_ptr>(&found)) {
    call.store->archive((*live)->id, now);
    return http_response{204, {}};
  }
  const bool is_archived
      = std::holds_alternative<object_ptr>(find_record(*call.store, call.id, {}, true));
  if (is_archived && !call.strict.archive_twice_is_404)
    return http_response{204, {}};
  return std::get<api_error>(found);
}

/// The ids that went into a record, in the property that lists them.
std::string merged_ids(const object_store& store, const object& primary, const object& loser,
                       bool with_primary) {
  const auto& type = store.type();
  std::string ids;
  const auto add = [&](std::string_view more) {
    if (!more.empty())
      ids.append(ids.empty() ? "" : ";").append(more);
  };
  const auto before = *type.find("hs_merged_object_ids");
  add(primary.properties.get(before));
  add(loser.properties.get(before));
  if (with_primary)
    add(std::to_string(primary.id));
  add(std::to_string(loser.id));
  return ids;
}

crm_outcome serve_merge(const crm_call& call, const json::value& body, wall_time now) {
  auto& store = *call.store;
  const auto& type = store.type();
  const auto primary = find_record(store, body.string_or_empty("primaryObjectId"), {}, false);
  const auto loser = find_record(store, body.string_or_empty("objectIdToMerge"), {}, false);
  for (const auto* found : {&primary, &loser})
    if (const auto* failure = std::get_if<api_error>(found))
      return *failure;
  const auto winner = std::get<object_ptr>(primary);
  const auto merged = std::get<object_ptr>(loser);
  if (winner->id == merged->id)
    return api_error{.message = "A record cannot be merged with itself"};
  property_values values;
  for (uint16_t i = 0; i < type.properties.size(); ++i) {
    const auto kept = winner->properties.get(i);
    values.emplace_back(i, kept.empty() ? merged->properties.get(i) : kept);
  }
  const auto second = type.find("email");
  const auto additional = type.find("hs_additional_emails");
  if (second && additional)
    if (const auto address = merged->properties.get(*second);
        !address.empty() && address != winner->properties.get(*second)) {
      auto& list = values[*additional].second;
      list.append(list.empty() ? "" : ";").append(address);
    }
  const auto ids = merged_ids(store, *winner, *merged, call.strict.merge_makes_new_id);
  for (const auto* name : {"hs_merged_object_ids", "hs_calculated_merged_vids"})
    if (const auto property = type.find(name))
      values[*property].second = ids;
  store.erase(merged->id, now);
  object_ptr survivor;
  if (call.strict.merge_makes_new_id) {
    store.erase(winner->id, now);
    survivor = store.create(values, now, "MERGE_OBJECTS");
  } else {
    survivor = store.update(winner->id, values, now, "MERGE_OBJECTS");
  }
  return record_answer(call, 200, *survivor, after_write(type));
}

crm_outcome serve_gdpr_delete(const crm_call& call, const json::value& body, wall_time now) {
  if (call.store->type().name != "contacts")
    return api_error{404, "OBJECT_NOT_FOUND", "resource not found"};
  const auto id = body.string_or_empty("objectId");
  const auto id_property = body.string_or_empty("idProperty");
  auto found = find_record(*call.store, id, id_property, false);
  if (std::holds_alternative<api_error>(found) && id_property.empty())
    found = find_record(*call.store, id, {}, true);
  if (const auto* failure = std::get_if<api_error>(&found))
    return *failure;
  call.store->erase(std::get<object_ptr>(found)->id, now);
  return http_response{204, {}};
}

} // namespace

crm_outcome serve_one(const crm_call& call, wall_time now) {
  if (call.endpoint == crm_endpoint::read)
    return serve_read(call);
  if (call.endpoint == crm_endpoint::archive)
    return serve_archive(call, now);
  const auto body = json::parse_value(call.body);
  if (!body || !body->is_object())
    return api_error{.message
                     = "Invalid input JSON: " + (body ? "not an object" : body.failure().what)};
  switch (call.endpoint) {
    case crm_endpoint::create: return serve_create(call, *body, now);
    case crm_endpoint::update: return serve_update(call, *body, now);
    case crm_endpoint::merge: return serve_merge(call, *body, now);
    default: return serve_gdpr_delete(call, *body, now);
  }
}

} // namespace nexte::simulation::hubspot
