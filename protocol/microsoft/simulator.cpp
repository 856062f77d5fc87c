#include "protocol/microsoft/simulator.hpp"

#include <algorithm>
#include <cmath>

namespace nexte::simulation {

using namespace microsoft;

namespace {

constexpr std::string_view own_api = "https://graph.microsoft.com";
constexpr std::string_view own_oauth = "https://login.microsoftonline.com";
constexpr std::string_view api_path = "/v1.0";
constexpr std::string_view oauth_path = "/common/oauth2/v2.0";
constexpr std::string_view client_id = "6f1c9f58-2f0a-4c46-9a0e-7a3d5b1e8c42";

// microsoft.md §7.
std::vector<counter_rule> quota_rules(double scale) {
  const auto scaled = [&](unsigned limit) {
    return static_cast<unsigned>(std::max(1.0, std::floor(limit * scale)));
  };
  return {{"GRAPH_APP", scaled(130'000), seconds{10}},
          {"OUTLOOK_MAILBOX", scaled(10'000), std::chrono::minutes{10}}};
}

std::vector<mailbox> make_mailboxes(const simulator_options& options) {
  std::vector<mailbox> all;
  for (size_t i = 0; i < std::max(1u, options.accounts); ++i)
    all.emplace_back(i, options);
  return all;
}

std::vector<login_account> logins(const std::vector<mailbox>& mailboxes) {
  std::vector<login_account> accounts;
  for (const auto& one : mailboxes)
    accounts.push_back({one.id, one.login, one.name});
  return accounts;
}

/// A public client; loopback in IPv4 only (microsoft.md §1.2).
registered_client make_client(const simulator_options& options) {
  registered_client client{std::string{client_id}, "", "Nexte Sync", {}};
  client.redirect_uris = {"http://127.0.0.1/oauth/microsoft"};
  client.redirect_uris.insert(client.redirect_uris.end(), options.redirect_uris.begin(),
                              options.redirect_uris.end());
  return client;
}

oauth_policy make_policy() {
  auto policy = entra_policy();
  policy.known_scopes = microsoft_simulator::all_scopes();
  return policy;
}

} // namespace

std::vector<std::string> microsoft_simulator::all_scopes() {
  return {"offline_access",
          "openid",
          "profile",
          "email",
          "User.Read",
          "Mail.Read",
          "Mail.ReadWrite",
          "Calendars.Read",
          "Contacts.Read",
          "Contacts.ReadWrite",
          "Calendars.ReadWrite"};
}

microsoft_simulator::microsoft_simulator(simulator_options options)
    : options_(std::move(options)),
      random_(options_.seed),
      mailboxes_(make_mailboxes(options_)),
      oauth_(make_policy(), make_client(options_), logins(mailboxes_),
             seeded_source(seeded_random::mix(options_.seed))),
      quota_(quota_rules(options_.quota_scale)) {
  oauth_.auto_consent = options_.auto_consent;
  mount({});
}

void microsoft_simulator::mount(std::string base) {
  base_ = std::move(base);
  const auto path = base_.empty() ? std::string::npos : base_.find('/', base_.find("://") + 3);
  oauth_.authorize_path = (path == std::string::npos ? "" : base_.substr(path))
                          + std::string{oauth_path} + "/authorize";
}

std::string microsoft_simulator::api_base() const {
  return (base_.empty() ? std::string{own_api} : base_) + std::string{api_path};
}

std::string microsoft_simulator::oauth_base() const {
  return (base_.empty() ? std::string{own_oauth} : base_) + std::string{oauth_path};
}

simulated_endpoints microsoft_simulator::endpoints() const {
  return {api_base(), oauth_base() + "/authorize", oauth_base() + "/token",
          "",         oauth_.client().id,          ""};
}

std::string microsoft_simulator::issue_access_token(wall_time now) {
  return issue_tokens(now).access_token;
}

mailbox& microsoft_simulator::mailbox_at(size_t account, wall_time now) {
  for (auto& one : mailboxes_)
    one.fill(now);
  return mailboxes_[account];
}

http_response microsoft_simulator::handle(const http_request& request, wall_time now) {
  std::string_view path = request.url;
  for (const auto& base : {api_base(), oauth_base()})
    if (is_under(request.url, base))
      path = std::string_view{request.url}.substr(base.size()
                                                  - (base == oauth_base() ? oauth_path.size() : 0));
  path = path.substr(0, path.find('?'));
  const auto act = [&] { return dispatch(request, now); };
  const auto struck = faults_.take(request.method, path, now);
  auto response
      = struck ? play(*struck, now, act, [&](const fault&) { return throttled(); }) : act();
  ++traffic_.statuses[response.status];
  return response;
}

http_response microsoft_simulator::dispatch(const http_request& request, wall_time now) {
  if (is_under(request.url, oauth_base() + "/authorize")) {
    ++traffic_.requests["oauth.authorize"];
    return oauth_.authorize(request, now);
  }
  if (is_under(request.url, oauth_base() + "/token"))
    return serve_token(request, now);
  if (!is_under(request.url, api_base()))
    return refused(404, "ResourceNotFound", "Nothing is served at this address.");
  auto answer = serve_graph(request, now);
  answer.headers.set("request-id", random_uuid(random_));
  if (const auto id = request.headers.get("client-request-id"); !id.empty())
    answer.headers.set("client-request-id", std::string{id});
  return answer;
}

// microsoft.md §2.
http_response microsoft_simulator::refused(int status, std::string_view code,
                                           std::string_view message) {
  json::writer out;
  out.begin_object().key("error").begin_object().key("code").value(code);
  out.key("message").value(message).key("innerError").begin_object();
  out.key("request-id").value(random_uuid(random_)).end_object().end_object().end_object();
  return {status, out.take(), "application/json"};
}

// microsoft.md §1.7.
http_response microsoft_simulator::unauthorized(bool challenges, std::string_view message) {
  auto answer = refused(401, "InvalidAuthenticationToken", message);
  std::string challenge
      = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/"
        "authorize\", client_id=\"00000003-0000-0000-c000-000000000000\"";
  if (challenges)
    challenge += ", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2"
                 "VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNTAyMTg1MTc3In19fQ==\"";
  answer.headers.add("WWW-Authenticate", challenge);
  return answer;
}

// microsoft.md §7.
http_response microsoft_simulator::throttled() {
  auto answer
      = refused(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.");
  answer.headers.set("Retry-After", "10");
  return answer;
}

} // namespace nexte::simulation
