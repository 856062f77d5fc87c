#include "protocol/simulation/quota_counters.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::simulation;
using namespace std::chrono_literals;

namespace {

const wall_time start{1h};

quota_counters counters() {
  return quota_counters{{{"burst", 2, 10s}, {"search", 1, 1s}}};
}

} // namespace

TEST(QuotaCounters, FreesARoomExactlyOneSpanAfterItWasTaken) {
  auto quota = counters();
  EXPECT_TRUE(quota.admit("burst", "a", start));
  EXPECT_TRUE(quota.admit("burst", "a", start + 1s));
  EXPECT_FALSE(quota.admit("burst", "a", start + 10s - 1ms));
  EXPECT_TRUE(quota.admit("burst", "a", start + 10s));
  EXPECT_FALSE(quota.admit("burst", "a", start + 11s - 1ms));
  EXPECT_TRUE(quota.admit("burst", "a", start + 11s));
}

TEST(QuotaCounters, CountsEachKeyAndRuleByItself) {
  auto quota = counters();
  EXPECT_TRUE(quota.admit("search", "a", start));
  EXPECT_TRUE(quota.admit("search", "b", start));
  EXPECT_TRUE(quota.admit("burst", "a", start));
  EXPECT_FALSE(quota.admit("search", "a", start));
  EXPECT_TRUE(quota.admit("unknown", "a", start));
}

TEST(QuotaCounters, AdmitsAllUnitsOfARequestOrNone) {
  quota_counters quota{{{"units", 40, 10s}}};
  EXPECT_TRUE(quota.admit("units", "a", start, 20));
  EXPECT_FALSE(quota.admit("units", "a", start, 21));
  EXPECT_EQ(quota.remaining("units", "a", start), 20u);
  EXPECT_TRUE(quota.admit("units", "a", start, 20));
  EXPECT_FALSE(quota.admit("units", "a", start + 10s - 1ms, 1));
  EXPECT_TRUE(quota.admit("units", "a", start + 10s, 40));
}

TEST(QuotaCounters, GivesARefusedRequestNoRoom) {
  auto quota = counters();
  quota.admit("search", "a", start);
  EXPECT_FALSE(quota.admit("search", "a", start + 999ms));
  EXPECT_TRUE(quota.admit("search", "a", start + 1s));
}

TEST(QuotaCounters, ReportsPeaksAndViolations) {
  auto quota = counters();
  EXPECT_EQ(quota.remaining("burst", "a", start), 2u);
  for (int i = 0; i < 3; ++i)
    quota.admit("burst", "a", start);
  quota.admit("burst", "b", start);
  EXPECT_EQ(quota.remaining("burst", "a", start), 0u);
  EXPECT_EQ(quota.remaining("burst", "b", start), 1u);
  const auto report = quota.report("burst");
  EXPECT_EQ(report.peak, 2u);
  EXPECT_EQ(report.admitted, 3u);
  EXPECT_EQ(report.violations, 1u);
  EXPECT_EQ(quota.violations(), 1u);
  quota.reset_reports();
  EXPECT_EQ(quota.violations(), 0u);
  EXPECT_FALSE(quota.admit("burst", "a", start)); // the windows are as full as before
}
