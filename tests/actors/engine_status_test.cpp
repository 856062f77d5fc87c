// The `i` panel: each of its fields says what is so.
#include "tests/support/world_view.hpp"

#include "actors/policy/schedule.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineStatus : public virtual_world {
protected:
  stream_status contacts(integration_id id) {
    return status(id).streams.at(0);
  }
  void set_mode(integration_id id, const char* mode) {
    EXPECT_TRUE(ask<void>([&](auto done) { engine().set_mode(id, mode, done); }));
  }
  /// The provider's clock is off by this from now on.
  void shift_provider_clock(milliseconds by) {
    net->intercept = [this, by](const http_request& request) -> std::optional<http_answer> {
      auto response = hubspot().handle(request, wall_now());
      response.headers.set("Date", format_http_date(wall_now() + by));
      return http_answer{std::move(response)};
    };
  }
  size_t errors_with(integration_id id, std::string_view code) {
    const auto errors = engine().data().errors(id, errors_kept_max);
    EXPECT_TRUE(errors);
    return static_cast<size_t>(std::ranges::count(*errors, code, &error_entry::code));
  }
};

} // namespace

TEST_F(EngineStatus, SaysWhoIsConnectedSinceWhenAndWhatComesNext) {
  boot();
  const auto id = add();
  auto panel = status(id);
  EXPECT_EQ(panel.state, "disconnected");
  EXPECT_EQ(panel.badge, "red");
  EXPECT_EQ(panel.next_step, "Connect: sign in at HubSpot.");
  EXPECT_EQ(panel.mode, "real_time");
  const auto consented_at = wall_now();
  consent(id);
  advance(1min);
  panel = status(id);
  EXPECT_EQ(panel.id, id);
  EXPECT_EQ(panel.workspace.str(), "acme");
  EXPECT_EQ(panel.provider, "hubspot");
  EXPECT_EQ(panel.account.id, hubspot().oauth().accounts()[0].id);
  EXPECT_EQ(panel.state, "connected");
  EXPECT_EQ(panel.badge, "green");
  EXPECT_EQ(panel.since, consented_at);
  EXPECT_EQ(panel.code, "connected");
  EXPECT_NE(panel.because.find("Signed in as"), std::string::npos);
  EXPECT_FALSE(panel.next_step.empty());
  ASSERT_TRUE(panel.next_step_at);
  EXPECT_EQ(*panel.next_step_at, panel.streams[0].next_sync_at);
  EXPECT_EQ(std::ranges::count(panel.granted_scopes, "crm.objects.contacts.read"), 1);
  EXPECT_TRUE(panel.missing_scopes.empty());
  EXPECT_EQ(panel.restarts, 0u);
  EXPECT_TRUE(panel.incidents.empty());
  EXPECT_TRUE(panel.warnings.empty());
  EXPECT_FALSE(panel.last_error);
  EXPECT_GE(panel.history.size(), 2u);
}

TEST_F(EngineStatus, CountsRecordsPerStreamAndInAll) {
  boot();
  const auto id = connected();
  advance(1min);
  hubspot().archive("contacts", hubspot().snapshot("contacts").begin()->first, wall_now());
  advance(16min);
  const auto panel = status(id);
  EXPECT_EQ(panel.streams[0].records, options.records - 1);
  EXPECT_EQ(panel.streams[1].records, options.records);
  EXPECT_EQ(panel.streams[2].records, options.records);
  EXPECT_EQ(panel.records, 3 * options.records - 1);
}

TEST_F(EngineStatus, TellsTheLastSyncTheLastProofAndTheLastChangeApart) {
  boot();
  const auto id = connected();
  advance(20min);
  const auto quiet = contacts(id);
  EXPECT_TRUE(quiet.verified);
  EXPECT_EQ(quiet.verified_at, quiet.synced_at);
  EXPECT_LT(quiet.changed_at, quiet.synced_at) << "nothing changed since the first run";
  hubspot().create("contacts", {{"email", "new@north.example"}}, wall_now());
  advance(6min);
  const auto after = contacts(id);
  EXPECT_GT(after.changed_at, quiet.synced_at);
  net->intercept = [](const http_request&) -> std::optional<http_answer> {
    return http_answer{http_response{503, "{}", "application/json"}};
  };
  advance(30min);
  EXPECT_EQ(contacts(id).synced_at, after.synced_at) << "an unfinished run moves neither";
  EXPECT_EQ(contacts(id).verified_at, after.verified_at);
  EXPECT_EQ(status(id).synced_at, after.synced_at);
}

TEST_F(EngineStatus, KnowsAfterARestartWhatWasVerified) {
  boot();
  const auto id = connected();
  advance(1min);
  const auto before = contacts(id);
  stop();
  boot();
  const auto after = contacts(id);
  EXPECT_TRUE(after.verified);
  EXPECT_EQ(after.verified_at, before.verified_at);
  EXPECT_EQ(after.records, before.records);
  EXPECT_EQ(after.next_sync_at, before.next_sync_at);
}

TEST_F(EngineStatus, ShowsTheLastErrorWithTimeStreamCodeAndSentence) {
  boot();
  const auto id = connected();
  advance(1min);
  net->intercept = [](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/companies/search") == std::string::npos)
      return std::nullopt;
    return http_answer{http_response{400, R"({"category":"ODD"})", "application/json"}};
  };
  const auto due = status(id).streams[1].next_sync_at;
  advance(due - wall_now());
  const auto last = status(id).last_error;
  ASSERT_TRUE(last);
  EXPECT_EQ(last->at, due);
  EXPECT_EQ(last->stream, "companies");
  EXPECT_EQ(last->code, "refused");
  EXPECT_NE(last->sentence.find("ODD"), std::string::npos);
}

TEST_F(EngineStatus, ShowsTheQuotaUsedAndThatItIsFreeAgain) {
  boot();
  const auto id = connected();
  advance(1s);
  auto panel = status(id);
  EXPECT_GT(panel.quota_used, 0u);
  EXPECT_GE(panel.quota_limit, panel.quota_used);
  EXPECT_FALSE(panel.quota_back_at) << "nothing waits";
  advance(1min); // the window rolls ten seconds
  panel = status(id);
  EXPECT_EQ(panel.quota_used, 0u);
  EXPECT_GT(panel.quota_limit, 0u);
}

TEST_F(EngineStatus, ShowsWhenQuotaReturnsThatARequestWaitsFor) {
  configure = [](engine_options& settings) {
    settings.providers[0].quota
        = {{"SMALL", 3, 1h, counter_scope::account, "*", quota_unit::request, false}};
  };
  boot();
  const auto id = connected();
  const auto spent_at = wall_now();
  advance(1s);
  const auto panel = status(id);
  EXPECT_EQ(panel.quota_used, 3u);
  EXPECT_EQ(panel.quota_limit, 3u);
  ASSERT_TRUE(panel.quota_back_at);
  EXPECT_GE(*panel.quota_back_at, spent_at + 1h);
  EXPECT_LE(*panel.quota_back_at, spent_at + 1h + 1s);
}

TEST_F(EngineStatus, ShowsWhenARefusedRequestGoesAgain) {
  boot();
  const auto id = add();
  net->intercept = [](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/objects/") == std::string::npos)
      return std::nullopt;
    http_response refusal{429, R"({"status":"error","errorType":"RATE_LIMIT"})",
                          "application/json"};
    refusal.headers.set("Retry-After", "90");
    return http_answer{refusal};
  };
  consent(id);
  const auto refused_at = wall_now();
  advance(1s);
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "rate_limited");
  ASSERT_TRUE(panel.quota_back_at);
  EXPECT_EQ(*panel.quota_back_at, refused_at + 90s);
}

TEST_F(EngineStatus, SaysWhatToDoAboutAClockThatIsWrong) {
  boot();
  const auto id = connected();
  advance(1min);
  shift_provider_clock(5min);
  advance(6min);
  EXPECT_TRUE(status(id).warnings.empty()) << "five minutes are borne";
  shift_provider_clock(12min);
  advance(6min);
  auto panel = status(id);
  EXPECT_LE(std::chrono::abs(panel.clock_skew - 12min), 1s) << "a Date has whole seconds";
  ASSERT_EQ(panel.warnings.size(), 1u);
  EXPECT_EQ(panel.warnings[0].find("This computer's clock is 12 minutes behind HubSpot's: set it"),
            0u)
      << panel.warnings[0];
  advance(1h);
  EXPECT_EQ(errors_with(id, "clock_skew"), 1u) << "told once";
  shift_provider_clock(-12min);
  advance(6min);
  EXPECT_NE(status(id).warnings.at(0).find("12 minutes ahead of"), std::string::npos);
  shift_provider_clock(0min);
  advance(6min);
  panel = status(id);
  EXPECT_TRUE(panel.warnings.empty());
  EXPECT_LE(std::chrono::abs(panel.clock_skew), 1s);
}

TEST_F(EngineStatus, SaysHowToLeaveTheRedStateBesideWhyItIsIn) {
  boot();
  const auto id = connected();
  hubspot().admin("revoke", "{}", wall_now());
  advance(35min);
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "disconnected");
  EXPECT_EQ(panel.next_step, "Reconnect: sign in at HubSpot again.");
  EXPECT_NE(panel.next_step, panel.because);
  for (const auto& stream : panel.streams)
    EXPECT_EQ(stream.next_sync_at, wall_time{}) << stream.name;
}

TEST_F(EngineStatus, PollsAtTheTimesThatItShows) {
  for (const auto* mode : {"real_time", "hourly"}) {
    SCOPED_TRACE(mode);
    boot();
    const auto id = connected(mode);
    advance(1min);
    set_mode(id, mode); // polls at once: it may have been long
    advance(2min);
    const auto every = mode == std::string_view{"hourly"} ? milliseconds{1h} : milliseconds{5min};
    auto due = contacts(id).next_sync_at;
    EXPECT_LE(due - wall_now(), every);
    for (int turn = 0; turn < 3; ++turn) {
      net->clear_log();
      advance(due - wall_now() - 1ms);
      EXPECT_TRUE(net->log().empty());
      advance(1ms);
      EXPECT_FALSE(net->log().empty());
      advance(1s);
      EXPECT_EQ(contacts(id).next_sync_at, due + every);
      due += every;
    }
    EXPECT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
    stop();
  }
}

TEST_F(EngineStatus, SpreadsTheStartTimesOfAFleetByTheirIds) {
  boot();
  std::vector<wall_time> times;
  for (int i = 0; i < 12; ++i) {
    const auto id = connected("w" + std::to_string(i));
    advance(10s);
    const auto shown = contacts(id).next_sync_at;
    EXPECT_EQ(shown, next_poll_at(id, "real_time", 300s, wall_now(), wall_now()));
    times.push_back(wall_time{(shown.time_since_epoch()) % 5min});
  }
  std::ranges::sort(times);
  EXPECT_TRUE(std::ranges::adjacent_find(times) == times.end()) << "no two in the same moment";
  EXPECT_GT(times.back() - times.front(), 2min);
}
