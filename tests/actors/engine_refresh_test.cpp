// Modes, Refresh, explain, and what the panel says meanwhile.
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
  explanation explain(integration_id id, const std::string& stream, const std::string& record) {
    auto why = ask<explanation>([&](auto done) { engine().explain(id, stream, record, done); });
    EXPECT_TRUE(why) << why.failure().line();
    return why ? *std::move(why) : explanation{};
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

TEST_F(EngineRefresh, KeepsExistingDataVisibleThroughout) {
  options.records = 1000;
  boot();
  const auto id = connected();
  advance(1min);
  ASSERT_EQ(status(id).records, 3 * options.records);
  net->hold = true;
  refresh(id);
  size_t steps = 0;
  while (net->held() > 0 && ++steps < 200) {
    EXPECT_EQ(status(id).records, 3 * options.records);
    net->release();
    advance(100ms);
  }
  net->hold = false;
  EXPECT_LT(steps, 200u);
  EXPECT_GE(steps, 10u);
  EXPECT_EQ(status(id).records, 3 * options.records);
}

TEST_F(EngineRefresh, IsRefusedWhileDisconnected) {
  boot();
  const auto id = add();
  const auto done = ask<void>([&](auto heard) { engine().refresh(id, heard); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.failure().code, ec::unauthorized);
  EXPECT_EQ(status(id).next_step.find("Connect"), 0u);
}

TEST_F(EngineRefresh, ExplainsWhyARecordIsOrIsNotHere) {
  boot();
  const auto id = add();
  const auto record = first_contact();
  EXPECT_EQ(explain(id, "contacts", record).code, "disconnected");
  EXPECT_EQ(explain(id, "invoices", record).code, "unknown_stream");
  consent(id);
  advance(1min);
  EXPECT_EQ(explain(id, "contacts", record).code, "synced");
  EXPECT_EQ(explain(id, "contacts", "1").code, "not_shown_by_provider");
  EXPECT_FALSE(explain(id, "contacts", "1").evidence.empty());
  hubspot().archive("contacts", record, wall_now());
  advance(16min);
  EXPECT_EQ(explain(id, "contacts", record).code, "archived_at_provider");
  set_mode(id, "paused");
  EXPECT_EQ(explain(id, "contacts", "1").code, "paused");
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
