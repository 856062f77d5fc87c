#include "actors/policy/restart_policy.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr steady_time begin{1000h};

/// An integration that runs for `run` after each start and then fails.
struct patient {
  restart_record record;
  steady_time now = begin;

  restart_decision fail_after(std::chrono::nanoseconds run) {
    now += run;
    const auto next = after_crash(record, now);
    now += next.wait;
    started(record, now);
    return next;
  }
};

} // namespace

TEST(RestartPolicy, WaitsASecondAtFirstAndTwiceAsLongEachTime) {
  patient p;
  for (const auto wait : {1s, 2s, 4s, 8s, 16s}) {
    const auto next = p.fail_after(0s);
    EXPECT_EQ(next.wait, wait);
    EXPECT_FALSE(next.resting);
  }
}

TEST(RestartPolicy, RestsAtTheSixthRestartInTenMinutes) {
  patient p;
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(p.fail_after(0s).resting) << i;
  const auto sixth = p.fail_after(0s);
  EXPECT_TRUE(sixth.resting);
  EXPECT_EQ(sixth.wait, 30min);
}

TEST(RestartPolicy, CountsTheRestartsOfTenMinutesOnly) {
  for (const auto margin : {0ns, 1ns}) {
    patient p;
    for (int i = 0; i < 5; ++i)
      p.fail_after(0s);
    const auto first_restart = p.record.restarts.front();
    const auto run = first_restart + restarts_window - p.now + margin;
    EXPECT_EQ(p.fail_after(run).resting, margin == 0ns);
  }
}

TEST(RestartPolicy, TriesEveryHalfHourWhileItRests) {
  patient p;
  for (int i = 0; i < 6; ++i)
    p.fail_after(0s);
  for (int i = 0; i < 5; ++i) {
    const auto next = p.fail_after(1min);
    EXPECT_TRUE(next.resting);
    EXPECT_EQ(next.wait, 30min);
  }
}

TEST(RestartPolicy, EndsAStreakAfterTwoHealthyMinutes) {
  for (const auto& [run, wait] : {std::pair{2min - 1ns, 8s}, std::pair{2min + 0ns, 1s}}) {
    patient p;
    for (int i = 0; i < 3; ++i)
      p.fail_after(0s);
    EXPECT_EQ(p.fail_after(run).wait, wait);
  }
}

TEST(RestartPolicy, TakesNoTimeThatItHungForHealthy) {
  restart_record record;
  after_crash(record, begin, true);
  started(record, begin + 1s);
  EXPECT_EQ(after_crash(record, begin + 1h, true).wait, 2s);
}

TEST(RestartPolicy, EndsARestAfterTwoHealthyMinutes) {
  for (const auto& [run, resting] : {std::pair{2min - 1ns, true}, std::pair{2min + 0ns, false}}) {
    patient p;
    for (int i = 0; i < 6; ++i)
      p.fail_after(0s);
    EXPECT_EQ(p.fail_after(run).resting, resting);
  }
}

TEST(RestartPolicy, WaitsFiveMinutesAtMost) {
  patient p;
  milliseconds longest{0};
  for (int i = 0; i < 40; ++i) { // each just under healthy, so that it never rests for long
    const auto next = p.fail_after(119s);
    if (!next.resting)
      longest = std::max(longest, next.wait);
  }
  EXPECT_EQ(longest, 5min);
}

TEST(RestartPolicy, RemembersABoundedPast) {
  patient p;
  for (int i = 0; i < 1000; ++i) {
    p.fail_after(i % 3 * 1min);
    kills_again(p.record, "contacts", std::to_string(i));
  }
  EXPECT_LE(p.record.restarts.size(), restarts_max + 1);
  EXPECT_LE(p.record.suspects.size(), suspects_kept_max);
}

TEST(RestartPolicy, QuarantinesARecordThatKillsTwice) {
  restart_record record;
  EXPECT_FALSE(kills_again(record, "contacts", "7"));
  EXPECT_FALSE(kills_again(record, "contacts", "8"));
  EXPECT_FALSE(kills_again(record, "deals", "7")) << "another stream's 7";
  EXPECT_TRUE(kills_again(record, "contacts", "7"));
  EXPECT_FALSE(kills_again(record, "contacts", "7")) << "given another chance, it has two again";
}
