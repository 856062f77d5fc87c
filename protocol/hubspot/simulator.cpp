#include "protocol/hubspot/simulator.hpp"

#include "protocol/core/text.hpp"

#include <algorithm>
#include <cmath>

namespace nexte::simulation {

using namespace hubspot;

namespace {

constexpr std::string_view own_api_base = "https://api.hubapi.com";
constexpr std::string_view own_app_base = "https://app.hubspot.com";
constexpr std::string_view client_id = "3f1c9a52-7b7e-4f37-9d0e-51d1a2b5c8aa";
constexpr std::string_view client_secret = "simulated-3a9f0c1d-secret";

// hubspot.md §5.
constexpr unsigned burst_limit = 110;
constexpr unsigned search_limit_per_second = 5;

constexpr size_t target_bytes_max = 8 * 1024; ///< Longer addresses answer 414 (bound unconfirmed).

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
  ++traffic_.statuses[response.status];
  return response;
}

http_response hubspot_simulator::dispatch(const http_request& request, std::string_view path,
                                          wall_time now) {
  if (request.url.size() > target_bytes_max) {
    ++traffic_.requests["too_long"];
    return http_response{414, "URI Too Long", "text/plain"};
  }
  if (path == "/oauth/authorize") {
    ++traffic_.requests["oauth.authorize"];
    return oauth_.authorize(request, now);
  }
  return path.starts_with("/oauth/") ? serve_oauth(request, path, now)
                                     : serve_api(request, path, now);
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
  return random_uuid(random_);
}

} // namespace nexte::simulation
