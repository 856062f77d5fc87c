#include "protocol/core/time.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace std::chrono;

namespace {

wall_time at(int64_t ms) {
  return wall_time{milliseconds{ms}};
}

} // namespace

TEST(IsoTime, ReadsWhatProvidersWrite) {
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:00Z"), at(0));
  EXPECT_EQ(parse_iso_time("2026-02-25T16:23:49.023Z"), at(1772036629023));
  EXPECT_EQ(parse_iso_time("2026-02-25T16:23:49.0239999Z"), at(1772036629023)); // cut, not rounded
  EXPECT_EQ(parse_iso_time("2026-02-25T16:23:49Z"), at(1772036629000));
  EXPECT_EQ(parse_iso_time("2026-02-25T17:23:49.023+01:00"), at(1772036629023));
  EXPECT_EQ(parse_iso_time("2026-02-25T15:53:49.023-0030"), at(1772036629023));
  EXPECT_EQ(parse_iso_time("2026-12-31"), parse_iso_time("2026-12-31T00:00:00Z"));
}

TEST(IsoTime, RefusesNonsense) {
  for (const auto* text : {"", "2026", "2026-13-01", "2026-02-30T00:00:00Z", "2026-02-25T24:00:00Z",
                           "2026-02-25T16:23:49", "2026-02-25T16:23:49.Z", "2026-02-25T16:23:49Zx",
                           "26-02-25T16:23:49Z", "2026-02-25T16:61:49Z"})
    EXPECT_FALSE(parse_iso_time(text)) << text;
}

TEST(IsoTime, IsWrittenWithMilliseconds) {
  EXPECT_EQ(format_iso_time(at(1772036629023)), "2026-02-25T16:23:49.023Z");
  EXPECT_EQ(format_iso_time(at(0)), "1970-01-01T00:00:00.000Z");
}

TEST(HttpDate, ReadsTheThreeForms) { // RFC 9110 section 5.6.7
  const auto expected = at(784111777000);
  const auto now = at(1772036629023);
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", now), expected);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now), expected);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", now), expected);
  EXPECT_EQ(format_http_date(expected), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_FALSE(parse_http_date("Sun, 06 Nov 1994 08:49:37", now));
  EXPECT_FALSE(parse_http_date("tomorrow", now));
}

TEST(RetryAfter, ReadsSecondsAndDates) {
  const auto now = at(784111777000);
  EXPECT_EQ(parse_retry_after("120", "", now), 120s);
  EXPECT_EQ(parse_retry_after("0.2", "", now), 200ms);
  EXPECT_EQ(parse_retry_after("-5", "", now), 0s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", "", now), 60s);
  EXPECT_EQ(
      parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", "Sun, 06 Nov 1994 08:50:27 GMT", now),
      10s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:40:37 GMT", "", now), 0s);
  EXPECT_FALSE(parse_retry_after("soon", "", now));
  EXPECT_FALSE(parse_retry_after("", "", now));
  EXPECT_FALSE(parse_retry_after("inf", "", now));
}
