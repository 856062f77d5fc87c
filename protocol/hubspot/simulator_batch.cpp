// Batch endpoints: up to 100 records in one call.
#include "protocol/hubspot/simulator_crm.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace nexte::simulation::hubspot {
namespace {

constexpr size_t batch_inputs_max = 100;
constexpr size_t batch_inputs_with_history_max = 50;

/// What became of one input.
struct batch_result {
  object_ptr state;  ///< Null: it failed.
  api_error failure; ///< Only where it failed.
  std::string id;    ///< As the input named it.
  std::string trace_id;
  std::string_view is_new; ///< Upserts only.
};

batch_result read_one(const crm_call& call, const json::value& input, std::string_view id_property,
                      bool archived) {
  batch_result result;
  result.id = input.string_or_empty("id");
  auto found = find_record(*call.store, result.id, id_property, archived);
  if (auto* failure = std::get_if<api_error>(&found))
    result.failure = std::move(*failure);
  else
    result.state = std::get<object_ptr>(std::move(found));
  return result;
}

/// Unique values that inputs of one batch lay claim to.
using claimed_values = property_values;

/// Refuses a unique value that an earlier input of the batch wants too.
std::optional<api_error> claim(const schema& type, const property_values& wanted,
                               claimed_values& claimed) {
  for (const auto& value : wanted) {
    if (!type.properties[value.first].unique || value.second.empty())
      continue;
    if (std::ranges::count(claimed, value) > 0)
      return api_error{.message = "Duplicate values found in batch input for property "
                                  + std::string{type.properties[value.first].name}};
    claimed.push_back(value);
  }
  return std::nullopt;
}

/// Performs a create, update or upsert, or, given `trial`, only says whether it could be done.
batch_result write_one(const crm_call& call, const json::value& input, claimed_values* trial,
                       wall_time now) {
  auto& store = *call.store;
  batch_result result;
  result.id = input.string_or_empty("id");
  result.trace_id = input.string_or_empty("objectWriteTraceId");
  const auto id_property = input.string_or_empty("idProperty");
  auto values = read_properties(store.type(), input.find("properties"));
  if (auto* failure = std::get_if<api_error>(&values)) {
    result.failure = std::move(*failure);
    return result;
  }
  auto& wanted = std::get<property_values>(values);
  object_ptr target;
  if (call.endpoint != crm_endpoint::batch_create) {
    auto found = find_record(store, result.id, id_property, false);
    auto* failure = std::get_if<api_error>(&found);
    const bool inserts = failure && failure->status == 404 && !id_property.empty()
                         && call.endpoint == crm_endpoint::batch_upsert;
    if (failure && !inserts) {
      result.failure = std::move(*failure);
      return result;
    }
    if (inserts) {
      const auto key = *store.type().find(id_property);
      std::erase_if(wanted, [&](const auto& value) { return value.first == key; });
      wanted.emplace_back(key, lower_case(result.id));
    } else {
      target = std::get<object_ptr>(found);
    }
  }
  if (auto taken = refuse_taken(store, wanted, target ? target->id : 0)) {
    result.failure = *std::move(taken);
    return result;
  }
  if (auto twice = trial ? claim(store.type(), wanted, *trial) : std::nullopt) {
    result.failure = *std::move(twice);
    return result;
  }
  result.is_new = call.endpoint != crm_endpoint::batch_upsert ? "" : target ? "false" : "true";
  if (trial)
    result.state = target ? target : std::make_shared<const object>();
  else
    result.state = target ? store.update(target->id, wanted, now, "INTEGRATION")
                          : store.create(wanted, now, "INTEGRATION");
  return result;
}

void write_failure(json::writer& out, const batch_result& result) {
  out.begin_object().key("status").value("error");
  out.key("category").value(result.failure.category);
  out.key("message").value(result.failure.message);
  out.key("context").begin_object();
  if (!result.id.empty())
    out.key("id").begin_array().value(result.id).end_array();
  if (!result.trace_id.empty())
    out.key("objectWriteTraceId").begin_array().value(result.trace_id).end_array();
  out.end_object().end_object();
}

http_response render(const crm_call& call, int status, const std::vector<batch_result>& results,
                     const projection& shown, wall_time now) {
  json::writer out;
  int64_t failed = 0;
  out.begin_object().key("status").value("COMPLETE").key("results").begin_array();
  for (const auto& result : results) {
    if (!result.state) {
      ++failed;
      continue;
    }
    write_record(out, call.store->type(), *result.state, shown, call.record_base,
                 {result.trace_id, result.is_new});
    ++(*call.served)[result.state->id];
  }
  out.end_array();
  if (failed > 0) {
    out.key("numErrors").value(failed).key("errors").begin_array();
    for (const auto& result : results)
      if (!result.state)
        write_failure(out, result);
    out.end_array();
  }
  out.key("startedAt").value(format_instant(now)).key("completedAt").value(format_instant(now));
  out.end_object();
  return {failed > 0 ? 207 : status, out.take(), "application/json;charset=utf-8"};
}

crm_outcome serve_reads(const crm_call& call, const json::value& body,
                        const std::vector<json::value>& inputs, wall_time now) {
  const auto with_history = json::texts_of(body.find("propertiesWithHistory"));
  if (!with_history.empty() && inputs.size() > batch_inputs_with_history_max)
    return api_error{.message = "At most " + std::to_string(batch_inputs_with_history_max)
                                + " inputs are allowed with propertiesWithHistory"};
  const auto archived = read_archived(call.query);
  if (const auto* failure = std::get_if<api_error>(&archived))
    return *failure;
  std::vector<batch_result> results;
  for (const auto& input : inputs)
    results.push_back(
        read_one(call, input, body.string_or_empty("idProperty"), std::get<bool>(archived)));
  const auto shown
      = project(call.store->type(), json::texts_of(body.find("properties")), with_history);
  return render(call, 200, results, shown, now);
}

/// Without trace ids a batch of writes is done whole or not at all.
crm_outcome serve_writes(const crm_call& call, const std::vector<json::value>& inputs,
                         wall_time now) {
  bool traced = true;
  for (const auto& input : inputs)
    traced = traced && !input.string_or_empty("objectWriteTraceId").empty();
  claimed_values claimed;
  if (!traced)
    for (const auto& input : inputs)
      if (auto tried = write_one(call, input, &claimed, now); !tried.state)
        return std::move(tried.failure);
  std::vector<batch_result> results;
  for (const auto& input : inputs)
    results.push_back(write_one(call, input, nullptr, now));
  auto shown = project(call.store->type(), {"hs_object_id"}, {});
  shown.all = true;
  return render(call, call.endpoint == crm_endpoint::batch_create ? 201 : 200, results, shown, now);
}

} // namespace

crm_outcome serve_batch(const crm_call& call, const json::value& body, wall_time now) {
  const auto* inputs = body.find("inputs");
  if (!inputs || !inputs->is_array() || inputs->items.empty()
      || inputs->items.size() > batch_inputs_max)
    return api_error{.message = "Invalid input JSON: inputs must have 1 to "
                                + std::to_string(batch_inputs_max) + " items"};
  std::set<std::string_view> ids;
  for (const auto& input : inputs->items) {
    const auto id = input.string_or_empty("id");
    if (call.endpoint == crm_endpoint::batch_create)
      continue;
    if (id.empty())
      return api_error{.message = "Invalid input JSON: each input needs an id"};
    if (!ids.insert(id).second)
      return api_error{.message = "Duplicate IDs found in batch input: [" + std::string{id} + "]"};
  }
  if (call.endpoint == crm_endpoint::batch_read)
    return serve_reads(call, body, inputs->items, now);
  if (call.endpoint != crm_endpoint::batch_archive)
    return serve_writes(call, inputs->items, now);
  for (const auto& input : inputs->items)
    if (const auto found = read_one(call, input, {}, false); found.state)
      call.store->archive(found.state->id, now);
  return http_response{204, {}};
}

} // namespace nexte::simulation::hubspot
