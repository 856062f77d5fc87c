#include "actors/call_desk.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr steady_time start{1000s};
constexpr wall_time today{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

/// Reads of the status what a real provider says in many words.
verdict classify(const http_response& response, wall_time now) {
  verdict what;
  what.code = "http_" + std::to_string(response.status);
  what.sentence = "the provider answered " + std::to_string(response.status);
  what.retry_after = parse_retry_after(response.headers.get("Retry-After"), {}, now);
  switch (response.status) {
    case 200: what.kind = verdict_kind::ok; break;
    case 401: what.kind = verdict_kind::token_expired; break;
    case 402: what.kind = verdict_kind::forbidden; break;
    case 403: what.kind = verdict_kind::scope_missing; break;
    case 404: what.kind = verdict_kind::for_connector; break;
    case 418: what.kind = verdict_kind::unauthorized; break;
    case 429:
      what.kind = verdict_kind::limited;
      what.quota_window = "TEN_SECONDLY";
      break;
    default: what.kind = verdict_kind::transient; break;
  }
  return what;
}

std::vector<quota_reading> read_quota(const http_response&) {
  return {{"TEN_SECONDLY", 100u, 7u, std::nullopt}};
}

/// A token that one refresh at a time renews, a limiter and a network that answer when told to.
class CallDesk : public testing::Test, protected call_effects {
protected:
  CallDesk() {
    provider.title = "Example";
    provider.classify = classify;
    provider.read_quota = read_quota;
  }
  uint64_t begin(std::string stream = "contacts") {
    http_request request{"GET", "https://api.example.com/" + stream};
    request.quota = {"search", 3};
    return desk.begin(std::move(stream), std::move(request), quota_lane::person,
                      [this](result<http_response> how) { done.push_back(std::move(how)); });
  }
  uint64_t begin_sent(std::string stream = "contacts") {
    const auto call = begin(std::move(stream));
    desk.granted(call, now);
    return call;
  }
  void answer(uint64_t call, int status, std::string_view retry_after = {}) {
    http_response response{status, "{}"};
    if (!retry_after.empty())
      response.headers.add("Retry-After", std::string{retry_after});
    desk.answered(call, {std::move(response), true}, today, now);
  }
  void fail(uint64_t call, ec code, bool was_sent = true) {
    desk.answered(call, {error{code, "no route"}, was_sent}, today, now);
  }
  /// The refresh that `want_token` began ends well.
  void renew() {
    ++generation;
    usable = true;
    refreshing = false;
    just_renewed = true;
    desk.token_ready(now);
  }
  /// Expects that the call stands still for exactly `wait`, then asks for quota again.
  void expect_pause(uint64_t call, milliseconds wait) {
    const auto before = asked.size();
    ASSERT_EQ(alarm, now + wait);
    now = *alarm - 1ms;
    desk.wake(now);
    ASSERT_EQ(asked.size(), before) << "the moment before";
    now += 1ms;
    desk.wake(now);
    ASSERT_EQ(asked.size(), before + 1) << "the moment of";
    EXPECT_EQ(asked.back(), call);
  }

  void ask_quota(uint64_t call, const quota_class& cost, quota_lane lane) override {
    EXPECT_EQ(cost.endpoint, "search");
    EXPECT_EQ(cost.cost, 3u);
    EXPECT_EQ(lane, quota_lane::person);
    asked.push_back(call);
  }
  void withdraw_quota(uint64_t call) override {
    withdrawn.push_back(call);
  }
  void report_quota(uint64_t, const quota_use& use) override {
    uses.push_back(use);
  }
  bool token_usable() override {
    return usable;
  }
  void want_token() override {
    if (!std::exchange(refreshing, true))
      ++refreshes;
    if (on_want)
      on_want();
  }
  uint64_t token_generation() override {
    return generation;
  }
  bool token_refused(uint64_t refused) override {
    if (refused != generation)
      return true;
    if (just_renewed)
      return false;
    usable = false;
    return true;
  }
  void send(uint64_t call, const http_request& request) override {
    sent.push_back(call);
    urls.push_back(request.url);
  }
  void wake_desk(steady_time due) override {
    alarm = due;
  }
  uint32_t draw() override {
    return drawn;
  }
  void calls_changed(const verdict* cause) override {
    news.push_back(cause ? cause->code : "succeeded");
  }
  void call_failed(const std::string& stream, const verdict& why) override {
    failures.push_back(stream + " " + why.code);
  }

  provider_description provider;
  call_desk desk{provider, *this};
  steady_time now = start;
  bool usable = true, refreshing = false, just_renewed = false;
  unsigned refreshes = 0;
  uint64_t generation = 1;
  uint32_t drawn = 0;
  std::function<void()> on_want;
  std::optional<steady_time> alarm;
  std::vector<uint64_t> asked, withdrawn, sent;
  std::vector<quota_use> uses;
  std::vector<std::string> urls, news, failures;
  std::vector<result<http_response>> done;
};

using outcome = quota_use::outcome;

} // namespace

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
