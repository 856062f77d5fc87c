// The API's door: whose token, which right, how often, at what cost; then what lies behind it.
#include "protocol/pipedrive/simulator_door.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace pipedrive;

namespace {

// Tokens of the daily budget (pipedrive.md §2). Not the connector's table: a wrong one fails here.
constexpr unsigned list_tokens = 10;
constexpr unsigned archived_list_tokens = 20;
constexpr unsigned read_tokens = 1;
constexpr unsigned v1_read_tokens = 2;
constexpr unsigned create_tokens = 5;
constexpr unsigned update_tokens = 5;
constexpr unsigned delete_tokens = 3;
constexpr unsigned search_tokens = 20;

constexpr std::string_view daily = "DAILY_TOKENS";
constexpr std::string_view unauthorized = "unauthorized access";

/// `full` includes `read` (pipedrive.md §1.5).
bool is_granted(const access_view& token, std::string_view scope, bool writes) {
  const auto has = [&](std::string_view right) {
    return std::ranges::count(token.granted.scopes, std::string{scope} + std::string{right}) > 0;
  };
  return has(":full") || (!writes && has(":read"));
}

/// Contacts' or deals' fields may be added and changed.
bool may_define(const access_view& token, const schema& type) {
  const auto scope = type.scope == "deals" ? "deal-fields:full" : "contact-fields:full";
  return std::ranges::count(token.granted.scopes, scope) > 0;
}

} // namespace

unsigned pipedrive_simulator::door::cost() const {
  if (fields_of) // unconfirmed: as of entities
    return request.method == "POST" ? create_tokens : list_tokens;
  if (!type)
    return v1_read_tokens;
  if (is_search())
    return search_tokens;
  if (request.method == "POST")
    return create_tokens;
  if (request.method == "PATCH")
    return update_tokens;
  if (request.method == "DELETE")
    return delete_tokens;
  if (is_archived_list())
    return archived_list_tokens;
  return below.empty() ? list_tokens : read_tokens;
}

// The order of checks is that of pipedrive.md §1.4.
http_response pipedrive_simulator::serve_company(const http_request& request, size_t account,
                                                 std::string_view path, wall_time now) {
  const auto bearer = bearer_token(request);
  const auto* token = oauth_.grants().find_access(bearer);
  if (!token || now >= token->expires_at || token->granted.account != account) {
    ++traffic_.requests["unauthenticated"];
    auto answer = refused(401, unauthorized);
    answer.headers.set("x-401-by-gw", "true");
    return answer;
  }
  auto& at = companies_[account];
  if (at.unpaid)
    return refused(402, "The company account is not active");
  const auto mark = request.url.find('?');
  auto query
      = parse_query(mark == std::string::npos ? std::string_view{}
                                              : std::string_view{request.url}.substr(mark + 1));
  if (!query)
    return refused(400, "Validation failed: the query is malformed");
  auto below = path_segments(path);
  const bool v2 = below.size() > 2 && below[0] == "api" && below[1] == "v2";
  const auto* type = v2 ? find_schema(below[2]) : nullptr;
  const auto* fields_of = v2 && below.size() == 3 ? find_schema_of_fields(below[2]) : nullptr;
  door in{request, at, type, fields_of, {}, *std::move(query)};
  if (type)
    in.below.assign(below.begin() + 3, below.end());
  if (type && !is_granted(*token, type->scope, request.method != "GET")
      && !(in.is_search() && std::ranges::count(token->granted.scopes, "search:read") > 0))
    return refused(403, "Scope and URL mismatch");
  if (fields_of && !may_define(*token, *fields_of)
      && (request.method != "GET" || !is_granted(*token, fields_of->scope, false)))
    return refused(403, "Scope and URL mismatch");
  const std::string key{bearer};
  const auto refuse_for = [&](std::string_view window) {
    ++traffic_.requests["limited"];
    const bool patient = quota_.admit("PATIENCE", key, now);
    return limited(patient ? window : "CLOUDFLARE", now);
  };
  http_response answer;
  if (!quota_.admit("BURST", key, now))
    answer = refuse_for("BURST");
  else if (in.is_search() && !quota_.admit("SEARCH", key, now))
    answer = refuse_for("SEARCH");
  else if (!at.budget.spend(in.cost(), now))
    answer = refuse_for(daily);
  else if (type)
    answer = serve_entity(in, now);
  else if (fields_of)
    answer = serve_fields(in, *fields_of);
  else if (path == "/api/v1/users/me" && request.method == "GET")
    answer = serve_user(in);
  else
    answer = refused(404, "Unknown path");
  add_quota_fields(answer, at, bearer, now);
  return answer;
}

void pipedrive_simulator::add_quota_fields(http_response& answer, company& account,
                                           std::string_view token, wall_time now) {
  const auto& burst = quota_.rules().front();
  const auto set = [&](std::string_view name, uint64_t value) {
    answer.headers.set(name, std::to_string(value));
  };
  set("x-ratelimit-limit", burst.limit);
  set("x-ratelimit-remaining", quota_.remaining(burst.name, std::string{token}, now));
  set("x-ratelimit-reset", static_cast<uint64_t>(std::chrono::ceil<seconds>(burst.span).count()));
  set("x-daily-ratelimit-token-limit", account.budget.limit());
  set("x-daily-ratelimit-token-remaining", account.budget.remaining(now));
}

http_response pipedrive_simulator::serve_user(const door& in) {
  ++traffic_.requests["users.me"];
  json::writer out;
  out.begin_object().key("success").value(true).key("data").begin_object();
  out.key("id").value(in.at.user_id).key("name").value("Admin of " + in.at.name);
  out.key("email").value(in.at.login).key("active_flag").value(true);
  out.key("company_id").value(in.at.id).key("company_name").value(in.at.name);
  out.key("company_domain").value(in.at.domain).end_object().end_object();
  return {200, out.take(), "application/json; charset=utf-8"};
}

} // namespace nexte::simulation
