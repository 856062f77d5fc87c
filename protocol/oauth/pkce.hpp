// Proof Key for Code Exchange, RFC 7636, S256 only.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/secret.hpp"

#include <string>
#include <string_view>

namespace nexte::oauth {

struct pkce {
  secret verifier;       ///< 43 characters: 32 random bytes, base64url.
  std::string challenge; ///< base64url(SHA-256(verifier)), 43 characters.
};

pkce make_pkce(const random_source& random);
/// The S256 challenge of a verifier.
std::string challenge_of(std::string_view verifier);
/// 32 random bytes, base64url: for `state`.
std::string random_token(const random_source& random);

} // namespace nexte::oauth
