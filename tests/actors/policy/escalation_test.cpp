#include "actors/policy/escalation.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr wall_time opened{1'000h};
const provider_words acme{"Acme", "https://acme.test/usage"};

escalation limited(std::chrono::milliseconds age, unsigned before = 0) {
  return escalate("rate_limited", acme, opened, opened + age, before);
}

bool says(const escalation& stands, std::string_view words) {
  return stands.next_step.find(words) != std::string::npos;
}

} // namespace

TEST(Escalation, RisesAtTheMomentOfEachAge) {
  EXPECT_EQ(limited(0ms).stage, 0u);
  EXPECT_EQ(limited(15min - 1ms).stage, 0u);
  EXPECT_EQ(limited(15min).stage, 1u);
  EXPECT_EQ(limited(1h - 1ms).stage, 1u);
  EXPECT_EQ(limited(1h).stage, 2u);
  EXPECT_EQ(limited(4h - 1ms).stage, 2u);
  EXPECT_EQ(limited(4h).stage, 3u);
}

TEST(Escalation, KnowsWhenTheNextStageBegins) {
  EXPECT_EQ(limited(0ms).next_stage_at, opened + 15min);
  EXPECT_EQ(limited(15min).next_stage_at, opened + 1h);
  EXPECT_EQ(limited(1h).next_stage_at, opened + 4h);
  EXPECT_EQ(limited(4h).next_stage_at, std::nullopt);
}

TEST(Escalation, SaysWhatTheContractSaysAboutQuota) {
  EXPECT_EQ(limited(0ms).title, "Too many requests");
  EXPECT_TRUE(says(limited(0ms), "by itself, usually in 5 to 15 minutes"));
  EXPECT_TRUE(says(limited(15min), "hourly mode"));
  EXPECT_TRUE(says(limited(1h), "https://acme.test/usage"));
  EXPECT_TRUE(says(limited(4h), "Contact support and attach the error log"));
}

TEST(Escalation, FallsNotBackWhenTheClockIsSetBack) {
  EXPECT_EQ(limited(-24h, 2).stage, 2u);
  EXPECT_EQ(limited(0ms, 2).next_stage_at, opened + 4h);
  EXPECT_EQ(limited(4h, 1).stage, 3u);
  EXPECT_EQ(limited(0ms, 99).stage, 3u);
}

TEST(Escalation, SpeaksOfTheAdministrationPagesWhereThereIsNoDashboard) {
  EXPECT_TRUE(says(escalate("rate_limited", {"Acme", {}}, opened, opened + 1h),
                   "Acme goes: its administration pages."));
}

TEST(Escalation, HasAWholeTextForEveryStageOfEveryKind) {
  std::set<std::string_view> done;
  std::string_view kind;
  std::chrono::minutes age{};
  for (const auto& row : escalation_table()) {
    if (row.kind != kind) {
      EXPECT_TRUE(done.insert(row.kind).second) << row.kind << " is in two groups";
      EXPECT_EQ(row.from_age, 0min) << row.kind;
    } else {
      EXPECT_GT(row.from_age, age) << row.kind;
    }
    kind = row.kind;
    age = row.from_age;
    const auto stands = escalate(kind, acme, opened, opened + age);
    EXPECT_EQ(stands.next_step.find_first_of("{}"), std::string::npos) << stands.next_step;
    EXPECT_TRUE(stands.next_step.ends_with('.')) << stands.next_step;
    EXPECT_FALSE(stands.title.empty() || stands.notification.empty()) << kind;
  }
  EXPECT_EQ(done, (std::set<std::string_view>{"rate_limited", "disconnected", "scope_missing",
                                              "connector_failing", "mass_delete_held",
                                              "keeps_disconnecting", "stalled", "unreachable",
                                              "quarantined", "write_scope_missing", "push_failing",
                                              "edit_rejected", "edit_loop", "conflict_archived"}));
}

TEST(Escalation, GivesAnUnknownKindOneStage) {
  const auto stands = escalate("new_kind", acme, opened, opened + 9h);
  EXPECT_EQ(stands.stage, 0u);
  EXPECT_EQ(stands.notification, "new_kind");
  EXPECT_EQ(stands.next_stage_at, std::nullopt);
}
