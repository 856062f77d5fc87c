#include "protocol/control/sessions.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace nexte;
using namespace nexte::control;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{milliseconds{1'772'020'800'000}};

/// Different bytes at each call.
random_source counting() {
  return [count = uint8_t{0}](std::span<uint8_t> out) mutable {
    for (auto& byte : out)
      byte = count;
    ++count;
  };
}

} // namespace

TEST(Sessions, ChangeACodeForATokenOnce) {
  sessions book{counting()};
  const auto code = book.make_code(noon);
  const auto token = book.begin(code.reveal(), noon);
  ASSERT_TRUE(token);
  EXPECT_NE(token->reveal(), code.reveal());
  EXPECT_TRUE(book.holds(token->reveal(), noon));
  EXPECT_FALSE(book.begin(code.reveal(), noon));
}

TEST(Sessions, TakeNoCodeForAToken) {
  sessions book{counting()};
  const auto code = book.make_code(noon);
  EXPECT_FALSE(book.holds(code.reveal(), noon));
  EXPECT_FALSE(book.holds("", noon));
  EXPECT_FALSE(book.begin("", noon));
}

TEST(Sessions, TakeACodeUntilItIsTooOld) {
  sessions book{counting()};
  const auto in_time = book.make_code(noon);
  const auto late = book.make_code(noon);
  EXPECT_TRUE(book.begin(in_time.reveal(), noon + login_code_life - 1ms));
  EXPECT_FALSE(book.begin(late.reveal(), noon + login_code_life));
}

TEST(Sessions, EndWhenTheyWereNotUsedForLong) {
  sessions book{counting()};
  const auto token = book.begin(book.make_code(noon).reveal(), noon);
  auto used = noon + session_idle_max - 1ms;
  EXPECT_TRUE(book.holds(token->reveal(), used));
  used += session_idle_max - 1ms; // its use has kept it
  EXPECT_TRUE(book.holds(token->reveal(), used));
  EXPECT_FALSE(book.holds(token->reveal(), used + session_idle_max));
}

TEST(Sessions, EndWhenAsked) {
  sessions book{counting()};
  const auto one = book.begin(book.make_code(noon).reveal(), noon);
  const auto two = book.begin(book.make_code(noon).reveal(), noon);
  book.end(one->reveal());
  book.end("unknown");
  EXPECT_FALSE(book.holds(one->reveal(), noon));
  EXPECT_TRUE(book.holds(two->reveal(), noon));
}

TEST(Sessions, AreBoundedByWhatWasUnusedLongest) {
  sessions book{counting()};
  const auto first = book.begin(book.make_code(noon).reveal(), noon);
  const auto second = book.begin(book.make_code(noon).reveal(), noon + 1ms);
  EXPECT_TRUE(book.holds(first->reveal(), noon + 2ms));
  for (size_t i = 2; i <= sessions_max; ++i)
    EXPECT_TRUE(book.begin(book.make_code(noon).reveal(), noon + 3ms));
  EXPECT_TRUE(book.holds(first->reveal(), noon + 3ms));
  EXPECT_FALSE(book.holds(second->reveal(), noon + 3ms));

  const auto oldest = book.make_code(noon);
  for (size_t i = 0; i < login_codes_max; ++i)
    book.make_code(noon + 1ms);
  EXPECT_FALSE(book.begin(oldest.reveal(), noon + 1ms));
}
