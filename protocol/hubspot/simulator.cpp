#include "protocol/hubspot/simulator.hpp"

#include "protocol/core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace nexte::simulation {

using namespace hubspot;

namespace {

constexpr std::string_view own_api_base = "https://api.hubapi.com";
constexpr std::string_view own_app_base = "https://app.hubspot.com";
constexpr std::string_view client_id = "3f1c9a52-7b7e-4f37-9d0e-51d1a2b5c8aa";
constexpr std::string_view client_secret = "simulated-3a9f0c1d-secret";

// hubspot.md §5.
constexpr std::string_view burst = "TEN_SECONDLY_ROLLING";
constexpr std::string_view secondly = "SECONDLY";
constexpr unsigned burst_limit = 110;
constexpr unsigned search_limit_per_second = 5;

constexpr size_t target_bytes_max = 8 * 1024; ///< Longer addresses answer 414 (bound unconfirmed).

uint64_t to_number(std::string_view id) {
  uint64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  return number;
}

/// The segments of a path, decoded; empty ones are left out.
std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    if (end > 0)
      segments.push_back(percent_decode(path.substr(0, end), false).value_or(""));
    path.remove_prefix(std::min(path.size(), end + 1));
  }
  return segments;
}

bool is_date_version(std::string_view segment) {
  return segment == "2026-03" || segment == "2026-09";
}

std::vector<counter_rule> quota_rules(double scale) {
  const auto scaled = [&](unsigned limit) {
    return static_cast<unsigned>(std::max(1.0, std::floor(limit * scale)));
  };
  return {{std::string{burst}, scaled(burst_limit), seconds{10}},
          {std::string{secondly}, scaled(search_limit_per_second), seconds{1}}};
}

std::vector<portal> make_portals(const simulator_options& options) {
  std::vector<portal> portals;
  for (size_t i = 0; i < std::max(1u, options.accounts); ++i)
    portals.emplace_back(i, options);
  return portals;
}

std::vector<login_account> logins(const std::vector<portal>& portals) {
  std::vector<login_account> accounts;
  for (const auto& one : portals)
    accounts.push_back({std::to_string(one.hub_id), one.login, one.name});
  return accounts;
}

registered_client make_client(const simulator_options& options) {
  registered_client client{std::string{client_id}, std::string{client_secret}, "Nexte Sync", {}};
  client.redirect_uris = {"http://127.0.0.1/oauth/hubspot", "http://[::1]/oauth/hubspot"};
  client.redirect_uris.insert(client.redirect_uris.end(), options.redirect_uris.begin(),
                              options.redirect_uris.end());
  return client;
}

oauth_policy make_policy() {
  auto policy = hubspot_policy();
  policy.known_scopes = hubspot_simulator::all_scopes();
  return policy;
}

} // namespace

struct hubspot_simulator::door {
  const http_request& request;
  std::string path;
  portal& account;
  const access_view& token;
  query_parameters query;
};

std::vector<std::string> hubspot_simulator::all_scopes() {
  std::vector<std::string> scopes = {"oauth", "crm.objects.owners.read"};
  for (const auto& type : schemas())
    for (const auto* room : {"crm.objects.", "crm.schemas."})
      for (const auto* right : {".read", ".write"})
        scopes.push_back(room + std::string{type.name} + right);
  return scopes;
}

hubspot_simulator::hubspot_simulator(simulator_options options)
    : options_(std::move(options)),
      random_(options_.seed),
      portals_(make_portals(options_)),
      oauth_(make_policy(), make_client(options_), logins(portals_),
             seeded_source(seeded_random::mix(options_.seed))),
      quota_(quota_rules(options_.quota_scale)) {
  oauth_.auto_consent = options_.auto_consent;
}

void hubspot_simulator::mount(std::string base) {
  base_ = std::move(base);
  const auto path = base_.find('/', base_.find("://") + 3);
  oauth_.authorize_path
      = (path == std::string::npos ? "" : base_.substr(path)) + "/oauth/authorize";
}

std::string hubspot_simulator::api_base() const {
  return base_.empty() ? std::string{own_api_base} : base_;
}

std::string hubspot_simulator::app_base() const {
  return base_.empty() ? std::string{own_app_base} : base_;
}

simulated_endpoints hubspot_simulator::endpoints() const {
  const auto& client = oauth_.client();
  return {api_base(),
          app_base() + "/oauth/authorize",
          api_base() + "/oauth/2026-03/token",
          api_base() + "/oauth/2026-03/token/revoke",
          client.id,
          client.client_secret};
}

std::string hubspot_simulator::issue_access_token(wall_time now) {
  return issue_tokens(now).access_token;
}

http_response hubspot_simulator::handle(const http_request& request, wall_time now) {
  std::string_view url = request.url;
  for (const auto& base : {api_base(), app_base()})
    if (is_under(url, base)) {
      url.remove_prefix(base.size());
      break;
    }
  const auto path = url.substr(0, url.find('?'));
  const auto act = [&] { return dispatch(request, path, now); };
  const auto struck = faults_.take(request.method, path, now);
  auto response
      = struck ? play(*struck, now, act, [&](const fault& f) { return limited(f.policy); }) : act();
  ++statuses_[response.status];
  return response;
}

http_response hubspot_simulator::dispatch(const http_request& request, std::string_view path,
                                          wall_time now) {
  if (request.url.size() > target_bytes_max) {
    ++requests_["too_long"];
    return http_response{414, "URI Too Long", "text/plain"};
  }
  if (path == "/oauth/authorize") {
    ++requests_["oauth.authorize"];
    return oauth_.authorize(request, now);
  }
  return path.starts_with("/oauth/") ? serve_oauth(request, path, now)
                                     : serve_api(request, path, now);
}

http_response hubspot_simulator::serve_api(const http_request& request, std::string_view path,
                                           wall_time now) {
  const auto who = authenticate(request, now);
  if (const auto* failure = std::get_if<api_error>(&who)) {
    ++requests_["unauthenticated"];
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
  const auto segments = segments_of(path);
  const auto is
      = [&](size_t i, std::string_view name) { return i < segments.size() && segments[i] == name; };
  const bool is_search = is(segments.size() - 1, "search");
  const auto key = std::to_string(in.account.hub_id);
  if (!quota_.admit(is_search ? secondly : burst, key, now)) {
    ++requests_["limited"];
    return limited(is_search ? secondly : burst);
  }
  http_response response;
  if (is(0, "crm") && is(1, "v3") && is(2, "objects") && segments.size() > 3)
    response = serve_objects(in, segments, 3, now);
  else if (is(0, "crm") && is(1, "objects") && segments.size() > 3 && is_date_version(segments[2]))
    response = serve_objects(in, segments, 3, now);
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
  ++requests_[std::string{type->name} + "." + std::string{to_string(route.endpoint)}];
  const auto scope
      = "crm.objects." + std::string{type->name} + (is_write(route.endpoint) ? ".write" : ".read");
  if (std::ranges::count(in.token.granted.scopes, scope) == 0)
    return refused({403, "MISSING_SCOPES",
                    "This app hasn't been granted all required scopes to make this call. Read more "
                    "about required scopes here: https://developers.hubspot.com/scopes.",
                    "\"errors\":[{\"message\":\"One or more of the following scopes are "
                    "required.\",\"context\":{\"requiredGranularScopes\":["
                        + json::quoted(scope)
                        + "]}}],\"links\":{\"scopes\":\"https://developers.hubspot.com/scopes\"}"});
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
  writes_ += is_write(route.endpoint) ? 1 : 0;
  auto response = std::get<http_response>(std::move(outcome));
  response.headers.set("x-hubspot-correlation-id", correlation_id());
  return response;
}

http_response hubspot_simulator::serve_account_info(const door& in) {
  ++requests_["account_info"];
  json::writer out;
  out.begin_object().key("portalId").value(in.account.hub_id);
  out.key("accountType").value("STANDARD").key("timeZone").value(in.account.time_zone);
  out.key("companyCurrency").value("EUR").key("uiDomain").value("app.hubspot.com");
  out.key("dataHostingLocation").value("na1").end_object();
  return {200, out.take(), "application/json;charset=utf-8"};
}

std::variant<const access_view*, api_error>
hubspot_simulator::authenticate(const http_request& request, wall_time now) const {
  constexpr std::string_view scheme = "Bearer ";
  const auto field = request.headers.get("Authorization");
  const bool is_bearer
      = field.size() > scheme.size() && equal_ignoring_case(field.substr(0, scheme.size()), scheme);
  const auto* view = is_bearer ? oauth_.grants().find_access(field.substr(scheme.size())) : nullptr;
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

http_response hubspot_simulator::refused(const api_error& failure) {
  return render(failure, correlation_id());
}

http_response hubspot_simulator::limited(std::string_view policy) {
  const auto name = policy.empty() ? burst : policy;
  const auto word = name == secondly  ? "secondly"
                    : name == "DAILY" ? "daily"
                                      : "ten_secondly_rolling";
  const auto message = "You have reached your " + std::string{word} + " limit.";
  const auto id = correlation_id();
  if (name == "RATE_LIMITS") // the form of some endpoints
    return render({429, "RATE_LIMITS", message}, id);
  return render(
      {429, "", message, "\"errorType\":\"RATE_LIMIT\",\"policyName\":" + json::quoted(name)}, id);
}

std::string hubspot_simulator::correlation_id() {
  uint8_t bytes[16];
  for (auto& byte : bytes)
    byte = static_cast<uint8_t>(random_.next());
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | 0x40); // RFC 9562: version 4
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);
  auto text = hex(bytes);
  for (const size_t at : {20, 16, 12, 8})
    text.insert(at, "-");
  return text;
}

std::string hubspot_simulator::create(std::string_view type, const named_values& values,
                                      wall_time now, size_t account) {
  const auto& described = *find_schema(type);
  property_values wanted;
  for (const auto& [name, value] : values)
    wanted.emplace_back(*described.find(name), value);
  const auto made = portals_[account].stream(described).store.create(wanted, now, "CRM_UI");
  return std::to_string(made->id);
}

void hubspot_simulator::edit(std::string_view type, std::string_view id, const named_values& values,
                             wall_time now, size_t account, bool silent) {
  const auto& described = *find_schema(type);
  property_values wanted;
  for (const auto& [name, value] : values)
    wanted.emplace_back(*described.find(name), value);
  portals_[account].stream(described).store.update(to_number(id), wanted, now, "CRM_UI", silent);
}

void hubspot_simulator::archive(std::string_view type, std::string_view id, wall_time now,
                                size_t account) {
  portals_[account].stream(*find_schema(type)).store.archive(to_number(id), now);
}

void hubspot_simulator::restore(std::string_view type, std::string_view id, wall_time now,
                                size_t account) {
  portals_[account].stream(*find_schema(type)).store.restore(to_number(id), now);
}

std::map<std::string, hubspot_simulator::record_state>
hubspot_simulator::snapshot(std::string_view type, size_t account) {
  const auto& described = *find_schema(type);
  const auto& store = portals_[account].stream(described).store;
  std::map<std::string, record_state> records;
  for (const bool archived : {false, true})
    for (const auto& state : store.list(archived, 0, SIZE_MAX).first) {
      auto& record = records[std::to_string(state->id)];
      record.version = format_instant(state->modified_at);
      record.archived = archived;
      for (uint16_t i = 0; i < described.properties.size(); ++i)
        if (auto value = value_of(described, *state, i); !value.empty())
          record.properties[std::string{described.properties[i].name}] = std::move(value);
    }
  return records;
}

issued_tokens hubspot_simulator::issue_tokens(wall_time now, size_t account,
                                              std::vector<std::string> scopes) {
  if (scopes.empty())
    scopes = all_scopes();
  return oauth_.grants().issue({account, std::move(scopes), true}, now);
}

uint32_t hubspot_simulator::served(std::string_view type, std::string_view id, size_t account) {
  const auto& counts = portals_[account].stream(*find_schema(type)).served;
  const auto found = counts.find(to_number(id));
  return found == counts.end() ? 0 : found->second;
}

} // namespace nexte::simulation
