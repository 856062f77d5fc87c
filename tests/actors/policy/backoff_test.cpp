#include "actors/policy/backoff.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

const auto now = *parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", wall_time{});

milliseconds after(unsigned attempt, std::string_view retry_after) {
  return backoff_wait(attempt, parse_retry_after(retry_after, "", now));
}

} // namespace

TEST(Backoff, ClimbsTheLadderAndStaysOnItsLastStep) {
  const milliseconds ladder[] = {1s, 2s, 4s, 8s, 16s, 32s, 32s, 32s};
  for (unsigned i = 0; i < std::size(ladder); ++i)
    EXPECT_EQ(backoff_wait(i + 1, {}), ladder[i]) << i;
  EXPECT_EQ(backoff_wait(4'000'000'000, {}), 32s);
}

TEST(Backoff, BeginsAtOneSecondWhateverTheCount) {
  EXPECT_EQ(backoff_wait(0, {}), 1s);
}

TEST(Backoff, LetsTheProviderWinWhenItAsksForLonger) {
  EXPECT_EQ(after(1, "17"), 17s);
  EXPECT_EQ(after(1, "1.2"), 1200ms);
  EXPECT_EQ(after(1, "Sun, 06 Nov 1994 08:50:37 GMT"), 60s);
  EXPECT_EQ(after(6, "32.001"), 32'001ms);
}

TEST(Backoff, KeepsToTheLadderWhenTheProviderAsksForLess) {
  EXPECT_EQ(after(6, "31"), 32s);
  EXPECT_EQ(after(3, "0"), 4s);
  EXPECT_EQ(after(3, "-5"), 4s);
  EXPECT_EQ(after(3, "Sun, 06 Nov 1994 08:40:37 GMT"), 4s);
  EXPECT_EQ(backoff_wait(3, -5h), 4s);
}

TEST(Backoff, KeepsToTheLadderWhenTheProviderCannotBeRead) {
  for (const auto* garbage : {"", "soon", "1e300", "99999999999", "nan", "12 s", "0x10"})
    EXPECT_EQ(after(2, garbage), 2s) << garbage;
}

TEST(Backoff, TakesTheLongestOfWhatAProviderAsks) { // Retry-After and a reset field
  const auto retry_after = parse_retry_after("17", "", now);
  ASSERT_TRUE(retry_after);
  EXPECT_EQ(backoff_wait(1, std::max(*retry_after, milliseconds{40s})), 40s);
  EXPECT_EQ(backoff_wait(1, std::max(*retry_after, milliseconds{0})), 17s);
}

TEST(Backoff, BelievesDaysButNotYears) {
  EXPECT_EQ(after(1, "344907"), 344'907s) << "seen of Figma";
  EXPECT_EQ(after(1, "2678400"), asked_wait_max);
  EXPECT_EQ(after(1, "2678401"), asked_wait_max);
  EXPECT_EQ(after(1, "999999999"), asked_wait_max);
  EXPECT_EQ(backoff_wait(1, milliseconds::max()), asked_wait_max);
}

TEST(Backoff, SpreadsPassingFailuresUpwardByAQuarterAtMost) {
  EXPECT_EQ(spread_backoff_wait(4, {}, 0), 8s);
  EXPECT_EQ(spread_backoff_wait(4, {}, UINT32_MAX), 10s);
  EXPECT_EQ(spread_backoff_wait(1, 1h, 0), 1h);
  EXPECT_EQ(spread_backoff_wait(1, 1h, UINT32_MAX), 1h + 8s);
}
