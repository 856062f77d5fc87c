#include "actors/program/simulate/trace.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::program;

TEST(Trace, KeepsTheNewestLinesInOrder) {
  trace told{2};
  for (const char* line : {"one", "two", "three"})
    told.add(milliseconds{3'723'004}, line);
  EXPECT_EQ(told.events(), 3u);
  EXPECT_EQ(told.lines(), (std::vector<std::string>{"001:02:03.004 two", "001:02:03.004 three"}));
}

TEST(Trace, HasTheSameDigestForTheSameEventsWhateverItKeeps) {
  trace all{100};
  trace none{0};
  trace other{100};
  for (int i = 0; i < 5; ++i) {
    all.add(milliseconds{i}, "event");
    none.add(milliseconds{i}, "event");
    other.add(milliseconds{i + (i == 4)}, "event");
  }
  EXPECT_EQ(all.digest(), none.digest());
  EXPECT_NE(all.digest(), other.digest());
  EXPECT_TRUE(none.lines().empty());
}
