// An integration that keeps disconnecting: one cause, its evidence and the next step.
#include "actors/authorizer.hpp"
#include "tests/support/virtual_world.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;
using std::chrono::days;

namespace {

constexpr const char* invalid_grant = R"({"error":"invalid_grant"})";

class EngineDisconnects : public virtual_world {
protected:
  EngineDisconnects() {
    options.records = 25;
  }
  /// The token endpoint refuses, in the words of `body`, and that is noticed at once.
  void end_sign_in(integration_id id, const char* body = invalid_grant) {
    simulation::fault refusal;
    refusal.path = "/token";
    refusal.status = 400;
    refusal.body = body;
    hubspot().faults().arm(refusal);
    hubspot().admin("expire", "{}", wall_now());
    refresh(id);
    EXPECT_EQ(status(id).state, "disconnected") << body;
  }
  /// A sign-in that lives for a minute.
  void lose_sign_in(integration_id id, const char* body = invalid_grant) {
    consent(id);
    advance(1min);
    end_sign_in(id, body);
  }
  void refresh(integration_id id) {
    EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  }
  std::optional<incident_row> diagnosis(integration_id id) {
    for (auto& one : status(id).incidents)
      if (one.kind == "keeps_disconnecting")
        return one;
    return std::nullopt;
  }
  size_t told(integration_id id, std::string_view kind) {
    return static_cast<size_t>(std::ranges::count_if(
        notifications, [&](const auto& one) { return one.integration == id && one.kind == kind; }));
  }
};

} // namespace

TEST_F(EngineDisconnects, NameTheCauseThatTheProviderGives) {
  boot();
  const struct {
    const char* workspace;
    const char* answer;
    const char* code;
    const char* cause;
    const char* next_step;
  } cases[] = {
      {"a", R"({"error":"admin_policy_enforced"})", "admin_policy_enforced", "admin_policy",
       "Ask your IT admin to trust the app in the Workspace admin console"},
      {"b", R"({"error":"invalid_rapt"})", "invalid_rapt", "session_control",
       "exempt the app from the session control"},
      {"c", R"({"error":"consent_required"})", "consent_required", "consent_missing",
       "accept every permission"},
      {"d", R"({"error":"admin_consent_required"})", "admin_consent_required",
       "admin_consent_missing", "Ask your Entra admin to grant admin consent"},
      {"e", R"({"error":"interaction_required"})", "interaction_required", "sign_in_policy",
       "which policy applies to this app"},
      {"f", invalid_grant, "invalid_grant", "user_revoked", "Look who removes the app"},
  };
  for (const auto& c : cases) {
    const auto id = add(c.workspace);
    for (int n = 1; n <= 3; ++n) {
      EXPECT_FALSE(diagnosis(id)) << c.cause << " after " << n - 1;
      lose_sign_in(id, c.answer);
      advance(1h);
    }
    const auto found = diagnosis(id);
    ASSERT_TRUE(found) << c.cause;
    EXPECT_EQ(found->code, c.cause);
    EXPECT_FALSE(found->sentence.empty());
    EXPECT_NE(found->next_step.find(c.next_step), std::string::npos) << found->next_step;
    ASSERT_EQ(found->evidence.size(), 4u) << c.cause;
    EXPECT_EQ(found->evidence[0], "3 disconnects within 7 days.");
    for (size_t i = 1; i < found->evidence.size(); ++i)
      EXPECT_TRUE(found->evidence[i].ends_with(std::string{"ended with "} + c.code + "."))
          << found->evidence[i];
    EXPECT_EQ(told(id, "keeps_disconnecting"), 1u);
  }
}

TEST_F(EngineDisconnects, CountTheThirdWithinSevenDaysAndNotAMomentLater) {
  boot();
  for (const auto late : {0ms, 1ms, 1000ms}) {
    const auto id = add("late by " + std::to_string(late.count()));
    lose_sign_in(id);
    const auto first_at = wall_now();
    advance(days{3});
    lose_sign_in(id);
    advance(first_at + days{7} + late - 1min - wall_now());
    lose_sign_in(id);
    ASSERT_EQ(wall_now(), first_at + days{7} + late);
    EXPECT_EQ(diagnosis(id).has_value(), late == 0ms) << late.count();
    EXPECT_EQ(told(id, "keeps_disconnecting"), late == 0ms ? 1u : 0u);
  }
}

TEST_F(EngineDisconnects, AreOverOnceTheyWereRareForSevenDays) {
  boot();
  const auto id = add();
  lose_sign_in(id);
  const auto first_at = wall_now();
  lose_sign_in(id);
  lose_sign_in(id);
  ASSERT_TRUE(diagnosis(id));
  consent(id);
  EXPECT_TRUE(diagnosis(id)) << "one Reconnect proves nothing";
  EXPECT_TRUE(ask<void>([&](auto done) { engine().set_mode(id, "hourly", done); }));
  advance(first_at + days{7} - wall_now());
  refresh(id);
  EXPECT_TRUE(diagnosis(id)) << "three of them are still within the window";
  const auto before = told(id, "recovered");
  advance(1ms);
  refresh(id);
  advance(1s);
  EXPECT_FALSE(diagnosis(id));
  EXPECT_EQ(told(id, "recovered"), before + 1);
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineDisconnects, AreLaidToThisComputerWhereCallbacksNeverArrive) {
  boot();
  const auto id = add();
  for (int n = 0; n < 3; ++n)
    lose_sign_in(id);
  ASSERT_EQ(diagnosis(id)->code, "user_revoked");
  for (int n = 0; n < 3; ++n) {
    begin_consent(id);
    advance(consent_max);
    ASSERT_EQ(status(id).code, "callback_missing");
  }
  const auto found = diagnosis(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->code, "callback_intercepted");
  EXPECT_NE(found->next_step.find("antivirus, firewall or proxy"), std::string::npos);
  EXPECT_TRUE(found->evidence.back().ends_with("callback_missing."));
  EXPECT_EQ(told(id, "keeps_disconnecting"), 1u) << "the same incident, with a better cause";
}

TEST_F(EngineDisconnects, AreNotCountedWhenAPersonChoosesThem) {
  boot();
  const auto id = add();
  for (int n = 0; n < 4; ++n) {
    consent(id);
    advance(1min);
    EXPECT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
  }
  EXPECT_FALSE(diagnosis(id));
  EXPECT_EQ(told(id, "keeps_disconnecting"), 0u);
}

TEST_F(EngineDisconnects, AreRememberedAcrossAStop) {
  boot();
  const auto id = add();
  for (int n = 0; n < 2; ++n)
    lose_sign_in(id);
  stop();
  boot();
  EXPECT_FALSE(diagnosis(id));
  lose_sign_in(id);
  EXPECT_TRUE(diagnosis(id));
}
