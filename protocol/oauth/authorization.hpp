// The authorization request and the callback that answers it. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/secret.hpp"
#include "protocol/provider.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nexte::oauth {

/// Our registration at a provider, and where it answers.
struct client {
  std::string id;
  secret client_secret; ///< Empty for a public client.
  client_authentication authentication = client_authentication::post;
  token_dialect dialect;
  std::string authorize_url;
  std::string token_url;
  std::string revoke_url;
};

/// The address a person opens. `scopes` go space-separated, in order. A query that the endpoint
/// has is kept, but for parameters of ours; what is empty is left out, and the challenge where the
/// provider knows no PKCE.
std::string authorization_url(const client& app, std::string_view redirect_uri,
                              const std::vector<std::string>& scopes, std::string_view state,
                              std::string_view challenge);

/// The provider sent a code.
struct granted_code {
  secret code;
};
/// The provider sent an `error`; the attempt is over.
struct refused_consent {
  std::string code;     ///< e.g. "access_denied"; cut to 100 printable characters.
  std::string sentence; ///< For a person, with what to do.
};
/// Not an answer to our attempt: keep waiting.
struct stray_callback {
  /// "malformed_query", "duplicate_parameter", "no_parameters", "state_missing", "state_mismatch",
  /// "issuer_mismatch" or "code_missing".
  std::string reason;
};
using callback_outcome = std::variant<granted_code, refused_consent, stray_callback>;

/// Reads a callback's query by the order of oauth.md §1.5: state, iss, error, code. `issuer`
/// empty: not compared. A duplicate parameter makes it stray.
callback_outcome read_callback(std::string_view query, std::string_view expected_state,
                               std::string_view issuer = {});

} // namespace nexte::oauth
