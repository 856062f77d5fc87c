// The facts of notion.md that are data.
#include "protocol/notion/provider.hpp"

#include "protocol/answers.hpp"
#include "protocol/json/writer.hpp"
#include "protocol/notion/errors.hpp"
#include "protocol/notion/quota.hpp"
#include "protocol/notion/requests.hpp"
#include "protocol/notion/streams.hpp"
#include "protocol/oauth/token_endpoint.hpp"

namespace nexte::notion {
namespace {

/// No lifetime is said, and none is documented: a token is renewed when it is refused, not before
/// (notion.md §1.1).
constexpr std::chrono::hours token_life_unknown{24 * 366};

/// The account is the connection, not the workspace: two people of one workspace connect it with
/// pages and tokens of their own (notion.md §1.1).
std::optional<account_identity> identity_from_token(const json::value& answer) {
  account_identity identity;
  identity.id = answer.string_or_empty("bot_id");
  identity.name = answer.string_or_empty("workspace_name");
  if (identity.id.empty())
    return std::nullopt;
  return identity;
}

/// The connection is a user of its own, a bot, whose id is that of the token answer (notion.md §2).
task<account_identity> identify(stream_io& io, std::string api_base) {
  auto request = api_request("GET", api_base + "/v1/users/me");
  auto answer = co_await io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (answer->status < 200 || answer->status >= 300)
    co_return list_refused("Notion", "who signed in", classify(*answer, io.now()).code);
  const auto user = read_envelope(*answer);
  account_identity identity;
  identity.id = user.string_or_empty("id");
  if (identity.id.empty())
    co_return error{ec::malformed, "Notion does not say which connection this is",
                    "reconnect; if it happens again, report it to the developer"};
  const auto* bot = user.find("bot");
  identity.name = bot ? bot->string_or_empty("workspace_name") : std::string_view{};
  co_return identity;
}

/// Ends the connection by its access token
/// (https://developers.notion.com/reference/revoke-token, read 2026-11-24).
http_request revoke_request(std::string_view revoke_url, std::string_view client_id,
                            const secret& client_secret, const token_set& token) {
  json::writer body;
  body.begin_object().key("token").value(token.access_token.reveal()).end_object();
  auto request = api_request("POST", std::string{revoke_url}, body.take());
  request.headers.add("Authorization", oauth::basic_authorization(client_id, client_secret));
  return request;
}

provider_description describe() {
  provider_description notion;
  notion.name = "notion";
  notion.title = "Notion";
  // notion.md §0.
  notion.api_base = "https://api.notion.com";
  notion.authorize_url = "https://api.notion.com/v1/oauth/authorize?owner=user";
  notion.token_url = "https://api.notion.com/v1/oauth/token";
  notion.revoke_url = "https://api.notion.com/v1/oauth/revoke";
  notion.client_auth = client_authentication::basic;
  notion.dialect.json = true;
  notion.dialect.pkce = false;
  notion.dialect.headers = {{std::string{version_field}, std::string{api_version}}};
  notion.token_life_default = token_life_unknown;
  notion.streams = streams();
  notion.quota = quota_windows();
  notion.quota_dashboard = quota_dashboard;
  notion.classify = classify;
  notion.identity_from_token = identity_from_token;
  notion.identify = identify;
  notion.revoke_request = revoke_request;
  notion.token_error_alias = token_error_alias;
  return notion;
}

} // namespace

const provider_description& provider() {
  static const provider_description notion = describe();
  return notion;
}

} // namespace nexte::notion
