// The API's door: who calls, how often, with which right; then the objects behind it.
#include "protocol/hubspot/simulator.hpp"

#include "protocol/core/text.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace hubspot;

namespace {

bool is_date_version(std::string_view segment) {
  return segment == "2026-03" || segment == "2026-09";
}

api_error missing_scope(const std::string& scope) {
  return {403, "MISSING_SCOPES",
          "This app hasn't been granted all required scopes to make this call. Read more about "
          "required scopes here: https://developers.hubspot.com/scopes.",
          "\"errors\":[{\"message\":\"One or more of the following scopes are "
          "required.\",\"context\":{\"requiredGranularScopes\":["
              + json::quoted(scope)
              + "]}}],\"links\":{\"scopes\":\"https://developers.hubspot.com/scopes\"}"};
}

/// HubSpot's bound on unique properties of one object type (hubspot.md §4).
constexpr ptrdiff_t unique_properties_max = 10;

/// Adds the property that `body` describes; yields its name, or why it cannot be.
std::variant<std::string, api_error> define_property(object_store& store, std::string_view body) {
  const auto read = json::parse_value(body);
  if (!read || !read->is_object())
    return api_error{.message = "Invalid input JSON"};
  for (const auto* needed : {"name", "label", "groupName", "type", "fieldType"})
    if (read->string_or_empty(needed).empty())
      return api_error{.message = "Invalid input JSON: " + std::string{needed} + " is required"};
  const std::string name{read->string_or_empty("name")};
  if (read->string_or_empty("type") != "string" || read->string_or_empty("fieldType") != "text")
    return api_error{.message = "Only text properties can be made in this simulation"};
  if (store.type().find(name))
    return api_error{409, "OBJECT_ALREADY_EXISTS", "Property named " + name + " already exists."};
  const auto* unique = read->find("hasUniqueValue");
  const bool is_unique = unique && unique->truth;
  if (is_unique
      && std::ranges::count_if(store.type().properties, &property_description::unique)
             >= unique_properties_max)
    return api_error{.message = "The limit of unique properties is reached"};
  store.define(name, is_unique);
  return name;
}

} // namespace

struct hubspot_simulator::door {
  const http_request& request;
  std::string path;
  portal& account;
  const access_view& token;
  query_parameters query;
};

http_response hubspot_simulator::serve_api(const http_request& request, std::string_view path,
                                           wall_time now) {
  const auto who = authenticate(request, now);
  if (const auto* failure = std::get_if<api_error>(&who)) {
    ++traffic_.requests["unauthenticated"];
    return refused(*failure);
  }
  const auto& token = *std::get<const access_view*>(who);
  const auto mark = request.url.find('?');
  auto query
      = parse_query(mark == std::string::npos ? std::string_view{}
                                              : std::string_view{request.url}.substr(mark + 1));
  if (!query)
    return refused({.message = "Invalid query string"});
  door in{request, std::string{path}, portals_[token.granted.account], token, *std::move(query)};
  const auto segments = path_segments(path);
  const auto is
      = [&](size_t i, std::string_view name) { return i < segments.size() && segments[i] == name; };
  const bool is_search = is(segments.size() - 1, "search");
  const auto key = std::to_string(in.account.hub_id);
  if (!quota_.admit(is_search ? secondly : burst, key, now)) {
    ++traffic_.requests["limited"];
    return limited(is_search ? secondly : burst);
  }
  http_response response;
  if (is(0, "crm") && is(1, "v3") && is(2, "objects") && segments.size() > 3)
    response = serve_objects(in, segments, 3, now);
  else if (is(0, "crm") && is(1, "objects") && segments.size() > 3 && is_date_version(segments[2]))
    response = serve_objects(in, segments, 3, now);
  else if (is(0, "crm") && is(1, "v3") && is(2, "properties") && segments.size() > 3)
    response = serve_properties(in, segments);
  else if (is(0, "account-info") && is(2, "details") && request.method == "GET")
    response = serve_account_info(in);
  else if (is(0, "appinstalls") && is(2, "external-install") && request.method == "DELETE") {
    oauth_.grants().revoke_account(token.granted.account, false);
    response = http_response{204, {}};
  } else
    response = refused({404, "OBJECT_NOT_FOUND", "resource not found"});
  if (is_search)
    return response; // hubspot.md §5: no rate-limit headers on search answers
  const auto most = quota_.rules()[0].limit;
  response.headers.set("X-HubSpot-RateLimit-Max", std::to_string(most));
  response.headers.set("X-HubSpot-RateLimit-Remaining",
                       std::to_string(quota_.remaining(burst, key, now)));
  response.headers.set("X-HubSpot-RateLimit-Interval-Milliseconds", "10000");
  response.headers.set("X-HubSpot-RateLimit-Secondly", std::to_string(most / 10));
  response.headers.set("X-HubSpot-RateLimit-Secondly-Remaining", std::to_string(most / 10));
  return response;
}

http_response hubspot_simulator::serve_objects(door& in, const std::vector<std::string>& segments,
                                               size_t type_at, wall_time now) {
  const auto* type = find_schema(segments[type_at]);
  if (!type)
    return refused(
        {404, "OBJECT_NOT_FOUND", "Unable to infer object type from: " + segments[type_at]});
  const std::vector<std::string> below{segments.begin() + static_cast<ptrdiff_t>(type_at) + 1,
                                       segments.end()};
  const auto routed = route_crm(in.request.method, below);
  if (const auto* status = std::get_if<int>(&routed))
    return refused({*status, *status == 404 ? "OBJECT_NOT_FOUND" : "METHOD_NOT_ALLOWED",
                    *status == 404 ? "resource not found" : "HTTP 405 Method Not Allowed"});
  const auto& route = std::get<crm_route>(routed);
  ++traffic_.requests[std::string{type->name} + "." + std::string{to_string(route.endpoint)}];
  const auto scope
      = "crm.objects." + std::string{type->name} + (is_write(route.endpoint) ? ".write" : ".read");
  if (std::ranges::count(in.token.granted.scopes, scope) == 0)
    return refused(missing_scope(scope));
  if (in.account.forbidden.contains(type->name)) {
    auto word = std::string{type->singular};
    std::ranges::transform(word, word.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
    return refused(
        {403, "FORBIDDEN", "You do not have permissions to view object type " + word + "."});
  }
  if (!in.request.body.empty()
      && !in.request.headers.get("Content-Type").starts_with("application/json"))
    return refused({415, "VALIDATION_ERROR", "The Content-Type must be application/json"});
  auto& stream = in.account.stream(*type);
  crm_call call;
  call.endpoint = route.endpoint;
  call.store = &stream.store;
  call.served = &stream.served;
  call.id = route.id;
  call.query = std::move(in.query);
  call.body = in.request.body;
  call.url = api_base() + in.path;
  call.record_base = app_base() + "/contacts/" + std::to_string(in.account.hub_id) + "/record/"
                     + std::string{type->type_id} + "/";
  call.strict = strict_;
  auto outcome = serve_crm(call, now);
  if (const auto* failure = std::get_if<api_error>(&outcome))
    return refused(*failure);
  traffic_.writes += is_write(route.endpoint) ? 1 : 0;
  auto response = std::get<http_response>(std::move(outcome));
  response.headers.set("x-hubspot-correlation-id", correlation_id());
  return response;
}

/// The properties of an object type: what there is, and one more (hubspot.md §1.5, §4).
http_response hubspot_simulator::serve_properties(door& in,
                                                  const std::vector<std::string>& segments) {
  const auto* type = find_schema(segments[3]);
  if (!type || segments.size() > 5)
    return refused({404, "OBJECT_NOT_FOUND", "resource not found"});
  const bool makes = in.request.method == "POST" && segments.size() == 4;
  if (!makes && !(in.request.method == "GET" && segments.size() == 5))
    return refused({405, "METHOD_NOT_ALLOWED", "HTTP 405 Method Not Allowed"});
  ++traffic_.requests[std::string{type->name} + (makes ? ".define" : ".property")];
  const auto scope = "crm.schemas." + std::string{type->name} + (makes ? ".write" : ".read");
  if (std::ranges::count(in.token.granted.scopes, scope) == 0)
    return refused(missing_scope(scope));
  auto& store = in.account.stream(*type).store;
  std::string name = makes ? std::string{} : segments[4];
  if (makes) {
    auto outcome = define_property(store, in.request.body);
    if (const auto* failure = std::get_if<api_error>(&outcome))
      return refused(*failure);
    name = std::get<std::string>(std::move(outcome));
  }
  const auto found = store.type().find(name);
  if (!found)
    return refused({404, "OBJECT_NOT_FOUND", "Property \"" + name + "\" does not exist"});
  json::writer out;
  out.begin_object().key("name").value(name).key("type").value("string");
  out.key("hasUniqueValue").value(store.type().properties[*found].unique).end_object();
  return {makes ? 201 : 200, out.take(), "application/json;charset=utf-8"};
}

http_response hubspot_simulator::serve_account_info(const door& in) {
  ++traffic_.requests["account_info"];
  json::writer out;
  out.begin_object().key("portalId").value(in.account.hub_id);
  out.key("accountType").value("STANDARD").key("timeZone").value(in.account.time_zone);
  out.key("companyCurrency").value("EUR").key("uiDomain").value("app.hubspot.com");
  out.key("dataHostingLocation").value("na1").end_object();
  return {200, out.take(), "application/json;charset=utf-8"};
}

std::variant<const access_view*, api_error>
hubspot_simulator::authenticate(const http_request& request, wall_time now) const {
  const auto* view = oauth_.grants().find_access(bearer_token(request));
  if (!view || portals_[view->granted.account].gone)
    return api_error{401, "INVALID_AUTHENTICATION",
                     "Authentication credentials not found. This API supports OAuth 2.0 "
                     "authentication and you can find more details at "
                     "https://developers.hubspot.com/docs/methods/auth/oauth-overview"};
  if (now < view->expires_at)
    return view;
  const auto late = std::chrono::floor<seconds>(now - view->expires_at).count();
  return api_error{
      401, "EXPIRED_AUTHENTICATION",
      "The OAuth token used to make this call expired " + std::to_string(late) + " second(s) ago.",
      "\"context\":{\"expire time\":[" + json::quoted(format_iso_time(view->expires_at)) + "]}"};
}

} // namespace nexte::simulation
