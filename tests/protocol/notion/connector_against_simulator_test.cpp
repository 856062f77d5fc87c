// The connector meets the simulator: its view must end as Notion's own, whatever people do behind
// its back and wherever it is killed.
#include "protocol/notion/provider.hpp"
#include "protocol/notion/simulator.hpp"
#include "protocol/notion/streams.hpp"
#include "tests/support/simulated_io.hpp"

#include <random>
#include <vector>

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;
using simulation::notion::page_changes;
using simulation::notion::parent_kind;

namespace {

const wall_time begin = *parse_iso_time("2026-03-01T10:00:00Z");

simulation::simulator_options options_of(uint64_t seed, uint64_t records) {
  simulation::simulator_options options;
  options.seed = seed;
  options.records = records;
  return options;
}

struct account {
  explicit account(uint64_t records, uint64_t seed = 1) : sim(options_of(seed, records)) {
    io.per_call = 400ms; // within what Notion lets a connection spend
    for (const auto& [id, record] : sim.holdings("pages", 0))
      if (!record.gone)
        ids.push_back(id);
  }
  simulation::notion::workspace& space() {
    return sim.workspace_at(0);
  }
  void edit(std::string_view id) {
    page_changes made;
    made.title = "edited " + std::to_string(++edits);
    space().change(id, made, space().owner_id, io.now());
  }
  void trash(std::string_view id, bool trashed = true) {
    page_changes made;
    made.in_trash = trashed;
    space().change(id, made, space().owner_id, io.now());
  }
  std::string create() {
    page_changes made;
    made.title = "new";
    const auto& source = space().sources[edits % space().sources.size()].id;
    return space().create(parent_kind::data_source, source, made, space().owner_id, io.now()).id;
  }
  void pull(bool full = false) {
    io.pull("pages", full);
  }
  /// A run later, when the index has caught up.
  void pull_later() {
    io.wait(5min);
    pull();
  }
  void expect_same(const std::string& hint = {}) {
    io.expect_same("pages", hint);
    EXPECT_EQ(sim.quota().violations(), 0u);
  }

  simulation::notion_simulator sim;
  simulated_io io{notion::provider(), sim, "https://api.notion.com", begin};
  std::vector<std::string> ids;
  unsigned edits = 0;
};

} // namespace

TEST(NotionConnector, EndsWithNotionsOwnViewAndFollowsItsChanges) {
  account at{1200};
  at.pull();
  at.expect_same();
  const auto after_first = at.io.requests;
  at.io.wait(20min);
  at.edit(at.ids[700]);
  at.create();
  at.trash(at.ids[5]);
  at.pull_later();
  at.expect_same();
  EXPECT_EQ(at.io.requests - after_first, 2u);
}

TEST(NotionConnector, ReadsEveryRowWhereAQueryAndASearchShowFew) {
  account at{400};
  at.sim.read_as().query_rows_max = 60;
  at.sim.read_as().search_results_max = 150;
  at.pull();
  std::vector<std::string> missing;
  at.space().each(at.io.now(), [&](const auto& page) {
    if (page.kind == parent_kind::data_source && !page.in_trash()
        && !at.io.records.contains(page.id))
      missing.push_back(page.id);
  });
  EXPECT_TRUE(missing.empty()) << missing.size();
}

TEST(NotionConnector, KeepsWhatIsNoLongerShared) {
  account at{50};
  at.pull();
  at.io.wait(1h);
  at.space().share(at.ids[0], false, at.io.now());
  at.space().purge(at.ids[1]);
  at.pull_later();
  at.pull(true);
  EXPECT_FALSE(at.io.records.at(at.ids[0]).deleted); // absence is no deletion
  EXPECT_FALSE(at.io.records.at(at.ids[1]).deleted);
}

TEST(NotionConnector, FindsAtTheNextEnumerationWhatWasSharedLate) {
  account at{50};
  at.space().share(at.ids[0], false, begin - 1min);
  at.pull();
  at.io.wait(1h);
  at.space().share(at.ids[0], true, at.io.now());
  at.pull_later();
  EXPECT_FALSE(at.io.records.contains(at.ids[0])); // its last edit is of long ago
  at.pull(true);
  at.expect_same();
}

TEST(NotionConnector, FindsATrashedPageWithinTheHourWhereItsTimeStays) {
  account at{50};
  at.space().trashing_moves_time = false; // the other reading of the sheet
  at.pull();
  at.io.wait(1min);
  at.trash(at.ids[0]);
  at.io.wait(notion::trash_every);
  at.pull();
  at.expect_same();
  at.trash(at.ids[0], false);
  at.io.wait(5min);
  at.pull(true);
  at.expect_same();
}

TEST(NotionConnector, SurvivesACursorThatEndsInTheMiddle) {
  for (const size_t call : {2u, 5u, 15u}) {
    account at{1200};
    at.io.before_call = [&] {
      if (at.io.requests == call)
        at.sim.admin("expire_cursors", "{}", at.io.now());
    };
    at.pull();
    at.expect_same();
  }
}

TEST(NotionConnector, HoldsInTheEndWhatTheWorkspaceHolds) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    account at{260, seed};
    at.space().trashing_moves_time = seed % 3 != 0;
    std::mt19937_64 random{seed};
    const auto below = [&](uint64_t n) { return random() % n; };
    const auto work = [&] {
      const auto& id = at.ids[below(at.ids.size())];
      const bool gone = at.space().find(id)->in_trash();
      const auto what = below(10);
      if (gone ? what < 3 : what < 2)
        at.trash(id, !gone);
      else if (!gone && what < 9)
        at.edit(id);
      else if (!gone)
        at.ids.push_back(at.create());
    };
    at.io.before_call = [&] {
      if (below(2) == 0)
        work();
    };
    if (seed % 2 == 0)
      at.io.killed_at_commit = [&] { return below(6) == 0; };
    for (unsigned polls = 0; polls < 10; ++polls) {
      at.pull(polls == 5);
      at.io.wait(polls % 3 == 0 ? 10s : 300s);
      work();
    }
    at.io.before_call = {};
    at.io.killed_at_commit = {};
    at.io.wait(notion::trash_every);
    at.pull(true); // what was restored shows its old time
    at.expect_same("seed " + std::to_string(seed) + ": ");
  }
}
