#include "protocol/oauth/pkce.hpp"

#include "protocol/core/text.hpp"

#include <openssl/sha.h>

#include <array>

namespace nexte::oauth {

pkce make_pkce(const random_source& random) {
  secret verifier{random_token(random)};
  std::string challenge = challenge_of(verifier.reveal());
  return {std::move(verifier), std::move(challenge)};
}

std::string challenge_of(std::string_view verifier) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(verifier.data()), verifier.size(), digest.data());
  return base64url(digest);
}

std::string random_token(const random_source& random) {
  std::array<uint8_t, 32> bytes;
  random(bytes);
  return base64url(bytes);
}

} // namespace nexte::oauth
