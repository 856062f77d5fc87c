#include "protocol/http/retry_after.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr wall_time now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

std::optional<milliseconds> asked(const std::vector<std::string>& values) {
  http_headers headers;
  for (const auto& value : values)
    headers.add("retry-after", value);
  return retry_after(headers, now);
}

} // namespace

TEST(RetryAfter, IsTheLongestOfItsFields) {
  EXPECT_EQ(asked({"5"}), 5s);
  EXPECT_EQ(asked({"5", "20"}), 20s);
  EXPECT_EQ(asked({"20", format_http_date(now + 5s)}), 20s);
}

TEST(RetryAfter, IsWhatCanBeReadOfIt) {
  EXPECT_EQ(asked({"soon", "7"}), 7s);
  EXPECT_EQ(asked({"7", ""}), 7s);
  EXPECT_EQ(asked({"-3"}), 0s);
  EXPECT_FALSE(asked({"soon"}));
  EXPECT_FALSE(asked({}));
}

TEST(RetryAfter, CountsADateFromTheAnswersOwn) {
  http_headers headers;
  headers.add("Date", format_http_date(now + 1h));
  headers.add("Retry-After", format_http_date(now + 1h + 30s));
  EXPECT_EQ(retry_after(headers, now), 30s);
}
