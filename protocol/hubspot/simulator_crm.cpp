#include "protocol/hubspot/simulator_crm.hpp"

#include "protocol/core/text.hpp"
#include "protocol/hubspot/simulator_search.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace nexte::simulation::hubspot {
namespace {

constexpr size_t list_limit_default = 10;
constexpr size_t list_limit_max = 100;
constexpr size_t list_limit_with_history_max = 50;
constexpr std::string_view json_type = "application/json;charset=utf-8";

struct named_endpoint {
  std::string_view name;
  bool writes;
};

constexpr named_endpoint endpoints[] = {
    {"list", false},        {"read", false},        {"create", true},        {"update", true},
    {"archive", true},      {"search", false},      {"batch_read", false},   {"batch_create", true},
    {"batch_update", true}, {"batch_upsert", true}, {"batch_archive", true}, {"merge", true},
    {"gdpr_delete", true},
};

std::optional<uint64_t> to_id(std::string_view text) {
  uint64_t id = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (failed != std::errc{} || rest != text.data() + text.size() || text.empty())
    return std::nullopt;
  return id;
}

/// The list's cursor is opaque: the next record's id behind a prefix, in hex.
constexpr std::string_view cursor_prefix = "crm|";

std::string write_cursor(uint64_t id) {
  const auto text = std::string{cursor_prefix} + std::to_string(id);
  return hex({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

std::optional<uint64_t> read_cursor(std::string_view text) {
  const auto plain = unhex(text);
  if (!plain || !plain->starts_with(cursor_prefix))
    return std::nullopt;
  return to_id(std::string_view{*plain}.substr(cursor_prefix.size()));
}

void write_next(json::writer& out, const std::string& after, std::string_view link) {
  out.key("paging").begin_object().key("next").begin_object();
  out.key("after").value(after);
  if (!link.empty())
    out.key("link").value(link);
  out.end_object().end_object();
}

crm_outcome serve_list(const crm_call& call) {
  const auto& type = call.store->type();
  const auto with_history = query_list(call.query, "propertiesWithHistory");
  const size_t most = with_history.empty() ? list_limit_max : list_limit_with_history_max;
  size_t limit = list_limit_default;
  if (const auto* text = find_parameter(call.query, "limit")) {
    limit = to_id(*text).value_or(0);
    if (limit == 0 || limit > most)
      return api_error{.message
                       = "Invalid input: limit must be between 1 and " + std::to_string(most)};
  }
  const auto archived = read_archived(call.query);
  if (const auto* failure = std::get_if<api_error>(&archived))
    return *failure;
  uint64_t from = 0;
  if (const auto* text = find_parameter(call.query, "after"); text && !text->empty()) {
    const auto cursor = read_cursor(*text);
    if (!cursor)
      return api_error{.message = "Invalid input: after is not a valid paging cursor"};
    from = *cursor;
  }
  const auto shown = project(type, query_list(call.query, "properties"), with_history);
  const auto [found, next] = call.store->list(std::get<bool>(archived), from, limit);
  json::writer out;
  out.begin_object().key("results").begin_array();
  for (const auto& state : found) {
    write_record(out, type, *state, shown, call.record_base);
    ++(*call.served)[state->id];
  }
  out.end_array();
  if (next) {
    const auto after = write_cursor(*next);
    auto query = call.query;
    std::erase_if(query, [](const auto& parameter) { return parameter.first == "after"; });
    query.emplace_back("after", after);
    write_next(out, after, with_query(call.url, query));
  }
  out.end_object();
  return http_response{200, out.take(), json_type};
}

crm_outcome serve_search(const crm_call& call, const json::value& body, wall_time now) {
  const auto& type = call.store->type();
  auto read = read_search(type, body);
  if (const auto* refusal = std::get_if<search_refusal>(&read))
    return api_error{refusal->status, refusal->status == 400 ? "VALIDATION_ERROR" : "",
                     refusal->message};
  const auto& request = std::get<search_request>(read);
  auto page = run_search(*call.store, request, now);
  if (call.strict.search_disorder)
    for (size_t i = 0; i + 1 < page.results.size(); i += 2)
      std::swap(page.results[i], page.results[i + 1]);
  const auto shown = project(type, request.properties, {});
  json::writer out;
  out.begin_object().key("total").value(static_cast<uint64_t>(page.total));
  out.key("results").begin_array();
  for (const auto* state : page.results) {
    write_record(out, type, *state, shown, call.record_base);
    ++(*call.served)[state->id];
  }
  out.end_array();
  if (page.next)
    write_next(out, std::to_string(*page.next), {});
  out.end_object();
  return http_response{200, out.take(), json_type};
}

} // namespace

std::string_view query_text(const query_parameters& query, std::string_view name) {
  const auto* value = find_parameter(query, name);
  return value ? std::string_view{*value} : std::string_view{};
}

std::vector<std::string> query_list(const query_parameters& query, std::string_view name) {
  std::vector<std::string> items;
  for (const auto& [key, value] : query)
    if (key == name)
      for (size_t at = 0; at < value.size();) {
        const auto end = std::min(value.find(',', at), value.size());
        if (end > at)
          items.push_back(value.substr(at, end - at));
        at = end + 1;
      }
  return items;
}

std::variant<bool, api_error> read_archived(const query_parameters& query) {
  const auto text = query_text(query, "archived");
  if (text.empty() || text == "false")
    return false;
  if (text == "true")
    return true;
  return api_error{.message = "Invalid input: archived must be true or false"};
}

std::string_view to_string(crm_endpoint endpoint) {
  return endpoints[static_cast<size_t>(endpoint)].name;
}

bool is_write(crm_endpoint endpoint) {
  return endpoints[static_cast<size_t>(endpoint)].writes;
}

std::variant<crm_route, int> route_crm(std::string_view method,
                                       const std::vector<std::string>& below) {
  const auto post = [&](crm_endpoint endpoint) -> std::variant<crm_route, int> {
    if (method != "POST")
      return 405;
    return crm_route{endpoint, {}};
  };
  if (below.empty()) {
    if (method == "GET")
      return crm_route{crm_endpoint::list, {}};
    return post(crm_endpoint::create);
  }
  if (below.size() == 2 && below[0] == "batch") {
    constexpr crm_endpoint batches[]
        = {crm_endpoint::batch_read, crm_endpoint::batch_create, crm_endpoint::batch_update,
           crm_endpoint::batch_upsert, crm_endpoint::batch_archive};
    for (const auto endpoint : batches)
      if (to_string(endpoint).substr(6) == below[1]) // behind "batch_"
        return post(endpoint);
    return 404;
  }
  if (below.size() != 1)
    return 404;
  if (below[0] == "search" || below[0] == "merge" || below[0] == "gdpr-delete")
    return post(below[0] == "search"  ? crm_endpoint::search
                : below[0] == "merge" ? crm_endpoint::merge
                                      : crm_endpoint::gdpr_delete);
  if (method == "GET")
    return crm_route{crm_endpoint::read, below[0]};
  if (method == "PATCH")
    return crm_route{crm_endpoint::update, below[0]};
  if (method == "DELETE")
    return crm_route{crm_endpoint::archive, below[0]};
  return 405;
}

std::variant<property_values, api_error> read_properties(const schema& type,
                                                         const json::value* properties) {
  if (!properties || !properties->is_object())
    return api_error{.message = "Invalid input JSON: properties must be an object"};
  property_values values;
  json::writer problems;
  problems.begin_array();
  bool is_valid = true;
  const auto report = [&](std::string_view name, std::string_view code, std::string_view message) {
    is_valid = false;
    problems.begin_object().key("isValid").value(false).key("message").value(message);
    problems.key("error").value(code).key("name").value(name).end_object();
  };
  for (const auto& [name, value] : properties->members) {
    const auto property = type.find(name);
    if (!property) {
      report(name, "PROPERTY_DOESNT_EXIST", "Property \"" + name + "\" does not exist");
      continue;
    }
    auto stored = normalised(type.properties[*property], value);
    if (const auto* problem = std::get_if<property_problem>(&stored))
      report(name, problem->code, problem->message);
    else
      values.emplace_back(*property, std::get<std::string>(std::move(stored)));
  }
  problems.end_array();
  if (!is_valid)
    return api_error{.message = "Property values were not valid: " + problems.take()};
  return values;
}

std::variant<object_ptr, api_error> find_record(const object_store& store, std::string_view id,
                                                std::string_view id_property, bool archived) {
  const api_error missing{404, "OBJECT_NOT_FOUND", "resource not found"};
  auto number = to_id(id);
  if (!id_property.empty() && id_property != "hs_object_id") {
    const auto property = store.type().find(id_property);
    if (!property || !store.type().properties[*property].unique)
      return api_error{.message = "Property \"" + std::string{id_property}
                                  + "\" is not a unique identifier of this object type"};
    number = store.find_unique(*property, id);
  }
  auto state = number ? store.find(*number) : nullptr;
  if (!state || state->archived_at.has_value() != archived)
    return missing;
  return state;
}

std::optional<api_error> refuse_taken(const object_store& store, const property_values& values,
                                      uint64_t self) {
  const auto& type = store.type();
  for (const auto& [property, value] : values) {
    if (!type.properties[property].unique || value.empty())
      continue;
    if (const auto owner = store.find_unique(property, value); owner && *owner != self)
      return api_error{409, "CONFLICT",
                       std::string{type.singular}
                           + " already exists. Existing ID: " + std::to_string(*owner)};
  }
  return std::nullopt;
}

http_response record_answer(const crm_call& call, int status, const object& state,
                            const projection& shown) {
  json::writer out;
  write_record(out, call.store->type(), state, shown, call.record_base);
  ++(*call.served)[state.id];
  return {status, out.take(), json_type};
}

crm_outcome serve_crm(const crm_call& call, wall_time now) {
  switch (call.endpoint) {
    case crm_endpoint::list: return serve_list(call);
    case crm_endpoint::read:
    case crm_endpoint::create:
    case crm_endpoint::update:
    case crm_endpoint::archive:
    case crm_endpoint::merge:
    case crm_endpoint::gdpr_delete: return serve_one(call, now);
    default: break;
  }
  const auto body = json::parse_value(call.body);
  if (!body || !body->is_object())
    return api_error{.message
                     = "Invalid input JSON: " + (body ? "not an object" : body.failure().what)};
  return call.endpoint == crm_endpoint::search ? serve_search(call, *body, now)
                                               : serve_batch(call, *body, now);
}

} // namespace nexte::simulation::hubspot
