#include "protocol/oauth/token_endpoint.hpp"

#include "protocol/core/text.hpp"
#include "protocol/http/retry_after.hpp"
#include "protocol/http/url.hpp"
#include "protocol/json/writer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace nexte::oauth {
namespace {

using kind = token_failure_kind;

/// Longer lives are cut to this; the longest real one is Figma's 90 days.
constexpr std::chrono::seconds token_life_max = std::chrono::days{366};
/// A longer `error` member is no code but something else, perhaps what we sent.
constexpr size_t error_code_max = 48;

struct known_error {
  std::string_view code;
  kind who;
};

// RFC 6749 section 5.2, OpenID Connect, and what the providers add (oauth.md section 2).
constexpr known_error known_errors[] = {
    {"invalid_grant", kind::reconnect},
    {"interaction_required", kind::reconnect},
    {"consent_required", kind::reconnect},
    {"login_required", kind::reconnect},
    {"account_selection_required", kind::reconnect},
    {"access_denied", kind::reconnect},
    {"invalid_rapt", kind::reconnect}, // Google: the session length policy asks for a new sign-in
    {"admin_policy_enforced", kind::admin},
    {"admin_consent_required", kind::admin},
    {"org_internal", kind::admin},
    {"invalid_client", kind::app},
    {"unauthorized_client", kind::app},
    {"deleted_client", kind::app},
    {"disabled_client", kind::app},
    {"invalid_scope", kind::app},
    {"unsupported_grant_type", kind::app},
    {"invalid_request", kind::app},
    {"redirect_uri_mismatch", kind::app},
    {"temporarily_unavailable", kind::transient},
    {"server_error", kind::transient},
    {"slow_down", kind::transient},
};

/// Statuses that pass by themselves, whatever the body says.
bool is_passing(int status) {
  constexpr int passing[] = {408, 409, 423, 425, 429};
  return status >= 500 || std::ranges::find(passing, status) != std::end(passing);
}

std::string sentence_of(kind who, std::string_view title, std::string_view code) {
  std::string text{title};
  switch (who) {
    case kind::reconnect:
      text += " no longer accepts the sign-in; reconnect to sign in again";
      break;
    case kind::admin:
      text += " refuses by a policy of your organisation; ask its administrator to allow the app, "
              "then reconnect";
      break;
    case kind::app:
      text
          += " refuses the app itself, so reconnecting does not help; report this to the developer";
      break;
    case kind::transient:
      text += " could not renew the sign-in just now; it is tried again by itself";
      break;
  }
  return text.append(" (").append(code).append(").");
}

token_failure failure(const provider_description& provider, kind who, std::string code) {
  auto sentence = sentence_of(who, provider.title, code);
  return {who, std::move(code), std::move(sentence), std::nullopt};
}

token_failure passing_failure(const provider_description& provider, const http_response& response,
                              wall_time now, std::string code) {
  auto passing = failure(provider, kind::transient, std::move(code));
  passing.retry_after = retry_after(response.headers, now);
  return passing;
}

/// The failure's code: the provider's own dialect first, for it may say more ("who must act")
/// than the standard member. Empty: the answer names none.
std::string error_code(const provider_description& provider, const json::value& answer) {
  std::string_view code;
  if (provider.token_error_alias)
    code = provider.token_error_alias(answer);
  if (code.empty())
    code = answer.string_or_empty("error");
  const auto in_code = [](char c) { return c > ' ' && c <= '~'; };
  if (code.size() > error_code_max || !std::ranges::all_of(code, in_code))
    return "unreadable_error";
  return std::string{code};
}

std::chrono::seconds life_of(const json::value& answer, std::chrono::seconds fallback) {
  const auto* member = answer.find("expires_in");
  if (!member || (member->type != json::value::kind::number && !member->is_string()))
    return fallback;
  double amount = 0;
  const char* end = member->text.data() + member->text.size();
  const auto [rest, failed] = std::from_chars(member->text.data(), end, amount);
  if (failed != std::errc{} || rest != end || !std::isfinite(amount))
    return fallback;
  const auto most = static_cast<double>(token_life_max.count());
  return std::chrono::seconds{static_cast<int64_t>(std::clamp(amount, 0.0, most))};
}

/// RFC 6750 lets only such characters into the Authorization field; anything else could break out.
bool is_sendable(std::string_view token) {
  return !token.empty() && std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
}

token_answer read_grant(const provider_description& provider, const json::value& answer,
                        wall_time now) {
  const auto type = answer.string_or_empty("token_type");
  if (answer.find("token_type") && !equal_ignoring_case(type, "bearer"))
    return failure(provider, kind::app, "unsupported_token_type");
  token_grant grant;
  grant.tokens.access_token = secret{std::string{answer.string_or_empty("access_token")}};
  grant.tokens.refresh_token = secret{std::string{answer.string_or_empty("refresh_token")}};
  grant.tokens.expires_at = now + life_of(answer, provider.token_life_default);
  grant.tokens.scopes = provider.scopes_from_token ? provider.scopes_from_token(answer)
                                                   : split_scopes(answer.string_or_empty("scope"));
  if (provider.api_base_from_token)
    grant.tokens.api_base = provider.api_base_from_token(answer);
  while (grant.tokens.api_base.ends_with('/'))
    grant.tokens.api_base.pop_back();
  if (provider.identity_from_token)
    grant.identity = provider.identity_from_token(answer);
  return grant;
}

token_answer read_object(const provider_description& provider, const http_response& response,
                         const json::value& answer, wall_time now) {
  const int status = response.status;
  const bool success = status >= 200 && status < 300;
  if (success && is_sendable(answer.string_or_empty("access_token")))
    return read_grant(provider, answer, now);
  const auto code = error_code(provider, answer); // some servers send errors with a 200
  const auto* known = std::ranges::find(known_errors, code, &known_error::code);
  if (known != std::end(known_errors))
    return known->who == kind::transient ? passing_failure(provider, response, now, code)
                                         : failure(provider, known->who, code);
  // A refusal in words that we do not know would only be repeated: a person has to look at it.
  // With any other status it is not the token endpoint's own.
  if (!code.empty() && (status == 400 || status == 401 || status == 403))
    return failure(provider, kind::reconnect, code);
  return passing_failure(provider, response, now,
                         success ? "malformed_answer" : "http_" + std::to_string(status));
}

std::string json_text(const query_parameters& members) {
  json::writer out;
  out.begin_object();
  for (const auto& [name, value] : members)
    out.key(name).value(value);
  return out.end_object().take();
}

http_request token_request(const client& app, query_parameters form) {
  std::string authorization;
  const bool is_public = app.client_secret.empty();
  if (!is_public && app.authentication == client_authentication::basic) {
    authorization = basic_authorization(app.id, app.client_secret);
  } else {
    form.emplace_back("client_id", app.id);
    if (!is_public && app.authentication == client_authentication::post)
      form.emplace_back("client_secret", std::string{app.client_secret.reveal()});
  }
  std::erase_if(form, [](const auto& field) { return field.second.empty(); });
  const bool json = app.dialect.json;
  http_request request{"POST", app.token_url, json ? json_text(form) : format_query(form),
                       json ? "application/json" : "application/x-www-form-urlencoded"};
  request.headers.add("Accept", "application/json");
  for (const auto& [name, value] : app.dialect.headers)
    request.headers.add(name, value);
  if (!authorization.empty())
    request.headers.add("Authorization", std::move(authorization));
  return request;
}

} // namespace

std::vector<std::string> split_scopes(std::string_view text) {
  constexpr std::string_view separators = " ,";
  std::vector<std::string> scopes;
  for (size_t at = text.find_first_not_of(separators); at != std::string_view::npos;) {
    const size_t end = std::min(text.find_first_of(separators, at), text.size());
    scopes.emplace_back(text.substr(at, end - at));
    at = text.find_first_not_of(separators, end);
  }
  return scopes;
}

std::string basic_authorization(std::string_view client_id, const secret& client_secret) {
  return "Basic "
         + base64(percent_encode(client_id) + ":" + percent_encode(client_secret.reveal()));
}

http_request exchange_request(const client& app, const secret& code, std::string_view redirect_uri,
                              const secret& verifier) {
  return token_request(
      app, {{"grant_type", "authorization_code"},
            {"code", std::string{code.reveal()}},
            {"redirect_uri", std::string{redirect_uri}},
            {"code_verifier", app.dialect.pkce ? std::string{verifier.reveal()} : std::string{}}});
}

http_request refresh_request(const client& app, const secret& refresh_token) {
  return token_request(app, {{"grant_type", "refresh_token"},
                             {"refresh_token", std::string{refresh_token.reveal()}}});
}

token_answer read_token_answer(const provider_description& provider, const http_response& response,
                               wall_time now) {
  const auto status = "http_" + std::to_string(response.status);
  if (is_passing(response.status))
    return passing_failure(provider, response, now, status);
  auto answer = json::parse_value(*response.body);
  const bool success = response.status >= 200 && response.status < 300;
  if (!answer || !answer->is_object())
    return passing_failure(provider, response, now, success ? "malformed_answer" : status);
  auto read = read_object(provider, response, *answer, now);
  for (auto& [name, member] : answer->members)
    wipe(member.text); // tokens and the id token leave no copy behind
  return read;
}

bool needs_admin(std::string_view code) {
  const auto known = std::ranges::find(known_errors, code, &known_error::code);
  return known != std::end(known_errors) && known->who == kind::admin;
}

} // namespace nexte::oauth
