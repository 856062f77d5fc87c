#include "actors/connection.hpp"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace nexte { // POSIX has a `signal` of its own
namespace {

std::vector<phase> all_phases() {
  std::vector<phase> all;
  for (int p = 0; p < phase_count; ++p)
    all.push_back(static_cast<phase>(p));
  return all;
}

} // namespace

TEST(Connection, HasAtMostOneRowPerPhaseAndSignal) {
  std::set<std::pair<phase, signal>> seen;
  for (const auto& row : transitions)
    EXPECT_TRUE(seen.insert({row.from, row.on}).second)
        << to_string(row.from) << " " << to_string(row.on);
}

TEST(Connection, ReachesEveryPhaseFromDisconnected) {
  std::set<phase> known{phase::disconnected};
  for (size_t before = 0; before != known.size();) {
    before = known.size();
    for (const auto& row : transitions)
      if (known.count(row.from))
        known.insert(row.to);
  }
  EXPECT_EQ(known.size(), size_t{phase_count});
}

TEST(Connection, ObeysAPersonInEveryPhase) {
  for (const auto at : all_phases()) {
    EXPECT_EQ(step(at, signal::stopped_by_person)->to, phase::disconnected) << to_string(at);
    EXPECT_EQ(step(at, signal::stopped_by_person)->then, effect::stop_sync) << to_string(at);
    EXPECT_EQ(step(at, signal::tokens_adopted)->to, phase::connected) << to_string(at);
    EXPECT_TRUE(step(at, signal::consent_begun)) << to_string(at);
  }
}

TEST(Connection, EndsEverySyncThatLosesItsToken) {
  for (const auto at : all_phases())
    if (at != phase::disconnected) {
      EXPECT_EQ(step(at, signal::token_refused)->to, phase::disconnected) << to_string(at);
      EXPECT_EQ(step(at, signal::token_refused)->then, effect::stop_sync) << to_string(at);
    }
}

TEST(Connection, StartsSyncOnlyWhereATokenIsAtHand) {
  for (const auto& row : transitions)
    if (row.then == effect::start_sync) {
      EXPECT_TRUE(row.on == signal::tokens_adopted || row.on == signal::defect);
      EXPECT_NE(row.to, phase::disconnected);
    }
}

TEST(Connection, LeavesEveryAmberPhaseBySuccess) {
  EXPECT_EQ(step(phase::rate_limited, signal::recovered)->to, phase::connected);
  EXPECT_EQ(step(phase::reconnecting, signal::recovered)->to, phase::connected);
}

TEST(Connection, WritesEachPhaseAsAWordItReadsBack) {
  for (const auto at : all_phases())
    EXPECT_EQ(parse_phase(to_string(at)), at);
  EXPECT_EQ(parse_phase("no such word"), phase::disconnected);
}

static_assert(!step(phase::disconnected, signal::recovered), "nothing runs while disconnected");
static_assert(!step(phase::disconnected, signal::call_limited));
static_assert(badge_of(phase::disconnected) == "red" && badge_of(phase::connected) == "green");

} // namespace nexte
