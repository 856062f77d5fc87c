#include "actors/program/quota_history.hpp"

#include "tests/program/control_fixture.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::program;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = fake_engine::noon;

integration_status account(unsigned used, unsigned limit, std::string provider = "hubspot") {
  integration_status one;
  one.provider = std::move(provider);
  one.quota_used = used;
  one.quota_limit = limit;
  return one;
}

std::vector<quota_sample> samples(std::vector<std::pair<seconds, unsigned>> used,
                                  unsigned limit = 1000) {
  std::vector<quota_sample> made;
  for (const auto& [after, units] : used)
    made.push_back({noon + after, units, limit, 0});
  return made;
}

class QuotaApi : public control_fixture {};

} // namespace

TEST(QuotaHistory, TakesTheBusiestAccountOfEachProvider) {
  quota_history history;
  auto waiting = account(10, 100);
  waiting.quota_back_at = noon + 7s;
  history.take({account(50, 1000), waiting, account(0, 0), account(3, 4, "figma")}, noon);
  ASSERT_EQ(history.providers().size(), 2u);
  const auto& hubspot = history.providers().at("hubspot");
  ASSERT_EQ(hubspot.samples.size(), 1u);
  EXPECT_EQ(hubspot.samples[0].used, 10u);
  EXPECT_EQ(hubspot.samples[0].limit, 100u);
  EXPECT_EQ(hubspot.samples[0].waiting, 1u);
  EXPECT_EQ(hubspot.back_at, noon + 7s);
  EXPECT_EQ(history.providers().at("figma").samples[0].used, 3u);
}

TEST(QuotaHistory, TakesNoTwoSamplesCloserThanItsPace) {
  quota_history history;
  history.take({account(1, 100)}, noon);
  history.take({account(2, 100)}, noon + quota_sample_every - 1ms);
  EXPECT_EQ(history.providers().at("hubspot").samples.size(), 1u);
  history.take({account(3, 100)}, noon + quota_sample_every);
  EXPECT_EQ(history.providers().at("hubspot").samples.size(), 2u);
}

TEST(QuotaHistory, KeepsADayInABoundedSpaceAndEveryPeak) {
  quota_history history;
  constexpr size_t peak = 300;
  for (size_t i = 0; i < 24 * 3600 / 15; ++i) {
    history.take({account(i == peak ? 99 : 1, 100)}, noon + i * quota_sample_every);
    ASSERT_LE(history.providers().at("hubspot").samples.size(), quota_samples_max);
  }
  const auto& kept = history.providers().at("hubspot").samples;
  EXPECT_GT(kept.size(), quota_samples_max / 2);
  EXPECT_LT(kept.front().at, noon + 2h) << "a day is seen, though its first peak may begin it";
  EXPECT_EQ(std::ranges::count(kept, 99u, &quota_sample::used), 1);
  EXPECT_TRUE(std::ranges::is_sorted(kept, {}, &quota_sample::at));
  history.take({account(1, 100)}, noon + 48h);
  EXPECT_EQ(history.providers().at("hubspot").samples.size(), 1u);
}

TEST(QuotaHistory, BeginsAnewWhereTheClockWasSetBack) {
  quota_history history;
  history.take({account(1, 100)}, noon);
  history.take({account(2, 100)}, noon - 1h);
  ASSERT_EQ(history.providers().at("hubspot").samples.size(), 1u);
  EXPECT_EQ(history.providers().at("hubspot").samples[0].used, 2u);
}

TEST(QuotaForecast, GoesOnAtThePaceOfTheLastMinutes) {
  const auto told = forecast_of(samples({{0s, 100}, {60s, 200}, {120s, 300}}));
  EXPECT_DOUBLE_EQ(told.used_per_hour, 6000);
  EXPECT_EQ(told.full_at, noon + 120s + 420s);
}

TEST(QuotaForecast, LooksAtTenMinutesOnly) {
  const auto told = forecast_of(samples({{0s, 0}, {1s, 300}, {300s, 350}, {601s, 400}}));
  EXPECT_DOUBLE_EQ(told.used_per_hour, 600);
}

TEST(QuotaForecast, BeginsAnewWhereAWindowWasCleared) {
  const auto told = forecast_of(samples({{0s, 900}, {60s, 10}, {120s, 15}, {180s, 20}}));
  EXPECT_DOUBLE_EQ(told.used_per_hour, 300);
}

TEST(QuotaForecast, ExpectsNothingOfWhatDoesNotGrowAllTheWhile) {
  for (const auto& used :
       {samples({{0s, 5}}), samples({{0s, 5}, {60s, 5}, {120s, 5}}),
        samples({{0s, 5}, {60s, 4}, {120s, 3}}), samples({{0s, 5}, {60s, 9}, {120s, 9}, {180s, 9}}),
        samples({{0s, 5}, {60s, 5}, {120s, 9}})}) {
    const auto told = forecast_of(used);
    EXPECT_EQ(told.used_per_hour, 0);
    EXPECT_FALSE(told.full_at);
  }
}

TEST(QuotaForecast, NeedsTwoMinutes) {
  EXPECT_FALSE(forecast_of(samples({{0s, 5}, {60s, 9}, {119s, 12}})).full_at);
  EXPECT_TRUE(forecast_of(samples({{0s, 5}, {60s, 9}, {120s, 12}})).full_at);
}

TEST(QuotaForecast, LooksADayAhead) {
  // A unit in 60 s: 1440 a day.
  EXPECT_TRUE(forecast_of(samples({{0s, 0}, {60s, 1}, {120s, 2}}, 1442)).full_at);
  EXPECT_FALSE(forecast_of(samples({{0s, 0}, {60s, 1}, {120s, 2}}, 1443)).full_at);
}

TEST(QuotaForecast, IsNowWhereItIsUsedUp) {
  EXPECT_EQ(forecast_of(samples({{0s, 900}, {60s, 1000}, {120s, 1100}})).full_at, noon + 120s);
}

TEST_F(QuotaApi, ShowsEachProvidersQuotaOverTime) {
  const auto none = get("/v1/quota");
  EXPECT_TRUE(none.find("providers")->items.empty());
  auto& status = engine.statuses[engine.put(1, "acme")];
  status.quota_used = 30;
  status.quota_limit = 110;
  const auto later = control_api{engine, test_providers(), guarded()};
  later.sample_quota();
  std::optional<http_response> got;
  later.handle_own({"GET", std::string{origin} + "/v1/quota"},
                   [&](http_response answer) { got = std::move(answer); });
  ASSERT_TRUE(got);
  const auto shown = json::parse_value(*got->body);
  ASSERT_TRUE(shown) << *got->body;
  const auto& hubspot = shown->find("providers")->items.at(0);
  EXPECT_EQ(hubspot.string_or_empty("provider"), "hubspot");
  EXPECT_EQ(hubspot.find("used")->as_int(), 30);
  EXPECT_EQ(hubspot.find("samples")->items.size(), 1u) << "one was taken just now";
  EXPECT_EQ(document.mismatch("GET", "/v1/quota", *got), "");
}
