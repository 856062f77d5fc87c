// Each rule at the door is seen to be broken by who breaks it, and by nobody else.
#include "actors/program/simulate/network.hpp"
#include "protocol/http/url.hpp"
#include "protocol/hubspot/simulator.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::program;
using namespace std::chrono_literals;

namespace {

constexpr const char* base = "https://hubspot.simulated";

class SimulatedNetwork : public ::testing::Test {
protected:
  SimulatedNetwork() {
    simulation::simulator_options options;
    options.records = 10;
    provider_ = std::make_unique<simulation::hubspot_simulator>(options);
    arm("none");
  }
  void arm(std::string_view faults) {
    faults_ = std::make_unique<fault_draw>(3, *fault_mix::parse(faults));
    network_ports ports;
    ports.events = &events_;
    ports.faults = faults_.get();
    ports.told = &told_;
    ports.rules = &rules_;
    ports.elapsed = [this] { return now_; };
    ports.is_durable = [this](std::string_view, size_t, std::string_view access_token) {
      return durable_ == access_token;
    };
    net_ = std::make_unique<simulated_network>(std::move(ports), 1);
    net_->add(base, provider_.get());
  }
  http_request list() {
    const auto token = provider_->issue_access_token(net_->provider_now());
    return list(token);
  }
  static http_request list(const std::string& token) {
    http_request asked{"GET", std::string{base} + "/crm/v3/objects/contacts"};
    asked.headers.set("Authorization", "Bearer " + token);
    return asked;
  }
  http_request refresh() {
    const auto there = provider_->endpoints();
    const auto issued = provider_->issue_tokens(net_->provider_now());
    return {"POST", there.token_url,
            format_query({{"grant_type", "refresh_token"},
                          {"client_id", there.client_id},
                          {"client_secret", there.client_secret},
                          {"refresh_token", issued.refresh_token}}),
            "application/x-www-form-urlencoded"};
  }
  void send(const http_request& asked) {
    net_->call(asked, [this](http_answer answer) { answers_.push_back(std::move(answer)); });
  }
  /// Lets time pass until every answer is there.
  void land() {
    while (!events_.empty()) {
      now_ = std::max(now_, events_.next());
      events_.take()();
    }
  }
  std::string broken() const {
    return rules_.first() ? rules_.first()->invariant : std::string{};
  }

  std::unique_ptr<simulation::hubspot_simulator> provider_;
  agenda events_;
  trace told_{100};
  ruling rules_;
  std::unique_ptr<fault_draw> faults_;
  std::unique_ptr<simulated_network> net_;
  std::vector<http_answer> answers_;
  std::string durable_; ///< An access token.
  milliseconds now_{0};
};

} // namespace

TEST_F(SimulatedNetwork, CarriesACallAndItsAnswerLater) {
  send(list());
  EXPECT_TRUE(answers_.empty());
  land();
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].response->status, 200);
  EXPECT_GE(now_, 20ms);
  EXPECT_EQ(broken(), "");
}

TEST_F(SimulatedNetwork, DropsTheAnswersOfAProcessThatIsGone) {
  send(list());
  net_->cut();
  land();
  EXPECT_TRUE(answers_.empty());
}

TEST_F(SimulatedNetwork, SeesATokenSentElsewhere) {
  auto astray = list();
  astray.url = "https://elsewhere.example/crm/v3/objects/contacts";
  send(astray);
  EXPECT_EQ(broken(), invariant::token_stays_home);
}

TEST_F(SimulatedNetwork, SeesOneRefreshTokenUnderWayTwice) {
  const auto asked = refresh();
  send(asked);
  land();
  send(asked);
  EXPECT_EQ(broken(), "");
  send(asked);
  EXPECT_EQ(broken(), invariant::one_refresh_at_a_time);
}

TEST_F(SimulatedNetwork, SeesANewTokenUsedBeforeItIsOnDisk) {
  send(refresh());
  land();
  const auto read = json::parse_value(*answers_[0].response->body);
  const std::string token{read->string_or_empty("access_token")};
  durable_ = token;
  send(list(token));
  land();
  EXPECT_EQ(broken(), "");

  durable_.clear();
  send(refresh());
  land();
  const auto again = json::parse_value(*answers_.back().response->body);
  send(list(std::string{again->string_or_empty("access_token")}));
  EXPECT_EQ(broken(), invariant::token_durable_before_use);
}

TEST_F(SimulatedNetwork, SeesACallBeforeItsRetryAfter) {
  const auto asked = list();
  provider_->admin("limit",
                   R"({"policy":"TEN_SECONDLY_ROLLING","count":1,"retry_after_seconds":10})",
                   net_->provider_now());
  send(asked);
  land();
  ASSERT_EQ(answers_[0].response->status, 429);
  const auto heard = now_;
  now_ = heard + 10s;
  send(asked);
  land();
  EXPECT_EQ(broken(), "");
  provider_->admin("limit",
                   R"({"policy":"TEN_SECONDLY_ROLLING","count":1,"retry_after_seconds":10})",
                   net_->provider_now());
  send(asked);
  land();
  now_ += 10s - 1ms;
  send(asked);
  EXPECT_EQ(broken(), invariant::waits_out_retry_after);
}

TEST_F(SimulatedNetwork, SeesAQuotaWindowThatIsFull) {
  const auto asked = list();
  constexpr int window = 110; // hubspot.md §5
  for (int i = 0; i < window; ++i) {
    send(asked);
    land();
    now_ = 0ms;
  }
  EXPECT_EQ(broken(), "");
  send(asked);
  EXPECT_EQ(broken(), invariant::quota_kept);
}

TEST_F(SimulatedNetwork, SeesCallsWithoutBound) {
  const auto asked = list();
  for (int i = 0; i < 64; ++i)
    send(asked);
  EXPECT_EQ(broken(), "");
  send(asked);
  EXPECT_EQ(broken(), invariant::calls_bounded);
}

TEST_F(SimulatedNetwork, LosesTheAnswerToARefreshThatTheProviderGave) {
  arm("rotation_lost");
  for (int i = 0; i < 100; ++i) {
    send(list());
    land();
    EXPECT_TRUE(answers_.back().response) << "no other call is lost";
  }
  bool lost = false;
  for (int i = 0; i < 100; ++i) {
    send(refresh());
    land();
    lost = lost || !answers_.back().response;
  }
  EXPECT_TRUE(lost);
  EXPECT_EQ(broken(), "");
}

TEST_F(SimulatedNetwork, FailsForAsLongAsAnOutageLasts) {
  const auto asked = list();
  const auto status = [&] {
    send(asked);
    land();
    return answers_.back().response->status;
  };
  net_->fail("hubspot", 10min);
  EXPECT_EQ(status(), 500);
  now_ = 10min - 1ms;
  EXPECT_EQ(status(), 500);
  now_ = 10min;
  EXPECT_EQ(status(), 200);
  net_->fail("hubspot", 10min);
  net_->heal();
  EXPECT_EQ(status(), 200);
}

TEST_F(SimulatedNetwork, NotesWhichLocalEditsAProviderHasSeen) {
  http_request made{"POST", std::string{base} + "/crm/v3/objects/contacts",
                    R"({"properties":{"firstname":")" + mark_of(17) + R"("}})", "application/json"};
  made.headers.set("Authorization", std::string{list().headers.get("Authorization")});
  net_->fail("hubspot", 1min);
  send(made);
  land();
  EXPECT_TRUE(net_->marks.empty());
  net_->heal();
  send(made);
  land();
  EXPECT_EQ(net_->marks, std::set<uint64_t>{17});
}

TEST_F(SimulatedNetwork, StrikesWithEachFaultOfACall) {
  for (const auto& site : fault_sites().first(18)) {
    arm(site.name);
    answers_.clear();
    const auto asked = list();
    for (int i = 0; i < 1000; ++i) {
      now_ += 1s;
      send(asked);
      land();
    }
    const auto at = static_cast<size_t>(&site - fault_sites().data());
    EXPECT_GT(faults_->struck()[at], 0u) << site.name;
    EXPECT_EQ(answers_.size(), 1000u) << site.name;
  }
}
