// What an authorization server remembers: codes, grants and their tokens. Pure.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/simulation/oauth_policy.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nexte::simulation {

/// Why a token was refused; each provider has its own words for it.
enum class token_refusal : uint8_t {
  bad_request,       ///< A member is missing or given twice.
  unsupported_grant, ///< An unknown `grant_type`.
  bad_client_id,
  bad_client_secret,
  bad_code, ///< Unknown, expired or used.
  bad_redirect,
  bad_verifier,
  bad_refresh, ///< Unknown, revoked, rotated away or idle for too long.
  bad_scope,   ///< A refresh asks for more than was granted.
  account_gone,
};

/// What a person agreed to.
struct consent {
  size_t account = 0; ///< Index of the account.
  std::vector<std::string> scopes;
  bool offline = true; ///< Gets a refresh token.
};

/// Tokens as they go into an answer.
struct issued_tokens {
  std::string access_token;
  std::string refresh_token; ///< Empty: the answer has none.
  seconds expires_in{0};
  consent granted;
};

using token_outcome = std::variant<issued_tokens, token_refusal>;

/// What an access token stands for.
struct access_view {
  consent granted;
  wall_time expires_at{};
};

/// Codes and tokens under one policy. A code is good for one exchange, failed ones included; when
/// it is shown again all tokens issued from it end.
class grant_book {
public:
  grant_book(oauth_policy policy, random_source random)
      : policy_(std::move(policy)), random_(std::move(random)) {}

  std::string issue_code(consent agreed, std::string redirect_uri, std::string challenge,
                         wall_time now);
  token_outcome exchange(std::string_view code, std::string_view redirect_uri,
                         std::string_view verifier, wall_time now);
  /// `scopes` empty: all that was granted.
  token_outcome refresh(std::string_view refresh_token, const std::vector<std::string>& scopes,
                        wall_time now);
  /// Tokens without the dance, as of a consent given long ago.
  issued_tokens issue(consent agreed, wall_time now);

  /// Null for a token that is unknown or ended; an expired one is still known.
  const access_view* find_access(std::string_view access_token) const;
  /// Null for a refresh token that cannot be used now.
  const consent* find_refresh(std::string_view refresh_token, wall_time now) const;

  /// Whether the account has a grant that was not revoked.
  bool holds(size_t account) const;

  /// Revokes by either kind of token, as the policy says. False: unknown (RFC 7009 answers 200).
  bool revoke(std::string_view token);
  /// Revokes every grant of an account, its access tokens too when `at_once`.
  void revoke_account(size_t account, bool at_once);
  /// Takes a scope from every grant and token of an account, as an administrator may.
  void withdraw_scope(size_t account, std::string_view scope);
  /// Lets every access token of an account expire at `now`.
  void expire_access(size_t account, wall_time now);
  const oauth_policy& policy() const {
    return policy_;
  }

private:
  struct refresh_state {
    uint64_t grant = 0;
    wall_time used_at{};                   ///< Issued, or last used.
    std::optional<wall_time> rotated_at{}; ///< Replaced by a newer one.
  };
  struct access_state : access_view {
    uint64_t grant = 0;
  };
  struct grant {
    consent agreed;
    bool revoked = false;
  };
  struct code_state {
    consent agreed;
    std::string redirect_uri;
    std::string challenge;
    wall_time expires_at{};
    bool used = false;
    std::optional<uint64_t> grant;
  };

  std::string fresh(std::string_view prefix);
  uint64_t open_grant(consent agreed);
  issued_tokens issue_from(uint64_t id, bool with_refresh, std::vector<std::string> scopes,
                           wall_time now);
  void end_grant(uint64_t id, bool with_access);
  bool is_usable(const refresh_state& token, wall_time now) const;
  void forget_old(wall_time now);

  oauth_policy policy_;
  random_source random_;
  uint64_t last_grant_ = 0;
  std::map<uint64_t, grant> grants_;
  std::map<std::string, code_state, std::less<>> codes_;
  std::map<std::string, access_state, std::less<>> access_;
  std::map<std::string, refresh_state, std::less<>> refresh_;
};

} // namespace nexte::simulation
