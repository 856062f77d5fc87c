// What stands still: noticed if it is a defect, left alone if it waits for good reason.
#include "actors/call_desk.hpp"
#include "tests/support/broken_world.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

/// A connector of contacts that waits for something that never comes.
task<bool> pull_forever(stream_io&, pull_request) {
  co_await std::suspend_always{};
  co_return true;
}

const provider_description* find_hanging(std::string_view name) {
  static const provider_description hanging = [] {
    auto copy = *find_provider("hubspot");
    copy.streams.front().pull = pull_forever;
    return copy;
  }();
  return name == "hubspot" ? &hanging : nullptr;
}

class EngineWatchdog : public broken_world {};

} // namespace

TEST_F(EngineWatchdog, NoticesAConnectorThatWaitsForNothing) {
  find = find_hanging;
  boot();
  const auto id = connected();
  advance(1min - 1ms);
  EXPECT_EQ(log.size(), 0u);
  advance(1ms);
  ASSERT_EQ(log.size(), 1u);
  EXPECT_NE(log[0].find("neither asks nor answers"), std::string::npos);
  advance(1s);
  EXPECT_EQ(status(id).restarts, 1u);
  advance(2h);
  EXPECT_TRUE(has_incident(id, "connector_failing")) << "hanging is not being healthy";
}

TEST_F(EngineWatchdog, NoticesANetworkThatNeverAnswers) {
  boot();
  const auto id = add();
  net->hold = false;
  const auto url = begin_consent(id);
  ASSERT_TRUE(follow_consent(*net, *listeners, url));
  settle();
  advance(1min);
  net->hold = true;
  EXPECT_TRUE(refresh(id));
  const auto asked = wall_now();
  while (status(id).restarts == 0 && log.empty() && wall_now() < asked + 1h)
    advance(1s);
  EXPECT_GE(wall_now() - asked, flight_max);
  EXPECT_LE(wall_now() - asked, flight_max + 1min);
  ASSERT_FALSE(log.empty());
  EXPECT_NE(log[0].find("never answered"), std::string::npos);
  net->hold = false;
  advance(1min);
  EXPECT_EQ(status(id).state, "connected");
  net->release(); // too late: nobody waits for these any more
  advance(10min);
  EXPECT_EQ(status(id).restarts, 1u);
  EXPECT_EQ(status(id).records, 3 * options.records);
}

TEST_F(EngineWatchdog, LeavesAloneWhatWaitsForGoodReason) {
  boot();
  const auto id = connected();
  advance(1min);
  net->intercept = [](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/objects/") == std::string::npos)
      return std::nullopt;
    http_response refusal{429, R"({"status":"error","policyName":"DAILY"})", "application/json"};
    refusal.headers.add("Retry-After", "3600");
    return http_answer{std::move(refusal)};
  };
  advance(3h);
  EXPECT_EQ(status(id).restarts, 0u);
  EXPECT_EQ(status(id).state, "rate_limited");
  EXPECT_EQ(told("stalled"), 0u) << "why nothing comes in is told already";
  EXPECT_EQ(told("unreachable"), 0u);
}

TEST_F(EngineWatchdog, TellsAnOutageByItsNameOnceNothingMoves) {
  boot();
  const auto id = connected();
  advance(20min);
  net->intercept = [](const http_request&) -> std::optional<http_answer> {
    return http_answer{error{ec::transport, "connection refused"}, false};
  };
  advance(20min);
  EXPECT_EQ(status(id).state, "reconnecting");
  EXPECT_EQ(status(id).restarts, 0u);
  EXPECT_EQ(told("stalled"), 0u);
  EXPECT_EQ(told("unreachable"), 1u);
  net->intercept = {};
  advance(2min);
  EXPECT_FALSE(has_incident(id, "unreachable"));
}

TEST_F(EngineWatchdog, IsNotGreenWithoutProgressForTwoCadences) {
  boot();
  const auto id = connected();
  advance(1min);
  net->hold = true; // connected, and no answer comes
  const auto synced = status(id).synced_at;
  milliseconds told_after{0};
  while (told("stalled") == 0 && wall_now() < synced + 1h) {
    EXPECT_EQ(status(id).badge, wall_now() < synced + 10min ? "green" : "amber");
    advance(1s);
  }
  told_after = wall_now() - synced;
  EXPECT_GE(told_after, 10min);
  EXPECT_LE(told_after, 11min) << "it looks once a minute";
  EXPECT_EQ(status(id).state, "connected");
  EXPECT_EQ(status(id).code, "no_progress");
  net->hold = false;
  net->release();
  advance(1s);
  EXPECT_EQ(status(id).badge, "green");
  EXPECT_FALSE(has_incident(id, "stalled"));
}
