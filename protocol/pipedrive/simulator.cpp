#include "protocol/pipedrive/simulator.hpp"

#include <algorithm>
#include <cmath>

namespace nexte::simulation {

using namespace pipedrive;

namespace {

constexpr std::string_view own_oauth_base = "https://oauth.pipedrive.com";
constexpr std::string_view own_api_base = "https://api.pipedrive.com";
constexpr std::string_view own_domain = ".pipedrive.com";
constexpr std::string_view client_id = "5b1e0f7d9c3a4628";
constexpr std::string_view client_secret = "simulated-77c1d4e2-secret";

// pipedrive.md §5: an OAuth app on the smallest plan.
constexpr unsigned burst_limit = 80;
constexpr unsigned search_limit = 10;
constexpr seconds burst_span{2};
/// So many refusals in a minute bring a page of Cloudflare's (the count is unconfirmed).
constexpr unsigned patience = 100;

std::vector<counter_rule> quota_rules(double scale) {
  const auto scaled = [&](unsigned limit) {
    return static_cast<unsigned>(std::max(1.0, std::floor(limit * scale)));
  };
  return {{"BURST", scaled(burst_limit), burst_span},
          {"SEARCH", scaled(search_limit), burst_span},
          {"PATIENCE", patience, std::chrono::minutes{1}}};
}

std::vector<company> make_companies(const simulator_options& options) {
  std::vector<company> companies;
  for (size_t i = 0; i < std::max(1u, options.accounts); ++i)
    companies.emplace_back(i, options);
  return companies;
}

std::vector<login_account> logins(const std::vector<company>& companies) {
  std::vector<login_account> accounts;
  for (const auto& one : companies)
    accounts.push_back({std::to_string(one.id), one.login, one.name});
  return accounts;
}

registered_client make_client(const simulator_options& options) {
  registered_client client{std::string{client_id}, std::string{client_secret}, "Nexte Sync", {}};
  client.redirect_uris = {"http://127.0.0.1/oauth/pipedrive", "http://[::1]/oauth/pipedrive"};
  client.redirect_uris.insert(client.redirect_uris.end(), options.redirect_uris.begin(),
                              options.redirect_uris.end());
  return client;
}

oauth_policy make_policy() {
  auto policy = pipedrive_policy();
  policy.registered_scopes = pipedrive_simulator::all_scopes();
  return policy;
}

} // namespace

std::vector<std::string> pipedrive_simulator::all_scopes() {
  return {"base",         "contacts:full", "deals:full", "contact-fields:full", "deal-fields:full",
          "recents:read", "search:read"};
}

pipedrive_simulator::pipedrive_simulator(simulator_options options)
    : options_(std::move(options)),
      random_(options_.seed),
      companies_(make_companies(options_)),
      oauth_(make_policy(), make_client(options_), logins(companies_),
             seeded_source(seeded_random::mix(options_.seed))),
      quota_(quota_rules(options_.quota_scale)) {
  oauth_.auto_consent = options_.auto_consent;
}

void pipedrive_simulator::mount(std::string base) {
  base_ = std::move(base);
  const auto path = base_.find('/', base_.find("://") + 3);
  oauth_.authorize_path
      = (path == std::string::npos ? "" : base_.substr(path)) + "/oauth/authorize";
}

std::string pipedrive_simulator::oauth_base() const {
  return base_.empty() ? std::string{own_oauth_base} : base_;
}

std::string pipedrive_simulator::api_domain(size_t account) const {
  const auto& domain = companies_[account].domain;
  return base_.empty() ? "https://" + domain + std::string{own_domain} : base_ + "/" + domain;
}

simulated_endpoints pipedrive_simulator::endpoints() const {
  const auto& client = oauth_.client();
  return {base_.empty() ? std::string{own_api_base} : base_,
          oauth_base() + "/oauth/authorize",
          oauth_base() + "/oauth/token",
          oauth_base() + "/oauth/revoke",
          client.id,
          client.client_secret};
}

std::string pipedrive_simulator::issue_access_token(wall_time now) {
  return issue_tokens(now).access_token;
}

std::optional<std::pair<size_t, std::string_view>>
pipedrive_simulator::company_of(std::string_view url) const {
  for (size_t i = 0; i < companies_.size(); ++i)
    if (const auto base = api_domain(i); is_under(url, base)) {
      const auto path = url.substr(base.size());
      return std::pair{i, path.substr(0, path.find('?'))};
    }
  return std::nullopt;
}

http_response pipedrive_simulator::handle(const http_request& request, wall_time now) {
  std::string_view path = request.url;
  if (const auto own = company_of(request.url))
    path = own->second;
  else if (const auto base = oauth_base(); is_under(request.url, base))
    path = path.substr(base.size());
  path = path.substr(0, path.find('?'));
  const auto act = [&] { return dispatch(request, path, now); };
  const auto struck = faults_.take(request.method, path, now);
  auto response
      = struck ? play(*struck, now, act, [&](const fault& f) { return limited(f.policy, now); })
               : act();
  ++traffic_.statuses[response.status];
  return response;
}

http_response pipedrive_simulator::dispatch(const http_request& request, std::string_view path,
                                            wall_time now) {
  if (const auto own = company_of(request.url)) {
    auto answer = serve_company(request, own->first, path, now);
    answer.headers.set("x-correlation-id", random_uuid(random_));
    return answer;
  }
  if (path == "/oauth/authorize") {
    ++traffic_.requests["oauth.authorize"];
    return oauth_.authorize(request, now);
  }
  if (path.starts_with("/oauth/"))
    return serve_oauth(request, path, now);
  ++traffic_.requests["no_company"];
  return refused(404, "There is no company at this address: use the api_domain of the token");
}

// pipedrive.md §1.4.
http_response pipedrive_simulator::refused(int status, std::string_view message,
                                           std::string_view code) const {
  json::writer out;
  out.begin_object().key("success").value(false).key("error").value(message);
  if (code.empty())
    out.key("errorCode").value(status);
  else
    out.key("code").value(code);
  out.key("error_info").value("Please check developers.pipedrive.com").end_object();
  return {status, out.take(), "application/json; charset=utf-8"};
}

// pipedrive.md §5.
http_response pipedrive_simulator::limited(std::string_view policy, wall_time now) {
  if (policy == "CLOUDFLARE")
    return {403,
            "<!DOCTYPE html><html><head><title>Access denied | Cloudflare</title></head></html>",
            "text/html; charset=UTF-8"};
  const bool daily = policy == "DAILY_TOKENS";
  auto answer = refused(429, daily ? "daily request budget exceeded" : "request over limit");
  const auto wait
      = daily ? std::chrono::ceil<seconds>(token_budget::until_midnight(now)) : burst_span;
  answer.headers.set("Retry-After", std::to_string(wait.count()));
  return answer;
}

} // namespace nexte::simulation
