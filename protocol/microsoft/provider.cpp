// The facts of microsoft.md that are data.
#include "protocol/microsoft/provider.hpp"

#include "protocol/answers.hpp"
#include "protocol/core/text.hpp"
#include "protocol/microsoft/errors.hpp"
#include "protocol/microsoft/quota.hpp"
#include "protocol/microsoft/streams.hpp"
#include "protocol/oauth/token_endpoint.hpp"

#include <algorithm>

namespace nexte::microsoft {
namespace {

/// Scopes come short or as addresses; one that ends in ".ReadWrite" includes the one that ends in
/// ".Read" (microsoft.md §1.3, §1.6).
std::vector<std::string> scopes_from_token(const json::value& answer) {
  constexpr std::string_view resource = "https://graph.microsoft.com/";
  constexpr std::string_view write = "Write";
  auto scopes = oauth::split_scopes(answer.string_or_empty("scope"));
  for (size_t i = scopes.size(); i-- > 0;) {
    auto& scope = scopes[i];
    if (scope.size() > resource.size()
        && equal_ignoring_case(std::string_view{scope}.substr(0, resource.size()), resource))
      scope.erase(0, resource.size());
    if (!scope.ends_with(".ReadWrite"))
      continue;
    auto read = scope.substr(0, scope.size() - write.size());
    if (std::ranges::find(scopes, read) == scopes.end())
      scopes.push_back(std::move(read));
  }
  return scopes;
}

/// The token is not for us to read, and an id token would have to be asked for: Graph says who
/// signed in. The id is the person's in every tenant, and stays when their address changes.
task<account_identity> identify(stream_io& io, std::string api_base) {
  http_request request{"GET", api_base + "/me?$select=id,displayName,mail,userPrincipalName"};
  auto answer = co_await io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (answer->status < 200 || answer->status >= 300)
    co_return list_refused("Microsoft 365", "who signed in", classify(*answer, io.now()).code);
  const auto person = read_envelope(*answer);
  account_identity identity;
  identity.id = person.string_or_empty("id");
  if (identity.id.empty())
    co_return error{ec::malformed, "Microsoft 365 does not say who was connected",
                    "reconnect; if it happens again, report it to the developer"};
  for (const auto* name : {"mail", "userPrincipalName", "displayName"})
    if (identity.name.empty())
      identity.name = person.string_or_empty(name);
  co_return identity;
}

provider_description describe() {
  provider_description microsoft;
  microsoft.name = "microsoft";
  microsoft.title = "Microsoft 365";
  microsoft.api_base = "https://graph.microsoft.com/v1.0"; // microsoft.md §2
  // microsoft.md §1.1: accounts of work and of persons alike. Entra has no call that revokes:
  // Disconnect erases the tokens here, and the person removes the consent at myapps.microsoft.com.
  microsoft.authorize_url = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize";
  microsoft.token_url = "https://login.microsoftonline.com/common/oauth2/v2.0/token";
  // On a desktop the app is a public client and has no secret; a host's own has (microsoft.md
  // §1.2).
  microsoft.client_auth = client_authentication::post;
  microsoft.base_scopes = {"offline_access", "User.Read"};
  microsoft.token_life_default = std::chrono::hours{1}; // microsoft.md §1.4: the shortest
  microsoft.streams = streams();
  microsoft.quota = quota_windows();
  microsoft.concurrency = concurrency_caps();
  microsoft.quota_dashboard = quota_dashboard;
  microsoft.classify = classify;
  microsoft.scopes_from_token = scopes_from_token;
  microsoft.identify = identify;
  microsoft.token_error_alias = token_error_alias;
  return microsoft;
}

} // namespace

const provider_description& provider() {
  static const provider_description microsoft = describe();
  return microsoft;
}

} // namespace nexte::microsoft
