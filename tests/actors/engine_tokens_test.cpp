// Tokens: when they are renewed, what a failed renewal means, and where they may never appear.
#include "tests/support/token_world.hpp"
#include "tests/support/world_view.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineTokens : public token_world {};

} // namespace

TEST_F(EngineTokens, AreRenewedFiveMinutesBeforeTheirEndAndNotSooner) {
  poll_often();
  boot();
  connected();
  net->clear_log();
  const auto from = wall_now();
  advance(25min - 1ms);
  EXPECT_TRUE(renewals(from).empty());
  advance(10s);
  ASSERT_EQ(renewals(from).size(), 1u);
  EXPECT_GE(renewals(from)[0], 25min);
}

TEST_F(EngineTokens, AreRenewedOnceForThreeStreams) {
  boot();
  const auto id = connected();
  advance(1min);
  hubspot().admin("expire", "{}", wall_now());
  net->clear_log();
  const auto from = wall_now();
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(1min);
  EXPECT_EQ(renewals(from).size(), 1u);
  size_t refused = 0;
  for (const auto& call : net->log())
    refused += call.status == 401;
  EXPECT_GE(refused, 1u);
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineTokens, AreDurableBeforeTheyAreUsed) {
  auto policy = simulation::hubspot_policy();
  policy.rotation = simulation::rotation_rule::rotate;
  set_policy(policy);
  boot();
  const auto id = connected();
  std::set<std::string> used;
  net->intercept = [&](const http_request& request) -> std::optional<http_answer> {
    const std::string shown{request.headers.get("Authorization")};
    if (!is_token_call(request.url) && !shown.empty()) {
      EXPECT_EQ(shown, "Bearer " + std::string{vault(id).access_token.reveal()}) << request.url;
      used.insert(shown);
    }
    return std::nullopt;
  };
  advance(2h);
  EXPECT_GE(used.size(), 4u);
  stop();
  boot(); // what was rotated last is what the vault has
  advance(1h);
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineTokens, SurviveALostAnswerWhereTheOldRefreshTokenStays) {
  for (const auto rule : {simulation::rotation_rule::none, simulation::rotation_rule::keep_both}) {
    auto policy = simulation::hubspot_policy();
    policy.rotation = rule;
    set_policy(policy);
    boot();
    const auto id = connected(rule == simulation::rotation_rule::none ? "one" : "two");
    advance(1min);
    simulation::fault lost;
    lost.kind = simulation::fault_kind::drop;
    lost.path = "/token";
    lost.after_acting = true;
    hubspot().faults().arm(lost);
    advance(35min);
    EXPECT_EQ(hubspot().faults().armed(), 0u);
    EXPECT_EQ(status(id).state, "connected");
    stop();
  }
}

TEST_F(EngineTokens, AskForAPersonWhenALostAnswerHeldTheOnlyRefreshToken) {
  auto policy = simulation::hubspot_policy();
  policy.rotation = simulation::rotation_rule::rotate;
  set_policy(policy);
  boot();
  const auto id = connected();
  advance(1min);
  simulation::fault lost;
  lost.kind = simulation::fault_kind::drop;
  lost.path = "/token";
  lost.after_acting = true;
  hubspot().faults().arm(lost);
  advance(35min);
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "disconnected");
  EXPECT_NE(panel.because.find("econnect"), std::string::npos) << panel.because;
  consent(id);
  advance(1min);
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineTokens, AreAskedForAgainWhileTheTokenEndpointIsOut) {
  boot();
  const auto id = connected();
  advance(1min);
  answer_tokens(http_answer{http_response{503, "busy", "text/plain"}});
  advance(40min);
  auto panel = status(id);
  EXPECT_EQ(panel.state, "reconnecting");
  EXPECT_EQ(panel.badge, "amber");
  ASSERT_TRUE(panel.next_step_at);
  EXPECT_GT(*panel.next_step_at, wall_now());
  EXPECT_EQ(panel.records, 3 * options.records);
  net->intercept = {};
  advance(1min);
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineTokens, EndTheSignInOnlyWhenTheGrantIsInvalid) {
  boot();
  const auto id = connected();
  advance(1min);
  answer_tokens(http_answer{http_response{
      400, R"({"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token"})",
      "application/json"}});
  advance(40min);
  EXPECT_EQ(status(id).state, "disconnected");
  const auto from = wall_now();
  net->clear_log();
  advance(2h);
  EXPECT_TRUE(renewals(from).empty()) << "refused for good is not asked again";
}

TEST_F(EngineTokens, AreRenewedOnceAfterA401AndThenDiagnosed) {
  boot();
  const auto id = connected();
  advance(2min);
  net->intercept = [](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/crm/") == std::string::npos)
      return std::nullopt;
    return http_answer{http_response{
        401,
        R"({"status":"error","message":"The OAuth token used to make this call expired",)"
        R"("correlationId":"c","category":"EXPIRED_AUTHENTICATION"})",
        "application/json"}};
  };
  net->clear_log();
  const auto from = wall_now();
  advance(10min);
  EXPECT_EQ(renewals(from).size(), 1u);
  EXPECT_EQ(status(id).state, "disconnected");
  EXPECT_FALSE(status(id).next_step.empty());
}

TEST_F(EngineTokens, AppearInNoFileAndNoText) {
  std::filesystem::path directory;
  configure = [&directory](engine_options& settings) { directory = settings.data_dir; };
  boot();
  const auto id = connected();
  std::set<std::string> secrets;
  std::string heard;
  const auto collect = [&] {
    const auto tokens = vault(id);
    for (const auto* one : {&tokens.access_token, &tokens.refresh_token})
      if (!one->empty())
        secrets.emplace(one->reveal());
    const auto panel = status(id);
    heard += panel.because + panel.next_step + panel.code;
    for (const auto& entry : panel.history)
      heard += entry.because;
    for (const auto& incident : panel.incidents)
      heard += incident.sentence;
    for (const auto& stream : panel.streams)
      heard += stream.paused_because;
  };
  collect();
  advance(40min);
  collect();
  // A provider that says a token back, in each kind of refusal.
  for (const int refusal : {400, 403, 429, 500}) {
    net->intercept = [refusal](const http_request& request) -> std::optional<http_answer> {
      const std::string shown{request.headers.get("Authorization")};
      return http_answer{
          http_response{refusal,
                        R"({"status":"error","error":"odd","error_description":"for )" + shown
                            + R"(","message":"not for )" + shown + request.body
                            + R"(","category":"ODD )" + shown + R"(","correlationId":"c"})",
                        "application/json"}};
    };
    advance(40min);
    collect();
  }
  net->intercept = {};
  advance(1h);
  collect();
  ASSERT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
  for (const auto& line : log)
    heard += line;
  for (const auto& one : notifications)
    heard += one.sentence + one.next_step;
  const auto errors = engine().data().errors(id, 1000);
  ASSERT_TRUE(errors);
  EXPECT_FALSE(errors->empty());
  for (const auto& one : *errors)
    heard += one.code + one.sentence;
  stop();
  std::string written;
  for (const auto& file : std::filesystem::recursive_directory_iterator{directory})
    if (file.is_regular_file()) {
      std::ifstream in{file.path(), std::ios::binary};
      written.append(std::istreambuf_iterator<char>{in}, {});
    }
  EXPECT_FALSE(written.empty());
  ASSERT_GE(secrets.size(), 3u);
  for (const auto& one : secrets) {
    EXPECT_EQ(heard.find(one), std::string::npos);
    EXPECT_EQ(written.find(one), std::string::npos);
  }
}
