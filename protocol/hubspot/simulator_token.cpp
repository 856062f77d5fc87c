#include "protocol/hubspot/simulator_token.hpp"

#include "protocol/hubspot/simulator_render.hpp"

#include <algorithm>

namespace nexte::simulation::hubspot {
namespace {

struct refusal_words {
  token_refusal why;
  std::string_view status;
  std::string_view error;
  std::string_view message;
};

// hubspot.md §1.3. Where the sheet leaves the word open, it is the one of RFC 6749.
constexpr refusal_words words[] = {
    {token_refusal::bad_request, "BAD_REQUEST", "invalid_request", "missing or repeated parameter"},
    {token_refusal::unsupported_grant, "BAD_GRANT_TYPE", "unsupported_grant_type",
     "missing or unknown grant type"},
    {token_refusal::bad_client_id, "BAD_CLIENT_ID", "invalid_client",
     "missing or unknown client id"},
    {token_refusal::bad_client_secret, "BAD_CLIENT_SECRET", "invalid_client",
     "missing or invalid client secret"},
    {token_refusal::bad_code, "BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code"},
    {token_refusal::bad_redirect, "BAD_REDIRECT_URI", "invalid_grant",
     "missing or invalid redirect uri"},
    {token_refusal::bad_verifier, "BAD_AUTH_CODE", "invalid_grant",
     "code verifier does not match the code challenge"},
    {token_refusal::bad_refresh, "BAD_REFRESH_TOKEN", "invalid_grant",
     "refresh token is invalid, expired or revoked"},
    {token_refusal::bad_scope, "BAD_SCOPE", "invalid_scope", "scope exceeds what was granted"},
    {token_refusal::account_gone, "BAD_HUB", "access_denied", "missing or unknown hub id"},
};

http_response no_store(int status, json::writer& out) {
  http_response response{status, out.take(), "application/json;charset=utf-8"};
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Pragma", "no-cache");
  return response;
}

void write_list(json::writer& out, const std::vector<std::string>& items) {
  out.begin_array();
  for (const auto& item : items)
    out.value(item);
  out.end_array();
}

void write_account(json::writer& out, const portal& account) {
  out.key("hub_id").value(account.hub_id).key("user_id").value(account.user_id);
  out.key("hub_domain").value(account.domain).key("user").value(account.login);
}

int64_t seconds_left(const access_view& view, wall_time now) {
  return std::chrono::floor<seconds>(view.expires_at - now).count();
}

} // namespace

http_response render_tokens(const issued_tokens& tokens, const portal& account,
                            token_dialect dialect) {
  json::writer out;
  out.begin_object().key("token_type").value("bearer");
  out.key("access_token").value(tokens.access_token);
  out.key("refresh_token").value(tokens.refresh_token);
  out.key("expires_in").value(tokens.expires_in.count());
  if (dialect == token_dialect::dated) {
    out.key("hub_id").value(account.hub_id).key("user_id").value(account.user_id);
    out.key("scopes");
    write_list(out, tokens.granted.scopes);
    out.key("token_use").value("access_token");
  }
  out.end_object();
  return no_store(200, out);
}

http_response render_refusal(token_refusal why, token_dialect dialect) {
  const auto* found = std::ranges::find(words, why, &refusal_words::why);
  json::writer out;
  out.begin_object();
  if (dialect == token_dialect::dated)
    out.key("error").value(found->error).key("error_description").value(found->message);
  out.key("status").value(found->status).key("message").value(found->message).end_object();
  return no_store(400, out);
}

http_response render_introspection(const access_view* view, const portal* account,
                                   std::string_view client_id, std::string_view token,
                                   wall_time now) {
  json::writer out;
  out.begin_object().key("active").value(view != nullptr);
  if (view) {
    out.key("token_use").value("access_token").key("token_type").value("bearer");
    out.key("app_id").raw(app_id).key("client_id").value(client_id);
    write_account(out, *account);
    out.key("scopes");
    write_list(out, view->granted.scopes);
    out.key("expires_in").value(seconds_left(*view, now));
    out.key("is_private_distribution").value(false).key("token").value(token);
  }
  out.end_object();
  return no_store(200, out);
}

http_response render_access_token(const access_view& view, const portal& account, wall_time now) {
  json::writer out;
  out.begin_object();
  write_account(out, account);
  out.key("app_id").raw(app_id).key("scopes");
  write_list(out, view.granted.scopes);
  out.key("expires_in").value(seconds_left(view, now)).key("token_type").value("access");
  out.end_object();
  return no_store(200, out);
}

http_response render_refresh_token(const consent& granted, const portal& account,
                                   std::string_view client_id, std::string_view token) {
  json::writer out;
  out.begin_object().key("token").value(token).key("client_id").value(client_id);
  write_account(out, account);
  out.key("scopes");
  write_list(out, granted.scopes);
  out.key("token_type").value("refresh").end_object();
  return no_store(200, out);
}

} // namespace nexte::simulation::hubspot
