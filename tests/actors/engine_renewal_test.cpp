// Renewing a sign-in through the whole engine: what passes, what does not, and whose clock counts.
#include "tests/support/token_world.hpp"

#include <algorithm>
#include <set>

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineRenewal : public token_world {
protected:
  EngineRenewal() {
    options.records = 25;
  }
  /// The access token is refused from now on, which is noticed at once.
  void expire(integration_id id) {
    hubspot().admin("expire", "{}", wall_now());
    EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  }
  size_t errors_of(integration_id id, std::string_view code) {
    const auto all = engine().data().errors(id, errors_kept_max);
    EXPECT_TRUE(all);
    return all ? static_cast<size_t>(std::ranges::count(*all, code, &error_entry::code)) : 0;
  }
  /// The provider's clock is ahead of ours by so much. @pre before the first use of `hubspot()`
  void set_provider_ahead(milliseconds by) {
    net = std::make_shared<simulation::in_process_transport>(
        [this, by] { return wall_now() + by; });
  }
};

} // namespace

TEST_F(EngineRenewal, IsTriedAgainAfterEachPassingStatus) {
  boot();
  const auto id = connected();
  advance(1min);
  for (const int passing : {408, 409, 423, 425, 429, 500, 502, 503, 504, 599}) {
    // … whatever the body says
    answer_tokens({http_response{passing, R"({"error":"invalid_grant"})", "application/json"}});
    net->clear_log();
    const auto from = wall_now();
    expire(id);
    EXPECT_EQ(status(id).state, "reconnecting") << passing;
    EXPECT_EQ(status(id).code, "http_" + std::to_string(passing));
    EXPECT_EQ(status(id).next_step_at, wall_now() + 1s);
    advance(3s - 1ms);
    EXPECT_EQ(renewals(from), (std::vector<milliseconds>{0s, 1s})) << passing;
    advance(1ms);
    EXPECT_EQ(renewals(from).back(), 3s) << passing;
    net->intercept = {};
    advance(4s);
    EXPECT_EQ(status(id).state, "connected") << passing;
    advance(1min);
  }
  EXPECT_TRUE(status(id).incidents.empty()) << "nobody need act";
}

TEST_F(EngineRenewal, IsTriedAgainAfterANetworkFault) {
  boot();
  const auto id = connected();
  advance(1min);
  answer_tokens({error{ec::transport, "connection reset"}, true});
  expire(id);
  EXPECT_EQ(status(id).state, "reconnecting");
  EXPECT_EQ(status(id).code, "network");
  net->intercept = {};
  advance(1s);
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineRenewal, WaitsAsLongAsTheTokenEndpointAsks) {
  boot();
  const auto id = connected();
  advance(1min);
  http_response busy{429, "busy", "text/plain"};
  busy.headers.add("Retry-After", "90");
  answer_tokens({std::move(busy)});
  expire(id);
  net->intercept = {};
  advance(90s - 1ms);
  EXPECT_EQ(status(id).state, "reconnecting");
  advance(1ms);
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineRenewal, NeedsAPersonAtOnceAfterEachPermanentCode) {
  boot();
  const auto id = connected();
  for (const char* code : {"invalid_grant", "interaction_required", "consent_required",
                           "login_required", "invalid_rapt", "admin_policy_enforced"}) {
    consent(id);
    advance(1min);
    answer_tokens(
        {http_response{400, R"({"error":")" + std::string{code} + R"("})", "application/json"}});
    expire(id);
    EXPECT_EQ(status(id).state, "disconnected") << code;
    EXPECT_EQ(status(id).code, code);
    net->intercept = {};
  }
}

TEST_F(EngineRenewal, ReadsTheVaultAgainBeforeItBelievesInvalidGrant) {
  boot();
  const auto id = connected();
  advance(1min);
  hubspot().admin("revoke", "{}", wall_now());
  const auto newer = hubspot().issue_tokens(wall_now());
  const std::vector<store_write> renewed{
      put_tokens{id,
                 {secret{newer.access_token}, secret{newer.refresh_token}, wall_now() + 30min,
                  newer.granted.scopes}}};
  // As another process that has the key would.
  ASSERT_TRUE(const_cast<store&>(engine().data()).commit(renewed, wall_now()));
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(1min);
  EXPECT_EQ(status(id).state, "connected");
  hubspot().admin("revoke", "{}", wall_now());
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  EXPECT_EQ(status(id).state, "disconnected") << "now the vault has nothing newer";
}

TEST_F(EngineRenewal, FollowsEachWayOfRotation) {
  using simulation::rotation_rule;
  for (const auto rule : {rotation_rule::none, rotation_rule::rotate, rotation_rule::keep_both}) {
    auto policy = simulation::hubspot_policy();
    policy.rotation = rule;
    policy.refresh_repeats_token = rule != rotation_rule::none; // as Google leaves it out
    set_policy(policy);
    boot();
    const auto id = connected("rule " + std::to_string(static_cast<int>(rule)));
    std::set<std::string> refresh_tokens;
    std::set<std::string> access_tokens;
    for (int i = 0; i < 10; ++i) {
      const auto held = vault(id);
      refresh_tokens.emplace(held.refresh_token.reveal());
      access_tokens.emplace(held.access_token.reveal());
      advance(31min);
      EXPECT_EQ(status(id).state, "connected");
    }
    EXPECT_EQ(access_tokens.size(), 10u);
    EXPECT_EQ(refresh_tokens.size(), rule == rotation_rule::none ? 1u : 10u);
    stop();
  }
}

TEST_F(EngineRenewal, ComesInTimeThoughTheClocksDiffer) {
  for (const auto ahead : {10min, -10min}) {
    set_provider_ahead(ahead);
    net->add(hubspot_base, &hubspot());
    poll_often();
    boot();
    const auto id = connected(ahead > 0min ? "behind" : "ahead");
    net->clear_log();
    const auto from = wall_now() + ahead; // the log is in the provider's time
    advance(25min - 1ms);
    EXPECT_TRUE(renewals(from).empty());
    advance(10s);
    EXPECT_EQ(renewals(from).size(), 1u);
    EXPECT_EQ(status(id).state, "connected");
    EXPECT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
    stop();
  }
}

TEST_F(EngineRenewal, ReportsAClockThatIsWrongByMoreThanFiveMinutesOnce) {
  for (const auto& [ahead, expected] :
       {std::pair{5min + 0s, 0u}, {5min + 1s, 1u}, {-5min + 1s, 0u}, {-5min - 1s, 1u}}) {
    set_provider_ahead(ahead);
    net->add(hubspot_base, &hubspot());
    boot();
    const auto id = connected("by " + std::to_string(ahead.count()));
    advance(1h);
    EXPECT_EQ(errors_of(id, "clock_skew"), expected) << ahead.count();
    const auto last = status(id).last_error;
    EXPECT_EQ(last.has_value(), expected > 0);
    if (last) {
      EXPECT_NE(last->sentence.find(ahead > 0s ? "5 minutes behind" : "5 minutes ahead"),
                std::string::npos)
          << last->sentence;
    }
    stop();
  }
}

TEST_F(EngineRenewal, WaitsByTheProvidersClockForADate) {
  set_provider_ahead(10min);
  boot();
  const auto id = connected();
  advance(1min);
  const auto their_now = wall_now() + 10min;
  http_response busy{503, "busy", "text/plain"};
  busy.headers.add("Date", format_http_date(their_now));
  busy.headers.add("Retry-After", format_http_date(their_now + 90s));
  answer_tokens({std::move(busy)});
  expire(id);
  EXPECT_EQ(status(id).next_step_at, wall_now() + 90s);
}
