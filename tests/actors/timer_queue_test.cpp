#include "actors/timer_queue.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr steady_time start{1h};

} // namespace

TEST(TimerQueue, RingsInOrderAndNotAMomentEarly) {
  timer_queue<std::string> queue;
  queue.set({1, 0}, start + 20ms, "late");
  queue.set({2, 0}, start + 10ms, "early");
  EXPECT_EQ(queue.next_due(), start + 10ms);
  EXPECT_EQ(queue.pop_due(start + 10ms - 1ns), std::nullopt);
  EXPECT_EQ(queue.pop_due(start + 10ms), "early");
  EXPECT_EQ(queue.pop_due(start + 10ms), std::nullopt);
  EXPECT_EQ(queue.pop_due(start + 1h), "late");
  EXPECT_EQ(queue.next_due(), std::nullopt);
}

TEST(TimerQueue, ReplacesTheTimerOfASlot) {
  timer_queue<std::string> queue;
  queue.set({1, 0}, start + 10ms, "first");
  queue.set({1, 0}, start + 30ms, "second");
  queue.set({1, 1}, start + 20ms, "other slot");
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.pop_due(start + 1h), "other slot");
  EXPECT_EQ(queue.pop_due(start + 1h), "second");
  EXPECT_EQ(queue.pop_due(start + 1h), std::nullopt);
}

TEST(TimerQueue, ForgetsWhatIsCalledOff) {
  timer_queue<std::string> queue;
  queue.set({1, 0}, start, "gone");
  queue.cancel({1, 0});
  queue.cancel({9, 9}); // was never set
  EXPECT_EQ(queue.size(), 0u);
  EXPECT_EQ(queue.pop_due(start + 1h), std::nullopt);
}
