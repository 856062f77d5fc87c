#include "protocol/notion/simulator.hpp"

#include "protocol/json/writer.hpp"
#include "protocol/simulation/observer.hpp"

#include <algorithm>
#include <cmath>

namespace nexte::simulation {

using namespace notion;

namespace {

constexpr std::string_view own_base = "https://api.notion.com";
constexpr std::string_view client_id = "463558a3-725e-4f37-b6d3-0889894f68de";
constexpr std::string_view client_secret = "secret_simulated-4af1b290";

// notion.md §5: what a connection may spend in a minute on the smaller plans.
constexpr std::string_view connection_budget = "public_api_request_rate_limit";
constexpr unsigned connection_limit = 180;

std::vector<counter_rule> quota_rules(double scale) {
  const auto scaled = static_cast<unsigned>(std::max(1.0, std::floor(connection_limit * scale)));
  return {{std::string{connection_budget}, scaled, std::chrono::minutes{1}}};
}

std::vector<workspace> make_workspaces(const simulator_options& options) {
  std::vector<workspace> workspaces;
  for (size_t i = 0; i < std::max(1u, options.accounts); ++i)
    workspaces.emplace_back(i, options);
  return workspaces;
}

std::vector<login_account> logins(const std::vector<workspace>& workspaces) {
  std::vector<login_account> accounts;
  for (const auto& one : workspaces)
    accounts.push_back({one.bot_id, one.login, one.name});
  return accounts;
}

registered_client make_client(const simulator_options& options) {
  registered_client client{std::string{client_id}, std::string{client_secret}, "Nexte Sync", {}};
  client.redirect_uris = {"http://127.0.0.1/oauth/notion", "http://[::1]/oauth/notion"};
  client.redirect_uris.insert(client.redirect_uris.end(), options.redirect_uris.begin(),
                              options.redirect_uris.end());
  return client;
}

} // namespace

notion_simulator::notion_simulator(simulator_options options)
    : options_(std::move(options)),
      random_(options_.seed),
      workspaces_(make_workspaces(options_)),
      oauth_(notion_policy(), make_client(options_), logins(workspaces_),
             seeded_source(seeded_random::mix(options_.seed))),
      quota_(quota_rules(options_.quota_scale)) {
  oauth_.auto_consent = options_.auto_consent;
  oauth_.authorize_path = "/v1/oauth/authorize";
}

notion_simulator::~notion_simulator() = default;

void notion_simulator::mount(std::string base) {
  base_ = std::move(base);
  const auto path = base_.find('/', base_.find("://") + 3);
  oauth_.authorize_path
      = (path == std::string::npos ? "" : base_.substr(path)) + "/v1/oauth/authorize";
}

std::string notion_simulator::api_base() const {
  return base_.empty() ? std::string{own_base} : base_;
}

simulated_endpoints notion_simulator::endpoints() const {
  const auto& client = oauth_.client();
  const auto oauth = api_base() + "/v1/oauth";
  return {api_base(),       oauth + "/authorize?owner=user",
          oauth + "/token", oauth + "/revoke",
          client.id,        client.client_secret};
}

std::string notion_simulator::issue_access_token(wall_time now) {
  return oauth_.issue(0, {}, now).access_token;
}

http_response notion_simulator::handle(const http_request& request, wall_time now) {
  std::string_view path = request.url;
  if (const auto base = api_base(); is_under(request.url, base))
    path = path.substr(base.size());
  path = path.substr(0, path.find('?'));
  if (path.size() > 1 && path.ends_with('/')) // one is tolerated, notion.md §1.3
    path.remove_suffix(1);
  const auto act = [&] { return dispatch(request, path, now); };
  const auto struck = faults_.take(request.method, path, now);
  auto response = struck ? play(*struck, now, act,
                                [&](const fault& f) {
                                  return limited(f.policy.empty() ? connection_budget : f.policy,
                                                 f.retry_after_wait);
                                })
                         : act();
  ++traffic_.statuses[response.status];
  return response;
}

http_response notion_simulator::dispatch(const http_request& request, std::string_view path,
                                         wall_time now) {
  if (path == "/v1/oauth/authorize") {
    ++traffic_.requests["oauth.authorize"];
    return oauth_.authorize(request, now);
  }
  return path.starts_with("/v1/oauth/") ? serve_oauth(request, path, now)
                                        : serve_api(request, path, now);
}

// notion.md §1.3.
http_response notion_simulator::refused(int status, std::string_view code,
                                        std::string_view message) {
  const auto request_id = random_uuid(random_);
  json::writer out;
  out.begin_object().key("object").value("error").key("status").value(status);
  out.key("code").value(code).key("message").value(message);
  out.key("request_id").value(request_id).end_object();
  http_response answer{status, out.take(), "application/json; charset=utf-8"};
  answer.headers.add("x-notion-request-id", request_id);
  return answer;
}

http_response notion_simulator::invalid(std::string_view message) {
  return refused(400, "validation_error", message);
}

http_response notion_simulator::missing(std::string_view kind, std::string_view id) {
  return refused(404, "object_not_found",
                 "Could not find " + std::string{kind} + " with ID: " + std::string{id}
                     + ". Make sure the relevant pages and databases are shared with your "
                       "integration.");
}

// notion.md §5. `reason` "service_overload" is a 529.
http_response notion_simulator::limited(std::string_view reason, seconds wait) {
  constexpr seconds usual{12};
  const auto text = std::to_string((wait.count() > 0 ? wait : usual).count());
  const bool overload = reason == "service_overload";
  const auto request_id = random_uuid(random_);
  json::writer out;
  out.begin_object().key("object").value("error").key("status").value(overload ? 529 : 429);
  out.key("code").value(overload ? "service_overload" : "rate_limited");
  out.key("message").value(overload
                               ? "Notion is temporarily overloaded. Please try again later."
                               : "You have been rate limited. Please try again in a few minutes.");
  if (!overload) {
    out.key("additional_data").begin_object().key("rate_limit_reason").value(reason);
    out.key("retry_after").value(text).end_object();
  }
  out.key("request_id").value(request_id).end_object();
  http_response answer{overload ? 529 : 429, out.take(), "application/json; charset=utf-8"};
  answer.headers.set("Retry-After", text);
  return answer;
}

} // namespace nexte::simulation
