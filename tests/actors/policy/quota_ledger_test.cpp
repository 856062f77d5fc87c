#include "actors/policy/quota_ledger.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr steady_time start{1000h};

std::vector<quota_window> windows() {
  return {
      {"APP", 8, 10s, counter_scope::app, "*"},
      {"BURST", 4, 10s, counter_scope::account, ""},
      {"SEARCH", 2, 1s, counter_scope::account, "search"},
      {"DAY", 40, 24h, counter_scope::account, "*", quota_unit::cost, true},
      {"CALLS", 3, 2s, counter_scope::user, "search", quota_unit::request},
  };
}

quota_ledger fresh() {
  return quota_ledger{windows(), {{"FLIGHT", 3, counter_scope::user, "*"}}, start, 0};
}

quota_key key(uint64_t account, uint64_t user = 1) {
  return {account, user, 0};
}

} // namespace

TEST(QuotaLedger, KeepsTheAccountsApart) {
  auto ledger = fresh();
  for (int i = 0; i < 3; ++i)
    ledger.answered(ledger.take(key(1), 1, start).grant, start);
  EXPECT_NE(ledger.take(key(1), 1, start).grant, 0u);
  const auto refused = ledger.take(key(1, 2), 1, start);
  EXPECT_EQ(refused.grant, 0u);
  EXPECT_FALSE(refused.app_wide);
  EXPECT_EQ(refused.retry_due, start + 10s);
  EXPECT_NE(ledger.take(key(2, 3), 1, start).grant, 0u);
}

TEST(QuotaLedger, AsksTheAppsCounterFirst) {
  auto ledger = fresh();
  for (uint64_t i = 0; i < 8; ++i)
    ledger.answered(ledger.take(key(i, i), 1, start).grant, start);
  const auto refused = ledger.take(key(9, 9), 1, start);
  EXPECT_EQ(refused.grant, 0u);
  EXPECT_TRUE(refused.app_wide);
  EXPECT_EQ(refused.retry_due, start + 10s);
}

TEST(QuotaLedger, TellsWhenTheAppIsFreeThoughTheAccountWaitsLonger) {
  auto ledger = fresh();
  const auto first = ledger.take(key(1), 1, start).grant;
  ledger.limited(first, "BURST", 1h, start);
  ledger.answered(first, start);
  for (uint64_t i = 2; i < 9; ++i)
    ledger.answered(ledger.take(key(i, i), 1, start).grant, start);
  const auto refused = ledger.take(key(1), 1, start);
  EXPECT_TRUE(refused.app_wide);
  EXPECT_EQ(refused.retry_due, start + 10s) << "others may go then";
  EXPECT_EQ(ledger.next_at(key(1), 1, start), start + 1h);
}

TEST(QuotaLedger, CountsAnEndpointClassInItsOwnWindowsAndInThoseOfEvery) {
  auto ledger = fresh();
  auto search = key(1);
  search.endpoint = ledger.endpoint("search");
  EXPECT_NE(search.endpoint, 0u);
  EXPECT_EQ(ledger.endpoint("unheard of"), 0u);
  EXPECT_EQ(ledger.endpoints(), 2u);
  ledger.answered(ledger.take(search, 2, start).grant, start);
  EXPECT_EQ(ledger.take(search, 1, start).retry_due, start + 1s);
  EXPECT_NE(ledger.take(key(1), 4, start).grant, 0u) << "BURST does not count searches";
  EXPECT_EQ(ledger.next_at(search, 2, start + 1s), start + 1s);
  EXPECT_EQ(ledger.next_at(search, 3, start + 1s), start + 10s) << "APP holds 6 of 8";
}

TEST(QuotaLedger, CountsRequestsWhereAWindowCountsThem) {
  auto ledger = fresh();
  auto search = key(1);
  search.endpoint = ledger.endpoint("search");
  ledger.answered(ledger.take(search, 2, start).grant, start);
  ledger.answered(ledger.take(search, 2, start + 1s).grant, start + 1s);
  // CALLS has counted 2 of 3 requests; by cost it would be 4.
  EXPECT_NE(ledger.take(search, 1, start + 2s).grant, 0u);
}

TEST(QuotaLedger, HoldsASlotFromGrantToAnswer) {
  auto ledger = fresh();
  std::vector<grant_id> open;
  for (int i = 0; i < 3; ++i)
    open.push_back(ledger.take(key(1), 1, start).grant);
  const auto refused = ledger.take(key(1), 1, start);
  EXPECT_EQ(refused.grant, 0u);
  EXPECT_EQ(refused.retry_due, std::nullopt);
  ledger.answered(open.front(), start);
  EXPECT_NE(ledger.take(key(1), 1, start).grant, 0u);
}

TEST(QuotaLedger, IgnoresAGrantThatIsNotOpen) {
  auto ledger = fresh();
  const auto grant = ledger.take(key(1), 1, start).grant;
  ledger.answered(grant, start);
  ledger.answered(grant, start);
  ledger.not_sent(grant, start);
  ledger.limited(grant, "BURST", 1h, start);
  ledger.observe(grant, {"BURST", 1, 0, 1h}, start);
  ledger.answered(0, start);
  ledger.answered(~uint64_t{0}, start);
  EXPECT_EQ(ledger.usage(key(1), start).used, 1u);
  const auto next = ledger.take(key(1), 1, start).grant; // takes the same place
  ledger.answered(grant, start);
  EXPECT_EQ(ledger.open_grants(), 1u);
  ledger.not_sent(next, start);
  EXPECT_EQ(ledger.open_grants(), 0u);
}

TEST(QuotaLedger, HoldsTheNamedCounterAlone) {
  auto ledger = fresh();
  auto search = key(1);
  search.endpoint = ledger.endpoint("search");
  const auto grant = ledger.take(search, 1, start).grant;
  ledger.limited(grant, "SEARCH", 60s, start);
  ledger.answered(grant, start);
  EXPECT_EQ(ledger.take(search, 1, start + 30s).retry_due, start + 60s);
  EXPECT_NE(ledger.take(key(1), 1, start + 30s).grant, 0u);
  EXPECT_NE(ledger.take(search, 1, start + 60s).grant, 0u);
}

TEST(QuotaLedger, HoldsTheNarrowestWindowWhenTheRefusalNamesNone) {
  auto ledger = fresh();
  auto search = key(1);
  search.endpoint = ledger.endpoint("search");
  const auto grant = ledger.take(search, 1, start).grant;
  ledger.limited(grant, "", 60s, start);
  ledger.answered(grant, start);
  EXPECT_EQ(ledger.next_at(search, 1, start + 5s), start + 60s);
  auto of_another = search;
  of_another.user = 2;
  EXPECT_EQ(ledger.next_at(of_another, 1, start + 5s), start + 5s);
}

TEST(QuotaLedger, HoldsTheKeyWhereNoCounterIsKnown) {
  quota_ledger ledger{{}, {}, start};
  const auto grant = ledger.take(key(1), 1, start).grant;
  ASSERT_NE(grant, 0u);
  ledger.limited(grant, "DAILY", 60s, start);
  ledger.answered(grant, start);
  EXPECT_EQ(ledger.take(key(1), 1, start + 60s - 1ns).retry_due, start + 60s);
  EXPECT_NE(ledger.take(key(1), 1, start + 60s).grant, 0u);
}

TEST(QuotaLedger, HoldsTheKeyWhileTheServiceIsOutAndLooksAfterAnHour) {
  auto ledger = fresh();
  const auto first = ledger.take(key(1), 1, start).grant;
  ledger.out_of_service(first, 90min, start);
  ledger.out_of_service(first, 1s, start); // no word against the longer one
  ledger.answered(first, start);
  EXPECT_EQ(ledger.take(key(1), 1, start + 1h - 1ms).retry_due, start + 1h);
  EXPECT_NE(ledger.take(key(2), 1, start).grant, 0u);
  EXPECT_NE(ledger.take(key(1), 1, start + 1h).grant, 0u);
}

TEST(QuotaLedger, TakesHalfOfTheFirstWindowAsSpentByAFormerProcess) {
  quota_ledger ledger{windows(), {}, start};
  EXPECT_NE(ledger.take(key(1), 2, start).grant, 0u);
  EXPECT_EQ(ledger.take(key(1), 1, start).retry_due, start + 10s);
  EXPECT_EQ(ledger.next_at(key(2), 2, start + 9s), start + 9s);
  EXPECT_NE(ledger.next_at(key(3), 3, start + 9s), start + 9s) << "a new counter, the same start";
  EXPECT_EQ(ledger.next_at(key(4), 4, start + 10s), start + 10s);
}

TEST(QuotaLedger, LeavesAUnitOfTheFirstWindowWhateverIsTakenAsSpent) {
  quota_ledger ledger{windows(), {}, start, 100};
  EXPECT_NE(ledger.take(key(1), 1, start).grant, 0u);
  EXPECT_EQ(ledger.take(key(1), 1, start).grant, 0u);
}

TEST(QuotaLedger, BelievesTheProviderRatherThanItsAssumption) {
  quota_ledger ledger{{windows()[1]}, {}, start};
  const auto grant = ledger.take(key(1), 1, start).grant;
  ledger.observe(grant, {"BURST", 4, 3, 10s}, start);
  ledger.answered(grant, start);
  EXPECT_EQ(ledger.usage(key(1), start).used, 1u);
}

TEST(QuotaLedger, TellsTheTightestWindowAndWhenItIsBack) {
  auto ledger = fresh();
  EXPECT_EQ(ledger.usage(key(1), start).used, 0u);
  for (int i = 0; i < 4; ++i)
    ledger.answered(ledger.take(key(1), 1, start).grant, start);
  const auto usage = ledger.usage(key(1), start);
  EXPECT_EQ(usage.used, 4u);
  EXPECT_EQ(usage.limit, 4u);
  EXPECT_EQ(usage.back_due, start + 10s);
  EXPECT_EQ(ledger.usage(key(1), start + 10s).back_due, std::nullopt);
}

TEST(QuotaLedger, WakesTheWatchersOfACounterOnce) {
  auto ledger = fresh();
  std::vector<grant_id> open;
  for (int i = 0; i < 3; ++i)
    open.push_back(ledger.take(key(1), 1, start).grant);
  const auto refused = ledger.take(key(1), 1, start);
  ledger.answered(open[0], start);
  EXPECT_TRUE(ledger.take_woken().empty()) << "nobody watches yet";
  ledger.watch(refused.counter, true);
  ledger.answered(open[1], start);
  ledger.answered(open[2], start);
  EXPECT_EQ(ledger.take_woken(), std::vector{refused.counter});
}

TEST(QuotaLedger, WakesForAReleaseButNotForAnAnswerThatOnlyStartsTheSpan) {
  quota_ledger ledger{{windows()[1]}, {}, start, 0};
  ledger.answered(ledger.take(key(1), 2, start).grant, start);
  const auto answered = ledger.take(key(1), 1, start).grant;
  const auto unsent = ledger.take(key(1), 1, start).grant;
  const auto refused = ledger.take(key(1), 1, start);
  EXPECT_EQ(refused.retry_due, start + 10s);
  ledger.watch(refused.counter, false);
  ledger.answered(answered, start);
  EXPECT_TRUE(ledger.take_woken().empty());
  ledger.not_sent(unsent, start);
  EXPECT_EQ(ledger.take_woken(), std::vector{refused.counter});
}

TEST(QuotaLedger, LapsesAGrantWhoseOwnerDied) {
  auto ledger = fresh();
  ledger.take(key(1), 1, start);
  ledger.forget_idle(start + grant_life_max - 1ns);
  EXPECT_EQ(ledger.open_grants(), 1u);
  ledger.forget_idle(start + grant_life_max);
  EXPECT_EQ(ledger.open_grants(), 0u);
  EXPECT_EQ(ledger.usage(key(1), start + grant_life_max).used, 1u) << "it may have been sent";
}

TEST(QuotaLedger, ForgetsIdleKeysAndNoOthers) {
  auto ledger = quota_ledger{{windows()[1]}, {}, start, 0};
  for (uint64_t account = 0; account < 1000; ++account)
    ledger.answered(ledger.take(key(account), 1, start).grant, start);
  const auto open = ledger.take(key(7), 1, start).grant;
  ledger.forget_idle(start + key_idle_max - 1ns);
  EXPECT_EQ(ledger.keys(), 1000u);
  ledger.forget_idle(start + key_idle_max);
  EXPECT_EQ(ledger.keys(), 1u);
  ledger.answered(open, start + key_idle_max);
  EXPECT_EQ(ledger.usage(key(7), start + key_idle_max).used, 1u);
}
