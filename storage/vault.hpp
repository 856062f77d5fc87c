// Seals tokens before they are stored, so that no page of the data file, used or free, ever holds
// one in clear.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/secret.hpp"
#include "protocol/core/token.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace nexte {

inline constexpr size_t master_key_bytes = 32;

/// Whose tokens.
struct vault_owner {
  integration_id integration;
  std::string_view workspace;
};

/// An envelope: a random data key per integration, sealed under the master key; each token sealed
/// under the data key. All with AES-256-GCM (NIST SP 800-38D), a random 96-bit nonce each, and as
/// associated data the field's name, the master key's id, workspace and integration: a sealed text
/// moved to another place does not open. Without its data key nothing of an integration opens.
class vault {
public:
  /// @pre `master_key` has master_key_bytes
  vault(secret master_key, random_source random);

  /// The row to store. Keeps the data key of `stored`, the row that stands, if that opens.
  std::string seal(const vault_owner& owner, const token_set& tokens,
                   std::optional<std::string_view> stored) const;
  /// Nullopt when a seal does not hold.
  std::optional<token_set> open(const vault_owner& owner, std::string_view stored) const;

  /// A text that only this master key opens.
  std::string key_check() const;
  bool fits(std::string_view key_check) const;

private:
  std::optional<secret> data_key(const vault_owner& owner, std::string_view sealed) const;
  std::string bound(std::string_view field, const vault_owner& owner) const;
  secret master_key_;
  std::string key_id_; ///< Tells master keys apart, tells nothing about them.
  random_source random_;
};

} // namespace nexte
