// Connectors that break, and how the supervisor starts them again.
#include "tests/support/broken_world.hpp"
#include "tests/support/full_disk.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineSupervisor : public broken_world {};

} // namespace

TEST_F(EngineSupervisor, StartsAgainAfterOneSecondDoublingAndRestsAtTheSixthTime) {
  boot();
  const auto id = connected();
  advance(20min);
  crash(id);
  advance(1s + 2s + 4s + 8s + 16s);
  EXPECT_EQ(crashes, (std::vector<milliseconds>{0s, 1s, 3s, 7s, 15s, 31s}));
  auto panel = status(id);
  EXPECT_EQ(panel.restarts, 5u);
  EXPECT_EQ(panel.next_step_at, wall_now() + 30min);
  EXPECT_EQ(told("connector_failing"), 1u);
  ASSERT_EQ(panel.incidents.size(), 1u);
  EXPECT_NE(panel.incidents[0].sentence.find("a planted defect"), std::string::npos);
  advance(30min - 1ms);
  EXPECT_EQ(crashes.size(), 6u);
  advance(1ms);
  EXPECT_EQ(crashes.size(), 7u) << "and every half hour";
  advance(30min);
  EXPECT_EQ(crashes.size(), 8u);
  EXPECT_EQ(told("connector_failing"), 1u);
}

TEST_F(EngineSupervisor, WaitsToTheMillisecondBeforeItStartsAgain) {
  boot();
  const auto id = connected();
  advance(20min);
  crash(id);
  for (const auto wait : {1s, 2s, 4s}) {
    const auto before = crashes.size();
    advance(wait - 1ms);
    EXPECT_EQ(crashes.size(), before);
    advance(1ms);
    EXPECT_EQ(crashes.size(), before + 1);
  }
}

TEST_F(EngineSupervisor, GoesOnWithAStreakJustBeforeTwoHealthyMinutes) {
  EXPECT_EQ(wait_after(2min - 1ms), 4s);
}

TEST_F(EngineSupervisor, ForgetsAStreakAfterTwoHealthyMinutes) {
  EXPECT_EQ(wait_after(2min), 1s);
}

TEST_F(EngineSupervisor, GoesOnFromTheCheckpointAndFetchesNothingTwice) {
  options.records = 450;
  boot();
  const auto id = add();
  size_t pages = 0;
  net->intercept = [&pages](const http_request& request) -> std::optional<http_answer> {
    if (request.method == "GET" && request.url.find("/objects/contacts") != std::string::npos
        && request.url.find("archived=true") == std::string::npos && ++pages == 3)
      throw std::runtime_error{"a planted defect"};
    return std::nullopt;
  };
  consent(id);
  advance(1min);
  EXPECT_EQ(status(id).restarts, 1u);
  EXPECT_EQ(status(id).records, 3 * options.records);
  for (const auto& [record, state] : hubspot().snapshot("contacts"))
    if (!state.archived) {
      EXPECT_EQ(hubspot().served("contacts", record), 1u) << record;
    }
}

TEST_F(EngineSupervisor, EndsTheIncidentAfterTwoHealthyMinutesNotAtTheFirstSync) {
  boot();
  const auto id = connected();
  advance(20min);
  crash(id, 6);
  EXPECT_TRUE(has_incident(id, "connector_failing"));
  net->intercept = {};
  EXPECT_TRUE(refresh(id));
  advance(2min - 1ms);
  EXPECT_EQ(status(id).state, "connected");
  EXPECT_TRUE(has_incident(id, "connector_failing")) << "two of three streams may hide the third";
  EXPECT_EQ(told("recovered"), 0u);
  advance(1ms);
  EXPECT_FALSE(has_incident(id, "connector_failing"));
  EXPECT_EQ(told("recovered"), 1u);
}

TEST_F(EngineSupervisor, DropsTheTimerOfAFailureThatAPersonOvertook) {
  boot();
  const auto id = connected();
  advance(20min);
  crash(id, 4);
  advance(500ms); // the next start is 7.5 s away
  EXPECT_TRUE(refresh(id));
  const auto asked = wall_now() - planted_at;
  advance(15s - 1ms);
  crashes.erase(crashes.begin(), crashes.begin() + 4);
  EXPECT_EQ(crashes, (std::vector<milliseconds>{asked, asked + 1s, asked + 3s, asked + 7s}));
}

TEST_F(EngineSupervisor, AsksNobodyToStartAgainBeforeItsTime) {
  boot();
  const auto id = connected();
  advance(20min);
  crash(id, 6);
  const auto why
      = ask<explanation>([&](auto done) { engine().explain(id, "contacts", "1", done); });
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, "connector_defect");
  status(id);
  EXPECT_TRUE(ask<std::vector<integration_status>>([&](auto done) { engine().list(done); }));
  EXPECT_EQ(crashes.size(), 6u) << "questions do not";
  EXPECT_TRUE(refresh(id));
  EXPECT_EQ(crashes.size(), 7u) << "Refresh does";
}

TEST_F(EngineSupervisor, SaysAllThereIsToSayOfAnIntegrationAtRest) {
  boot();
  const auto id = connected();
  const auto set_mode = [&](const char* mode) {
    EXPECT_TRUE(ask<void>([&](auto done) { engine().set_mode(id, mode, done); }));
  };
  advance(20min);
  set_mode("paused"); // so that the edit below waits
  const auto record = hubspot().snapshot("contacts").begin()->first;
  EXPECT_TRUE(ask<edit_receipt>(
      [&](auto done) { engine().put(id, "contacts", record, R"({"firstname":"Waits"})", done); }));
  const auto since = wall_now();
  plant_defect();
  set_mode("real_time");
  for (milliseconds wait = 1s; crashes.size() < 6 && wait < 32s; wait *= 2)
    advance(wait);
  ASSERT_EQ(crashes.size(), 6u);
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "reconnecting");
  EXPECT_EQ(panel.badge, "amber");
  EXPECT_EQ(panel.since, since);
  EXPECT_NE(panel.because.find("a planted defect"), std::string::npos);
  EXPECT_FALSE(panel.next_step.empty());
  ASSERT_TRUE(panel.last_error);
  EXPECT_EQ(panel.last_error->code, "connector_defect");
  EXPECT_EQ(panel.last_error->at, wall_now());
  EXPECT_EQ(panel.records, 3 * options.records);
  EXPECT_NE(panel.synced_at, wall_time{});
  EXPECT_EQ(panel.restarts, 5u);
  EXPECT_EQ(panel.pending_edits, 1u);
  EXPECT_EQ(panel.rejected_edits, 0u);
  EXPECT_EQ(panel.mode, "real_time");
  EXPECT_EQ(panel.conflict_rule, "last_write_wins");
}

TEST_F(EngineSupervisor, TriesAgainToReadARowThatCouldNotBeRead) {
  boot();
  const auto id = connected("acme-of-the-damaged-row");
  advance(20min);
  crash(id);
  net->intercept = {};
  turn_over("acme-of-the-damaged-row");
  advance(1s);
  EXPECT_EQ(status(id).state, "reconnecting");
  EXPECT_EQ(status(id).restarts, 0u);
  EXPECT_NE(status(id).because.find("damaged"), std::string::npos) << status(id).because;
  turn_over("acme-of-the-damaged-row");
  advance(2s - 1ms);
  EXPECT_EQ(status(id).restarts, 0u);
  advance(1ms);
  EXPECT_EQ(status(id).restarts, 1u);
  advance(1s);
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineSupervisor, ReleasesHeldDeletionsDuringARun) {
  boot();
  const auto id = connected();
  advance(1min);
  size_t gone = 0;
  for (const auto& [record, state] : hubspot().snapshot("contacts"))
    if (!state.archived && gone < 200) {
      hubspot().admin("erase", R"({"type":"contacts","id":")" + record + "\"}", wall_now());
      ++gone;
    }
  EXPECT_TRUE(refresh(id));
  advance(1min);
  ASSERT_TRUE(has_incident(id, "mass_delete_held"));
  const auto incidents = status(id).incidents;
  net->hold = true;
  EXPECT_TRUE(refresh(id));
  settle();
  EXPECT_TRUE(ask<void>([&](auto done) { engine().release(incidents[0].id, done); }));
  net->hold = false;
  while (net->held() > 0) {
    net->release();
    settle();
  }
  advance(1min);
  EXPECT_EQ(status(id).records, 3 * options.records - gone);
  EXPECT_EQ(told("connector_failing"), 0u);
  EXPECT_TRUE(status(id).incidents.empty());
}

TEST_F(EngineSupervisor, SurvivesAHostThatThrows) {
  configure = [this](engine_options& settings) {
    settings.on_notification = [this](const notification_row& row) {
      notifications.push_back(row);
      throw std::runtime_error{"the host's own defect"};
    };
  };
  boot();
  const auto id = add();
  engine().status(id, [](const result<integration_status>&) { throw std::runtime_error{"again"}; });
  settle();
  consent(id);
  EXPECT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
  net->intercept = [](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/objects/") == std::string::npos)
      return std::nullopt;
    return http_answer{http_response{429, R"({"status":"error"})", "application/json"}};
  };
  consent(id);
  advance(1h);
  EXPECT_GE(told("rate_limited"), 2u) << "the next one is told all the same";
  EXPECT_EQ(status(id).restarts, 0u);
  size_t lines = 0;
  for (const auto& line : log)
    lines += line.find("on_notification threw: the host's own defect") != std::string::npos;
  EXPECT_EQ(lines, 1u) << "once";
}

TEST_F(EngineSupervisor, MakesOneIntegrationOfTwoSignInsAtOnce) {
  boot();
  const auto first = connected();
  const auto second = add();
  EXPECT_NE(first, second);
  consent(second, hubspot().portal_at(1).login);
  // Both were asked about, and both sign in with the same third account.
  const auto to_third = [&](integration_id id) {
    return with_query(begin_consent(id), {{"login_hint", hubspot().portal_at(2).login}});
  };
  const auto one = to_third(first);
  const auto other = to_third(second);
  outcomes.clear();
  EXPECT_TRUE(follow_consent(*net, *listeners, one));
  EXPECT_TRUE(follow_consent(*net, *listeners, other));
  settle();
  ASSERT_EQ(outcomes.size(), 2u);
  ASSERT_TRUE(outcomes[0] && outcomes[1]);
  EXPECT_EQ(outcomes[0]->id, outcomes[1]->id);
  EXPECT_EQ(engine().data().integrations()->size(), 3u);
}

TEST_F(EngineSupervisor, KeepsItsModeWhenANewOneCannotBeStored) {
  boot();
  const auto id = connected();
  advance(1min);
  {
    const full_disk full{0};
    EXPECT_FALSE(ask<void>([&](auto done) { engine().set_mode(id, "paused", done); }));
  }
  EXPECT_EQ(status(id).mode, "real_time");
  net->clear_log();
  advance(6min);
  EXPECT_FALSE(net->log().empty()) << "it polls on";
  EXPECT_EQ(status(id).badge, "green");
}
