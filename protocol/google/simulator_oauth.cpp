// The consent page, the token endpoint, revocation (google.md §1).
#include "protocol/google/simulator.hpp"

#include "protocol/json/writer.hpp"
#include "protocol/simulation/html.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace google;

namespace {

constexpr std::string_view form_type = "application/x-www-form-urlencoded";
constexpr std::chrono::days testing_life{7};

struct refusal_words {
  token_refusal why;
  int status;
  std::string_view error;
  std::string_view description;
};

// google.md §1.5.
constexpr refusal_words words[] = {
    {token_refusal::bad_request, 400, "invalid_request", "Missing required parameter"},
    {token_refusal::unsupported_grant, 400, "unsupported_grant_type", "Invalid grant_type"},
    {token_refusal::bad_client_id, 401, "invalid_client", "The OAuth client was not found."},
    {token_refusal::bad_client_secret, 401, "invalid_client", "Unauthorized"},
    {token_refusal::bad_code, 400, "invalid_grant", "Bad Request"},
    {token_refusal::bad_redirect, 400, "invalid_grant", "Bad Request"},
    {token_refusal::bad_verifier, 400, "invalid_grant", "Bad Request"},
    {token_refusal::bad_refresh, 400, "invalid_grant", "Token has been expired or revoked."},
    {token_refusal::bad_scope, 400, "invalid_scope", "Some requested scopes were invalid."},
    {token_refusal::account_gone, 400, "invalid_grant", "Account has been deleted"},
};

http_response token_answer(int status, json::writer& out) {
  auto response = json_answer(status, out.take());
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http_response render_refusal(int status, std::string_view error, std::string_view description,
                             std::string_view subtype = {}) {
  json::writer out;
  out.begin_object().key("error").value(error).key("error_description").value(description);
  if (!subtype.empty())
    out.key("error_subtype").value(subtype);
  out.end_object();
  return token_answer(status, out);
}

http_response render_refusal(token_refusal why) {
  const auto* found = std::ranges::find(words, why, &refusal_words::why);
  return render_refusal(found->status, found->error, found->description);
}

/// What happens at Google, not to one token (google.md §1.5).
std::optional<http_response> render_policy(std::string_view kind) {
  if (kind.empty())
    return std::nullopt;
  if (kind == "invalid_rapt")
    return render_refusal(400, "invalid_grant", "reauth related error (invalid_rapt)", kind);
  if (kind == "account_deleted")
    return render_refusal(400, "invalid_grant", "Account has been deleted");
  if (kind == "deleted_client")
    return render_refusal(401, kind, "The OAuth client was deleted.");
  return render_refusal(400, kind, "Account restricted");
}

std::string base64url_of(std::string_view text) {
  return base64url(std::span{reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

/// Not signed: nobody checks what comes straight from the token endpoint.
std::string id_token(const account& who, std::string_view audience, wall_time now) {
  const auto issued = std::chrono::floor<seconds>(now).time_since_epoch().count();
  json::writer out;
  out.begin_object().key("iss").value("https://accounts.google.com").key("aud").value(audience);
  out.key("sub").value(who.id).key("email").value(who.login).key("email_verified").value(true);
  out.key("iat").value(issued).key("exp").value(issued + 3600).end_object();
  return base64url_of(R"({"alg":"RS256","typ":"JWT"})") + "." + base64url_of(out.take()) + "."
         + base64url_of("simulated");
}

} // namespace

// google.md §1.4: where Google refuses on its own page, the app never hears of it.
http_response google_simulator::serve_consent(const http_request& request, wall_time now) {
  if (!blocked_with_.empty())
    return error_page(400, "Access blocked. Error 400: " + blocked_with_);
  auto answer = oauth_.authorize(request, now);
  const auto landed = std::string{answer.headers.get("Location")};
  if (landed.find("code=") != std::string::npos)
    answer.headers.set("Location", landed + "&authuser=0&prompt=consent");
  return answer;
}

http_response google_simulator::serve_token(const http_request& request, wall_time now) {
  const auto form = parse_query(request.body);
  if (request.method != "POST" || !form
      || !request.headers.get("Content-Type").starts_with(form_type))
    return render_refusal(token_refusal::bad_request);
  const auto* refreshed = find_parameter(*form, "refresh_token");
  ++traffic_.requests[refreshed ? "oauth.refresh" : "oauth.exchange"];
  if (auto refused = refreshed ? render_policy(refused_with_) : std::nullopt)
    return *std::move(refused);
  if (refreshed && !refreshed->starts_with(oauth_.grants().policy().refresh_prefix))
    return render_refusal(400, "invalid_grant", "Bad Request");
  const auto ends = refreshed ? testing_ends_.find(*refreshed) : testing_ends_.end();
  if (ends != testing_ends_.end() && now >= ends->second)
    return render_refusal(token_refusal::bad_refresh);
  const auto outcome = oauth_.token(*form, request.headers.get("Authorization"), now);
  if (const auto* why = std::get_if<token_refusal>(&outcome))
    return render_refusal(*why);
  const auto& tokens = std::get<issued_tokens>(outcome);
  const auto& granted = tokens.granted;
  json::writer out;
  out.begin_object().key("access_token").value(tokens.access_token);
  out.key("expires_in").value(tokens.expires_in.count());
  if (!tokens.refresh_token.empty())
    out.key("refresh_token").value(tokens.refresh_token);
  if (!tokens.refresh_token.empty() && testing_) {
    testing_ends_[tokens.refresh_token] = now + testing_life;
    out.key("refresh_token_expires_in").value(seconds{testing_life}.count());
  }
  out.key("scope").value(join_scopes(granted.scopes)).key("token_type").value("Bearer");
  if (std::ranges::count(granted.scopes, "openid") > 0)
    out.key("id_token").value(id_token(accounts_[granted.account], oauth_.client().id, now));
  out.end_object();
  return token_answer(200, out);
}

// google.md §1.1, §1.6: the token may stand in the query; all tokens of the project end.
http_response google_simulator::serve_revoke(const http_request& request) {
  ++traffic_.requests["oauth.revoke"];
  const auto mark = request.url.find('?');
  const auto query = parse_query(
      mark == std::string::npos ? request.body : std::string_view{request.url}.substr(mark + 1));
  const auto* token = query ? find_parameter(*query, "token") : nullptr;
  auto& grants = oauth_.grants();
  const auto* access = token ? grants.find_access(*token) : nullptr;
  std::optional<size_t> whose;
  if (access)
    whose = access->granted.account;
  else if (token && grants.find_refresh(*token, wall_time{}))
    whose = grants.find_refresh(*token, wall_time{})->account;
  if (request.method != "POST" || !whose)
    return render_refusal(400, "invalid_token", "Token expired or revoked");
  grants.revoke_account(*whose, true);
  return json_answer(200, "{}");
}

} // namespace nexte::simulation
