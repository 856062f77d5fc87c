// The limiter alone: its messages, under virtual time. What it decides is the ledger's and the
// queue's, and tested there.
#include "actors/rate_limiter.hpp"
#include "actors/timers.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr unsigned per_window = 4;
/// How long a unit of the window counts.
const auto counted
    = quota_counter{{"W", per_window, 10s, counter_scope::account, ""}}.counted_span();

class RateLimiter : public ::testing::Test {
protected:
  RateLimiter() {
    config_.set("scheduler.policy", caf::atom("testing"));
    system_ = std::make_unique<caf::actor_system>(config_);
    sched_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
    sched_->clock().current_time += 1h; // at its own zero, timers would be due at once
    auto ports = std::make_shared<engine_ports>();
    ports->steady_now = [this] { return sched_->clock().now(); };
    ports->log = [this](std::string_view line) { log.emplace_back(line); };
    deps.ports = ports;
    deps.timers = system_->spawn(timers, deps.ports);
    deps.windows = {{"W", per_window, 10s, counter_scope::account, ""}};
    deps.spent_percent = 0;
  }
  void TearDown() override {
    caf::anon_send_exit(limiter_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(deps.timers, caf::exit_reason::user_shutdown);
    end_owner();
    limiter_ = nullptr;
    deps = {};
    sched_->run();
    sched_->clock().cancel_all();
  }

  /// Spawns the limiter and the one who asks it.
  void begin() {
    limiter_ = system_->spawn(rate_limiter, deps);
    begin_owner();
  }
  void begin_owner() {
    owner_ = system_->spawn([this](spender_actor::pointer) -> spender_actor::behavior_type {
      return {
          [this](const quota_granted& heard) { granted.push_back(heard.ticket); },
          [this](const quota_waits& heard) { waits.push_back(heard); },
      };
    });
    sched_->run();
  }
  void end_owner() {
    caf::anon_send_exit(owner_, caf::exit_reason::kill);
    owner_ = nullptr;
    sched_->run();
  }
  void ask(uint64_t ticket, quota_lane lane = quota_lane::background,
           const std::string& account = "a", unsigned cost = 1) {
    quota_request asked;
    asked.integration = integration_;
    asked.ticket = ticket;
    asked.workspace = *workspace_id::parse("acme");
    asked.account = account;
    asked.lane = lane;
    asked.cost.cost = cost;
    asked.who = caf::actor_cast<caf::weak_actor_ptr>(owner_);
    caf::anon_send(limiter_, asked);
    sched_->run();
  }
  void run() {
    sched_->run();
  }
  void ask_all(uint64_t first, uint64_t last) {
    for (auto ticket = first; ticket <= last; ++ticket)
      ask(ticket);
  }
  void send_all(uint64_t first, uint64_t last) {
    for (auto ticket = first; ticket <= last; ++ticket)
      caf::anon_send(limiter_, quota_sent{integration_, ticket});
    sched_->run();
  }
  void report(uint64_t ticket, const quota_use& use) {
    caf::anon_send(limiter_, quota_report{integration_, ticket, use});
    sched_->run();
  }
  void advance(std::chrono::nanoseconds span) {
    auto& clock = sched_->clock();
    const auto target = clock.now() + span;
    sched_->run();
    while (!clock.schedule().empty() && clock.schedule().begin()->first <= target) {
      clock.advance_time(std::max(clock.schedule().begin()->first - clock.now(), caf::timespan{0}));
      sched_->run();
    }
    clock.advance_time(target - clock.now());
    sched_->run();
  }
  static quota_use use(quota_use::outcome ended) {
    quota_use made;
    made.ended = ended;
    return made;
  }

  rate_limiter_deps deps; ///< Change it before `begin`.
  std::vector<uint64_t> granted;
  std::vector<quota_waits> waits;
  std::vector<std::string> log;
  integration_id integration_;

  rate_limiter_actor limiter_;
  spender_actor owner_;

private:
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* sched_ = nullptr;
};

using tickets = std::vector<uint64_t>;

} // namespace

TEST_F(RateLimiter, GrantsWhatTheWindowHoldsAndTellsTheRestToWait) {
  begin();
  ask_all(1, per_window + 1);
  EXPECT_EQ(granted, (tickets{1, 2, 3, 4}));
  ASSERT_EQ(waits.size(), 1u);
  EXPECT_EQ(waits[0].ticket, 5u);
}

TEST_F(RateLimiter, TakesPartOfAWindowAsSpentByAFormerProcess) {
  deps.spent_percent = spent_before_start_percent;
  begin();
  ask_all(1, per_window);
  EXPECT_EQ(granted, (tickets{1, 2}));
}

TEST_F(RateLimiter, GrantsAgainOneSpanAfterTheAnswerAndNotAMomentBefore) {
  begin();
  ask_all(1, per_window + 1);
  advance(1s);
  report(1, use(quota_use::outcome::answered));
  advance(counted - 1ns);
  EXPECT_EQ(granted.size(), per_window);
  advance(1ns);
  ASSERT_EQ(granted.size(), per_window + 1);
  EXPECT_EQ(granted.back(), 5u);
}

TEST_F(RateLimiter, GrantsAtOnceWhatWasNotSent) {
  begin();
  ask_all(1, per_window + 1);
  report(1, use(quota_use::outcome::not_sent));
  EXPECT_EQ(granted.back(), 5u);
}

TEST_F(RateLimiter, GrantsAPersonsRequestAheadOfTheBackground) {
  begin();
  ask_all(1, per_window + 2);
  ask(7, quota_lane::person);
  report(1, use(quota_use::outcome::not_sent));
  EXPECT_EQ(granted.back(), 7u);
}

TEST_F(RateLimiter, GrantsARequestThatAPersonCameToWaitFor) {
  begin();
  ask_all(1, per_window + 3);
  caf::anon_send(limiter_, quota_hurried{integration_, 7});
  report(1, use(quota_use::outcome::not_sent));
  EXPECT_EQ(granted.back(), 7u);
  caf::anon_send(limiter_, quota_hurried{integration_, 7}); // granted meanwhile
  report(2, use(quota_use::outcome::not_sent));
  EXPECT_EQ(granted.back(), 5u);
}

TEST_F(RateLimiter, GrantsAtOnceWhatStoodBehindAWithdrawnDearOne) {
  begin();
  ask_all(1, per_window - 1);
  ask(4, quota_lane::background, "a", 2);
  ask(5);
  EXPECT_EQ(granted, (tickets{1, 2, 3}));
  caf::anon_send(limiter_, quota_withdrawn{integration_, 4});
  run();
  EXPECT_EQ(granted.back(), 5u);
}

TEST_F(RateLimiter, KeepsOneAccountsQuotaFromHoldingUpAnothers) {
  begin();
  ask_all(1, per_window + 1);
  ask(6, quota_lane::background, "b");
  EXPECT_EQ(granted.back(), 6u);
}

TEST_F(RateLimiter, HoldsNoSlotForARequestThatWaitsOutARefusal) {
  deps.caps = {{"ONE_AT_A_TIME", 1, counter_scope::app, "*"}};
  begin();
  ask(1);
  ask(2, quota_lane::background, "b");
  EXPECT_EQ(granted, (tickets{1}));
  auto refused = use(quota_use::outcome::answered);
  refused.limited = true;
  refused.wait = 1h;
  report(1, refused);
  EXPECT_EQ(granted, (tickets{1, 2}));
}

TEST_F(RateLimiter, HoldsTheRefusedAccountForTheFirstStepWhereNoTimeIsKnown) {
  begin();
  ask(1);
  auto refused = use(quota_use::outcome::answered);
  refused.limited = true;
  report(1, refused);
  ask(2);
  ask(3, quota_lane::background, "b");
  EXPECT_EQ(granted, (tickets{1, 3}));
  advance(1s - 1ns);
  EXPECT_EQ(granted.size(), 2u);
  advance(1ns);
  EXPECT_EQ(granted.back(), 2u);
}

TEST_F(RateLimiter, HoldsAnAccountWhoseProviderIsOutOfServiceForSoLong) {
  begin();
  ask(1);
  auto answered = use(quota_use::outcome::answered);
  answered.wait = 90s;
  report(1, answered);
  ask(2);
  ask(3, quota_lane::background, "b");
  EXPECT_EQ(granted, (tickets{1, 3}));
  advance(90s - 1ns);
  EXPECT_EQ(granted.size(), 2u);
  advance(1ns);
  EXPECT_EQ(granted.back(), 2u);
}

TEST_F(RateLimiter, TakesBackTheGrantOfAnOwnerThatDiedWaiting) {
  begin();
  ask_all(1, per_window + 1);
  end_owner();
  report(1, use(quota_use::outcome::not_sent)); // ticket 5 is granted to nobody
  begin_owner();
  ask(6);
  EXPECT_EQ(granted.back(), 6u);
}

TEST_F(RateLimiter, DropsWhatAForgottenIntegrationWaitsFor) {
  begin();
  ask_all(1, per_window + 1);
  caf::anon_send(limiter_, quota_forget{integration_});
  advance(1min);
  EXPECT_EQ(granted, (tickets{1, 2, 3, 4}));
}

TEST_F(RateLimiter, TakesBackWhatAForgottenIntegrationNeverSent) {
  begin();
  ask_all(1, per_window);
  caf::anon_send(limiter_, quota_forget{integration_});
  ask_all(1, per_window); // the numbers are free as well
  EXPECT_EQ(granted.size(), 2 * per_window);
  EXPECT_TRUE(log.empty());
}

TEST_F(RateLimiter, CountsWhatAForgottenIntegrationSentUntilItsAnswer) {
  begin();
  ask_all(1, per_window);
  send_all(1, per_window);
  caf::anon_send(limiter_, quota_forget{integration_});
  advance(1min);
  ask(5);
  EXPECT_EQ(granted.size(), per_window);
  report(1, use(quota_use::outcome::answered));
  advance(counted - 1ns);
  EXPECT_EQ(granted.size(), per_window);
  advance(1ns);
  EXPECT_EQ(granted.back(), 5u);
}

TEST_F(RateLimiter, LapsesWhatNobodyEverAnswers) {
  begin();
  ask_all(1, per_window);
  send_all(1, per_window);
  caf::anon_send(limiter_, quota_forget{integration_});
  advance(grant_life_max + 2min);
  ask_all(1, per_window);
  EXPECT_EQ(granted.size(), 2 * per_window);
  EXPECT_TRUE(log.empty());
}

TEST_F(RateLimiter, IgnoresASecondUseOfATicketAndSaysSo) {
  begin();
  ask(1);
  ask(1);
  EXPECT_EQ(granted, (tickets{1}));
  EXPECT_EQ(log.size(), 1u);
}
