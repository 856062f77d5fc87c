#include "actors/policy/schedule.hpp"

#include <gtest/gtest.h>

#include <array>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr wall_time morning{500'000h};
constexpr integration_id some{0x1234567890abcdef};

wall_time next(wall_time last, wall_time now, std::string_view mode = "real_time",
               seconds every = 300s) {
  return next_poll_at(some, mode, every, last, now);
}

} // namespace

TEST(Schedule, PollsOncePerCadenceAtItsOwnPhase) {
  auto at = next(morning, morning);
  for (int i = 0; i < 100; ++i) {
    const auto following = next(at, at);
    EXPECT_EQ(following - at, 5min);
    EXPECT_EQ(next(at + 20s, at + 20s), following) << "a run that took 20 s shifts nothing";
    at = following;
  }
}

TEST(Schedule, LeavesNeverMoreThanACadenceBetweenPolls) {
  for (auto last = morning; last < morning + 11min; last += 7s) {
    EXPECT_LE(next(last, last) - last, 5min);
    EXPECT_GT(next(last, last), last);
    EXPECT_LE(next(last, last, "hourly") - last, 1h);
  }
}

TEST(Schedule, PollsAtOnceWhatIsOverdue) {
  const auto due = next(morning, morning);
  EXPECT_EQ(next(morning, due - 1ms), due);
  EXPECT_EQ(next(morning, due + 1ms), due + 1ms);
  EXPECT_EQ(next(morning, morning + 72h), morning + 72h) << "the laptop slept";
  EXPECT_EQ(next(wall_time{}, morning), morning) << "never polled";
}

TEST(Schedule, SurvivesAClockThatIsSetBack) {
  EXPECT_LE(next(morning + 72h, morning), morning + 5min);
  EXPECT_GE(next(wall_time{-10h}, wall_time{-10h}), wall_time{-10h});
  EXPECT_LE(next(wall_time{-10h}, wall_time{-10h}), wall_time{-10h} + 5min);
}

TEST(Schedule, SpreadsAFleetEvenly) {
  std::array<int, 30> tenths{};              // of ten seconds each
  for (uint64_t id = 0; id < 30'000; ++id) { // ids in a row, the worst case of a hash
    const auto at = next_poll_at(integration_id{id}, "real_time", 300s, morning, morning);
    ++tenths[static_cast<size_t>((at - morning - 1ms) / 10s)];
  }
  for (const auto count : tenths)
    EXPECT_NEAR(count, 1000, 150);
}

TEST(Schedule, KeepsTheCadenceOfEachMode) {
  EXPECT_EQ(cadence("real_time", 30s), 30s);
  EXPECT_EQ(cadence("real_time", 300s), 5min);
  EXPECT_EQ(cadence("real_time", 301s), 5min) << "the promise of the mode";
  EXPECT_EQ(cadence("real_time", 0s), 1s);
  EXPECT_EQ(cadence("hourly", 30s), 1h);
  EXPECT_EQ(cadence("paused", 30s), std::nullopt);
  EXPECT_EQ(next(morning, morning, "paused"), wall_time::max());
}

TEST(Schedule, CallsTwoCadencesWithoutProgressStalled) {
  EXPECT_EQ(stalled_at("real_time", 300s, morning), morning + 10min);
  EXPECT_EQ(stalled_at("hourly", 300s, morning), morning + 2h);
  EXPECT_EQ(stalled_at("paused", 300s, morning), std::nullopt);
}
