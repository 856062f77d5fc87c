// The token endpoint's requests and answers. Pure: the caller sends and receives.
#pragma once

#include "protocol/core/token.hpp"
#include "protocol/oauth/authorization.hpp"
#include "protocol/oauth/pkce.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace nexte::oauth {

/// Exchanges a code. `redirect_uri` must be the string of the authorization request. A client
/// without a secret is a public one, whatever its `authentication` says.
http_request exchange_request(const client& app, const secret& code, std::string_view redirect_uri,
                              const secret& verifier);
http_request refresh_request(const client& app, const secret& refresh_token);

/// Who can mend a failure of the token endpoint (oauth.md §2).
enum class token_failure_kind : uint8_t {
  reconnect, ///< The grant is gone: a person signs in again.
  admin,     ///< An administrator must allow it.
  app,       ///< Our registration is wrong: reconnecting does not help.
  transient, ///< Passing: keep the tokens, try again.
};

struct token_failure {
  token_failure_kind kind = token_failure_kind::transient;
  std::string code;     ///< e.g. "invalid_grant", "http_503".
  std::string sentence; ///< For a person. Never from the description: it may echo a token.
  std::optional<milliseconds> retry_after;
};

struct token_grant {
  token_set tokens; ///< `refresh_token` empty: keep the old one.
  std::optional<account_identity> identity;
};

using token_answer = std::variant<token_grant, token_failure>;

/// Splits scopes at spaces (RFC 6749 section 3.3) and at commas (Pipedrive).
std::vector<std::string> split_scopes(std::string_view text);

/// The Authorization field of scheme Basic (RFC 6749 section 2.3.1).
std::string basic_authorization(std::string_view client_id, const secret& client_secret);

/// Reads an answer of the token endpoint. Anything but JSON is a passing failure, whatever its
/// status; so are 408, 409, 423, 425, 429 and 5xx, whatever the body. The provider's
/// `token_error_alias` goes before the standard `error`. A missing `token_type` counts as Bearer.
/// `now` is the time of receipt: `expires_at` counts from it.
token_answer read_token_answer(const provider_description& provider, const http_response& response,
                               wall_time now);

/// Whether an administrator must act before a failure with this code can end.
bool needs_admin(std::string_view code);

} // namespace nexte::oauth
