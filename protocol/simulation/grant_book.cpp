#include "protocol/simulation/grant_book.hpp"

#include "protocol/oauth/pkce.hpp"

#include <algorithm>

namespace nexte::simulation {
namespace {

/// Past this many access tokens those are forgotten that expired over a day ago.
constexpr size_t access_tokens_kept_max = 10'000;
constexpr std::chrono::hours expired_kept{24};

} // namespace

std::string grant_book::issue_code(consent agreed, std::string redirect_uri, std::string challenge,
                                   wall_time now) {
  forget_old(now);
  auto code = fresh("");
  codes_[code] = {std::move(agreed),
                  std::move(redirect_uri),
                  std::move(challenge),
                  now + policy_.code_life,
                  false,
                  std::nullopt};
  return code;
}

token_outcome grant_book::exchange(std::string_view code, std::string_view redirect_uri,
                                   std::string_view verifier, wall_time now) {
  const auto found = codes_.find(code);
  if (found == codes_.end())
    return token_refusal::bad_code;
  auto& state = found->second;
  if (state.used) {
    if (state.grant)
      end_grant(*state.grant, true);
    return token_refusal::bad_code;
  }
  state.used = true;
  if (now >= state.expires_at)
    return token_refusal::bad_code;
  if (redirect_uri != state.redirect_uri)
    return token_refusal::bad_redirect;
  // A verifier without a challenge is a downgrade: RFC 9700 section 2.1.1.
  const auto proved = verifier.empty() ? std::string{} : oauth::challenge_of(verifier);
  if (proved != state.challenge)
    return token_refusal::bad_verifier;
  const bool offline = state.agreed.offline;
  auto scopes = state.agreed.scopes;
  state.grant = open_grant(std::move(state.agreed));
  return issue_from(*state.grant, offline, std::move(scopes), now);
}

token_outcome grant_book::refresh(std::string_view refresh_token,
                                  const std::vector<std::string>& scopes, wall_time now) {
  const auto found = refresh_.find(refresh_token);
  if (found == refresh_.end())
    return token_refusal::bad_refresh;
  auto& state = found->second;
  if (!is_usable(state, now)) {
    if (state.rotated_at && policy_.reuse_revokes_family)
      end_grant(state.grant, true);
    return token_refusal::bad_refresh;
  }
  const auto& granted = grants_.at(state.grant).agreed.scopes;
  const auto is_granted
      = [&](const std::string& scope) { return std::ranges::count(granted, scope) > 0; };
  if (!std::ranges::all_of(scopes, is_granted))
    return token_refusal::bad_scope;
  state.used_at = now;
  const bool rotates = policy_.rotation != rotation_rule::none;
  if (policy_.rotation == rotation_rule::rotate && !state.rotated_at)
    state.rotated_at = now;
  auto tokens = issue_from(state.grant, rotates, scopes.empty() ? granted : scopes, now);
  if (!rotates && policy_.refresh_repeats_token)
    tokens.refresh_token = found->first;
  return tokens;
}

issued_tokens grant_book::issue(consent agreed, wall_time now) {
  forget_old(now);
  const bool offline = agreed.offline;
  auto scopes = agreed.scopes;
  return issue_from(open_grant(std::move(agreed)), offline, std::move(scopes), now);
}

const access_view* grant_book::find_access(std::string_view access_token) const {
  const auto found = access_.find(access_token);
  return found == access_.end() ? nullptr : &found->second;
}

const consent* grant_book::find_refresh(std::string_view refresh_token, wall_time now) const {
  const auto found = refresh_.find(refresh_token);
  if (found == refresh_.end() || !is_usable(found->second, now))
    return nullptr;
  return &grants_.at(found->second.grant).agreed;
}

bool grant_book::holds(size_t account) const {
  return std::ranges::any_of(grants_, [&](const auto& held) {
    return held.second.agreed.account == account && !held.second.revoked;
  });
}

bool grant_book::revoke(std::string_view token) {
  if (const auto found = refresh_.find(token); found != refresh_.end()) {
    end_grant(found->second.grant, policy_.revoke_ends_access);
    return true;
  }
  const auto found = access_.find(token);
  if (found == access_.end())
    return false;
  if (policy_.access_revoke_ends_grant)
    end_grant(found->second.grant, true);
  else
    access_.erase(found);
  return true;
}

void grant_book::revoke_account(size_t account, bool at_once) {
  for (auto& [id, held] : grants_)
    if (held.agreed.account == account)
      end_grant(id, at_once);
}

void grant_book::withdraw_scope(size_t account, std::string_view scope) {
  for (auto& [id, given] : grants_)
    if (given.agreed.account == account)
      std::erase(given.agreed.scopes, scope);
  for (auto& [text, token] : access_)
    if (token.granted.account == account)
      std::erase(token.granted.scopes, scope);
}

void grant_book::expire_access(size_t account, wall_time now) {
  for (auto& [token, state] : access_)
    if (state.granted.account == account)
      state.expires_at = std::min(state.expires_at, now);
}

std::string grant_book::fresh(std::string_view prefix) {
  return std::string{prefix} + oauth::random_token(random_);
}

uint64_t grant_book::open_grant(consent agreed) {
  const auto account = agreed.account;
  grants_[++last_grant_] = {std::move(agreed), false};
  const auto is_live = [&](const auto& held) {
    return held.second.agreed.account == account && !held.second.revoked;
  };
  const auto most = policy_.grants_per_account_max;
  if (most > 0 && std::ranges::count_if(grants_, is_live) > static_cast<ptrdiff_t>(most))
    end_grant(std::ranges::find_if(grants_, is_live)->first, true);
  return last_grant_;
}

issued_tokens grant_book::issue_from(uint64_t id, bool with_refresh,
                                     std::vector<std::string> scopes, wall_time now) {
  issued_tokens tokens;
  tokens.granted = grants_.at(id).agreed;
  tokens.granted.scopes = std::move(scopes);
  tokens.expires_in = policy_.access_life;
  tokens.access_token = fresh(policy_.access_prefix);
  access_state access;
  access.granted = tokens.granted;
  access.expires_at = now + policy_.access_life;
  access.grant = id;
  access_[tokens.access_token] = std::move(access);
  if (with_refresh) {
    tokens.refresh_token = fresh(policy_.refresh_prefix);
    refresh_[tokens.refresh_token] = {id, now, std::nullopt};
  }
  return tokens;
}

void grant_book::end_grant(uint64_t id, bool with_access) {
  grants_.at(id).revoked = true;
  if (with_access)
    std::erase_if(access_, [&](const auto& held) { return held.second.grant == id; });
}

bool grant_book::is_usable(const refresh_state& token, wall_time now) const {
  if (grants_.at(token.grant).revoked)
    return false;
  if (policy_.refresh_idle_max.count() > 0 && now - token.used_at >= policy_.refresh_idle_max)
    return false;
  return !token.rotated_at || now < *token.rotated_at + policy_.rotation_grace;
}

void grant_book::forget_old(wall_time now) {
  if (access_.size() > access_tokens_kept_max)
    std::erase_if(access_,
                  [&](const auto& held) { return held.second.expires_at + expired_kept < now; });
  // A replay of a code is recognised for as long as its tokens could live without a refresh.
  std::erase_if(codes_,
                [&](const auto& held) { return held.second.expires_at + expired_kept < now; });
}

} // namespace nexte::simulation
