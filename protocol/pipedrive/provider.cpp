// The facts of pipedrive.md that are data.
#include "protocol/pipedrive/provider.hpp"

#include "protocol/answers.hpp"
#include "protocol/http/url.hpp"
#include "protocol/oauth/token_endpoint.hpp"
#include "protocol/pipedrive/errors.hpp"
#include "protocol/pipedrive/quota.hpp"
#include "protocol/pipedrive/streams.hpp"

#include <algorithm>

namespace nexte::pipedrive {
namespace {

/// A scope that ends in ":full" includes the one that ends in ":read" (pipedrive.md §1.5).
std::vector<std::string> scopes_from_token(const json::value& answer) {
  auto scopes = oauth::split_scopes(answer.string_or_empty("scope"));
  constexpr std::string_view full = ":full";
  for (size_t i = scopes.size(); i-- > 0;)
    if (scopes[i].ends_with(full)) {
      auto read = scopes[i].substr(0, scopes[i].size() - full.size()) + ":read";
      if (std::ranges::find(scopes, read) == scopes.end())
        scopes.push_back(std::move(read));
    }
  return scopes;
}

/// Each company's API has a host of its own, which may change at any refresh (pipedrive.md §1.2).
std::string api_base_from_token(const json::value& answer) {
  return std::string{answer.string_or_empty("api_domain")};
}

/// The token answer names no company. The account is the company, not the person: its budget, its
/// records, and what a second sign-in is compared by.
task<account_identity> identify(stream_io& io, std::string api_base) {
  http_request request{"GET", api_base + "/api/v1/users/me"};
  request.quota.cost = v1_read_tokens;
  auto answer = co_await io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (answer->status < 200 || answer->status >= 300)
    co_return list_refused("Pipedrive", "who signed in", classify(*answer, io.now()).code);
  const auto envelope = read_envelope(*answer);
  const auto* user = envelope.find("data");
  const auto* company = user ? user->find("company_id") : nullptr;
  const auto id = company ? company->as_int() : std::nullopt;
  if (!id || *id <= 0)
    co_return error{ec::malformed, "Pipedrive does not say which company was connected",
                    "reconnect; if it happens again, report it to the developer"};
  account_identity identity;
  identity.id = std::to_string(*id);
  identity.name = user->string_or_empty("company_name");
  co_return identity;
}

/// Revoking the refresh token uninstalls the app for this person (pipedrive.md §1.4).
http_request revoke_request(std::string_view revoke_url, std::string_view client_id,
                            const secret& client_secret, const token_set& token) {
  http_request request{"POST", std::string{revoke_url},
                       format_query({{"token", std::string{token.refresh_token.reveal()}},
                                     {"token_type_hint", "refresh_token"}}),
                       "application/x-www-form-urlencoded"};
  request.headers.add("Authorization", oauth::basic_authorization(client_id, client_secret));
  return request;
}

provider_description describe() {
  provider_description pipedrive;
  pipedrive.name = "pipedrive";
  pipedrive.title = "Pipedrive";
  // pipedrive.md §0. The host of api_base serves where a token answer names none.
  pipedrive.api_base = "https://api.pipedrive.com";
  pipedrive.account_hosts = "pipedrive.com";
  pipedrive.authorize_url = "https://oauth.pipedrive.com/oauth/authorize";
  pipedrive.token_url = "https://oauth.pipedrive.com/oauth/token";
  pipedrive.revoke_url = "https://oauth.pipedrive.com/oauth/revoke";
  pipedrive.client_auth = client_authentication::basic;
  pipedrive.base_scopes = {"base"};
  pipedrive.token_life_default = std::chrono::minutes{59};
  pipedrive.streams = streams();
  pipedrive.quota = quota_windows();
  pipedrive.quota_dashboard = quota_dashboard;
  pipedrive.classify = classify;
  pipedrive.read_quota = read_quota;
  pipedrive.scopes_from_token = scopes_from_token;
  pipedrive.api_base_from_token = api_base_from_token;
  pipedrive.identify = identify;
  pipedrive.revoke_request = revoke_request;
  pipedrive.token_error_alias = token_error_alias;
  return pipedrive;
}

} // namespace

const provider_description& provider() {
  static const provider_description pipedrive = describe();
  return pipedrive;
}

} // namespace nexte::pipedrive
