// The connector meets the simulator: its view must end as the mailbox's own, whatever people do
// behind its back and wherever it is killed.
#include "protocol/microsoft/provider.hpp"
#include "protocol/microsoft/simulator.hpp"
#include "protocol/microsoft/streams.hpp"
#include "protocol/simulation/observer.hpp"
#include "tests/support/simulated_io.hpp"

#include <random>
#include <vector>

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;
using simulation::observer;

namespace {

const wall_time begin = *parse_iso_time("2026-03-01T10:00:00Z");

simulation::simulator_options options_of(uint64_t seed, uint64_t records) {
  simulation::simulator_options options;
  options.seed = seed;
  options.records = records;
  return options;
}

struct account {
  explicit account(uint64_t records, uint64_t seed = 1)
      : sim(options_of(seed, records)), chance(seed), random(seed) {}

  void work(observer::deed what, std::string_view stream) {
    sim.people().act(what, stream, 0, chance, io.now());
  }
  /// Whatever people do, now and then.
  void work(std::string_view stream) {
    using enum observer::deed;
    constexpr observer::deed deeds[] = {create, edit, edit, edit, edit, remove, remove, restore};
    work(deeds[random() % std::size(deeds)], stream);
  }

  simulation::microsoft_simulator sim;
  simulated_io io{microsoft::provider(), sim, sim.api_base(), begin};
  simulation::seeded_random chance;
  std::mt19937_64 random;
};

class MicrosoftConnector : public ::testing::TestWithParam<const char*> {};

} // namespace

TEST_P(MicrosoftConnector, EndsWithTheMailboxsOwnViewAndFollowsItsChanges) {
  account at{300};
  const std::string_view stream = GetParam();
  at.io.pull(stream);
  at.io.expect_same(stream);
  for (unsigned i = 0; i < 8; ++i)
    at.work(stream);
  at.io.wait(5min);
  at.io.pull(stream);
  at.io.expect_same(stream);
  EXPECT_EQ(at.sim.quota().violations(), 0u);
}

TEST_P(MicrosoftConnector, ShowsADeletionAndARestorationAtTheNextPoll) {
  account at{30};
  const std::string_view stream = GetParam();
  at.io.pull(stream);
  const auto id = at.sim.holdings(stream, 0).begin()->first;
  at.sim.remove(stream, id, at.io.now());
  at.io.pull(stream);
  EXPECT_TRUE(at.io.records.at(id).deleted);
  at.sim.restore(stream, id, at.io.now());
  at.io.pull(stream);
  EXPECT_FALSE(at.io.records.at(id).deleted);
  at.io.expect_same(stream);
}

TEST_P(MicrosoftConnector, FindsByAnEnumerationWhatWentWhileItsLinksExpired) {
  for (const int status : {410, 404, 400}) {
    account at{220};
    const std::string_view stream = GetParam();
    at.sim.strict().expired_status = status;
    at.io.pull(stream);
    for (unsigned i = 0; i < 8; ++i)
      at.work(stream);
    at.sim.admin("expire_links", "{}", at.io.now());
    at.io.pull(stream);
    at.io.expect_same(stream, std::to_string(status) + ": ");
  }
}

TEST_P(MicrosoftConnector, SurvivesALinkThatEndsInTheMiddle) {
  account at{300};
  const std::string_view stream = GetParam();
  at.io.before_call = [&] {
    if (at.io.requests == 3)
      at.sim.admin("expire_links", "{}", at.io.now());
  };
  at.io.pull(stream);
  at.io.expect_same(stream);
}

TEST_P(MicrosoftConnector, TakesTheOtherReadingsOfTheSheetToo) {
  account at{220};
  const std::string_view stream = GetParam();
  at.sim.strict() = {false, false, false, 404};
  at.io.pull(stream);
  for (unsigned i = 0; i < 20; ++i)
    at.work(stream);
  at.io.pull(stream);
  at.io.expect_same(stream);
}

TEST_P(MicrosoftConnector, HoldsInTheEndWhatTheMailboxHolds) {
  const std::string_view stream = GetParam();
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    account at{210, seed};
    at.io.before_call = [&] {
      if (at.random() % 2 == 0)
        at.work(stream);
    };
    if (seed % 2 == 0)
      at.io.killed_at_commit = [&] { return at.random() % 6 == 0; };
    for (unsigned polls = 0; polls < 12; ++polls) {
      at.io.pull(stream, polls == 6);
      at.io.wait(polls % 3 == 0 ? 1s : 300s);
      at.work(stream);
    }
    at.io.before_call = {};
    at.io.killed_at_commit = {};
    at.io.pull(stream);
    at.io.pull(stream);
    at.io.expect_same(stream, "seed " + std::to_string(seed) + ": ");
  }
}

INSTANTIATE_TEST_SUITE_P(AgainstSimulator, MicrosoftConnector,
                         ::testing::Values("calendar_events", "contacts", "mail_messages"));

TEST(MicrosoftConnectorOfContacts, CostsOneRequestWithNothingNew) {
  account at{120};
  at.io.pull("contacts");
  const auto before = at.io.requests;
  at.io.pull("contacts");
  EXPECT_EQ(at.io.requests - before, 1u);
}

TEST(MicrosoftConnectorOfMail, SeesAMessageThroughFoldersOldNewAndGone) {
  account at{60};
  constexpr std::string_view stream = "mail_messages";
  at.io.pull(stream);
  const auto id = at.sim.create(stream, {{"subject", "\"S\""}}, at.io.now());
  at.io.pull(stream);
  at.sim.move(id, "archive", at.io.now());
  at.io.pull(stream);
  EXPECT_FALSE(at.io.records.at(id).deleted);
  const auto folder = at.sim.create_folder("Bids", "archive", at.io.now());
  at.sim.move(id, folder, at.io.now());
  at.io.pull(stream);
  EXPECT_FALSE(at.io.records.at(id).deleted);
  at.sim.remove_folder(folder, at.io.now());
  at.io.pull(stream);
  EXPECT_TRUE(at.io.records.at(id).deleted);
  at.io.expect_same(stream);
}

TEST(MicrosoftConnectorOfMail, FollowsAMoveMadeWhileItReads) {
  for (unsigned when = 1; when < 24; ++when) {
    account at{40};
    constexpr std::string_view stream = "mail_messages";
    const auto first = at.sim.create(stream, {{"subject", "\"1\""}}, at.io.now());
    const auto second = at.sim.create(stream, {{"subject", "\"2\""}}, at.io.now(), 0, "drafts");
    at.io.before_call = [&] {
      if (at.io.requests != when)
        return;
      at.sim.move(first, "drafts", at.io.now());
      at.sim.move(second, "inbox", at.io.now());
    };
    at.io.pull(stream);
    EXPECT_FALSE(at.io.records.at(first).deleted) << when;
    EXPECT_FALSE(at.io.records.at(second).deleted) << when;
    at.io.pull(stream);
    at.io.expect_same(stream, "before call " + std::to_string(when) + ": ");
  }
}

TEST(MicrosoftConnectorOfEvents, LetsTheWindowMoveOnAndKeepsWhatIsPast) {
  account at{40};
  constexpr std::string_view stream = "calendar_events";
  const auto at_time = [](wall_time time) {
    auto text = format_iso_seconds(time);
    text.pop_back();
    return R"({"dateTime":")" + text + R"(","timeZone":"UTC"})";
  };
  const auto far = begin + microsoft::window_ahead + 24h * 3;
  const auto id
      = at.sim.create(stream, {{"start", at_time(far)}, {"end", at_time(far + 1h)}}, at.io.now());
  at.io.pull(stream);
  EXPECT_FALSE(at.io.records.contains(id));
  const auto known = at.io.records.size();
  at.io.wait(microsoft::window_renewed_every - 24h);
  at.io.pull(stream);
  EXPECT_FALSE(at.io.records.contains(id));
  at.io.wait(24h);
  at.io.pull(stream);
  EXPECT_TRUE(at.io.records.contains(id));
  at.io.wait(24h * 700); // the first events are two years past
  at.io.pull(stream);
  at.io.expect_same(stream);
  EXPECT_EQ(at.io.records.size(), known + 1);
  at.io.wait(24h * 1200); // no longer window would be served
  at.io.pull(stream);
}
