// The connector meets the simulator: its view must end as Google's own, whatever people do behind
// its back and wherever it is killed.
#include "protocol/google/provider.hpp"
#include "protocol/google/simulator.hpp"
#include "tests/support/simulated_io.hpp"

#include <random>
#include <vector>

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

const wall_time begin = *parse_iso_time("2026-03-01T10:00:00Z");

simulation::simulator_options options_of(uint64_t seed, uint64_t records) {
  simulation::simulator_options options;
  options.seed = seed;
  options.records = records;
  options.quota_scale = 1000; // who keeps to the limits is the engine's business
  return options;
}

struct account {
  explicit account(std::string_view name, uint64_t records, uint64_t seed = 1)
      : stream(name), sim(options_of(seed, records)), held(*sim.account_at(0).store(name)) {}

  void pull(bool full = false) {
    io.pull(stream, full);
  }
  void expect_same(const std::string& hint = {}) {
    io.expect_same(stream, hint);
  }
  std::string first() {
    for (const auto& one : held.all())
      if (!one.gone)
        return one.id;
    return {};
  }

  std::string stream;
  simulation::google_simulator sim;
  simulation::google::record_store& held;
  simulated_io io{google::provider(), sim, "https://www.googleapis.com", begin};
};

class GoogleConnector : public ::testing::TestWithParam<const char*> {};

/// What people do between two of the connector's requests.
class people {
public:
  people(account& at, uint64_t seed) : at_(at), random_(seed) {}
  void work() {
    const auto all = at_.held.all();
    const auto what = below(10);
    if (all.empty() || what == 9) {
      at_.held.create("new", at_.io.now());
      return;
    }
    const auto& one = all[below(all.size())];
    if (one.gone) {
      if (what < 4)
        at_.held.restore(one.id, at_.io.now());
    } else if (what < 2) {
      at_.held.remove(one.id, at_.io.now());
    } else if (what == 2) {
      at_.held.erase(one.id, at_.io.now());
    } else {
      at_.held.edit(one.id, "edited", at_.io.now());
    }
  }
  uint64_t below(uint64_t n) {
    return random_() % n;
  }

private:
  account& at_;
  std::mt19937_64 random_;
};

} // namespace

TEST_P(GoogleConnector, EndsWithGooglesOwnViewAndFollowsItsChanges) {
  account at{GetParam(), 230};
  at.pull();
  at.expect_same();
  const auto after_first = at.io.requests;
  at.io.wait(20min);
  at.held.edit(at.first(), "edited", at.io.now());
  at.held.create("new", at.io.now());
  at.pull();
  at.expect_same();
  EXPECT_LE(at.io.requests - after_first, 12u);
  EXPECT_EQ(at.sim.quota().violations(), 0u);
}

TEST_P(GoogleConnector, FollowsWhatGoesAndWhatReturnsWithoutAnEnumeration) {
  account at{GetParam(), 30};
  at.pull();
  at.io.wait(1h);
  const auto one = at.first();
  at.held.remove(one, at.io.now());
  at.held.erase(at.first(), at.io.now());
  at.pull();
  at.expect_same();
  at.io.wait(1h);
  at.held.restore(one, at.io.now());
  at.pull();
  at.expect_same();
}

TEST_P(GoogleConnector, SurvivesCursorsThatEndInTheMiddle) {
  account at{GetParam(), 40};
  at.io.before_call = [&] {
    if (at.io.requests == 4)
      at.sim.admin("expire_cursors", "{}", at.io.now());
  };
  at.pull();
  at.expect_same();
}

TEST_P(GoogleConnector, HoldsInTheEndWhatTheAccountHolds) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    account at{GetParam(), 25, seed};
    people them{at, seed};
    at.io.before_call = [&] {
      if (them.below(3) == 0)
        them.work();
    };
    if (seed % 2 == 0)
      at.io.killed_at_commit = [&] { return them.below(6) == 0; };
    for (unsigned polls = 0; polls < 12; ++polls) {
      at.pull(polls == 6);
      at.io.wait(polls % 3 == 0 ? 1s : 300s);
      if (polls == 8)
        at.io.wait(24h * 40); // what the changes are followed by is too old
      them.work();
    }
    at.io.before_call = {};
    at.io.killed_at_commit = {};
    at.pull();
    at.expect_same("seed " + std::to_string(seed) + ": ");
  }
}

INSTANTIATE_TEST_SUITE_P(AgainstSimulator, GoogleConnector,
                         ::testing::Values("gmail_messages", "calendar_events", "drive_files"));

TEST(GmailConnector, EnumeratesWhereTheHistoryIsGone) {
  account at{"gmail_messages", 30};
  at.pull();
  at.io.wait(1h);
  at.held.erase(at.first(), at.io.now());
  at.sim.admin("forget_history", "{}", at.io.now());
  at.pull();
  at.expect_same();
}

TEST(CalendarConnector, EnumeratesWhereItsTokensAreRefused) {
  account at{"calendar_events", 30};
  at.pull();
  at.io.wait(1h);
  at.held.remove(at.first(), at.io.now());
  at.sim.admin("forget_tokens", "{}", at.io.now());
  at.pull();
  at.expect_same();
}

TEST(CalendarConnector, FollowsWhichCalendarsAreSelected) {
  account at{"calendar_events", 30};
  at.pull();
  const auto select = [&](std::string_view calendar, bool selected) {
    at.sim.admin("select",
                 R"({"calendar":")" + std::string{calendar} + R"(","selected":)"
                     + (selected ? "true" : "false") + "}",
                 at.io.now());
    at.io.wait(5min);
    at.pull();
    at.expect_same(std::string{calendar} + ": ");
  };
  select("en.swiss#holiday@group.v.calendar.google.com", true);
  select("c_team0@group.calendar.google.com", false);
  select("c_team0@group.calendar.google.com", true);
}

TEST(CalendarConnector, LetsASeriesGoAndReturnWithItsExceptions) {
  account at{"calendar_events", 30};
  at.pull();
  std::string series;
  for (const auto& calendar : at.sim.account_at(0).events().list())
    for (const auto& [id, one] : calendar.events)
      if (!one.series.empty() && calendar.selected)
        series = calendar.id + "/" + one.series;
  ASSERT_FALSE(series.empty());
  at.held.remove(series, at.io.now());
  at.pull();
  at.expect_same();
  at.held.restore(series, at.io.now());
  at.pull();
  at.expect_same();
}
