#include "tests/support/token_keeper_fixture.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;
using oauth::token_failure_kind;

TEST_F(TokenKeeper, RenewsFiveMinutesBeforeTheEndAndNotAMomentEarlier) {
  adopt("old", 1h);
  EXPECT_TRUE(keeper.ready(start + 55min - 1ms));
  EXPECT_FALSE(keeper.ready(start + 55min));
}

TEST_F(TokenKeeper, RenewsAShortLivedTokenInTheLastFifthOfItsLife) {
  adopt("old", 100s);
  EXPECT_TRUE(keeper.ready(start + 80s - 1ms));
  EXPECT_FALSE(keeper.ready(start + 80s));
}

TEST_F(TokenKeeper, HoldsATokenThatCameExpiredForNoGood) {
  adopt("old", -1s);
  EXPECT_FALSE(keeper.ready(now));
}

TEST_F(TokenKeeper, TellsAtOnceThatAGoodTokenIsReady) {
  adopt();
  keeper.want(now);
  EXPECT_EQ(told, log{"ready"});
}

TEST_F(TokenKeeper, NotesBeforeItSendsAndStoresBeforeItUses) {
  adopt();
  advance(1h);
  keeper.want(now);
  EXPECT_EQ(told, log{"note"});
  noted();
  EXPECT_EQ(told, (log{"note", "send"}));
  EXPECT_NE(sent.body.find("refresh_token=old-refresh"), std::string::npos);
  grant();
  EXPECT_EQ(told, (log{"note", "send", "store"}));
  EXPECT_EQ(access(), "old-access") << "not durable yet";
  EXPECT_FALSE(keeper.ready(now));
  EXPECT_EQ(keeper.generation(), 1u);
  stored();
  EXPECT_EQ(told, (log{"note", "send", "store", "ready"}));
  EXPECT_EQ(access(), "new-access");
  EXPECT_EQ(keeper.refresh().reveal(), "new-refresh");
  EXPECT_EQ(keeper.generation(), 2u);
  EXPECT_TRUE(keeper.ready(now));
}

TEST_F(TokenKeeper, LetsOneRefreshBeUnderWayAtATime) {
  adopt();
  advance(1h);
  for (int stage = 0; stage < 3; ++stage) {
    keeper.want(now);
    keeper.want(now);
    EXPECT_TRUE(keeper.refused(1, now)) << "a newer one is on its way";
    stage == 0 ? noted() : stage == 1 ? grant() : stored();
  }
  EXPECT_EQ(told, (log{"note", "send", "store", "ready"}));
}

TEST_F(TokenKeeper, KeepsRefreshTokenAndScopesThatTheAnswerLeavesOut) {
  adopt();
  advance(1h);
  begin_refresh();
  grant("");
  EXPECT_EQ(storing.refresh_token.reveal(), "old-refresh");
  EXPECT_EQ(storing.scopes, std::vector<std::string>{"read"});
}

TEST_F(TokenKeeper, KeepsTheAccountsAddressUntilTheAnswerNamesAnother) {
  provider.api_base_from_token
      = [](const json::value& answer) { return std::string{answer.string_or_empty("at")}; };
  auto held = tokens("old", now + 1h);
  held.api_base = "https://one.example";
  keeper.adopt(held, now);
  advance(1h);
  begin_refresh();
  grant();
  stored();
  EXPECT_EQ(keeper.tokens().api_base, "https://one.example");
  advance(1h);
  begin_refresh();
  grant(R"(,"refresh_token":"r","at":"https://two.example/")");
  stored();
  EXPECT_EQ(keeper.tokens().api_base, "https://two.example");
}

TEST_F(TokenKeeper, TakesTheScopesThatTheAnswerNames) {
  adopt();
  advance(1h);
  begin_refresh();
  grant();
  EXPECT_EQ(storing.scopes, (std::vector<std::string>{"read", "write"}));
}

TEST_F(TokenKeeper, SendsNoRefreshTokenWhileTheNoteFails) {
  adopt();
  advance(1h);
  keeper.want(now);
  noted(false);
  EXPECT_EQ(told, (log{"note", "failing storage"}));
  EXPECT_EQ(alarm, steady_now + 1s);
  keeper.wake(now);
  EXPECT_EQ(told.back(), "note");
  noted();
  EXPECT_EQ(told.back(), "send");
}

TEST_F(TokenKeeper, NeverUsesATokenThatTheStoreDidNotKeep) {
  adopt();
  advance(1h);
  begin_refresh();
  grant();
  for (const auto wait : {1s, 2s}) {
    stored(false);
    EXPECT_EQ(told.back(), "failing storage");
    EXPECT_EQ(alarm, steady_now + wait);
    EXPECT_FALSE(keeper.ready(now));
    EXPECT_EQ(access(), "old-access");
    keeper.wake(now);
    EXPECT_EQ(told.back(), "store") << "the same tokens again: the old refresh token is spent";
    EXPECT_EQ(storing.access_token.reveal(), "new-access");
  }
  stored();
  EXPECT_EQ(access(), "new-access");
  EXPECT_EQ(std::ranges::count(told, "send"), 0) << "asked once";
}

TEST_F(TokenKeeper, DisconnectsAtInvalidGrantWhenTheVaultHasNothingNewer) {
  adopt();
  advance(1h);
  begin_refresh();
  answer(400, R"({"error":"invalid_grant"})");
  EXPECT_EQ(told, log{"refused invalid_grant"});
  EXPECT_TRUE(keeper.empty());
  EXPECT_TRUE(keeper.access().empty() && keeper.refresh().empty());
  keeper.want(now);
  EXPECT_EQ(told.size(), 1u) << "nobody's tokens are not renewed";
}

TEST_F(TokenKeeper, DisconnectsAtInvalidGrantWhenTheVaultIsEmpty) {
  adopt();
  advance(1h);
  begin_refresh();
  vault.reset();
  answer(400, R"({"error":"invalid_grant"})");
  EXPECT_EQ(told, log{"refused invalid_grant"});
}

TEST_F(TokenKeeper, TakesNewerTokensFromTheVaultBeforeItBelievesInvalidGrant) {
  adopt();
  advance(1h);
  begin_refresh();
  vault = tokens("other", now + 1h);
  answer(400, R"({"error":"invalid_grant"})");
  EXPECT_EQ(told, log{"ready"});
  EXPECT_EQ(access(), "other-access");
}

TEST_F(TokenKeeper, RenewsTheVaultsTokensWhenTheyHaveExpiredToo) {
  adopt();
  advance(1h);
  begin_refresh();
  vault = tokens("other", now - 1s);
  answer(400, R"({"error":"invalid_grant"})");
  EXPECT_EQ(told, log{"note"});
  noted();
  EXPECT_NE(sent.body.find("other-refresh"), std::string::npos);
  answer(400, R"({"error":"invalid_grant"})");
  EXPECT_EQ(told.back(), "refused invalid_grant") << "the vault's are tried once";
}

TEST_F(TokenKeeper, AsksForAPersonWhereThereIsNoRefreshToken) {
  vault = tokens("old", start + 1h);
  vault->refresh_token = {};
  keeper.adopt(*vault, now);
  EXPECT_TRUE(keeper.ready(now));
  advance(1h);
  keeper.want(now);
  EXPECT_EQ(told, log{"refused no_refresh_token"});
  EXPECT_TRUE(keeper.empty());
}

TEST_F(TokenKeeper, TriesARefusalOfTheAppAgainAfterHalfAnHour) {
  adopt();
  advance(1h);
  begin_refresh();
  answer(401, R"({"error":"invalid_client"})");
  EXPECT_EQ(told, log{"failing invalid_client"});
  EXPECT_EQ(alarm, steady_now + 30min);
  EXPECT_FALSE(keeper.empty());
  keeper.wake(now);
  noted();
  keeper.answered(asked, {error{ec::refused, "the host is not allowed"}, false}, now, steady_now);
  EXPECT_EQ(told.back(), "failing network");
  EXPECT_EQ(alarm, steady_now + 30min);
}

TEST_F(TokenKeeper, ClimbsALadderWhileTheFailurePassesAndBeginsAnewAfter) {
  adopt();
  advance(1h);
  begin_refresh();
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 32s, 32s}) {
    keeper.answered(asked, {error{ec::transport, "no route"}, true}, now, steady_now);
    EXPECT_EQ(alarm, steady_now + wait);
    keeper.want(now);
    EXPECT_EQ(told.back(), "failing network") << "wanting does not shorten the wait";
    keeper.wake(now);
    noted();
  }
  grant();
  stored();
  advance(1h);
  begin_refresh();
  answer(503, "");
  EXPECT_EQ(alarm, steady_now + 1s);
}

TEST_F(TokenKeeper, KeepsItsTokensThroughEveryPassingStatus) {
  adopt();
  advance(1h);
  begin_refresh();
  for (const int status : {408, 409, 423, 425, 429, 500, 502, 503, 504}) {
    answer(status, R"({"error":"invalid_grant"})", "45");
    EXPECT_EQ(told.back().substr(0, 7), "failing") << status;
    EXPECT_EQ(alarm, steady_now + 45s) << status;
    keeper.wake(now);
    noted();
  }
  EXPECT_FALSE(keeper.empty());
}

TEST_F(TokenKeeper, TrustsNoExpiryOnceTheWallClockWasSetBack) {
  adopt();
  EXPECT_TRUE(keeper.ready(start));
  EXPECT_FALSE(keeper.ready(start - 1ms));
  keeper.want(start - 1ms);
  EXPECT_EQ(told, log{"note"});
}

TEST_F(TokenKeeper, RenewsATokenThatTheProviderRefuses) {
  adopt();
  EXPECT_TRUE(keeper.refused(1, now));
  EXPECT_FALSE(keeper.ready(now));
  keeper.want(now);
  EXPECT_EQ(told, log{"note"});
}

TEST_F(TokenKeeper, LeavesTheNewTokenAloneWhenTheOldOneIsRefusedLate) {
  adopt();
  refresh();
  advance(1min);
  EXPECT_TRUE(keeper.refused(1, now));
  EXPECT_TRUE(keeper.ready(now));
}

TEST_F(TokenKeeper, AnswersTheRefusalOfAFreshTokenWithNoOtherRefreshForHalfAMinute) {
  adopt();
  refresh();
  EXPECT_FALSE(keeper.refused(2, now + 30s - 1ms));
  EXPECT_TRUE(keeper.ready(now));
  EXPECT_TRUE(keeper.refused(2, now + 30s));
  EXPECT_FALSE(keeper.ready(now + 30s));
}

TEST_F(TokenKeeper, DropsTheAnswersOfWhatWasForgotten) {
  adopt();
  advance(1h);
  begin_refresh();
  keeper.forget();
  grant();
  stored();
  noted();
  keeper.wake(now);
  EXPECT_TRUE(told.empty());
  EXPECT_TRUE(keeper.empty());
}

TEST_F(TokenKeeper, DropsTheAnswerToARefreshThatANewSignInOvertook) {
  adopt();
  advance(1h);
  begin_refresh();
  adopt("reconnected");
  grant();
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(access(), "reconnected-access");
}

TEST_F(TokenKeeper, DropsTheLateAnswerToAnOlderRefresh) {
  adopt();
  advance(1h);
  begin_refresh();
  const auto older = asked;
  adopt("reconnected");
  advance(1h);
  begin_refresh();
  http_response late{200, R"({"access_token":"late","expires_in":3600})", "application/json"};
  keeper.answered(older, {std::move(late), true}, now, steady_now);
  EXPECT_TRUE(told.empty());
  grant();
  EXPECT_EQ(told, log{"store"});
}

TEST_F(TokenKeeper, MeasuresTheSkewOfTheClockByTheAnswersDate) {
  adopt();
  http_response response{200, "{}"};
  keeper.observe_date(response, now);
  EXPECT_EQ(keeper.clock_skew(), 0ms);
  response.headers.add("Date", format_http_date(now + 7min));
  keeper.observe_date(response, now);
  EXPECT_EQ(keeper.clock_skew(), 7min);
}
