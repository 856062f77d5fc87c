#include "actors/host_border.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

using namespace nexte;

TEST(HostBorder, PassesOnWhatTheHostIsTold) {
  int heard = 0;
  const auto call = guarded(std::function<void(int)>{[&](int told) { heard = told; }}, "host", {});
  call(7);
  EXPECT_EQ(heard, 7);
}

TEST(HostBorder, LogsTheFirstThrowOnly) {
  std::vector<std::string> log;
  int calls = 0;
  const auto call = guarded(std::function<void()>{[&calls] {
                              ++calls;
                              throw std::runtime_error{"a defect"};
                            }},
                            "reply", [&log](std::string_view line) { log.emplace_back(line); });
  call();
  call();
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(log, (std::vector<std::string>{"the host's reply threw: a defect"}));
}

TEST(HostBorder, BearsWhatIsNoException) {
  guarded(std::function<void()>{[] { throw 7; }}, "reply", {})();
}

TEST(HostBorder, LeavesNullNull) {
  EXPECT_FALSE(guarded(std::function<void()>{}, "reply", {}));
}
