#include "actors/policy/quota_counter.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr steady_time start{1000h};

quota_window window(unsigned limit, milliseconds span, bool daily = false) {
  return {"WINDOW", limit, span, counter_scope::account, "", quota_unit::cost, daily};
}

quota_reading reading(std::optional<unsigned> limit, std::optional<unsigned> remaining,
                      std::optional<milliseconds> reset_in = std::nullopt) {
  return {"WINDOW", limit, remaining, reset_in};
}

} // namespace

TEST(QuotaCounter, CountsAUnitFromItsGrantUntilASpanAfterItsAnswer) {
  const auto rule = window(2, 10s);
  quota_counter counter{rule};
  counter.take(1);
  counter.take(1);
  EXPECT_FALSE(counter.admits(1, start));
  EXPECT_FALSE(counter.admits(1, start + 1h)) << "without an answer it may still be on its way";
  EXPECT_FALSE(counter.next_at(1, start + 1h));
  counter.answered(1, start + 3s);
  EXPECT_EQ(counter.next_at(1, start + 3s), start + 13s);
  EXPECT_FALSE(counter.admits(1, start + 13s - 1ns));
  EXPECT_TRUE(counter.admits(1, start + 13s));
  EXPECT_EQ(counter.used(start + 13s), 1u);
}

TEST(QuotaCounter, TakesBackWhatWasNeverSent) {
  const auto rule = window(1, 10s);
  quota_counter counter{rule};
  counter.take(1);
  EXPECT_FALSE(counter.admits(1, start));
  counter.take_back(1);
  EXPECT_TRUE(counter.admits(1, start));
}

TEST(QuotaCounter, FreesTheSlotOfACapAtTheAnswer) {
  const auto rule = window(1, 0s);
  quota_counter cap{rule};
  cap.take(1);
  EXPECT_FALSE(cap.admits(1, start + 1h));
  cap.answered(1, start + 1h);
  EXPECT_TRUE(cap.admits(1, start + 1h));
}

TEST(QuotaCounter, SaysWhenEnoughWillHaveLeft) {
  const auto rule = window(10, 10s);
  quota_counter counter{rule};
  for (auto at : {1s, 2s, 3s}) {
    counter.take(3);
    counter.answered(3, start + at);
  }
  EXPECT_EQ(counter.next_at(1, start + 3s), start + 3s);
  EXPECT_EQ(counter.next_at(4, start + 3s), start + 11s);
  EXPECT_EQ(counter.next_at(5, start + 3s), start + 12s);
  EXPECT_EQ(counter.next_at(10, start + 3s), start + 13s);
}

TEST(QuotaCounter, LetsARequestDearerThanTheWindowGoAlone) {
  const auto rule = window(10, 10s);
  quota_counter counter{rule};
  counter.take(1);
  counter.answered(1, start);
  EXPECT_FALSE(counter.admits(11, start + 10s - 1ns));
  EXPECT_EQ(counter.next_at(11, start), start + 10s);
  EXPECT_TRUE(counter.admits(11, start + 10s));
}

TEST(QuotaCounter, CountsLargeLimitsInStepsThatOnlyLeaveLater) {
  const auto rule = window(1'000'000, 1min);
  quota_counter counter{rule};
  const auto step = std::chrono::nanoseconds{1min} / quota_log_steps;
  auto now = start;
  for (int i = 0; i < 1'000'000; ++i, now += 60us) {
    ASSERT_TRUE(counter.admits(1, now)) << i;
    counter.take(1);
    counter.answered(1, now);
  }
  EXPECT_FALSE(counter.admits(1, start + 1min - 1ns)); // not one left early …
  EXPECT_GE(counter.used(start + 1min), 1'000'000 - 1'000'000 / quota_log_steps);
  EXPECT_TRUE(counter.admits(1, start + 1min + step)); // … and none a step late
}

TEST(QuotaCounter, HoldsEverythingUntilARefusalsWaitIsOver) {
  const auto rule = window(100, 10s);
  quota_counter counter{rule};
  counter.limited(30s, start);
  EXPECT_EQ(counter.next_at(1, start), start + 30s);
  EXPECT_FALSE(counter.admits(1, start + 30s - 1ns));
  EXPECT_TRUE(counter.admits(1, start + 30s));
  counter.limited(-5s, start + 30s);
  EXPECT_TRUE(counter.admits(1, start + 30s)) << "a wait in the past is none";
}

TEST(QuotaCounter, BelievesInAQuarterLessAfterARefusalAndRecoversBySixteenths) {
  const auto rule = window(160, 10s);
  quota_counter counter{rule};
  counter.limited(5s, start);
  counter.limited(5s, start + 1ms); // the same burst
  EXPECT_EQ(counter.limit(start + 1ms), 120u);
  EXPECT_EQ(counter.limit(start + 15s), 120u);
  EXPECT_EQ(counter.limit(start + 15s + 1ms), 130u);
  EXPECT_EQ(counter.limit(start + 45s + 1ms), 160u);
  EXPECT_EQ(counter.limit(start + 24h), 160u);
  counter.limited(0s, start + 24h);
  counter.limited(0s, start + 24h + 10s);
  EXPECT_EQ(counter.limit(start + 24h + 10s), 98u) << "a quarter of the 130 it had come back to";
}

TEST(QuotaCounter, NeverBelievesInLessThanOneUnit) {
  const auto rule = window(1, 1s);
  quota_counter counter{rule};
  counter.limited(0s, start);
  EXPECT_EQ(counter.limit(start), 1u);
  EXPECT_TRUE(counter.admits(1, start));
}

TEST(QuotaCounter, TakesALowerLimitAtOnceAndRecoversToAHigherOne) {
  const auto rule = window(160, 10s);
  quota_counter counter{rule};
  counter.take(1);
  counter.observe(reading(80, {}), 1, start);
  EXPECT_EQ(counter.limit(start), 80u);
  EXPECT_EQ(counter.limit(start + 1h), 80u) << "it is the provider's word";
  counter.observe(reading(160, {}), 1, start + 1h);
  EXPECT_EQ(counter.limit(start + 1h), 80u);
  EXPECT_EQ(counter.limit(start + 1h + 10s), 90u);
  EXPECT_EQ(counter.limit(start + 2h), 160u);
  counter.observe(reading(0, {}), 1, start + 2h);
  EXPECT_EQ(counter.limit(start + 2h), 160u);
}

TEST(QuotaCounter, RespectsWhatOthersSpendOfASharedCounter) {
  const auto rule = window(100, 10s);
  quota_counter counter{rule};
  counter.take(1);
  counter.take(9);
  counter.observe(reading(100, 30), 1, start); // 1 of ours and 69 of others; 9 are on their way
  EXPECT_EQ(counter.used(start), 79u);
  EXPECT_TRUE(counter.admits(21, start));
  EXPECT_FALSE(counter.admits(22, start));
  EXPECT_EQ(counter.used(start + 10s), 10u) << "those of others leave after a span";
  counter.observe(reading(100, 99), 1, start + 11s);
  EXPECT_EQ(counter.used(start + 11s), 10u) << "a full counter is no reason to forget our own";
}

TEST(QuotaCounter, ForgetsWhatOthersSpentAtTheReset) {
  const auto rule = window(100, 10s);
  quota_counter counter{rule};
  counter.take(1);
  counter.observe(reading({}, 0, 2s), 1, start);
  EXPECT_FALSE(counter.admits(1, start + 2s - 1ns));
  EXPECT_TRUE(counter.admits(1, start + 2s));
}

TEST(QuotaCounter, CountsADayOfUnknownMidnightAsTheLongestDay) {
  const auto rule = window(1, 24h, true);
  quota_counter counter{rule};
  counter.take(1);
  counter.answered(1, start);
  EXPECT_FALSE(counter.admits(1, start + 25h - 1ns));
  EXPECT_TRUE(counter.admits(1, start + 25h));
}

TEST(QuotaCounter, ClearsADayAtItsKnownMidnight) {
  const auto rule = window(4, 24h, true);
  quota_counter counter{rule};
  counter.take(1);
  counter.answered(1, start);
  counter.take(1);
  counter.observe(reading({}, {}, 3h), 1, start + 1h); // midnight is at start + 4 h
  counter.answered(1, start + 2h);
  counter.take(1);
  counter.take(1);
  EXPECT_EQ(counter.next_at(1, start + 2h), start + 4h);
  EXPECT_EQ(counter.used(start + 4h - 1ns), 4u);
  EXPECT_EQ(counter.used(start + 4h), 2u) << "what is in flight may count in the new day";
  counter.answered(2, start + 4h);
  EXPECT_EQ(counter.used(start + 29h - 1ns), 2u);
  EXPECT_EQ(counter.used(start + 29h), 0u);
}

TEST(QuotaCounter, TakesAnAssumptionUntilItEnds) {
  const auto rule = window(10, 10s);
  quota_counter counter{rule};
  counter.assume(5, start + 10s);
  counter.take(5);
  EXPECT_FALSE(counter.admits(1, start));
  EXPECT_EQ(counter.next_at(1, start), start + 10s);
  counter.answered(1, start + 1s);
  EXPECT_EQ(counter.next_at(1, start + 1s), start + 10s);
  EXPECT_EQ(counter.next_at(6, start + 1s), start + 11s);
  EXPECT_TRUE(counter.admits(5, start + 10s));
}

TEST(QuotaCounter, IsIdleWhenItKnowsNothing) {
  const auto rule = window(10, 10s);
  quota_counter counter{rule};
  EXPECT_TRUE(counter.idle(start));
  counter.take(1);
  EXPECT_FALSE(counter.idle(start));
  counter.answered(1, start);
  EXPECT_FALSE(counter.idle(start + 10s - 1ns));
  EXPECT_TRUE(counter.idle(start + 10s));
  counter.limited(1s, start + 10s);
  EXPECT_FALSE(counter.idle(start + 20s)) << "it has learned";
  EXPECT_TRUE(counter.idle(start + 2min));
}
