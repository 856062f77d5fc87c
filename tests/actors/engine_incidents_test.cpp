// Incidents and notifications: one per problem and stage, durable, told at least once.
#include "protocol/hubspot/quota.hpp"
#include "tests/support/full_disk.hpp"
#include "tests/support/virtual_world.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineIncidents : public virtual_world {
protected:
  EngineIncidents() {
    options.records = 25;
    configure = [this](engine_options& settings) { data_dir = settings.data_dir; };
  }
  void refuse_for_quota() {
    net->intercept = [](const http_request& request) -> std::optional<http_answer> {
      if (request.url.find("/objects/") == std::string::npos)
        return std::nullopt;
      return http_answer{
          http_response{429,
                        R"({"status":"error","message":"You have reached your limit.",)"
                        R"("errorType":"RATE_LIMIT","correlationId":"c"})",
                        "application/json"}};
    };
  }
  void end_sign_in(integration_id id) {
    hubspot().admin("revoke", "{}", wall_now());
    EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
    EXPECT_EQ(status(id).state, "disconnected");
  }
  std::vector<notification_row> told(std::string_view kind) {
    std::vector<notification_row> some;
    std::ranges::copy_if(notifications, std::back_inserter(some),
                         [kind](const auto& one) { return one.kind == kind; });
    return some;
  }
  std::optional<incident_row> incident(integration_id id, std::string_view kind) {
    for (auto& one : status(id).incidents)
      if (one.kind == kind)
        return one;
    return std::nullopt;
  }
  /// Moves time to `age` after `opened_at`.
  void advance_to(wall_time opened_at, milliseconds age) {
    advance(opened_at + age - wall_now());
  }

  /// What the process would have left, had it ended a moment earlier. @pre it has stopped
  void write_as_stopped(const std::vector<store_write>& writes) {
    store_options where;
    where.directory = data_dir;
    const auto opened = store::open(std::move(where), secret{std::string(32, 'k')});
    ASSERT_TRUE(opened) << opened.failure().line();
    const auto written = (*opened)->commit(writes, wall_now());
    ASSERT_TRUE(written);
    for (const auto& outcome : *written)
      EXPECT_TRUE(outcome) << outcome.failure().line();
  }

  std::filesystem::path data_dir;
};

bool says(const notification_row& one, std::string_view words) {
  return one.next_step.find(words) != std::string::npos;
}

} // namespace

TEST_F(EngineIncidents, RiseWithAgeAndSayWhatEachStageOwes) {
  boot();
  const auto id = add();
  refuse_for_quota();
  consent(id);
  const auto opened = incident(id, "rate_limited");
  ASSERT_TRUE(opened);
  const auto opened_at = opened->opened_at;
  const struct {
    milliseconds age;
    std::string_view owed;
  } stages[] = {
      {0min, "by itself, usually in 5 to 15 minutes"},
      {15min, "hourly mode"},
      {1h, hubspot::quota_dashboard},
      {4h, "Contact support and attach the error log"},
  };
  for (size_t stage = 0; stage < std::size(stages); ++stage) {
    if (stage > 0) {
      advance_to(opened_at, stages[stage].age - 1ms);
      EXPECT_EQ(incident(id, "rate_limited")->stage, stage - 1);
      ASSERT_EQ(told("rate_limited").size(), stage);
      advance(1ms);
    }
    const auto stands = incident(id, "rate_limited");
    ASSERT_TRUE(stands);
    EXPECT_EQ(stands->stage, stage);
    EXPECT_EQ(stands->id, opened->id) << "updated, not repeated";
    EXPECT_EQ(stands->staged_at, opened_at + stages[stage].age);
    ASSERT_EQ(told("rate_limited").size(), stage + 1);
    const auto latest = told("rate_limited").back();
    EXPECT_EQ(latest.stage, stage);
    EXPECT_EQ(latest.incident, opened->id);
    EXPECT_TRUE(latest.sentence.starts_with("Too many requests")) << latest.sentence;
    EXPECT_TRUE(says(latest, stages[stage].owed)) << latest.next_step;
    EXPECT_EQ(stands->next_step, latest.next_step);
  }
  advance(12h);
  EXPECT_EQ(told("rate_limited").size(), std::size(stages)) << "one per stage, not per refusal";
}

TEST_F(EngineIncidents, CloseOnASuccessWhichIsTold) {
  boot();
  const auto id = add();
  refuse_for_quota();
  consent(id);
  advance(20min);
  EXPECT_TRUE(told("recovered").empty());
  net->intercept = {};
  advance(32s);
  EXPECT_FALSE(incident(id, "rate_limited"));
  const auto about = told("rate_limited")[0].incident;
  const auto recoveries = [&] {
    const auto all = told("recovered");
    return std::ranges::count(all, about, &notification_row::incident);
  };
  EXPECT_EQ(recoveries(), 1);
  const auto stored = engine().data().incident(about);
  ASSERT_TRUE(stored && *stored);
  EXPECT_TRUE((*stored)->closed_at);
  advance(5h);
  EXPECT_EQ(told("rate_limited").size(), 2u) << "what is closed rises no further";
  EXPECT_EQ(recoveries(), 1);
}

TEST_F(EngineIncidents, AreAnotherAfterTheyWereClosed) {
  boot();
  const auto id = add();
  for (size_t round = 1; round <= 2; ++round) {
    refuse_for_quota();
    if (round == 1)
      consent(id);
    advance(6min);
    EXPECT_EQ(told("rate_limited").size(), round);
    net->intercept = {};
    advance(1min);
    EXPECT_EQ(told("recovered").size(), round);
  }
  EXPECT_NE(told("rate_limited")[0].incident, told("rate_limited")[1].incident);
}

TEST_F(EngineIncidents, TellOfALostSignInAndOfItsReturn) {
  boot();
  const auto id = connected();
  advance(1min);
  end_sign_in(id);
  ASSERT_EQ(told("disconnected").size(), 1u);
  EXPECT_TRUE(says(told("disconnected")[0], "Press Reconnect"));
  EXPECT_EQ(told("disconnected")[0].integration, id);
  advance(24h);
  EXPECT_EQ(told("disconnected").size(), 1u);
  EXPECT_TRUE(told("recovered").empty());
  consent(id);
  EXPECT_EQ(told("recovered").size(), 1u);
  EXPECT_FALSE(incident(id, "disconnected"));
}

TEST_F(EngineIncidents, DoNotAgeWhileAPersonPausesTheIntegration) {
  boot();
  const auto id = connected();
  refuse_for_quota();
  advance(10min);
  ASSERT_TRUE(incident(id, "rate_limited"));
  EXPECT_TRUE(ask<void>([&](auto done) { engine().set_mode(id, "paused", done); }));
  EXPECT_FALSE(incident(id, "rate_limited"));
  advance(5h);
  EXPECT_EQ(told("rate_limited").size(), 1u);
  EXPECT_TRUE(told("recovered").empty()) << "nothing proved that it is over";
  EXPECT_TRUE(ask<void>([&](auto done) { engine().set_mode(id, "real_time", done); }));
  EXPECT_EQ(incident(id, "rate_limited")->stage, 0u) << "it begins anew";
}

TEST_F(EngineIncidents, AreToldAgainAtTheNextStartUntilAcknowledged) {
  boot();
  const auto id = connected();
  advance(1min);
  end_sign_in(id);
  const auto first = told("disconnected").at(0).id;
  for (int start = 0; start < 2; ++start) {
    stop();
    notifications.clear();
    boot();
    ASSERT_EQ(told("disconnected").size(), 1u);
    EXPECT_EQ(told("disconnected")[0].id, first);
  }
  EXPECT_TRUE(ask<void>([&](auto done) { engine().acknowledge(first, done); }));
  EXPECT_FALSE(ask<void>([&](auto done) { engine().acknowledge(first, done); }));
  stop();
  notifications.clear();
  boot();
  EXPECT_TRUE(notifications.empty());
  EXPECT_TRUE(incident(id, "disconnected")) << "acknowledged is not over";
}

TEST_F(EngineIncidents, RiseAtTheNextStartByTheTimeThatPassedMeanwhile) {
  boot();
  const auto id = add();
  refuse_for_quota();
  consent(id);
  advance(1min);
  stop();
  wall_jump += 2h;
  boot();
  EXPECT_EQ(incident(id, "rate_limited")->stage, 2u);
  ASSERT_FALSE(told("rate_limited").empty());
  EXPECT_EQ(told("rate_limited").back().stage, 2u);
}

TEST_F(EngineIncidents, AreStoredAndToldOnceTheDiskTakesThemAgain) {
  boot();
  const auto id = connected();
  advance(1min);
  {
    const full_disk full{0};
    refuse_for_quota();
    advance(22min); // a renewal of the sign-in would need the disk
    ASSERT_EQ(status(id).state, "rate_limited");
    EXPECT_TRUE(notifications.empty()) << "nothing is told that is not durable";
    EXPECT_FALSE(incident(id, "rate_limited"));
  }
  advance(32s);
  const auto all = told("rate_limited");
  ASSERT_EQ(all.size(), 2u) << "at once, and after 15 minutes";
  for (unsigned stage = 0; stage < all.size(); ++stage) {
    EXPECT_EQ(all[stage].stage, stage);
    EXPECT_EQ(all[stage].incident, all[0].incident);
  }
  ASSERT_TRUE(incident(id, "rate_limited"));
  EXPECT_EQ(incident(id, "rate_limited")->stage, 1u);
}

TEST_F(EngineIncidents, ThatCameAndWentWhileTheDiskWasFullAreNotTold) {
  boot();
  const auto id = connected();
  advance(1min);
  {
    const full_disk full{0};
    refuse_for_quota();
    advance(6min);
    ASSERT_EQ(status(id).state, "rate_limited");
    net->intercept = {};
    advance(1min);
    ASSERT_EQ(status(id).state, "connected");
  }
  advance(10min);
  EXPECT_TRUE(told("rate_limited").empty());
  EXPECT_EQ(told("recovered").size(), told("connector_failing").size()) << "of the full disk alone";
  EXPECT_TRUE(status(id).incidents.empty());
}

TEST_F(EngineIncidents, AreToldAfterACrashBetweenTheStepAndTheNews) {
  boot();
  const auto id = connected();
  advance(1min);
  end_sign_in(id);
  stop();
  write_as_stopped(
      {close_incident{id, "disconnected", {}, {}}, acknowledge{told("disconnected").at(0).id}});
  notifications.clear();
  boot();
  EXPECT_EQ(told("disconnected").size(), 1u);
  EXPECT_TRUE(incident(id, "disconnected"));

  consent(id);
  refuse_for_quota();
  advance(6min);
  ASSERT_EQ(status(id).state, "rate_limited");
  stop();
  write_as_stopped(
      {close_incident{id, "rate_limited", {}, {}}, acknowledge{told("rate_limited").at(0).id}});
  notifications.clear();
  boot();
  EXPECT_EQ(told("rate_limited").size(), 1u);
  EXPECT_TRUE(incident(id, "rate_limited"));
}

TEST_F(EngineIncidents, AreClosedAfterACrashBetweenTheStepAndTheNews) {
  boot();
  const auto id = connected();
  advance(6min);
  stop();
  incident_row left;
  left.integration = id;
  std::vector<store_write> open;
  for (const auto* kind : {"disconnected", "rate_limited"}) {
    left.kind = kind;
    left.sentence = std::string{kind} + " it was.";
    open.emplace_back(put_incident{left, {}});
  }
  write_as_stopped(open);
  boot();
  EXPECT_TRUE(status(id).incidents.empty());
  EXPECT_EQ(told("recovered").size(), 2u);
}
