#include "protocol/simulation/grant_book.hpp"

#include "protocol/oauth/pkce.hpp"
#include "protocol/simulation/seeded_random.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::simulation;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
constexpr auto redirect = "http://127.0.0.1:1/x";
constexpr auto verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

grant_book book(oauth_policy policy = {}) {
  return grant_book{std::move(policy), seeded_source(1)};
}

consent agreed(size_t account = 0) {
  return {account, {"a", "b"}, true};
}

std::string code_of(grant_book& grants, const std::string& challenge = {}) {
  return grants.issue_code(agreed(), redirect, challenge, now);
}

issued_tokens tokens(token_outcome outcome) {
  EXPECT_TRUE(std::holds_alternative<issued_tokens>(outcome));
  return std::holds_alternative<issued_tokens>(outcome) ? std::get<issued_tokens>(outcome)
                                                        : issued_tokens{};
}

/// Why it was refused; nullopt when it was not.
std::optional<token_refusal> refusal(const token_outcome& outcome) {
  const auto* why = std::get_if<token_refusal>(&outcome);
  return why ? std::optional{*why} : std::nullopt;
}

} // namespace

TEST(GrantBook, ExchangesACodeOnceAndRevokesItsTokensOnReplay) {
  auto grants = book();
  const auto code = code_of(grants);
  const auto issued = tokens(grants.exchange(code, redirect, "", now));
  EXPECT_TRUE(grants.find_access(issued.access_token));
  EXPECT_EQ(refusal(grants.exchange(code, redirect, "", now)), token_refusal::bad_code);
  EXPECT_FALSE(grants.find_access(issued.access_token));
  EXPECT_EQ(refusal(grants.refresh(issued.refresh_token, {}, now)), token_refusal::bad_refresh);
}

TEST(GrantBook, LetsACodeExpire) {
  auto grants = book();
  const auto late = code_of(grants);
  EXPECT_EQ(refusal(grants.exchange(late, redirect, "", now + 600s)), token_refusal::bad_code);
  const auto timely = code_of(grants);
  EXPECT_FALSE(refusal(grants.exchange(timely, redirect, "", now + 600s - 1ms)));
}

TEST(GrantBook, WantsTheVerifierOfTheChallengeAndNoOther) {
  auto grants = book();
  const auto challenge = oauth::challenge_of(verifier);
  EXPECT_FALSE(refusal(grants.exchange(code_of(grants, challenge), redirect, verifier, now)));
  for (const auto* wrong : {"", "another-verifier-another-verifier-another-43"})
    EXPECT_EQ(refusal(grants.exchange(code_of(grants, challenge), redirect, wrong, now)),
              token_refusal::bad_verifier);
  EXPECT_EQ(refusal(grants.exchange(code_of(grants), redirect, verifier, now)), // a downgrade
            token_refusal::bad_verifier);
  const auto burnt = code_of(grants, challenge);
  EXPECT_EQ(refusal(grants.exchange(burnt, redirect, "wrong", now)), token_refusal::bad_verifier);
  EXPECT_EQ(refusal(grants.exchange(burnt, redirect, verifier, now)), token_refusal::bad_code);
}

TEST(GrantBook, WantsTheRedirectOfTheRequestIncludingItsPort) {
  auto grants = book();
  EXPECT_EQ(refusal(grants.exchange(code_of(grants), "http://127.0.0.1:2/x", "", now)),
            token_refusal::bad_redirect);
}

TEST(GrantBook, KeepsTheRefreshTokenWhereItIsNotRotated) {
  auto grants = book(hubspot_policy());
  const auto first = grants.issue(agreed(), now);
  const auto second = tokens(grants.refresh(first.refresh_token, {}, now));
  EXPECT_EQ(second.refresh_token, first.refresh_token);
  auto google = book(google_policy());
  const auto kept = google.issue(agreed(), now);
  EXPECT_EQ(tokens(google.refresh(kept.refresh_token, {}, now)).refresh_token, "");
  EXPECT_FALSE(refusal(google.refresh(kept.refresh_token, {}, now)));
}

TEST(GrantBook, RotatesAndRevokesTheFamilyOnReuse) {
  auto grants = book(pipedrive_policy());
  const auto first = grants.issue(agreed(), now);
  const auto second = tokens(grants.refresh(first.refresh_token, {}, now));
  EXPECT_NE(second.refresh_token, first.refresh_token);
  EXPECT_EQ(refusal(grants.refresh(first.refresh_token, {}, now)), token_refusal::bad_refresh);
  EXPECT_EQ(refusal(grants.refresh(second.refresh_token, {}, now)), token_refusal::bad_refresh);
  EXPECT_FALSE(grants.find_access(second.access_token));
}

TEST(GrantBook, SparesTheFamilyWhereThePolicySaysSo) {
  auto policy = notion_policy();
  policy.reuse_revokes_family = false;
  auto grants = book(policy);
  const auto first = grants.issue(agreed(), now);
  const auto second = tokens(grants.refresh(first.refresh_token, {}, now));
  EXPECT_EQ(refusal(grants.refresh(first.refresh_token, {}, now)), token_refusal::bad_refresh);
  EXPECT_FALSE(refusal(grants.refresh(second.refresh_token, {}, now)));
}

TEST(GrantBook, LetsARotatedTokenLiveForItsGrace) {
  auto policy = pipedrive_policy();
  policy.rotation_grace = 10s;
  auto grants = book(policy);
  const auto first = grants.issue(agreed(), now);
  tokens(grants.refresh(first.refresh_token, {}, now));
  EXPECT_FALSE(refusal(grants.refresh(first.refresh_token, {}, now + 10s - 1ms)));
  EXPECT_EQ(refusal(grants.refresh(first.refresh_token, {}, now + 10s)),
            token_refusal::bad_refresh);
}

TEST(GrantBook, KeepsBothWhereBothStayValid) {
  auto grants = book(entra_policy());
  const auto first = grants.issue(agreed(), now);
  const auto second = tokens(grants.refresh(first.refresh_token, {}, now));
  EXPECT_NE(second.refresh_token, first.refresh_token);
  EXPECT_FALSE(refusal(grants.refresh(first.refresh_token, {}, now)));
  EXPECT_FALSE(refusal(grants.refresh(second.refresh_token, {}, now)));
}

TEST(GrantBook, LetsAnIdleRefreshTokenDie) {
  auto grants = book(pipedrive_policy()); // 60 days
  const auto first = grants.issue(agreed(), now);
  const auto second
      = tokens(grants.refresh(first.refresh_token, {}, now + std::chrono::days{60} - 1ms));
  EXPECT_EQ(refusal(grants.refresh(second.refresh_token, {}, now + std::chrono::days{120} - 1ms)),
            token_refusal::bad_refresh);
}

TEST(GrantBook, GrantsNoMoreScopesOnRefresh) {
  auto grants = book();
  const auto issued = grants.issue(agreed(), now);
  EXPECT_EQ(tokens(grants.refresh(issued.refresh_token, {"a"}, now)).granted.scopes,
            std::vector<std::string>{"a"});
  EXPECT_EQ(refusal(grants.refresh(issued.refresh_token, {"c"}, now)), token_refusal::bad_scope);
  EXPECT_EQ(tokens(grants.refresh(issued.refresh_token, {}, now)).granted.scopes.size(), 2u);
}

TEST(GrantBook, RevokesByEitherTokenAsThePolicySays) {
  auto grants = book(); // both end everything
  auto issued = grants.issue(agreed(), now);
  EXPECT_TRUE(grants.revoke(issued.access_token));
  EXPECT_FALSE(grants.find_refresh(issued.refresh_token, now));
  issued = grants.issue(agreed(), now);
  EXPECT_TRUE(grants.revoke(issued.refresh_token));
  EXPECT_FALSE(grants.find_access(issued.access_token));
  EXPECT_FALSE(grants.revoke("unknown"));
  auto hubspot = book(hubspot_policy());
  issued = hubspot.issue(agreed(), now);
  EXPECT_TRUE(hubspot.revoke(issued.access_token));
  EXPECT_TRUE(hubspot.find_refresh(issued.refresh_token, now));
}

TEST(GrantBook, RevokesAndExpiresAnAccountAlone) {
  auto grants = book();
  const auto one = grants.issue(agreed(0), now);
  const auto other = grants.issue(agreed(1), now);
  grants.expire_access(0, now);
  EXPECT_EQ(grants.find_access(one.access_token)->expires_at, now);
  EXPECT_GT(grants.find_access(other.access_token)->expires_at, now);
  grants.revoke_account(0, true);
  EXPECT_FALSE(grants.find_access(one.access_token));
  EXPECT_FALSE(grants.find_refresh(one.refresh_token, now));
  EXPECT_TRUE(grants.find_refresh(other.refresh_token, now));
}

TEST(GrantBook, RevokesTheOldestGrantPastTheBound) { // google.md §1.6
  auto grants = book(google_policy());
  const auto first = grants.issue(agreed(), now);
  for (int i = 1; i < 100; ++i)
    grants.issue(agreed(), now);
  EXPECT_TRUE(grants.find_refresh(first.refresh_token, now));
  grants.issue(agreed(), now);
  EXPECT_FALSE(grants.find_refresh(first.refresh_token, now));
}
