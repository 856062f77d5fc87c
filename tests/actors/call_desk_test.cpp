#include "tests/support/call_desk_fixture.hpp"

#include <array>

using namespace nexte;
using namespace nexte::test;

TEST_F(CallDesk, SendsNothingWithoutAGrant) {
  const auto call = begin();
  EXPECT_EQ(asked, std::vector{call});
  EXPECT_TRUE(sent.empty());
  desk.granted(call, now);
  EXPECT_EQ(sent, std::vector{call});
  answer(call, 200);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0]->status, 200);
  EXPECT_EQ(desk.size(), 0u);
  EXPECT_EQ(news, std::vector<std::string>{"succeeded"});
}

TEST_F(CallDesk, AsksForNoQuotaBeforeItHasAToken) {
  usable = false;
  begin();
  begin();
  EXPECT_TRUE(asked.empty());
  EXPECT_EQ(refreshes, 1u);
  renew();
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(CallDesk, SpreadsTheLadderOfOutagesByAQuarter) {
  const auto call = begin_sent();
  answer(call, 503);
  expect_pause(call, 1s);
  desk.granted(call, now);
  drawn = UINT32_MAX;
  fail(call, ec::transport);
  expect_pause(call, 2500ms);
  desk.granted(call, now);
  answer(call, 429);
  expect_pause(call, 1s); // a ladder of its own, without chance
}

TEST_F(CallDesk, RefreshesOnceRepeatsOnceThenGivesUp) {
  const auto call = begin_sent();
  answer(call, 401);
  EXPECT_EQ(refreshes, 1u);
  EXPECT_EQ(sent.size(), 1u) << "nothing goes out with the refused token";
  renew();
  just_renewed = false; // as after a long wait: the second refusal alone must end it
  desk.granted(call, now);
  EXPECT_EQ(sent.size(), 2u);
  answer(call, 401);
  EXPECT_EQ(refreshes, 1u);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].failure().code, ec::unauthorized);
  EXPECT_EQ(failures, std::vector<std::string>{"contacts http_401"});
}

TEST_F(CallDesk, TakesTheRefusalOfAFreshTokenForGood) {
  just_renewed = true;
  const auto call = begin_sent();
  answer(call, 401);
  EXPECT_EQ(refreshes, 0u);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].failure().code, ec::unauthorized);
}

TEST_F(CallDesk, MakesOneRefreshOfTwoCallsRefusedWithTheSameToken) {
  const std::array calls{begin_sent(), begin_sent(), begin_sent()};
  answer(calls[0], 401);
  answer(calls[1], 401);
  renew();
  answer(calls[2], 401); // sent with the old token, told after the new one came
  EXPECT_EQ(refreshes, 1u);
  for (const auto call : calls) {
    desk.granted(call, now);
    answer(call, 200);
  }
  EXPECT_EQ(done.size(), 3u);
  EXPECT_TRUE(failures.empty());
}

TEST_F(CallDesk, SurvivesThatWantingATokenCancelsEveryCall) {
  for (int i = 0; i < 3; ++i)
    answer(begin_sent(), 429);
  usable = false;
  on_want = [this] { desk.cancel_all(); }; // a person must sign in again
  now += 1s;
  desk.wake(now);
  EXPECT_EQ(desk.size(), 0u);
  EXPECT_EQ(refreshes, 1u);
}

TEST_F(CallDesk, EndsACallByWhatItsAnswerMeans) {
  struct row {
    int status;
    ec code;
  };
  for (const auto [status, code] :
       {row{402, ec::refused}, row{403, ec::refused}, row{418, ec::unauthorized}}) {
    answer(begin_sent("deals"), status);
    EXPECT_EQ(done.back().failure().code, code) << status;
    EXPECT_EQ(failures.back(), "deals http_" + std::to_string(status));
  }
  answer(begin_sent(), 404);
  ASSERT_TRUE(done.back()) << "the connector knows its meaning";
  EXPECT_EQ(done.back()->status, 404);
  EXPECT_EQ(failures.size(), 3u);
}

TEST_F(CallDesk, RepeatsOnlyThoseNetworkFaultsThatPass) {
  for (const auto code : {ec::refused, ec::malformed, ec::cancelled}) {
    fail(begin_sent(), code);
    EXPECT_EQ(done.back().failure().code, code);
  }
  EXPECT_EQ(failures.size(), 2u) << "what we stopped ourselves is no failure";
  fail(begin_sent(), ec::transport);
  EXPECT_EQ(done.size(), 3u);
  EXPECT_EQ(desk.size(), 1u);
}

TEST_F(CallDesk, ToleratesTwoFailuresInARowInItsOutlook) {
  const auto call = begin_sent();
  for (size_t failing : {0u, 0u, 1u}) {
    answer(call, 500);
    EXPECT_EQ(desk.outlook().failing, failing);
    desk.wake(now = *alarm);
    desk.granted(call, now);
  }
  answer(call, 200);
  EXPECT_EQ(desk.outlook().failing, 0u);
}

TEST_F(CallDesk, WakesForTheFirstOfThoseThatPauseThenForTheNext) {
  answer(begin_sent(), 429, "30");
  answer(begin_sent(), 429, "10");
  EXPECT_EQ(desk.outlook().next_due, start + 10s);
  EXPECT_EQ(alarm, start + 10s);
  desk.wake(start + 10s);
  EXPECT_EQ(alarm, start + 30s);
  EXPECT_EQ(desk.outlook().next_due, start + 30s);
  EXPECT_EQ(news, (std::vector<std::string>{"http_429", "http_429"}));
}
