#include "actors/policy/clock_skew.hpp"

#include <gtest/gtest.h>

#include <chrono>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h};

/// An answer that was made at `at` by a clock that is `skew` ahead, and took `travel` either way.
void answer(clock_skew& to, wall_time at, milliseconds skew, milliseconds travel = 20ms) {
  to.observe(std::chrono::floor<seconds>(at + skew), at - travel, at + travel);
}

} // namespace

TEST(ClockSkew, IsNothingWhileNothingSpeaksForIt) {
  clock_skew skew;
  EXPECT_EQ(skew.value(), 0ms);
  for (const auto fraction : {0ms, 1ms, 500ms, 999ms}) {
    answer(skew, noon + fraction, 0ms);
    EXPECT_EQ(skew.value(), 0ms) << "a Date that is cut to seconds is no skew";
  }
}

TEST(ClockSkew, IsKnownToASecondAtOnceAndCloserWithEachAnswer) {
  for (const milliseconds real : {5h + 300ms, -3min - 700ms, 1500ms}) {
    clock_skew skew;
    answer(skew, noon, real);
    EXPECT_LE(std::chrono::abs(skew.value() - real), 600ms);
    for (int i = 0; i < 40; ++i)
      answer(skew, noon + i * 1037ms, real);
    EXPECT_LE(std::chrono::abs(skew.value() - real), 60ms);
  }
}

TEST(ClockSkew, BeginsAnewWhenAClockWasSet) {
  clock_skew skew;
  answer(skew, noon, 1h);
  answer(skew, noon + 1s, 0ms);
  EXPECT_EQ(skew.value(), 0ms);
}

TEST(ClockSkew, KnowsNothingFromAnAnswerThatCameBeforeItsRequest) {
  clock_skew skew;
  skew.observe(noon, noon + 1h, noon);
  EXPECT_EQ(skew.value(), 0ms);
}
