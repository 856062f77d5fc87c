// What an operator measures.
#include "actors/meters.hpp"
#include "tests/support/virtual_world.hpp"

#include <numeric>
#include <stdexcept>

using namespace nexte;
using namespace nexte::test;

namespace {

uint64_t count(const distribution_figures& figures) {
  return std::accumulate(figures.counts.begin(), figures.counts.end(), uint64_t{0});
}

class EngineFigures : public virtual_world {};

} // namespace

TEST(Distribution, CountsAValueAtTheFirstBoundThatHoldsIt) {
  distribution made{{1, 2}};
  for (const double value : {0.5, 1.0, 1.5, 2.0, 2.5})
    made.add(value);
  const auto figures = made.read();
  EXPECT_EQ(figures.bounds, (std::vector<double>{1, 2}));
  EXPECT_EQ(figures.counts, (std::vector<uint64_t>{2, 2, 1}));
  EXPECT_EQ(figures.sum, 7.5);
}

TEST(Distribution, TakesAClockThatWasSetBackForNoTime) {
  distribution made{{1}};
  made.add(-5s);
  made.add(1500ms);
  EXPECT_EQ(made.read().counts, (std::vector<uint64_t>{1, 1}));
  EXPECT_EQ(made.read().sum, 1.5);
}

TEST_F(EngineFigures, CountTheRunsOfEachStreamAndWhatTheyWaitedFor) {
  boot();
  EXPECT_EQ(count(engine().figures().cycle_seconds), 0u);
  connected();
  advance(1min);
  const auto first = engine().figures();
  EXPECT_EQ(count(first.cycle_seconds), 3u);
  EXPECT_EQ(count(first.lateness_seconds), 0u); // nothing was due yet
  EXPECT_GE(count(first.grant_wait_seconds), 9u);
  EXPECT_EQ(first.requests_waiting, 0u);
  EXPECT_GT(count(first.commit_writes), 0u);
  EXPECT_EQ(first.writes_waiting, 0u);
  EXPECT_GT(first.store_bytes, 0u);
  advance(10min);
  const auto later = engine().figures();
  EXPECT_GT(count(later.cycle_seconds), 3u);
  EXPECT_GE(count(later.lateness_seconds), 1u);
  EXPECT_LT(later.lateness_seconds.sum, 0.1) << "polls of an idle engine begin when they are due";
}

TEST_F(EngineFigures, CountWhatWaitsForQuota) {
  configure = [](engine_options& settings) {
    quota_window few;
    few.name = "few";
    few.limit = 4;
    few.span = 10s;
    few.endpoint = every_endpoint;
    settings.providers.front().quota = {few};
  };
  boot();
  connected();
  const auto figures = engine().figures();
  EXPECT_GE(figures.requests_waiting, 1u);
  advance(10min);
  EXPECT_EQ(engine().figures().requests_waiting, 0u);
  EXPECT_GT(engine().figures().grant_wait_seconds.sum, 0.0);
}

TEST_F(EngineFigures, CountRestartsOfConnectors) {
  boot();
  connected();
  advance(1min);
  net->intercept = [](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/objects/") != std::string::npos
        || request.url.find("/search") != std::string::npos)
      throw std::runtime_error{"a defect"};
    return std::nullopt;
  };
  advance(6min);
  EXPECT_GE(engine().figures().restarts, 1u);
}
