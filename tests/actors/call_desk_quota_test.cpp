// What a call owes the limiter, and how it waits out a refusal for quota.
#include "tests/support/call_desk_fixture.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

using outcome = quota_use::outcome;

} // namespace

TEST_F(CallDesk, ClimbsTheLadderOf429sAndKeepsTheRequest) {
  const auto call = begin_sent();
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 32s, 32s, 32s}) {
    answer(call, 429);
    expect_pause(call, wait);
    EXPECT_EQ(desk.outlook().limited, 1u) << "limited until it succeeds";
    desk.granted(call, now);
    EXPECT_EQ(urls.back(), "https://api.example.com/contacts");
  }
  EXPECT_TRUE(done.empty());
  answer(call, 200);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_TRUE(done[0]);
  EXPECT_EQ(desk.outlook().limited, 0u);
}

TEST_F(CallDesk, BeginsTheLadderAnewAfterASuccess) {
  const auto first = begin_sent();
  answer(first, 429);
  expect_pause(first, 1s);
  desk.granted(first, now);
  answer(first, 200);
  const auto second = begin_sent();
  answer(second, 429);
  expect_pause(second, 1s);
}

TEST_F(CallDesk, LetsARetryAfterWinOnlyWhereItIsLonger) {
  const auto call = begin_sent();
  answer(call, 429, "17");
  expect_pause(call, 17s);
  desk.granted(call, now);
  answer(call, 429, "1");
  expect_pause(call, 2s);
  desk.granted(call, now);
  answer(call, 503, "60");
  expect_pause(call, 60s);
}

TEST_F(CallDesk, WaitsForTheResetOfASpentWindowWhereItIsLater) {
  provider.read_quota = [](const http_response&) -> std::vector<quota_reading> {
    return {{"MINUTE", 100u, 0u, 40s}, {"DAY", 9000u, 7u, 9h}};
  };
  const auto call = begin_sent();
  answer(call, 429, "17");
  EXPECT_EQ(uses.back().wait, 40s) << "the limiter holds the others as long";
  expect_pause(call, 40s);
  desk.granted(call, now);
  answer(call, 429, "50");
  expect_pause(call, 50s);
  desk.granted(call, now);
  answer(call, 500);
  EXPECT_EQ(alarm, now + 1s) << "an outage is no matter of quota";
}

TEST_F(CallDesk, TellsTheLimiterHowLongTheServiceIsOut) {
  const auto call = begin_sent();
  answer(call, 503, "60");
  EXPECT_FALSE(uses.back().limited);
  EXPECT_EQ(uses.back().wait, 60s);
  expect_pause(call, 60s);
  desk.granted(call, now);
  answer(call, 503);
  EXPECT_EQ(uses.back().wait, std::nullopt);
}

TEST_F(CallDesk, TakesA403ThatMeansQuotaForARefusalForQuota) {
  const auto call = begin_sent();
  for (const auto wait : {1s, 2s, 4s}) {
    http_response refusal{403, "{}"};
    refusal.headers.add("Quota", "used up");
    desk.answered(call, {std::move(refusal), true}, today, now);
    EXPECT_TRUE(uses.back().limited);
    expect_pause(call, wait);
    desk.granted(call, now);
  }
  answer(call, 200);
  EXPECT_EQ(done.size(), 1u);
  EXPECT_TRUE(failures.empty());
}

TEST_F(CallDesk, TakesAMissingPermissionForAnAnswerThatWentThrough) {
  const auto call = begin_sent("deals");
  answer(call, 429);
  expect_pause(call, 1s);
  desk.granted(call, now);
  answer(call, 403);
  EXPECT_EQ(news, (std::vector<std::string>{"http_429", "succeeded"}));
  EXPECT_EQ(desk.outlook().limited, 0u);
  answer(begin_sent(), 418);
  EXPECT_EQ(news.size(), 2u) << "a lost sign-in is no recovery";
}

TEST_F(CallDesk, HurriesTheCallsOfAStreamThatAreUnderWay) {
  lane = quota_lane::background;
  const auto asleep = begin_sent();
  answer(asleep, 429);
  const auto queued = begin();
  begin_sent();
  begin("deals");
  lane = quota_lane::person;
  begin();
  desk.hurry("contacts");
  EXPECT_EQ(hurried, std::vector{queued}) << "what stands in line for the background";
  desk.wake(now += 1s); // in a person's lane now
  EXPECT_EQ(asked.back(), asleep);
}

TEST_F(CallDesk, GivesTheGrantBackWhenTheTokenExpiredInLine) {
  const auto call = begin();
  usable = false;
  desk.granted(call, now);
  EXPECT_TRUE(sent.empty());
  ASSERT_EQ(uses.size(), 1u);
  EXPECT_EQ(uses[0].ended, outcome::not_sent);
  EXPECT_EQ(refreshes, 1u);
  renew();
  EXPECT_EQ(asked, (std::vector{call, call}));
  desk.granted(call, now);
  EXPECT_EQ(sent, std::vector{call});
}

TEST_F(CallDesk, ReportsTheLateGrantOfACancelledCallAsNotSent) {
  const auto call = begin();
  const auto other = begin("deals");
  const auto flying = begin_sent();
  desk.cancel("contacts");
  EXPECT_EQ(withdrawn, std::vector{call}) << "only what stands in line is withdrawn";
  desk.granted(call, now);
  EXPECT_TRUE(uses.size() == 1 && uses[0].ended == outcome::not_sent);
  EXPECT_EQ(sent, std::vector{flying});
  desk.granted(other, now);
  EXPECT_EQ(sent.back(), other) << "other streams go on";
}

TEST_F(CallDesk, ReportsTheLateAnswerOfACancelledCallAsAnsweredAndTellsNobody) {
  const auto call = begin_sent();
  desk.cancel_all();
  EXPECT_TRUE(withdrawn.empty());
  answer(call, 200);
  EXPECT_TRUE(uses.size() == 1 && uses[0].ended == outcome::answered);
  EXPECT_TRUE(done.empty() && news.empty());
}

TEST_F(CallDesk, WithdrawsWhatStandsInLineWhenAllIsCancelled) {
  const auto call = begin();
  begin_sent();
  desk.cancel_all();
  EXPECT_EQ(withdrawn, std::vector{call});
  EXPECT_EQ(desk.size(), 0u);
}

TEST_F(CallDesk, TellsTheLimiterWhatTheAnswerSaysOfTheQuota) {
  answer(begin_sent(), 429, "9");
  answer(begin_sent(), 200);
  ASSERT_EQ(uses.size(), 2u);
  EXPECT_TRUE(uses[0].limited);
  EXPECT_EQ(uses[0].window, "TEN_SECONDLY");
  EXPECT_EQ(uses[0].wait, 9s);
  EXPECT_FALSE(uses[1].limited);
  ASSERT_EQ(uses[1].readings.size(), 1u);
  EXPECT_EQ(uses[1].readings[0].remaining, 7u);
}

TEST_F(CallDesk, CountsARequestThatMayHaveLeft) {
  fail(begin_sent(), ec::transport, true);
  fail(begin_sent(), ec::transport, false);
  ASSERT_EQ(uses.size(), 2u);
  EXPECT_EQ(uses[0].ended, outcome::answered);
  EXPECT_EQ(uses[1].ended, outcome::not_sent);
}
