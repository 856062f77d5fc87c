// The facts of hubspot.md that are data.
#include "protocol/hubspot/provider.hpp"

#include "protocol/http/url.hpp"
#include "protocol/hubspot/errors.hpp"
#include "protocol/hubspot/quota.hpp"
#include "protocol/hubspot/streams.hpp"

#include <algorithm>

namespace nexte::hubspot {
namespace {

/// The hub is the account: its quota, its records, and what a second sign-in is compared by.
std::optional<account_identity> identity_of(const json::value& hub_id, std::string_view domain) {
  const auto id = hub_id.as_int();
  if (!id || *id <= 0)
    return std::nullopt;
  return account_identity{std::to_string(*id), std::string{domain}};
}

std::optional<account_identity> identity_from_token(const json::value& answer) {
  const auto* hub_id = answer.find("hub_id");
  if (!hub_id)
    return std::nullopt;
  return identity_of(*hub_id, answer.string_or_empty("hub_domain"));
}

std::vector<std::string> scopes_from_token(const json::value& answer) {
  std::vector<std::string> scopes;
  if (const auto* listed = answer.find("scopes"))
    for (const auto& scope : listed->items)
      if (scope.is_string() && !scope.text.empty())
        scopes.push_back(scope.text);
  return scopes;
}

/// The token endpoint of 2026 says it by itself; the legacy one does not. Introspection needs the
/// token in the request, which is not ours to have: the account's details name the hub too.
task<account_identity> identify(stream_io& io, std::string api_base) {
  http_request request{"GET", api_base + "/account-info/v3/details"};
  auto answer = co_await io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (answer->status < 200 || answer->status >= 300)
    co_return error{ec::refused,
                    "HubSpot does not say which account was connected ("
                        + classify(*answer, io.now()).code + ")",
                    "reconnect; if it happens again, report it to the developer"};
  auto details = json::parse_value(*answer->body);
  if (!details)
    co_return std::move(details).failure().with_context("HubSpot's account details");
  const auto* hub_id = details->find("portalId");
  auto identity = hub_id ? identity_of(*hub_id, {}) : std::nullopt;
  if (!identity)
    co_return error{ec::malformed, "HubSpot's account details name no account",
                    "reconnect; if it happens again, report it to the developer"};
  co_return *std::move(identity);
}

/// Deletes the refresh token; access tokens live on for at most 30 minutes (hubspot.md §1.2).
http_request revoke_request(std::string_view revoke_url, std::string_view client_id,
                            const secret& client_secret, const token_set& token) {
  return http_request{"POST", std::string{revoke_url},
                      format_query({{"client_id", std::string{client_id}},
                                    {"client_secret", std::string{client_secret.reveal()}},
                                    {"token", std::string{token.refresh_token.reveal()}},
                                    {"token_type_hint", "refresh_token"}}),
                      "application/x-www-form-urlencoded"};
}

provider_description describe() {
  provider_description hubspot;
  hubspot.name = "hubspot";
  hubspot.title = "HubSpot";
  // hubspot.md §0, §1.2. The token API of 2026-03: /oauth/v1/token ends 2027-02-16.
  hubspot.api_base = "https://api.hubapi.com";
  hubspot.authorize_url = "https://app.hubspot.com/oauth/authorize";
  hubspot.token_url = "https://api.hubapi.com/oauth/2026-03/token";
  hubspot.revoke_url = "https://api.hubapi.com/oauth/2026-03/token/revoke";
  hubspot.client_auth = client_authentication::post; // never Basic
  hubspot.base_scopes = {"oauth"};
  hubspot.token_life_default = std::chrono::minutes{30};
  hubspot.streams = streams();
  hubspot.quota = quota_windows();
  hubspot.quota_dashboard = quota_dashboard;
  hubspot.classify = classify;
  hubspot.read_quota = read_quota;
  hubspot.identity_from_token = identity_from_token;
  hubspot.scopes_from_token = scopes_from_token;
  hubspot.identify = identify;
  hubspot.revoke_request = revoke_request;
  hubspot.token_error_alias = token_error_alias;
  return hubspot;
}

} // namespace

const provider_description& provider() {
  static const provider_description hubspot = describe();
  return hubspot;
}

} // namespace nexte::hubspot
