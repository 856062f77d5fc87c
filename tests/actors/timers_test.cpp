// Everybody's timers, and the one that CAF's clock is asked for.
#include "actors/timers.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

class Timers : public ::testing::Test {
protected:
  Timers() {
    config_.set("scheduler.policy", caf::atom("testing"));
    system_ = std::make_unique<caf::actor_system>(config_);
    sched_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
    sched_->clock().current_time += 1h; // at its own zero, timers would be due at once
    auto ports = std::make_shared<engine_ports>();
    ports->steady_now = [this] { return now(); };
    timers_ = system_->spawn(timers, ports);
    sleeper = system_->spawn([this](sleeper_actor::pointer) -> sleeper_actor::behavior_type {
      return {[this](timer_due due) { rung.push_back(due.epoch); }};
    });
    sched_->run();
  }
  void TearDown() override {
    caf::anon_send_exit(timers_, caf::exit_reason::user_shutdown);
    end_sleeper();
    timers_ = nullptr;
    sched_->run();
    sched_->clock().cancel_all();
  }

  steady_time now() const {
    return sched_->clock().now();
  }
  /// `epoch` tells in `rung` which one it was.
  void set(uint32_t slot, std::chrono::nanoseconds in, uint64_t epoch) {
    caf::anon_send(
        timers_,
        set_timer{caf::actor_cast<caf::weak_actor_ptr>(sleeper), now() + in, {slot, epoch}});
    sched_->run();
  }
  /// Timers that CAF's clock holds.
  size_t asked_of_caf() const {
    return sched_->clock().schedule().size();
  }
  void advance(std::chrono::nanoseconds span) {
    auto& clock = sched_->clock();
    const auto target = now() + span;
    while (!clock.schedule().empty() && clock.schedule().begin()->first <= target) {
      clock.advance_time(clock.schedule().begin()->first - now());
      sched_->run();
    }
    clock.advance_time(target - now());
    sched_->run();
  }
  void end_sleeper() {
    caf::anon_send_exit(sleeper, caf::exit_reason::kill);
    sleeper = nullptr;
    sched_->run();
  }

  std::vector<uint64_t> rung;
  sleeper_actor sleeper;

private:
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* sched_ = nullptr;
  timers_actor timers_;
};

using epochs = std::vector<uint64_t>;

} // namespace

TEST_F(Timers, RingAtTheirMomentAndNotBefore) {
  set(0, 10s, 1);
  set(1, 20s, 2);
  advance(10s - 1ns);
  EXPECT_TRUE(rung.empty());
  advance(1ns);
  EXPECT_EQ(rung, (epochs{1}));
  advance(10s);
  EXPECT_EQ(rung, (epochs{1, 2}));
}

TEST_F(Timers, RingAtOnceWhenTheyAreOverdue) {
  set(0, -10s, 1);
  advance(0s);
  EXPECT_EQ(rung, (epochs{1}));
}

TEST_F(Timers, ReplaceTheOneThatASlotHas) {
  set(0, 10s, 1);
  set(0, 5s, 2);  // earlier
  set(0, 30s, 3); // later
  set(1, 20s, 4); // another slot
  advance(30s - 1ns);
  EXPECT_EQ(rung, (epochs{4}));
  advance(1ns);
  EXPECT_EQ(rung, (epochs{4, 3}));
}

TEST_F(Timers, AskCafForTheEarliestAlone) {
  for (uint32_t slot = 0; slot < 100; ++slot)
    set(slot, 10s + slot * 1s, slot);
  EXPECT_EQ(asked_of_caf(), 1u);
  advance(50s);
  EXPECT_EQ(asked_of_caf(), 1u);
  advance(1h);
  EXPECT_EQ(rung.size(), 100u);
  EXPECT_EQ(asked_of_caf(), 0u);
}

TEST_F(Timers, LeaveNothingWithCafForEachThatCameBeforeTheEarliest) {
  set(0, 1h, 0);
  for (uint64_t round = 1; round <= 1000; ++round) {
    set(1, 1s, round); // earlier than the hour's: CAF is asked once more
    advance(1s);
  }
  EXPECT_EQ(rung.size(), 1000u);
  EXPECT_EQ(asked_of_caf(), 1u);
  advance(1h);
  EXPECT_EQ(rung.size(), 1001u);
}

TEST_F(Timers, ForgetASleeperThatDied) {
  set(0, 10s, 1);
  end_sleeper();
  advance(1min);
  EXPECT_TRUE(rung.empty());
  EXPECT_EQ(asked_of_caf(), 0u);
}
