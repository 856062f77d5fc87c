#include "protocol/simulation/fault_plan.hpp"

#include "protocol/simulation/simulator.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::simulation;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");

fault read(std::string_view text) {
  auto value = read_fault(*json::parse_value(text), now);
  EXPECT_TRUE(value) << text;
  return value ? *std::move(value) : fault{};
}

/// Plays a fault around an action that answers 201; counts how often it ran.
http_response played(std::string_view text, int& acted) {
  return play(
      read(text), now,
      [&] {
        ++acted;
        return http_response{201, "0123456789", "application/json"};
      },
      [](const fault& f) {
        return http_response{429, f.policy, "application/json"};
      });
}

} // namespace

TEST(FaultPlan, StrikesAsOftenAsItSays) {
  fault_plan plan;
  plan.arm(read(R"({"count":2})"));
  EXPECT_TRUE(plan.take("GET", "/", now));
  EXPECT_TRUE(plan.take("GET", "/", now));
  EXPECT_FALSE(plan.take("GET", "/", now));
  EXPECT_EQ(plan.armed(), 0u);
}

TEST(FaultPlan, StrikesUntilItsTimeIsOver) {
  fault_plan plan;
  plan.arm(read(R"({"for_seconds":30})"));
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(plan.take("GET", "/", now + 30s - 1ms));
  EXPECT_FALSE(plan.take("GET", "/", now + 30s));
}

TEST(FaultPlan, StrikesOnlyWhatItNames) {
  fault_plan plan;
  plan.arm(read(R"({"method":"POST","path":"/search"})"));
  EXPECT_FALSE(plan.take("GET", "/contacts/search", now));
  EXPECT_FALSE(plan.take("POST", "/contacts", now));
  EXPECT_TRUE(plan.take("POST", "/contacts/search", now));
}

TEST(FaultPlan, StrikesInTheOrderOfArming) {
  fault_plan plan;
  plan.arm(read(R"({"status":503})"));
  plan.arm(read(R"({"status":502})"));
  EXPECT_EQ(plan.take("GET", "/", now)->status, 503);
  EXPECT_EQ(plan.take("GET", "/", now)->status, 502);
}

TEST(Fault, NamesTheMemberThatIsWrong) {
  for (const auto* text :
       {R"({"kind":"explode"})", R"({"count":0})", R"({"status":99})", R"({"status":"no"})",
        R"({"delay_ms":-1})", R"({"after_acting":"yes"})", R"({"typo":1})", R"([1])"}) {
    const auto refused = read_fault(*json::parse_value(text), now);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.failure().code, ec::refused);
  }
  EXPECT_NE(read_fault(*json::parse_value(R"({"typo":1})"), now).failure().what.find("typo"),
            std::string::npos);
}

TEST(Fault, WritesRetryAfterInBothForms) {
  int acted = 0;
  EXPECT_EQ(played(R"({"status":503,"retry_after_seconds":7})", acted).headers.get("Retry-After"),
            "7");
  EXPECT_EQ(played(R"({"status":503,"retry_after_date":7})", acted).headers.get("Retry-After"),
            "Sun, 01 Mar 2026 10:00:07 GMT");
  EXPECT_FALSE(played(R"({"status":503})", acted).headers.has("Retry-After"));
}

TEST(Fault, AnswersInPlaceOfTheProvider) {
  int acted = 0;
  const auto answer = played(R"({"status":400,"body":"no","content_type":"text/plain"})", acted);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(*answer.body, "no");
  EXPECT_EQ(answer.headers.get("Content-Type"), "text/plain");
  EXPECT_EQ(*played(R"({"kind":"limit","policy":"DAILY"})", acted).body, "DAILY");
  const auto page = played(R"({"kind":"html"})", acted);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.get("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(played(R"({"kind":"drop"})", acted).status, no_answer);
  EXPECT_EQ(acted, 0);
}

TEST(Fault, SpoilsTheAnswerOfWhatWasDone) {
  int acted = 0;
  EXPECT_EQ(*played(R"({"kind":"truncated"})", acted).body, "01234");
  auto slow = played(R"({"kind":"slow","delay_ms":1500})", acted);
  EXPECT_EQ(slow.status, 201);
  EXPECT_EQ(take_delay(slow), 1500ms);
  EXPECT_EQ(take_delay(slow), 0ms); // taken
  EXPECT_EQ(slow.headers.get("Content-Type"), "application/json");
  EXPECT_EQ(acted, 2);
  EXPECT_EQ(played(R"({"kind":"drop","after_acting":true})", acted).status, no_answer);
  EXPECT_EQ(acted, 3);
}
