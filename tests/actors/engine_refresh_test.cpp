// Modes, Refresh, and what the panel says meanwhile.
#include "tests/support/world_view.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineRefresh : public virtual_world {
protected:
  void refresh(integration_id id) {
    const auto done = ask<void>([&](auto heard) { engine().refresh(id, heard); });
    EXPECT_TRUE(done) << done.failure().line();
  }
  void set_mode(integration_id id, const char* mode) {
    EXPECT_TRUE(ask<void>([&](auto done) { engine().set_mode(id, mode, done); }));
  }
  /// Counts the calls that list live records from now on.
  void count_lists() {
    lists = 0;
    net->intercept = [this](const http_request& request) -> std::optional<http_answer> {
      lists += request.url.find("/objects/") != std::string::npos
               && request.url.find("/search") == std::string::npos
               && request.url.find("archived=true") == std::string::npos;
      return std::nullopt;
    };
  }
  size_t lists = 0;

  std::map<std::string, std::string> live_contacts(integration_id id) {
    std::map<std::string, std::string> live;
    const auto rows = engine().data().records(id, "contacts", {}, ~size_t{0});
    EXPECT_TRUE(rows);
    for (const auto& row : *rows)
      if (!row.deleted)
        live.emplace(row.id, row.body);
    return live;
  }
  std::string first_contact() {
    for (const auto& [id, state] : hubspot().snapshot("contacts"))
      if (!state.archived)
        return id;
    return {};
  }
};

} // namespace

TEST_F(EngineRefresh, RunsOnceWhilePausedAndRestsAgain) {
  boot();
  const auto id = connected();
  advance(20min);
  set_mode(id, "paused");
  const auto record = first_contact();
  hubspot().edit("contacts", record, {{"firstname", "Paused"}}, wall_now());
  net->clear_log();
  refresh(id);
  advance(1min);
  EXPECT_NE((*engine().data().record(id, "contacts", record))->body.find("Paused"),
            std::string::npos);
  EXPECT_EQ(status(id).mode, "paused");
  net->clear_log();
  advance(3h);
  EXPECT_TRUE(net->log().empty());
}

TEST_F(EngineRefresh, WaitsWhilePausedWhereAStopCutItOff) {
  boot();
  const auto id = connected();
  advance(20min);
  set_mode(id, "paused");
  const auto record = first_contact();
  hubspot().edit("contacts", record, {{"firstname", "Quietly"}}, wall_now(), 0, true);
  net->hold = true;
  refresh(id);
  net->release(); // the first pages
  settle();
  stop();
  net->hold = false;
  boot();
  net->clear_log();
  advance(3h);
  EXPECT_TRUE(net->log().empty()) << "nobody asked since the start";
  EXPECT_NE(status(id).next_step.find("Paused"), std::string::npos);
  set_mode(id, "real_time");
  advance(1min);
  EXPECT_NE((*engine().data().record(id, "contacts", record))->body.find("Quietly"),
            std::string::npos)
      << "it is finished then";
  expect_same_records(engine().data(), id, "contacts", hubspot().snapshot("contacts"));
  net->release();
}

TEST_F(EngineRefresh, SaysInEveryStateThatItIsPaused) {
  boot();
  const auto id = connected();
  advance(1min);
  net->intercept = [](const http_request&) -> std::optional<http_answer> {
    return http_answer{
        http_response{429, R"({"status":"error","errorType":"RATE_LIMIT"})", "application/json"}};
  };
  advance(6min);
  ASSERT_EQ(status(id).state, "rate_limited");
  set_mode(id, "paused");
  advance(1h);
  const auto panel = status(id);
  EXPECT_NE(panel.next_step.find("Paused"), std::string::npos) << panel.next_step;
  EXPECT_FALSE(panel.next_step_at) << "nothing happens by itself";
  for (const auto& stream : panel.streams)
    EXPECT_EQ(stream.next_sync_at, wall_time{}) << stream.name;
}

TEST_F(EngineRefresh, PollsOnceAnHourInTheHourlyMode) {
  boot();
  const auto id = connected();
  advance(1min);
  set_mode(id, "hourly");
  advance(2h);
  net->clear_log();
  advance(4h);
  size_t searches = 0;
  for (const auto& call : net->log())
    searches += call.path.find("/contacts/search") != std::string::npos;
  EXPECT_EQ(searches, 4u);
}

TEST_F(EngineRefresh, IsNotNeededForNewDataOlderThanFiveMinutes) {
  options.search_lag = 0s;
  boot();
  const auto id = connected();
  advance(status(id).streams[0].next_sync_at - wall_now() + 1s); // just after a poll
  const auto created = hubspot().create("contacts", {{"email", "new@north.example"}}, wall_now());
  advance(5min - 1s - 1ms);
  EXPECT_FALSE(*engine().data().record(id, "contacts", created));
  advance(1ms);
  EXPECT_TRUE(*engine().data().record(id, "contacts", created));
}

TEST_F(EngineRefresh, KeepsEachRecordVisibleThroughout) {
  options.records = 1000;
  boot();
  const auto id = connected();
  advance(1min);
  const auto before = live_contacts(id);
  ASSERT_EQ(before.size(), options.records);
  net->hold = true;
  refresh(id);
  size_t steps = 0;
  while (net->held() > 0 && ++steps < 200) {
    EXPECT_EQ(live_contacts(id), before);
    EXPECT_EQ(status(id).records, 3 * options.records);
    net->release();
    advance(100ms);
  }
  net->hold = false;
  EXPECT_LT(steps, 200u);
  EXPECT_GE(steps, 10u);
  EXPECT_EQ(live_contacts(id), before);
}

TEST_F(EngineRefresh, StartsAtOnceWhateverTheModeAndOnce) {
  for (const auto* mode : {"real_time", "hourly", "paused"}) {
    SCOPED_TRACE(mode);
    boot();
    const auto id = connected(mode);
    advance(1min);
    set_mode(id, mode);
    advance(1min);
    count_lists();
    refresh(id);
    EXPECT_EQ(lists, 3u * 3) << "each stream's 250 records in three pages, in the same moment";
    advance(2h);
    EXPECT_EQ(lists, 3u * 3) << "and not again";
    EXPECT_EQ(status(id).mode, mode);
    EXPECT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
    stop();
  }
}

TEST_F(EngineRefresh, RepairsWhatTheFeedOfChangesMissed) {
  boot();
  const auto id = connected();
  advance(20min);
  auto records = hubspot().snapshot("contacts");
  const auto edited = records.begin()->first;
  const auto gone = std::next(records.begin())->first;
  hubspot().edit("contacts", edited, {{"firstname", "Quietly"}}, wall_now(), 0, true);
  hubspot().admin("erase", R"({"type":"contacts","id":")" + gone + "\"}", wall_now());
  advance(1h);
  const auto row
      = [&](const std::string& record) { return **engine().data().record(id, "contacts", record); };
  EXPECT_EQ(row(edited).body.find("Quietly"), std::string::npos) << "increments cannot see it";
  EXPECT_FALSE(row(gone).deleted);
  refresh(id);
  advance(10s);
  EXPECT_NE(row(edited).body.find("Quietly"), std::string::npos);
  EXPECT_TRUE(row(gone).deleted);
  expect_same_records(engine().data(), id, "contacts", hubspot().snapshot("contacts"));
}

TEST_F(EngineRefresh, HappensByItselfEvery24Hours) {
  boot();
  const auto id = connected();
  const auto enumerated_at = engine().data().stream(id, "contacts")->enumerated_at;
  advance(1min);
  const auto record = first_contact();
  hubspot().edit("contacts", record, {{"firstname", "Quietly"}}, wall_now(), 0, true);
  count_lists();
  advance(enumerated_at + 24h - 1ms - wall_now());
  EXPECT_EQ(lists, 0u);
  advance(5min); // with the next poll
  EXPECT_EQ(lists, 3u * 3);
  EXPECT_NE((*engine().data().record(id, "contacts", record))->body.find("Quietly"),
            std::string::npos);
}

TEST_F(EngineRefresh, OvertakesTheBackgroundOfOtherWorkspaces) {
  configure = [](engine_options& settings) {
    settings.providers[0].quota
        = {{"SMALL", 5, 1s, counter_scope::app, "*", quota_unit::request, false}};
  };
  options.records = 2000;
  options.accounts = 1;
  boot();
  const auto mine = connected("mine");
  advance(1min);
  set_mode(mine, "paused");
  for (int i = 0; i < 10; ++i)
    connected("w" + std::to_string(i));
  advance(3s); // thirty requests stand in line for five a second
  const auto token = (*engine().data().tokens(mine))->access_token;
  const auto bearer = "Bearer " + std::string{token.reveal()};
  std::vector<bool> sent_for_me;
  net->intercept = [&](const http_request& request) -> std::optional<http_answer> {
    sent_for_me.push_back(request.headers.get("Authorization") == bearer);
    return std::nullopt;
  };
  refresh(mine);
  advance(5s);
  ASSERT_GE(sent_for_me.size(), 20u);
  const auto share = std::ranges::count(sent_for_me, true);
  EXPECT_GE(share * 2, static_cast<long>(sent_for_me.size()))
      << "its three streams each time; an eleventh of all would be its turn in the background";
  EXPECT_LT(share, static_cast<long>(sent_for_me.size())) << "the others do not starve";
}

TEST_F(EngineRefresh, HastensTheRunThatIsUnderWay) {
  configure = [](engine_options& settings) {
    settings.providers[0].quota
        = {{"SMALL", 5, 1s, counter_scope::app, "*", quota_unit::request, false}};
  };
  options.records = 2000;
  boot();
  std::vector<integration_id> ids;
  for (int i = 0; i < 10; ++i)
    ids.push_back(connected("w" + std::to_string(i)));
  advance(3s);
  const auto before = status(ids[9]).records;
  refresh(ids[9]);
  advance(4s);
  EXPECT_GE(status(ids[9]).records, before + 1000) << "in turn it would have got two pages";
}

TEST_F(EngineRefresh, IsRefusedWhileDisconnected) {
  boot();
  const auto id = add();
  const auto done = ask<void>([&](auto heard) { engine().refresh(id, heard); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.failure().code, ec::unauthorized);
  EXPECT_EQ(status(id).next_step.find("Connect"), 0u);
}

TEST_F(EngineRefresh, ShowsTheLastErrorAcrossAStop) {
  boot();
  const auto id = connected();
  hubspot().admin("revoke", "{}", wall_now());
  advance(35min);
  const auto before = status(id).last_error;
  ASSERT_TRUE(before);
  stop();
  boot();
  const auto after = status(id).last_error;
  ASSERT_TRUE(after);
  EXPECT_EQ(after->code, before->code);
  EXPECT_EQ(after->sentence, before->sentence);
  EXPECT_EQ(after->at, before->at);
}
