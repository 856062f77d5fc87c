// The connector and the simulator were written from the same sheet by different hands: here they
// meet. The engine's view must end as HubSpot's own, whatever people do behind its back and
// wherever it is killed.
#include "protocol/hubspot/change_search.hpp"
#include "protocol/hubspot/provider.hpp"
#include "protocol/hubspot/simulator.hpp"
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
  return options;
}

struct account {
  explicit account(uint64_t records, uint64_t seed = 1) : sim(options_of(seed, records)) {}

  simulation::hubspot_simulator sim;
  /// A call takes so long that no quota is met.
  simulated_io io{hubspot::provider(), sim, "https://api.hubapi.com", begin};
};

class HubspotConnector : public ::testing::TestWithParam<const char*> {};

/// What people do to deals between two of the connector's requests.
class people {
public:
  people(account& at, uint64_t seed) : at_(at), random_(seed) {
    for (const auto& [id, record] : at.sim.holdings("deals", 0))
      ids_.push_back(id);
  }
  void work() {
    const auto id = ids_[below(ids_.size())];
    const auto what = below(10);
    const auto now = at_.io.now();
    if (at_.sim.holdings("deals", 0).at(id).gone) {
      if (what < 5)
        at_.sim.restore("deals", id, now);
    } else if (what < 2) {
      at_.sim.archive("deals", id, now);
    } else if (what < 9) {
      at_.sim.edit("deals", id, {{"dealname", "deal " + std::to_string(random_())}}, now);
    } else {
      ids_.push_back(at_.sim.create("deals", {{"dealname", "new"}}, now));
    }
  }
  uint64_t below(uint64_t n) {
    return random_() % n;
  }

private:
  account& at_;
  std::mt19937_64 random_;
  std::vector<std::string> ids_;
};

} // namespace

TEST_P(HubspotConnector, EndsWithHubspotsOwnViewAndFollowsItsChanges) {
  account at{500};
  const std::string_view stream = GetParam();
  at.io.pull(stream);
  at.io.expect_same(stream);
  const auto after_first = at.io.requests;
  std::vector<std::string> live;
  for (const auto& [id, record] : at.sim.holdings(stream, 0))
    if (!record.gone)
      live.push_back(id);
  at.io.wait(1h);
  at.sim.edit(stream, live[0], {{"external_id", "x1"}}, at.io.now());
  at.sim.create(stream, {{"external_id", "new"}}, at.io.now());
  at.sim.archive(stream, live[1], at.io.now());
  at.io.wait(1h); // past the index's lag
  at.io.pull(stream);
  at.io.expect_same(stream);
  EXPECT_LE(at.io.requests - after_first, 3u);
  at.sim.restore(stream, live[1], at.io.now());
  at.io.wait(1h);
  at.io.pull(stream);
  at.io.expect_same(stream);
  EXPECT_EQ(at.sim.quota().violations(), 0u);
}

TEST_P(HubspotConnector, EnumeratesAgainWhenAsked) {
  account at{200};
  const std::string_view stream = GetParam();
  at.io.pull(stream);
  at.io.wait(1h);
  at.sim.admin("erase", // without a trace: only an enumeration can tell
               R"({"type":")" + std::string{stream} + R"(","id":"713492000001"})", at.io.now());
  at.sim.strictness().search_disorder = true;
  at.io.pull(stream, true);
  at.io.expect_same(stream);
}

INSTANTIATE_TEST_SUITE_P(AgainstSimulator, HubspotConnector,
                         ::testing::Values("contacts", "companies", "deals"));

TEST(HubspotConnectorOfDeals, HoldsInTheEndWhatTheAccountHolds) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    account at{230, seed};
    people them{at, seed};
    at.io.before_call = [&] {
      if (them.below(2) == 0)
        them.work();
    };
    if (seed % 2 == 0)
      at.io.killed_at_commit = [&] { return them.below(6) == 0; };
    for (unsigned polls = 0; polls < 12; ++polls) {
      at.io.pull("deals", polls == 6);
      at.io.wait(polls % 3 == 0 ? 20s : 300s);
    }
    at.io.before_call = {};
    at.io.killed_at_commit = {};
    at.io.wait(hubspot::index_lag_max);
    at.io.pull("deals");
    at.io.expect_same("deals", "seed " + std::to_string(seed) + ": ");
  }
}
