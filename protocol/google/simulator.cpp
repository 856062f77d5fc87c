#include "protocol/google/simulator_door.hpp"

#include "protocol/json/writer.hpp"
#include "protocol/simulation/observer.hpp"

#include <algorithm>
#include <cmath>

namespace nexte::simulation {

using namespace google;

namespace {

constexpr std::string_view client_id = "407408718192-simulated.apps.googleusercontent.com";
constexpr std::string_view client_secret = "GOCSPX-simulated-5d1f";
constexpr std::string_view scope_prefix = "https://www.googleapis.com/auth/";
/// Where Google has what the simulator serves, before it is mounted (google.md §1.1, §2 to §4).
constexpr std::string_view own_hosts[]
    = {"https://gmail.googleapis.com", "https://www.googleapis.com",
       "https://oauth2.googleapis.com", "https://accounts.google.com"};
constexpr std::string_view authorize_path = "/o/oauth2/v2/auth";

// Not the connector's table: a wrong one fails here. google.md §2.5, §3.4, §4.4.
std::vector<counter_rule> quota_rules(double scale) {
  constexpr std::chrono::minutes minute{1};
  const auto scaled = [&](unsigned limit) {
    return static_cast<unsigned>(std::max(100.0, std::floor(limit * scale)));
  };
  return {{"GMAIL_USER", scaled(6'000), minute},  {"GMAIL_PROJECT", scaled(1'200'000), minute},
          {"CALENDAR_USER", scaled(600), minute}, {"CALENDAR_PROJECT", scaled(10'000), minute},
          {"DRIVE_USER", scaled(12'000), minute}, {"DRIVE_PROJECT", scaled(12'000), minute}};
}

std::vector<account> make_accounts(const simulator_options& options) {
  std::vector<account> accounts;
  for (size_t i = 0; i < std::max(1u, options.accounts); ++i)
    accounts.emplace_back(i, options);
  return accounts;
}

std::vector<login_account> logins(const std::vector<account>& accounts) {
  std::vector<login_account> all;
  for (const auto& one : accounts)
    all.push_back({one.id, one.login, one.name});
  return all;
}

registered_client make_client(const simulator_options& options) {
  registered_client client{std::string{client_id}, std::string{client_secret}, "Nexte Sync", {}};
  client.redirect_uris = {"http://127.0.0.1/oauth/google", "http://[::1]/oauth/google"};
  client.redirect_uris.insert(client.redirect_uris.end(), options.redirect_uris.begin(),
                              options.redirect_uris.end());
  return client;
}

oauth_policy make_policy() {
  auto policy = google_policy();
  policy.known_scopes = google_simulator::all_scopes();
  return policy;
}

} // namespace

namespace google {

http_response json_answer(int status, std::string body) {
  return {status, std::move(body), "application/json; charset=UTF-8"};
}

// google.md §1.8: both forms in one body, as the newer front ends answer.
http_response refuse(const refusal& why) {
  json::writer out;
  out.begin_object().key("error").begin_object().key("code").value(why.status);
  out.key("message").value(why.message).key("errors").begin_array().begin_object();
  out.key("message").value(why.message).key("domain").value(why.domain);
  out.key("reason").value(why.reason);
  if (!why.location.empty())
    out.key("location").value(why.location).key("locationType").value("parameter");
  out.end_object().end_array();
  if (!why.word.empty())
    out.key("status").value(why.word);
  out.end_object().end_object();
  return json_answer(why.status, out.take());
}

} // namespace google

std::vector<std::string> google_simulator::all_scopes() {
  std::vector<std::string> scopes{"openid", "https://mail.google.com/"};
  for (const auto* name :
       {"userinfo.email", "gmail.readonly", "gmail.modify", "gmail.metadata", "calendar",
        "calendar.readonly", "calendar.events", "calendar.events.readonly",
        "calendar.calendarlist.readonly", "drive", "drive.readonly", "drive.metadata.readonly"})
    scopes.push_back(std::string{scope_prefix} + name);
  return scopes;
}

google_simulator::google_simulator(simulator_options options)
    : options_(std::move(options)),
      accounts_(make_accounts(options_)),
      oauth_(make_policy(), make_client(options_), logins(accounts_),
             seeded_source(seeded_random::mix(options_.seed))),
      quota_(quota_rules(options_.quota_scale)) {
  oauth_.auto_consent = options_.auto_consent;
  oauth_.authorize_path = authorize_path;
}

google_simulator::~google_simulator() = default;

void google_simulator::mount(std::string base) {
  base_ = std::move(base);
  const auto path = base_.find('/', base_.find("://") + 3);
  oauth_.authorize_path
      = (path == std::string::npos ? "" : base_.substr(path)) + std::string{authorize_path};
}

simulated_endpoints google_simulator::endpoints() const {
  const auto at = [&](size_t host) { return base_.empty() ? std::string{own_hosts[host]} : base_; };
  const auto& app = oauth_.client();
  return {at(1),
          at(3) + std::string{authorize_path} + "?access_type=offline&prompt=consent",
          at(2) + "/token",
          at(2) + "/revoke",
          app.id,
          app.client_secret};
}

std::string_view google_simulator::path_of(std::string_view url) const {
  if (!base_.empty() && is_under(url, base_))
    url.remove_prefix(base_.size());
  else
    for (const auto host : own_hosts)
      if (is_under(url, host)) {
        url.remove_prefix(host.size());
        break;
      }
  return url.substr(0, url.find('?'));
}

http_response google_simulator::handle(const http_request& request, wall_time now) {
  const auto path = path_of(request.url);
  const auto act = [&] { return dispatch(request, path, now); };
  const auto struck = faults_.take(request.method, path, now);
  auto response
      = struck ? play(*struck, now, act, [&](const fault& f) { return limited(f.policy); }) : act();
  ++traffic_.statuses[response.status];
  return response;
}

http_response google_simulator::dispatch(const http_request& request, std::string_view path,
                                         wall_time now) {
  if (path == authorize_path) {
    ++traffic_.requests["oauth.authorize"];
    return serve_consent(request, now);
  }
  if (path == "/token")
    return serve_token(request, now);
  if (path == "/revoke")
    return serve_revoke(request);
  return serve_api(request, path, now);
}

http_response google_simulator::limited(std::string_view policy) const {
  if (policy == "concurrent")
    return refuse({429, "rateLimitExceeded", "Too many concurrent requests for user",
                   "RESOURCE_EXHAUSTED", "", "usageLimits"});
  const auto reason = policy.empty() ? std::string_view{"userRateLimitExceeded"} : policy;
  return refuse({403, reason, "User Rate Limit Exceeded", "", "", "usageLimits"});
}

// google.md §1.8; the order of checks is the framework's: who, what for, how often, then the call.
http_response google_simulator::serve_api(const http_request& request, std::string_view path,
                                          wall_time now) {
  const auto* token = oauth_.grants().find_access(bearer_token(request));
  if (!token || now >= token->expires_at) {
    ++traffic_.requests["unauthenticated"];
    auto answer = refuse({401, "authError", "Invalid Credentials", "UNAUTHENTICATED"});
    answer.headers.set("WWW-Authenticate",
                       "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"");
    return answer;
  }
  const auto mark = request.url.find('?');
  auto query
      = parse_query(mark == std::string::npos ? std::string_view{}
                                              : std::string_view{request.url}.substr(mark + 1));
  if (!query)
    return refuse({400, "badRequest", "The query is malformed", "INVALID_ARGUMENT"});
  auto below = path_segments(path);
  const auto api = below.size() > 2 ? below[0] + "/" + below[1] : std::string{};
  if (api.empty() || below.size() < 3)
    return refuse({404, "notFound", "Not Found", "NOT_FOUND"});
  below.erase(below.begin(), below.begin() + 2);
  door in{request,           *token, accounts_[token->granted.account], std::move(below),
          *std::move(query), now};
  auto answer = api == "gmail/v1"      ? serve_gmail(in)
                : api == "calendar/v3" ? serve_calendar(in)
                : api == "drive/v3"    ? serve_drive(in)
                                       : refuse({404, "notFound", "Not Found", "NOT_FOUND"});
  const auto* mask = in.parameter("fields");
  if (!mask || answer.status != 200)
    return answer;
  auto kept = apply_fields(*mask, *answer.body);
  return kept ? json_answer(200, *std::move(kept)) : refuse_parameter("fields");
}

std::optional<http_response> google_simulator::refuse_for_quota(const door& in,
                                                                std::string_view window,
                                                                std::string_view app_window,
                                                                unsigned units) {
  if (!quota_.admit(window, in.at.id, in.now, units)) {
    ++traffic_.requests["limited"];
    return limited("");
  }
  if (!quota_.admit(app_window, "app", in.now, units)) {
    ++traffic_.requests["limited"];
    return limited("rateLimitExceeded");
  }
  return std::nullopt;
}

std::optional<http_response>
google_simulator::refuse_for_scope(const door& in, std::initializer_list<std::string_view> scopes) {
  std::string acceptable;
  for (const auto name : scopes) {
    const auto scope = name.find(':') == std::string_view::npos
                           ? std::string{scope_prefix} + std::string{name}
                           : std::string{name};
    if (std::ranges::count(in.token.granted.scopes, scope) > 0)
      return std::nullopt;
    acceptable += (acceptable.empty() ? "" : " ") + scope;
  }
  json::writer out;
  out.begin_object().key("error").begin_object().key("code").value(403);
  out.key("message").value("Request had insufficient authentication scopes.");
  out.key("errors").begin_array().begin_object().key("message").value("Insufficient Permission");
  out.key("domain").value("global").key("reason").value("insufficientPermissions");
  out.end_object().end_array().key("status").value("PERMISSION_DENIED");
  out.key("details").begin_array().begin_object();
  out.key("@type").value("type.googleapis.com/google.rpc.ErrorInfo");
  out.key("reason").value("ACCESS_TOKEN_SCOPE_INSUFFICIENT").key("domain").value("googleapis.com");
  out.end_object().end_array().end_object().end_object();
  auto answer = json_answer(403, out.take());
  answer.headers.set("WWW-Authenticate", "Bearer realm=\"https://accounts.google.com/\", "
                                         "error=\"insufficient_scope\", scope=\""
                                             + acceptable + "\"");
  return answer;
}

size_t google_simulator::page_size(size_t asked, size_t all, bool first) const {
  return first && strict_.short_pages ? std::clamp<size_t>(all / 2, 1, asked) : asked;
}

} // namespace nexte::simulation
