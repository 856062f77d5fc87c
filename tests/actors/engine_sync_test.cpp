// The main job, whole: consent, initial sync, changes, reconnect, disconnect, restart.
#include "tests/support/world_view.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

constexpr const char* streams[] = {"contacts", "companies", "deals"};
/// The search index trails by up to ten minutes, and a poll comes every five.
constexpr auto soon = 16min;

class EngineSync : public virtual_world {
protected:
  void expect_everything(integration_id id, size_t account = 0) {
    for (const auto* stream : streams)
      expect_same_records(engine().data(), id, stream, hubspot().snapshot(stream, account));
  }
  std::string first_record(const char* stream) {
    for (const auto& [id, state] : hubspot().snapshot(stream))
      if (!state.archived)
        return id;
    return {};
  }
  /// How often a live record was served at most; archived ones are looked at with every poll.
  uint32_t served_most(const char* stream) {
    uint32_t most = 0;
    for (const auto& [id, state] : hubspot().snapshot(stream))
      if (!state.archived)
        most = std::max(most, hubspot().served(stream, id));
    return most;
  }
  size_t calls_to(std::string_view path) {
    size_t count = 0;
    for (const auto& call : net->log())
      count += call.path.find(path) != std::string::npos;
    return count;
  }
};

} // namespace

TEST_F(EngineSync, BringsEveryRecordAfterConsent) {
  boot();
  const auto id = connected();
  advance(1min);
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "connected");
  EXPECT_EQ(panel.badge, "green");
  EXPECT_EQ(panel.records, 3 * options.records);
  for (const auto& stream : panel.streams) {
    EXPECT_TRUE(stream.verified) << stream.name;
    EXPECT_FALSE(stream.running) << stream.name;
  }
  expect_everything(id);
  ASSERT_EQ(outcomes.size(), 1u);
  ASSERT_TRUE(outcomes[0]);
  EXPECT_EQ(outcomes[0]->id, id);
  EXPECT_FALSE(outcomes[0]->other_account);
}

TEST_F(EngineSync, ServesEachRecordOnceInTheInitialSync) {
  boot();
  connected();
  advance(1s);
  for (const auto* stream : streams)
    EXPECT_EQ(served_most(stream), 1u) << stream;
}

TEST_F(EngineSync, BringsAnEditACreationAndAnArchive) {
  boot();
  const auto id = connected();
  advance(20min);
  const auto edited = first_record("contacts");
  hubspot().edit("contacts", edited, {{"firstname", "Zoë"}}, wall_now());
  const auto created = hubspot().create("companies", {{"name", "Nordwind"}}, wall_now());
  const auto archived = first_record("deals");
  hubspot().archive("deals", archived, wall_now());
  advance(soon);
  expect_everything(id);
  EXPECT_TRUE(*engine().data().record(id, "companies", created));
  EXPECT_TRUE((*engine().data().record(id, "deals", archived))->deleted);
}

TEST_F(EngineSync, PollsTheQuietStreamWithFewRequests) {
  boot();
  connected();
  advance(1h);
  net->clear_log();
  advance(1h);
  // An hour has 12 polls of 3 streams: a search and a look at the archived ones each, and now and
  // then a token.
  EXPECT_LE(net->log().size(), 12u * 3 * 3 + 4);
  EXPECT_GE(net->log().size(), 12u * 3);
}

TEST_F(EngineSync, RefreshesItsTokenBeforeItExpires) {
  boot();
  const auto id = connected();
  net->clear_log();
  advance(24min);
  EXPECT_EQ(calls_to("/token"), 0u);
  advance(6min); // a token lives 30 min and is renewed 5 min before its end, at the next poll
  EXPECT_EQ(calls_to("/token"), 1u);
  advance(5h);
  for (const auto& call : net->log())
    EXPECT_NE(call.status, 401) << call.path;
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineSync, DisconnectsWhenTheGrantIsRevokedAndReconnectsWithoutFetchingTwice) {
  boot();
  const auto id = connected();
  advance(20min);
  const auto most_before = served_most("contacts");
  hubspot().admin("revoke", "{}", wall_now());
  advance(35min);
  auto panel = status(id);
  EXPECT_EQ(panel.state, "disconnected");
  EXPECT_EQ(panel.badge, "red");
  EXPECT_FALSE(panel.next_step.empty());
  EXPECT_FALSE(panel.next_step_at);
  EXPECT_EQ(panel.records, 3 * options.records) << "the data stays";
  const auto asked_before = net->log().size();
  advance(1h);
  EXPECT_EQ(net->log().size(), asked_before) << "nothing is asked while disconnected";

  consent(id);
  advance(soon);
  panel = status(id);
  EXPECT_EQ(panel.id, id);
  EXPECT_EQ(panel.state, "connected");
  EXPECT_EQ(panel.records, 3 * options.records);
  EXPECT_EQ(served_most("contacts"), most_before);
  expect_everything(id);
}

TEST_F(EngineSync, GoesOnFromItsCheckpointAfterAStop) {
  options.records = 2000;
  boot();
  const auto id = connected();
  for (int i = 0; i < 5; ++i) // answers come one by one: the sync is cut off in the middle
    advance(1ms);
  net->hold = true;
  advance(1s);
  stop();
  net->hold = false;
  net->release();
  boot();
  advance(1min);
  expect_everything(id);
  EXPECT_LE(served_most("contacts"), 2u);
}

TEST_F(EngineSync, MakesAnotherAccountAnIntegrationOfItsOwn) {
  boot();
  const auto first = connected();
  advance(1min);
  const auto before = status(first);
  consent(first, hubspot().oauth().accounts()[1].login);
  advance(1min);
  ASSERT_EQ(outcomes.size(), 2u);
  ASSERT_TRUE(outcomes[1]);
  EXPECT_TRUE(outcomes[1]->other_account);
  const auto second = outcomes[1]->id;
  EXPECT_NE(second, first);
  EXPECT_EQ(status(first).state, "connected");
  EXPECT_EQ(status(first).account.id, before.account.id);
  EXPECT_NE(status(second).account.id, before.account.id);
  expect_everything(first, 0);
  expect_everything(second, 1);
}

TEST_F(EngineSync, RevokesAndErasesAtDisconnectAndKeepsTheData) {
  boot();
  const auto id = connected();
  advance(1min);
  net->clear_log();
  EXPECT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
  EXPECT_EQ(status(id).state, "disconnected");
  EXPECT_EQ(status(id).records, 3 * options.records);
  EXPECT_FALSE(*engine().data().tokens(id));
  ASSERT_EQ(net->log().size(), 1u);
  EXPECT_NE(net->log()[0].path.find("revoke"), std::string::npos);
  EXPECT_LT(net->log()[0].status, 300);
  advance(1h);
  EXPECT_EQ(net->log().size(), 1u);
}

TEST_F(EngineSync, PollsAsOftenAsTheHostSays) {
  options.search_lag = 1s;
  configure = [](engine_options& settings) { settings.providers[0].poll_every = 2s; };
  boot();
  const auto id = connected();
  advance(1min);
  const auto edited = first_record("contacts");
  hubspot().edit("contacts", edited, {{"firstname", "Zoë"}}, wall_now());
  const auto created = hubspot().create("contacts", {{"email", "new@north.example"}}, wall_now());
  advance(6s);
  expect_everything(id);
  EXPECT_TRUE(*engine().data().record(id, "contacts", created));
}
