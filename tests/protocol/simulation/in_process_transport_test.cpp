#include "protocol/simulation/in_process_transport.hpp"

#include "protocol/hubspot/simulator.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::simulation;
using namespace std::chrono_literals;

namespace {

/// A network with one simulator, and the clock of both.
struct in_process {
  in_process() : net([this] { return now; }) {
    net.add("https://sim.example/hubspot", &hubspot);
  }
  /// Sends a GET and notes its answer in `answers`.
  void get(const std::string& url) {
    net.call({"GET", url}, [this](http_answer answer) { answers.push_back(std::move(answer)); });
  }

  wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
  hubspot_simulator hubspot{{.records = 0}};
  std::vector<http_answer> answers; // outlives the calls that `net` still holds
  in_process_transport net;
};

constexpr auto known = "https://sim.example/hubspot/account-info/v3/details?secret=1";

} // namespace

TEST(InProcessTransport, AnswersInsideTheCallAndLogsWithoutTheQuery) {
  in_process world;
  world.get(known);
  ASSERT_EQ(world.answers.size(), 1u);
  EXPECT_EQ(world.answers[0].response->status, 401);
  EXPECT_EQ(world.answers[0].response->headers.get("Date"), "Sun, 01 Mar 2026 10:00:00 GMT");
  const auto log = world.net.log();
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].method, "GET");
  EXPECT_EQ(log[0].path, "/hubspot/account-info/v3/details");
  EXPECT_EQ(log[0].status, 401);
  EXPECT_EQ(log[0].at, world.now);
}

TEST(InProcessTransport, RefusesOtherAddressesUnsent) {
  in_process world;
  for (const auto* url : {"https://sim.example/hubspotted", "https://else.example/hubspot/x"})
    world.get(url);
  ASSERT_EQ(world.answers.size(), 2u);
  for (const auto& answer : world.answers) {
    EXPECT_EQ(answer.response.failure().code, ec::refused);
    EXPECT_FALSE(answer.sent);
  }
}

TEST(InProcessTransport, HoldsAnswersUntilReleased) {
  in_process world;
  world.net.hold = true;
  world.get(known);
  world.get(known);
  EXPECT_TRUE(world.answers.empty());
  EXPECT_EQ(world.net.held(), 2u);
  world.net.release();
  EXPECT_EQ(world.answers.size(), 2u);
  EXPECT_EQ(world.net.held(), 0u);
}

TEST(InProcessTransport, CancelsWhatIsHeldWhenItEnds) {
  std::vector<http_answer> answers;
  {
    hubspot_simulator hubspot{{.records = 0}};
    in_process_transport net{[] { return wall_time{}; }};
    net.add("https://sim.example", &hubspot);
    net.hold = true;
    net.call({"GET", "https://sim.example/x"},
             [&](http_answer answer) { answers.push_back(std::move(answer)); });
  }
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].response.failure().code, ec::cancelled);
}

TEST(InProcessTransport, BreaksTheConnectionOfADroppedAnswer) {
  in_process world;
  world.hubspot.faults().arm({.kind = fault_kind::drop});
  world.get(known);
  ASSERT_EQ(world.answers.size(), 1u);
  EXPECT_EQ(world.answers[0].response.failure().code, ec::transport);
  EXPECT_TRUE(world.answers[0].sent);
  EXPECT_EQ(world.net.log().at(0).status, 0);
}

TEST(InProcessTransport, DelaysSlowAnswersByTheTestsClock) {
  in_process world;
  world.hubspot.faults().arm({.kind = fault_kind::slow, .count = 2, .delay = 1500ms});
  world.get(known);
  EXPECT_EQ(world.net.held(), 1u); // nothing to wait with: held
  std::function<void()> waiting;
  world.net.later = [&](milliseconds delay, std::function<void()> reply) {
    EXPECT_EQ(delay, 1500ms);
    waiting = std::move(reply);
  };
  world.get(known);
  EXPECT_TRUE(world.answers.empty());
  waiting();
  ASSERT_EQ(world.answers.size(), 1u);
  EXPECT_FALSE(world.answers[0].response->headers.has(delay_field));
}

TEST(InProcessTransport, LetsATestAnswerInstead) {
  in_process world;
  world.net.intercept = [](const http_request& request) -> std::optional<http_answer> {
    if (request.method != "GET")
      return std::nullopt;
    return http_answer{error{ec::transport, "no route"}, false};
  };
  world.get(known);
  EXPECT_FALSE(world.answers.at(0).sent);
}
