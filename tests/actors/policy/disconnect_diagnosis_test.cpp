#include "actors/policy/disconnect_diagnosis.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr wall_time now{490'000h};

integration_row ended(const std::string& provider, const std::vector<std::string>& codes,
                      std::chrono::milliseconds apart = 1h) {
  integration_row row;
  row.provider = provider;
  auto at = now - apart * (static_cast<int>(codes.size()) - 1);
  for (const auto& code : codes) {
    row.disconnects.push_back({at, "disconnected", code, "It ended."});
    at += apart;
  }
  return row;
}

std::string cause(const integration_row& row) {
  const auto found = diagnose_disconnects(row, "Acme", now);
  return found ? found->code : "none";
}

} // namespace

TEST(DisconnectDiagnosis, NeedsThreeDisconnectsInSevenDays) {
  EXPECT_EQ(cause(ended("google", {"invalid_rapt", "invalid_rapt"})), "none");
  EXPECT_EQ(cause(ended("google", {"invalid_rapt", "invalid_rapt", "invalid_rapt"})),
            "session_control");
  auto row = ended("google", {"invalid_rapt", "invalid_rapt", "invalid_rapt"}, 84h);
  EXPECT_EQ(row.disconnects.front().at, now - 168h);
  EXPECT_EQ(cause(row), "session_control") << "the first one is exactly seven days old";
  row.disconnects.front().at -= 1ms;
  EXPECT_EQ(cause(row), "none");
}

TEST(DisconnectDiagnosis, NamesTheCauseOfEachCode) {
  const std::pair<const char*, const char*> known[] = {
      {"admin_policy_enforced", "admin_policy"}, {"invalid_rapt", "session_control"},
      {"consent_required", "consent_missing"},   {"AADSTS65001", "consent_missing"},
      {"AADSTS90094", "admin_consent_missing"},  {"AADSTS70043", "sign_in_policy"},
      {"AADSTS50076", "sign_in_policy"},         {"AADSTS53003", "sign_in_policy"},
      {"AADSTS50173", "password_changed"},       {"AADSTS700082", "token_unused"},
      {"invalid_grant", "user_revoked"},         {"tokens_unreadable", "unknown_cause"},
  };
  for (const auto& [code, expected] : known)
    EXPECT_EQ(cause(ended("microsoft", {code, code, code})), expected) << code;
}

TEST(DisconnectDiagnosis, SaysForEachCauseWhoMustDoWhat) {
  const struct {
    const char* code;
    const char* cause;
    const char* next_step;
  } cases[] = {
      {"admin_policy_enforced", "admin_policy",
       "Ask your IT admin to trust the app in the Workspace admin console"},
      {"access_not_configured", "admin_policy", "Ask your IT admin to trust the app"},
      {"invalid_rapt", "session_control", "Ask your IT admin to exempt the app"},
      {"consent_required", "consent_missing", "accept every permission that Acme lists"},
      {"AADSTS90094", "admin_consent_missing", "Ask your Entra admin to grant admin consent"},
      {"AADSTS70043", "sign_in_policy", "Ask your Entra admin which policy applies"},
      {"AADSTS50173", "password_changed", "once the password is final"},
      {"AADSTS700082", "token_unused", "keep this program running at least once a month"},
      {"invalid_grant", "user_revoked", "Look who removes the app"},
      {"tokens_unreadable", "unknown_cause", "contact support and attach the error log"},
  };
  for (const auto& c : cases) {
    const auto found
        = diagnose_disconnects(ended("microsoft", {c.code, c.code, c.code}), "Acme", now);
    ASSERT_TRUE(found) << c.code;
    EXPECT_EQ(found->code, c.cause);
    EXPECT_NE(found->next_step.find(c.next_step), std::string::npos) << found->next_step;
    EXPECT_TRUE(found->sentence.ends_with('.')) << found->sentence;
    EXPECT_EQ(found->evidence.size(), 4u) << c.code;
    EXPECT_EQ((found->sentence + found->next_step).find('{'), std::string::npos);
  }
}

TEST(DisconnectDiagnosis, LaysEveryKindOfLostCallbackToThisComputer) {
  for (const auto* code : {"callback_missing", "callback_refused", "callback_tls"}) {
    auto row = ended("google", {"invalid_grant", "invalid_rapt", "AADSTS50173"});
    for (int i = 0; i < 2; ++i)
      row.history.push_back({now, "disconnected", code, "Nothing came back."});
    EXPECT_EQ(cause(row), "callback_intercepted") << code;
  }
}

TEST(DisconnectDiagnosis, NamesOneCauseOnlyByMajorityThenByTheLatest) {
  EXPECT_EQ(cause(ended("microsoft", {"AADSTS50173", "AADSTS50173", "AADSTS70043"})),
            "password_changed");
  EXPECT_EQ(cause(ended("microsoft", {"AADSTS50173", "AADSTS70043", "AADSTS53003"})),
            "sign_in_policy");
  EXPECT_EQ(cause(ended("microsoft", {"AADSTS50173", "AADSTS70043", "AADSTS65001"})),
            "consent_missing");
  EXPECT_EQ(cause(ended("microsoft", {"AADSTS70043", "AADSTS50173", "AADSTS70043", "AADSTS50173"})),
            "password_changed");
}

TEST(DisconnectDiagnosis, SuspectsTheCapWhereGoogleEndsFreshSignIns) {
  for (const auto& [life, expected] :
       {std::pair{24h + 0ms, "refresh_token_cap"}, std::pair{24h + 1ms, "user_revoked"}}) {
    auto row = ended("google", {"invalid_grant", "invalid_grant", "invalid_grant"}, 48h);
    for (const auto& end : row.disconnects)
      row.history.push_back({end.at - life, "connected", "signed_in", "Signed in."});
    EXPECT_EQ(cause(row), expected);
    row.provider = "hubspot";
    EXPECT_EQ(cause(row), "user_revoked");
  }
}

TEST(DisconnectDiagnosis, HearsConsentsThatNeverCameBack) {
  auto row = ended("google", {"invalid_grant", "invalid_rapt", "AADSTS50173"});
  for (int i = 0; i < 2; ++i)
    row.history.push_back({now, "disconnected", "callback_missing", "Nothing came back."});
  EXPECT_EQ(cause(row), "callback_intercepted");
  for (auto& entry : row.history)
    entry.at = now - 168h - 1ms;
  EXPECT_NE(cause(row), "callback_intercepted");
  row = ended("google", {"invalid_grant"});
  row.history.push_back({now, "disconnected", "callback_missing", "Nothing came back."});
  row.history.push_back({now, "disconnected", "callback_missing", "Nothing came back."});
  EXPECT_EQ(cause(row), "none") << "a failed consent is no disconnect";
}

TEST(DisconnectDiagnosis, SurvivesClockJumps) {
  auto row = ended("google", {"invalid_rapt", "invalid_rapt", "invalid_rapt"});
  row.disconnects.back().at = now + 168h;
  EXPECT_EQ(cause(row), "session_control") << "the clock was set back since";
  row.disconnects.back().at = now + 168h + 1ms;
  EXPECT_EQ(cause(row), "none") << "a wrong clock wrote it";
  EXPECT_FALSE(diagnose_disconnects(row, "Acme", wall_time{}));
}

TEST(DisconnectDiagnosis, ShowsItsEvidenceInOrder) {
  const auto row = ended("microsoft", {"AADSTS50173", "AADSTS70043", "AADSTS50173"}, 24h);
  const auto found = diagnose_disconnects(row, "Microsoft 365", now);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->evidence, (std::vector<std::string>{
                                 "3 disconnects within 7 days.",
                                 "2025-11-22 16:00 UTC: the sign-in ended with AADSTS50173.",
                                 "2025-11-24 16:00 UTC: the sign-in ended with AADSTS50173.",
                             }));
  EXPECT_NE(found->sentence.find("Microsoft 365"), std::string::npos);
  EXPECT_EQ((found->sentence + found->next_step).find('{'), std::string::npos);
}
