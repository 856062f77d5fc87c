// Entra's token endpoint (microsoft.md §1.4, §1.5).
#include "protocol/microsoft/simulator.hpp"

#include "protocol/oauth/token_endpoint.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace microsoft;

namespace {

constexpr std::string_view form_type = "application/x-www-form-urlencoded";

struct refusal_words {
  int64_t number;
  std::string_view error;
  std::string_view text;
  std::string_view suberror = {};
};

constexpr refusal_words unknown_refusal{50000, "invalid_grant", "There was an error."};

// microsoft.md §1.5.
constexpr refusal_words words[] = {
    {50173, "invalid_grant",
     "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
     "bad_token"},
    {700082, "invalid_grant", "The refresh token has expired due to inactivity."},
    {70043, "invalid_grant",
     "The refresh token has expired or is invalid due to sign-in frequency checks by conditional "
     "access.",
     "token_expired"},
    {50076, "interaction_required", "You must use multi-factor authentication.", "basic_action"},
    {50079, "invalid_grant", "You must enroll in multi-factor authentication.", "basic_action"},
    {53003, "invalid_grant", "Access has been blocked by Conditional Access policies.",
     "message_only"},
    {65001, "invalid_grant", "The user or administrator has not consented to use the application.",
     "consent_required"},
    {90094, "invalid_grant", "An administrator of the organisation has to grant permissions."},
    {50105, "invalid_grant", "The signed in user is not assigned to a role for the application."},
    {50055, "user_password_expired", "The password is expired.", "user_password_expired"},
    {50057, "invalid_grant", "The user account is disabled."},
    {50196, "invalid_grant", "The server terminated an operation: a client loop was detected."},
    {90033, "temporarily_unavailable", "A transient error has occurred. Please try again."},
    {900144, "invalid_request", "The request body must contain the parameter 'grant_type'."},
    {70003, "unsupported_grant_type", "The app returned an unsupported grant type."},
    {700016, "unauthorized_client", "The application was not found in the directory."},
    {700025, "invalid_client", "Client is public so 'client_secret' should not be presented."},
    {70008, "invalid_grant", "The provided authorization code has expired or was redeemed."},
    {50011, "invalid_request", "The redirect URI does not match that of the code."},
    {501481, "invalid_grant", "The Code_Verifier does not match the code_challenge."},
};

constexpr std::pair<token_refusal, int64_t> numbers[]
    = {{token_refusal::bad_request, 900144},   {token_refusal::unsupported_grant, 70003},
       {token_refusal::bad_client_id, 700016}, {token_refusal::bad_client_secret, 700025},
       {token_refusal::bad_code, 70008},       {token_refusal::bad_redirect, 50011},
       {token_refusal::bad_verifier, 501481},  {token_refusal::bad_refresh, 50173},
       {token_refusal::bad_scope, 65001},      {token_refusal::account_gone, 50057}};

http_response token_answer(int status, json::writer& out) {
  http_response response{status, out.take(), "application/json; charset=utf-8"};
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http_response render_refusal(int64_t number, wall_time now, seeded_random& random) {
  const auto* found = std::ranges::find(words, number, &refusal_words::number);
  const auto& said = found == std::end(words) ? unknown_refusal : *found;
  const auto trace = random_uuid(random);
  const auto correlation = random_uuid(random);
  auto at = format_iso_seconds(now);
  at[10] = ' ';
  json::writer out;
  out.begin_object().key("error").value(said.error);
  out.key("error_description")
      .value("AADSTS" + std::to_string(number) + ": " + std::string{said.text}
             + " Trace ID: " + trace + " Correlation ID: " + correlation + " Timestamp: " + at);
  out.key("error_codes").begin_array().value(number).end_array();
  out.key("timestamp").value(at).key("trace_id").value(trace);
  out.key("correlation_id").value(correlation);
  if (!said.suberror.empty())
    out.key("suberror").value(said.suberror);
  out.key("error_uri")
      .value("https://login.microsoftonline.com/error?code=" + std::to_string(number))
      .end_object();
  const int status = said.error == "invalid_client"            ? 401
                     : said.error == "temporarily_unavailable" ? 503
                                                               : 400;
  return token_answer(status, out);
}

} // namespace

http_response microsoft_simulator::serve_token(const http_request& request, wall_time now) {
  if (request.method != "POST")
    return refused(405, "MethodNotAllowed", "The token endpoint takes POST.");
  const auto form = parse_query(request.body);
  if (!form || !request.headers.get("Content-Type").starts_with(form_type))
    return render_refusal(900144, now, random_);
  const auto* grant_type = find_parameter(*form, "grant_type");
  const bool refreshes = grant_type && *grant_type == "refresh_token";
  ++traffic_.requests[refreshes ? "oauth.refresh" : "oauth.exchange"];
  if (const auto* shown = find_parameter(*form, "refresh_token"); refreshes && shown)
    if (const auto* owner = oauth_.grants().find_refresh(*shown, now))
      if (const auto number = mailboxes_[owner->account].refused_by; number != 0)
        return render_refusal(number, now, random_);
  const auto outcome = oauth_.token(*form, request.headers.get("Authorization"), now);
  if (const auto* why = std::get_if<token_refusal>(&outcome)) {
    const auto* found = std::ranges::find(numbers, *why, &std::pair<token_refusal, int64_t>::first);
    return render_refusal(found->second, now, random_);
  }
  const auto& tokens = std::get<issued_tokens>(outcome);
  mailboxes_[tokens.granted.account].claims_wanted = false;
  auto scopes = tokens.granted.scopes;
  std::erase(scopes, "offline_access"); // never told (microsoft.md §1.4)
  json::writer out;
  out.begin_object().key("token_type").value("Bearer").key("scope").value(join_scopes(scopes));
  out.key("expires_in").value(tokens.expires_in.count());
  out.key("ext_expires_in").value(tokens.expires_in.count());
  out.key("access_token").value(tokens.access_token);
  if (!tokens.refresh_token.empty())
    out.key("refresh_token").value(tokens.refresh_token);
  out.end_object();
  return token_answer(200, out);
}

} // namespace nexte::simulation
