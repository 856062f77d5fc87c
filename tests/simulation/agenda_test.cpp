#include "actors/program/simulate/agenda.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace nexte;
using namespace nexte::program;

TEST(Agenda, TakesTheEarliestAndOfEqualOnesTheOlder) {
  agenda events;
  std::string order;
  events.at(milliseconds{20}, [&] { order += "c"; });
  events.at(milliseconds{10}, [&] { order += "a"; });
  events.at(milliseconds{10}, [&] { order += "b"; });
  EXPECT_EQ(events.next(), milliseconds{10});
  while (!events.empty())
    events.take()();
  EXPECT_EQ(order, "abc");
}
