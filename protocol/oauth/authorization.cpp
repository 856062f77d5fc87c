#include "protocol/oauth/authorization.hpp"

#include "protocol/core/text.hpp"
#include "protocol/http/url.hpp"

#include <algorithm>

namespace nexte::oauth {
namespace {

constexpr size_t error_code_max = 100;

struct refusal_text {
  std::string_view code;
  std::string_view sentence;
};

constexpr std::string_view refused
    = "The consent was refused. Try Reconnect and allow what is asked for; if there was nothing to "
      "allow, an administrator of your organisation must approve the app first.";
constexpr std::string_view not_finished
    = "The sign-in was not finished. Try Reconnect and follow each step of the provider's page.";
constexpr std::string_view passing
    = "The provider could not finish the sign-in just now. Wait a minute, then try Reconnect.";
constexpr std::string_view registration
    = "The app's registration at the provider is wrong, so reconnecting does not help. Report this "
      "code to the developer of the app: ";
constexpr std::string_view unknown
    = "The provider refused the sign-in. Try Reconnect; if it fails again, ask your administrator "
      "about this code: ";

// RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6, and what the providers add.
constexpr refusal_text refusals[] = {
    {"access_denied", refused},
    {"user_denied", refused},
    {"admin_policy_enforced",
     "A policy of your organisation blocks the app. Ask your IT administrator to trust it in the "
     "admin console, then try Reconnect."},
    {"org_internal",
     "The app only admits accounts of its own organisation. Try Reconnect with such an account."},
    {"interaction_required", not_finished},
    {"login_required", not_finished},
    {"account_selection_required", not_finished},
    {"consent_required", not_finished},
    {"server_error", passing},
    {"temporarily_unavailable", passing},
    {"invalid_request", registration},
    {"invalid_client", registration},
    {"unauthorized_client", registration},
    {"unsupported_response_type", registration},
    {"invalid_scope", registration},
    {"invalid_resource", registration},
    {"redirect_uri_mismatch", registration},
    {"invalid_request_uri", registration},
    {"invalid_request_object", registration},
    {"request_not_supported", registration},
    {"request_uri_not_supported", registration},
    {"registration_not_supported", registration},
};

std::string sentence_of(std::string_view code) {
  const auto* found = std::ranges::find(refusals, code, &refusal_text::code);
  const auto text = found == std::end(refusals) ? unknown : found->sentence;
  std::string sentence{text};
  if (text.ends_with(": "))
    sentence.append(code).append(".");
  return sentence;
}

std::string printable(std::string_view text) {
  std::string kept;
  for (const char c : text.substr(0, error_code_max))
    kept += c > ' ' && c <= '~' ? c : '?';
  return kept;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text.append(text.empty() ? "" : " ").append(word);
  return text;
}

/// The pieces of `query` as they are written, without those that `replacing` names.
std::string kept_query(std::string_view query, const query_parameters& replacing) {
  std::string kept;
  while (!query.empty()) {
    const auto piece = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), piece.size() + 1));
    const auto name = percent_decode(piece.substr(0, piece.find('=')));
    if (!piece.empty() && !(name && find_parameter(replacing, *name)))
      kept.append(piece).append("&");
  }
  return kept;
}

bool has_duplicate(const query_parameters& parameters) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : parameters)
    names.push_back(name);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

} // namespace

std::string authorization_url(const client& app, std::string_view redirect_uri,
                              const std::vector<std::string>& scopes, std::string_view state,
                              std::string_view challenge) {
  if (!app.dialect.pkce)
    challenge = {};
  query_parameters ours = {
      {"response_type", "code"},
      {"client_id", app.id},
      {"redirect_uri", std::string{redirect_uri}},
      {"scope", joined(scopes)},
      {"state", std::string{state}},
      {"code_challenge", std::string{challenge}},
      {"code_challenge_method", challenge.empty() ? "" : "S256"},
  };
  std::erase_if(ours, [](const auto& parameter) { return parameter.second.empty(); });
  const std::string_view endpoint = app.authorize_url;
  const auto address = endpoint.substr(0, endpoint.find('?'));
  const auto query = endpoint.substr(std::min(endpoint.size(), address.size() + 1));
  return std::string{address} + "?" + kept_query(query, ours) + format_query(ours);
}

callback_outcome read_callback(std::string_view query, std::string_view expected_state,
                               std::string_view issuer) {
  const auto parameters = parse_query(query);
  if (!parameters)
    return stray_callback{"malformed_query"};
  if (has_duplicate(*parameters))
    return stray_callback{"duplicate_parameter"};
  const auto value_of = [&](std::string_view name) {
    const auto* value = find_parameter(*parameters, name);
    return value ? std::string_view{*value} : std::string_view{};
  };
  const auto state = value_of("state");
  if (state.empty())
    return stray_callback{parameters->empty() ? "no_parameters" : "state_missing"};
  if (!equal_constant_time(state, expected_state))
    return stray_callback{"state_mismatch"};
  if (!issuer.empty() && value_of("iss") != issuer) // RFC 9207: plain equality, absence included
    return stray_callback{"issuer_mismatch"};
  if (const auto code = value_of("error"); !code.empty())
    return refused_consent{printable(code), sentence_of(printable(code))};
  if (const auto code = value_of("code"); !code.empty())
    return granted_code{secret{std::string{code}}};
  return stray_callback{"code_missing"};
}

} // namespace nexte::oauth
