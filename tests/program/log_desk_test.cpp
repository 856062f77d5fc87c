#include "actors/c/log_desk.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace nexte;

namespace {

using lines = std::vector<std::string>;

void note(void* heard, const char* line) {
  static_cast<lines*>(heard)->emplace_back(line);
}

} // namespace

TEST(LogDesk, TellsOnceItsTurnComesAndInOrder) {
  lines heard;
  const auto queue = *callback_queue::make();
  const auto desk = c::log_desk::make(queue, note, &heard);
  desk->add("one");
  desk->add("two");
  EXPECT_TRUE(heard.empty());
  EXPECT_EQ(queue->run(), 1u);
  EXPECT_EQ(heard, (lines{"one", "two"}));
}

TEST(LogDesk, KeepsTheNewestLinesAndCountsTheOthers) {
  lines heard;
  const auto queue = *callback_queue::make();
  const auto desk = c::log_desk::make(queue, note, &heard);
  for (size_t i = 0; i < c::log_lines_waiting_max; ++i)
    desk->add(std::to_string(i));
  queue->run();
  EXPECT_EQ(heard.size(), c::log_lines_waiting_max) << "as many as may wait: none is dropped";
  heard.clear();
  for (size_t i = 0; i < c::log_lines_waiting_max + 2; ++i)
    desk->add(std::to_string(i));
  queue->run();
  ASSERT_EQ(heard.size(), c::log_lines_waiting_max + 1);
  EXPECT_EQ(heard[0], "2 earlier lines were dropped");
  EXPECT_EQ(heard[1], "2");
  EXPECT_EQ(heard.back(), std::to_string(c::log_lines_waiting_max + 1));
}
