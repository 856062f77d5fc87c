// The connector meets the simulator: its view must end as Pipedrive's own, whatever people do
// behind its back and wherever it is killed.
#include "protocol/pipedrive/provider.hpp"
#include "protocol/pipedrive/simulator.hpp"
#include "protocol/pipedrive/streams.hpp"
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

  std::string title(std::string_view stream) {
    return stream == "deals" ? "title" : "name";
  }
  void edit(std::string_view stream, std::string_view id) {
    const auto text = json::quoted("edited " + std::to_string(++edits));
    sim.edit(stream, id, {{title(stream), text}}, io.now());
  }
  std::string create(std::string_view stream) {
    return sim.create(stream, {{title(stream), "\"new\""}}, io.now());
  }

  simulation::pipedrive_simulator sim;
  simulated_io io{pipedrive::provider(), sim, sim.api_domain(), begin};
  unsigned edits = 0;
};

class PipedriveConnector : public ::testing::TestWithParam<const char*> {};

/// What people do between two of the connector's requests.
class people {
public:
  people(account& at, std::string_view stream, uint64_t seed)
      : at_(at), stream_(stream), random_(seed) {
    for (const auto& [id, record] : at.sim.holdings(stream, 0))
      ids_.push_back(id);
  }
  void work() {
    const auto& id = ids_[below(ids_.size())];
    const auto record = at_.sim.holdings(stream_, 0).at(id);
    const auto what = below(10);
    if (record.gone) {
      if (what < 3)
        at_.sim.restore(stream_, id, at_.io.now());
    } else if (what < 2) {
      at_.sim.remove(stream_, id, at_.io.now());
    } else if (what == 2 && stream_ == "deals") {
      at_.sim.archive(id, true, at_.io.now());
    } else if (what < 9) {
      at_.edit(stream_, id);
    } else {
      ids_.push_back(at_.create(stream_));
    }
  }
  uint64_t below(uint64_t n) {
    return random_() % n;
  }

private:
  account& at_;
  std::string_view stream_;
  std::mt19937_64 random_;
  std::vector<std::string> ids_;
};

} // namespace

TEST_P(PipedriveConnector, EndsWithPipedrivesOwnViewAndFollowsItsChanges) {
  account at{1200};
  const std::string_view stream = GetParam();
  at.io.pull(stream);
  at.io.expect_same(stream);
  const auto after_first = at.io.requests;
  at.io.wait(20min);
  at.edit(stream, "700");
  at.create(stream);
  at.io.wait(5min);
  at.io.pull(stream);
  at.io.expect_same(stream);
  EXPECT_LE(at.io.requests - after_first, 3u);
  EXPECT_EQ(at.sim.quota().violations(), 0u);
}

TEST_P(PipedriveConnector, FindsEveryDeletionByTheNextEnumeration) {
  account at{700};
  const std::string_view stream = GetParam();
  at.io.pull(stream);
  at.io.wait(1h);
  at.sim.remove(stream, "5", at.io.now());
  at.sim.admin("erase", R"({"id":6,"type":")" + std::string{stream} + "\"}", at.io.now());
  at.io.pull(stream, true);
  at.io.expect_same(stream);
  at.io.wait(1h);
  at.sim.restore(stream, "5", at.io.now());
  at.io.wait(5min);
  at.io.pull(stream);
  at.io.expect_same(stream);
}

TEST_P(PipedriveConnector, FindsAtTheNextEnumerationWhatWasImportedWithAnOldTime) {
  account at{10};
  const std::string_view stream = GetParam();
  at.io.pull(stream);
  at.io.wait(1h);
  const auto id
      = at.sim.create(stream, {{at.title(stream), "\"old\""}}, at.io.now(), 0, begin - 24h * 365);
  at.io.pull(stream);
  EXPECT_FALSE(at.io.records.contains(id));
  at.io.pull(stream, true);
  at.io.expect_same(stream);
}

TEST_P(PipedriveConnector, SurvivesACursorThatEndsInTheMiddle) {
  account at{1200};
  const std::string_view stream = GetParam();
  at.io.before_call = [&] {
    if (at.io.requests == 3)
      at.sim.admin("expire_cursors", "{}", at.io.now());
  };
  at.io.pull(stream);
  at.io.expect_same(stream);
}

TEST_P(PipedriveConnector, HoldsInTheEndWhatTheCompanyHolds) {
  const std::string_view stream = GetParam();
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    account at{520, seed};
    people them{at, stream, seed};
    at.io.before_call = [&] {
      if (them.below(2) == 0)
        them.work();
    };
    if (seed % 2 == 0)
      at.io.killed_at_commit = [&] { return them.below(6) == 0; };
    for (unsigned polls = 0; polls < 12; ++polls) {
      at.io.pull(stream, polls == 6);
      at.io.wait(polls % 3 == 0 ? 1s : 300s);
      them.work();
    }
    at.io.before_call = {};
    at.io.killed_at_commit = {};
    at.io.wait(pipedrive::departures_every);
    at.io.pull(stream);
    if (stream != "deals") // nothing but an enumeration tells of their deletions
      at.io.pull(stream, true);
    at.io.expect_same(stream, "seed " + std::to_string(seed) + ": ");
  }
}

INSTANTIATE_TEST_SUITE_P(AgainstSimulator, PipedriveConnector,
                         ::testing::Values("persons", "organizations", "deals"));

TEST(PipedriveConnectorOfDeals, ShowsDeletedAndArchivedDealsWithinAQuarterOfAnHour) {
  account at{20};
  at.io.pull("deals");
  at.io.wait(1min);
  at.sim.remove("deals", "1", at.io.now());
  at.sim.archive("2", true, at.io.now());
  at.io.wait(pipedrive::departures_every);
  at.io.pull("deals");
  at.io.expect_same("deals");
  at.sim.archive("2", false, at.io.now());
  at.io.wait(5min);
  at.io.pull("deals");
  at.io.expect_same("deals");
}

TEST(PipedriveConnectorOfPersons, TakesDeletedRowsWhereTheListShowsThem) {
  account at{20};
  at.sim.strict().lists_deleted = true; // the other reading of the sheet
  at.io.pull("persons");
  at.io.wait(1h);
  at.sim.remove("persons", "1", at.io.now());
  at.io.wait(5min);
  at.io.pull("persons");
  at.io.expect_same("persons");
}
