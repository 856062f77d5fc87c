// What a token endpoint hands out, as the vault keeps it.
#pragma once

#include "protocol/core/secret.hpp"
#include "protocol/core/time.hpp"

#include <string>
#include <vector>

namespace nexte {

struct token_set {
  secret access_token;
  secret refresh_token;            ///< Empty where the provider gave none.
  wall_time expires_at{};          ///< By our clock, counted from receipt.
  std::vector<std::string> scopes; ///< Granted, as the provider said; empty: it did not say.
  /// Where this account's API is, as the provider said; no trailing slash. Empty: it did not say.
  std::string api_base = {};
};

/// Who signed in.
struct account_identity {
  std::string id;   ///< The provider's id of the account: what makes two connections the same.
  std::string name; ///< For people: a domain or an address; may be empty.

  /// What a person is shown: the name, or the id where there is none.
  const std::string& shown() const {
    return name.empty() ? id : name;
  }
};

} // namespace nexte
