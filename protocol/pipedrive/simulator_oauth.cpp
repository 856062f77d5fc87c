// The addresses below /oauth: token, revocation (pipedrive.md §1.2, §1.3).
#include "protocol/pipedrive/simulator.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace pipedrive;

namespace {

constexpr std::string_view form_type = "application/x-www-form-urlencoded";

struct refusal_words {
  token_refusal why;
  std::string_view error;
  std::string_view message;
};

constexpr refusal_words words[] = {
    {token_refusal::bad_request, "invalid_request", "Missing parameter: `grant_type`"},
    {token_refusal::unsupported_grant, "unsupported_grant_type",
     "Unsupported grant type: `grant_type` is invalid"},
    {token_refusal::bad_client_id, "invalid_client", "Invalid client: client is invalid"},
    {token_refusal::bad_client_secret, "invalid_client", "Invalid client: client is invalid"},
    {token_refusal::bad_code, "invalid_grant", "Invalid grant: authorization_code is invalid"},
    {token_refusal::bad_redirect, "invalid_grant",
     "Invalid grant: `redirect_uri` does not match that of the code"},
    {token_refusal::bad_verifier, "invalid_grant", "Invalid grant: authorization_code is invalid"},
    {token_refusal::bad_refresh, "invalid_grant", "Invalid grant: refresh_token is invalid"},
    {token_refusal::bad_scope, "invalid_scope", "Invalid scope: scope is invalid"},
    {token_refusal::account_gone, "invalid_grant", "Invalid grant: refresh_token is invalid"},
};

http_response token_answer(int status, json::writer& out) {
  http_response response{status, out.take(), "application/json; charset=utf-8"};
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http_response render_refusal(std::string_view error, std::string_view message) {
  json::writer out;
  out.begin_object().key("success").value(false).key("message").value(message);
  out.key("error").value(error).end_object();
  return token_answer(400, out);
}

http_response render_refusal(token_refusal why) {
  const auto* found = std::ranges::find(words, why, &refusal_words::why);
  return render_refusal(found->error, found->message);
}

} // namespace

http_response pipedrive_simulator::serve_oauth(const http_request& request, std::string_view path,
                                               wall_time now) {
  if (path.ends_with('/')) // both spellings are served, pipedrive.md §1.2
    path.remove_suffix(1);
  const bool revokes = path == "/oauth/revoke";
  if (!revokes && path != "/oauth/token")
    return refused(404, "Not found");
  if (request.method != "POST")
    return refused(405, "Method not allowed");
  const auto form = parse_query(request.body);
  if (!form || !request.headers.get("Content-Type").starts_with(form_type))
    return render_refusal("invalid_request",
                          "Invalid request: content must be application/x-www-form-urlencoded");
  const auto authorization = request.headers.get("Authorization");
  if (!revokes)
    return serve_token(*form, authorization, now);
  ++traffic_.requests["oauth.revoke"];
  if (const auto why = oauth_.refuse_client(*form, authorization))
    return render_refusal(*why);
  const auto* token = find_parameter(*form, "token");
  if (!token || token->empty())
    return render_refusal("invalid_request", "Missing parameter: `token`");
  oauth_.grants().revoke(*token); // an unknown token is no error: RFC 7009 section 2.2
  return {200, R"({"success":true})", "application/json; charset=utf-8"};
}

http_response pipedrive_simulator::serve_token(const query_parameters& form,
                                               std::string_view authorization, wall_time now) {
  const auto* grant_type = find_parameter(form, "grant_type");
  ++traffic_.requests[grant_type && *grant_type == "refresh_token" ? "oauth.refresh"
                                                                   : "oauth.exchange"];
  const auto outcome = oauth_.token(form, authorization, now);
  if (const auto* why = std::get_if<token_refusal>(&outcome))
    return render_refusal(*why);
  const auto& tokens = std::get<issued_tokens>(outcome);
  json::writer out;
  out.begin_object().key("access_token").value(tokens.access_token);
  out.key("token_type").value("Bearer").key("refresh_token").value(tokens.refresh_token);
  out.key("scope").value(join_scopes(tokens.granted.scopes, ","));
  out.key("expires_in").value(tokens.expires_in.count());
  out.key("api_domain").value(api_domain(tokens.granted.account)).end_object();
  return token_answer(200, out);
}

} // namespace nexte::simulation
