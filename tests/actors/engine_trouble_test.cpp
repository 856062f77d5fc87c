// What goes wrong between an account and us, and how it ends: quota, consent, permissions, defects.
#include "tests/support/world_view.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineTrouble : public virtual_world {
protected:
  /// The times, since `from`, at which calls to a path containing `part` went out.
  std::vector<milliseconds> times_of(std::string_view part, wall_time from) {
    std::vector<milliseconds> times;
    for (const auto& call : net->log())
      if (call.path.find(part) != std::string::npos)
        times.push_back(call.at - from);
    return times;
  }
  /// From now on every call to contacts is refused, `fields` added to the answer.
  void refuse_contacts(http_response refusal) {
    net->intercept = [refusal](const http_request& request) -> std::optional<http_answer> {
      if (request.url.find("/objects/contacts") == std::string::npos)
        return std::nullopt;
      return http_answer{refusal};
    };
  }
  static http_response too_many() {
    return {429,
            R"({"status":"error","message":"You have reached your ten_secondly_rolling limit.",)"
            R"("errorType":"RATE_LIMIT","correlationId":"c","policyName":"SECONDLY"})",
            "application/json"};
  }
  size_t told(std::string_view kind) {
    size_t count = 0;
    for (const auto& one : notifications)
      count += one.kind == kind;
    return count;
  }
};

} // namespace

TEST_F(EngineTrouble, ClimbsTheLadderOf429sAndKeepsTheRequest) {
  boot();
  const auto id = add();
  refuse_contacts(too_many());
  const auto from = wall_now();
  consent(id);
  advance(1s + 2s + 4s + 8s + 16s + 32s - 1ms);
  EXPECT_EQ(times_of("/objects/contacts", from),
            (std::vector<milliseconds>{0s, 1s, 3s, 7s, 15s, 31s}));
  advance(1ms);
  EXPECT_EQ(times_of("/objects/contacts", from).back(), 63s);
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "rate_limited");
  EXPECT_EQ(panel.badge, "amber");
  EXPECT_EQ(panel.next_step_at, wall_now() + 32s);
  EXPECT_EQ(told("rate_limited"), 1u);

  net->intercept = {};
  advance(32s);
  EXPECT_EQ(status(id).state, "connected");
  EXPECT_EQ(told("recovered"), 1u);
  expect_same_records(engine().data(), id, "contacts", hubspot().snapshot("contacts"));
}

TEST_F(EngineTrouble, SendsNothingBeforeARetryAfterThatIsLonger) {
  boot();
  const auto id = add();
  auto refusal = too_many();
  refusal.headers.add("Retry-After", "90");
  refuse_contacts(refusal);
  const auto from = wall_now();
  consent(id);
  advance(90s - 1ms);
  EXPECT_EQ(times_of("/objects/contacts", from).size(), 1u);
  advance(1ms);
  EXPECT_EQ(times_of("/objects/contacts", from).size(), 2u);
}

TEST_F(EngineTrouble, RidesOutAnOutageAndHealsByItself) {
  boot();
  const auto id = connected();
  advance(20min);
  net->intercept = [](const http_request&) -> std::optional<http_answer> {
    return http_answer{error{ec::transport, "connection refused"}, false};
  };
  advance(6min);
  auto panel = status(id);
  EXPECT_EQ(panel.state, "reconnecting");
  EXPECT_TRUE(panel.next_step_at);
  advance(2h);
  EXPECT_EQ(status(id).state, "reconnecting") << "an outage needs nobody";
  net->intercept = {};
  advance(1min);
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineTrouble, EndsAnAttemptAtOnceWhenConsentIsRefused) {
  boot();
  const auto id = add();
  const auto url = begin_consent(id);
  EXPECT_EQ(status(id).state, "reconnecting");
  const auto query = parse_query(parse_url(url)->query());
  ASSERT_TRUE(query);
  const auto back
      = with_query(*find_parameter(*query, "redirect_uri"),
                   {{"error", "access_denied"}, {"state", *find_parameter(*query, "state")}});
  EXPECT_TRUE(listeners->hit(back));
  settle();
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_FALSE(outcomes[0]);
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "disconnected");
  EXPECT_EQ(panel.code, "access_denied");
  EXPECT_EQ(listeners->open_count(), 0u);
}

TEST_F(EngineTrouble, TellsACallbackThatNeverCame) {
  boot();
  const auto id = add();
  begin_consent(id);
  advance(5min - 1ms);
  EXPECT_EQ(status(id).state, "reconnecting");
  EXPECT_TRUE(outcomes.empty());
  advance(1ms);
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "disconnected");
  EXPECT_EQ(panel.code, "callback_missing");
  EXPECT_NE(panel.because.find("intercepts"), std::string::npos);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(listeners->open_count(), 0u);
}

TEST_F(EngineTrouble, VoidsAnAttemptThatANewerOneFollows) {
  boot();
  const auto id = add();
  const auto older = begin_consent(id);
  const auto newer = begin_consent(id);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_FALSE(outcomes[0]);
  EXPECT_FALSE(follow_consent(*net, *listeners, older));
  EXPECT_EQ(status(id).state, "reconnecting");
  EXPECT_TRUE(follow_consent(*net, *listeners, newer));
  settle();
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineTrouble, KeepsItsSignInWhenAnotherConsentIsRefused) {
  boot();
  const auto id = connected();
  begin_consent(id);
  advance(5min);
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineTrouble, GoesBackToRedWhenTheEngineStopsAtTheConsentScreen) {
  boot();
  const auto id = add();
  begin_consent(id);
  stop();
  boot();
  EXPECT_EQ(status(id).state, "disconnected");
  EXPECT_EQ(status(id).code, "consent_interrupted");
}

TEST_F(EngineTrouble, PausesTheStreamAloneThatLacksAScope) {
  boot();
  const auto id = add();
  net->intercept = [](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/objects/deals") == std::string::npos)
      return std::nullopt;
    return http_answer{http_response{
        403,
        R"({"status":"error","message":"This app hasn't been granted all required scopes.",)"
        R"("correlationId":"c","errors":[{"message":"One or more of the following scopes are )"
        R"(required.","context":{"requiredGranularScopes":["crm.objects.deals.read"]}}],)"
        R"("category":"MISSING_SCOPES"})",
        "application/json"}};
  };
  consent(id);
  advance(1min);
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "connected");
  EXPECT_EQ(panel.missing_scopes, (std::vector<std::string>{"crm.objects.deals.read"}));
  EXPECT_EQ(told("scope_missing"), 1u);
  expect_same_records(engine().data(), id, "contacts", hubspot().snapshot("contacts"));
  for (const auto& stream : panel.streams)
    EXPECT_EQ(stream.paused_because.empty(), stream.name != "deals") << stream.name;

  net->intercept = {};
  consent(id);
  advance(1min);
  EXPECT_TRUE(status(id).missing_scopes.empty());
  expect_same_records(engine().data(), id, "deals", hubspot().snapshot("deals"));
}

TEST_F(EngineTrouble, StartsAFailedConnectorAgainFromItsCheckpoint) {
  boot();
  const auto id = connected();
  advance(20min);
  bool broken = true;
  net->intercept = [&broken](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/objects/") != std::string::npos && std::exchange(broken, false))
      throw std::runtime_error{"a planted defect"};
    return std::nullopt;
  };
  advance(5min);
  const auto panel = status(id);
  EXPECT_EQ(panel.restarts, 1u);
  EXPECT_EQ(panel.state, "connected");
  EXPECT_EQ(panel.records, 3 * options.records);
}

TEST_F(EngineTrouble, LetsACrashLoopRestAndStillAnswersForIt) {
  boot();
  const auto id = connected();
  const auto other = connected("other");
  advance(20min);
  net->intercept = [&](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/objects/") != std::string::npos)
      throw std::runtime_error{"a planted defect"};
    return std::nullopt;
  };
  advance(1h);
  const auto crashed = status(id).restarts;
  EXPECT_GT(crashed, 5u);
  for (int i = 0; i < 20; ++i) {
    const auto panel = status(id); // asking is no reason to try again
    EXPECT_EQ(panel.state, "reconnecting");
    EXPECT_EQ(panel.code, "connector_defect");
    EXPECT_EQ(panel.records, 3 * options.records);
    ASSERT_TRUE(panel.next_step_at);
    EXPECT_LE(*panel.next_step_at, wall_now() + 30min);
  }
  EXPECT_EQ(status(id).restarts, crashed);
  EXPECT_GE(told("connector_failing"), 1u);
  const auto all = ask<std::vector<integration_status>>([&](auto done) { engine().list(done); });
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), 2u);

  net->intercept = {};
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(2min);
  EXPECT_EQ(status(id).state, "connected");
  EXPECT_TRUE(status(id).incidents.empty());
  advance(31min);
  EXPECT_EQ(status(other).state, "connected");
}

TEST_F(EngineTrouble, RepairsAtRefreshWhatNoIncrementShows) {
  boot();
  const auto id = connected();
  advance(20min);
  const auto record = hubspot().snapshot("contacts").begin()->first;
  hubspot().edit("contacts", record, {{"firstname", "Quietly"}}, wall_now(), 0, true);
  advance(30min);
  const auto stale = engine().data().record(id, "contacts", record);
  EXPECT_EQ((*stale)->body.find("Quietly"), std::string::npos);
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(1s);
  const auto fresh = engine().data().record(id, "contacts", record);
  EXPECT_NE((*fresh)->body.find("Quietly"), std::string::npos);
}

TEST_F(EngineTrouble, RestsWhilePausedAndGoesOnAfter) {
  boot();
  const auto id = connected();
  advance(1min);
  EXPECT_TRUE(ask<void>([&](auto done) { engine().set_mode(id, "paused", done); }));
  net->clear_log();
  advance(2h);
  EXPECT_TRUE(net->log().empty());
  stop();
  boot();
  advance(2h);
  EXPECT_TRUE(net->log().empty()) << "paused outlives a stop";
  EXPECT_TRUE(ask<void>([&](auto done) { engine().set_mode(id, "hourly", done); }));
  advance(1s);
  EXPECT_FALSE(net->log().empty());
  EXPECT_FALSE(ask<void>([&](auto done) { engine().set_mode(id, "weekly", done); }));
}

TEST_F(EngineTrouble, LeavesNoTokenInWhatItSaysOrStores) {
  std::set<std::string> secrets{std::string(32, 'k')};
  bool says_back = false;
  net->intercept = [&](const http_request& request) -> std::optional<http_answer> {
    const auto bearer = request.headers.get("Authorization");
    if (bearer.starts_with("Bearer "))
      secrets.emplace(bearer.substr(7));
    const auto form = parse_query(request.body);
    for (const auto* name : {"code", "refresh_token", "code_verifier", "client_secret", "token"})
      if (const auto* value = form ? find_parameter(*form, name) : nullptr)
        secrets.insert(*value);
    if (!says_back)
      return std::nullopt;
    return http_answer{http_response{400,
                                     R"({"status":"error","message":"for )" + std::string{bearer}
                                         + " " + request.body + R"(","category":")"
                                         + std::string{bearer} + R"(","error":"odd"})",
                                     "application/json"}};
  };
  boot();
  const auto id = connected();
  advance(2h); // tokens are renewed
  says_back = true;
  advance(1h);
  says_back = false;
  advance(1h);
  hubspot().admin("revoke", R"({"at_once":true})", wall_now());
  advance(1h);
  const auto panel = status(id);
  ASSERT_EQ(panel.state, "disconnected");
  std::string said = panel.because + panel.next_step + panel.code;
  for (const auto& line : log)
    said += line + "\n";
  for (const auto& one : notifications)
    said += one.sentence + one.next_step + "\n";
  const auto errors = engine().data().errors(id, 1000);
  ASSERT_TRUE(errors);
  EXPECT_GE(errors->size(), 2u) << "refusals that said tokens back, and the loss of the sign-in";
  for (const auto& one : *errors)
    said += one.code + one.sentence + "\n";
  for (const auto& step : panel.history)
    said += step.code + step.because + "\n";
  for (const auto& incident : panel.incidents) {
    said += incident.sentence + incident.next_step;
    for (const auto& fact : incident.evidence)
      said += fact + "\n";
  }
  stop();
  std::string written;
  for (const auto& file : std::filesystem::recursive_directory_iterator{data_dir()})
    if (file.is_regular_file()) {
      std::ifstream in{file.path(), std::ios::binary};
      written.append(std::istreambuf_iterator<char>{in}, {});
    }
  ASSERT_NE(written.find("acme"), std::string::npos) << "it was read";
  ASSERT_GE(secrets.size(), 9u) << "code, verifier, tokens of several renewals, secret, key";
  for (const auto& one : secrets) {
    EXPECT_EQ(said.find(one), std::string::npos);
    EXPECT_EQ(written.find(one), std::string::npos);
  }
}

TEST_F(EngineTrouble, RenewsASignInThatIsRefusedRightAfterAStart) {
  boot();
  const auto id = connected();
  advance(6min);
  stop();
  boot();
  bool refused = false;
  net->intercept = [&refused](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/objects/") == std::string::npos || std::exchange(refused, true))
      return std::nullopt;
    return http_answer{http_response{401,
                                     R"({"status":"error","message":"expired","correlationId":"c",)"
                                     R"("category":"EXPIRED_AUTHENTICATION"})",
                                     "application/json"}};
  };
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(20s);
  EXPECT_TRUE(refused);
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineTrouble, TellsNoRecoveryWhenASignInIsLostInAStorm) {
  boot();
  const auto id = add();
  refuse_contacts(too_many());
  consent(id);
  advance(10s);
  EXPECT_EQ(told("rate_limited"), 1u);
  EXPECT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
  advance(5h);
  EXPECT_EQ(told("rate_limited"), 1u) << "nothing escalates while disconnected";
  EXPECT_EQ(told("recovered"), 0u);
}
