#include "protocol/hubspot/errors.hpp"

#include <gtest/gtest.h>

#include <optional>

using namespace nexte;
using namespace nexte::hubspot;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
using delay = std::optional<milliseconds>;

http_response answer(int status, std::string body, std::string_view type = "application/json") {
  return {status, std::move(body), type};
}

verdict of(int status, std::string body, std::string_view type = "application/json") {
  return classify(answer(status, std::move(body), type), now);
}

verdict of_retry(int status, std::string_view after, std::string body = "{}") {
  auto response = answer(status, std::move(body));
  response.headers.add("Retry-After", std::string{after});
  return classify(response, now);
}

std::string limit_body(std::string_view policy, std::string_view message = "You have reached it.") {
  return R"({"status":"error","message":")" + std::string{message}
         + R"(","errorType":"RATE_LIMIT","policyName":")" + std::string{policy} + "\"}";
}

} // namespace

TEST(HubspotErrors, LeaveASuccessToTheConnector) {
  EXPECT_EQ(of(200, "{}").kind, verdict_kind::ok);
  EXPECT_EQ(of(201, "{}", "application/json;charset=utf-8").kind, verdict_kind::ok);
  EXPECT_EQ(of(207, "{}", "Application/JSON ; charset=utf-8").kind, verdict_kind::ok);
  EXPECT_EQ(of(204, "", "").kind, verdict_kind::ok);
}

TEST(HubspotErrors, TakeASignInPageForSomethingInBetween) {
  for (const int status : {200, 302, 401, 403, 404}) {
    const auto v = of(status, "<html>Please sign in to the hotel's network</html>", "text/html");
    EXPECT_EQ(v.kind, verdict_kind::transient) << status;
    EXPECT_EQ(v.code, "not_json");
    EXPECT_EQ(v.sentence.find("hotel"), std::string::npos);
  }
}

TEST(HubspotErrors, AskForARefreshOnEvery401) {
  const auto expired
      = of(401, R"({"message":"The OAuth token used to make this call expired 75 second(s) ago.",)"
                R"("category":"EXPIRED_AUTHENTICATION"})");
  EXPECT_EQ(expired.kind, verdict_kind::token_expired);
  EXPECT_EQ(expired.code, "EXPIRED_AUTHENTICATION");
  const auto unknown = of(401, R"({"category":"INVALID_AUTHENTICATION"})");
  EXPECT_EQ(unknown.kind, verdict_kind::token_expired);
  EXPECT_EQ(unknown.code, "INVALID_AUTHENTICATION");
  EXPECT_EQ(of(401, "").code, "http_401");
}

TEST(HubspotErrors, ReadTheMissingScopesOutOfA403) {
  const auto v = of(
      403,
      R"({"status":"error","message":"This app hasn't been granted all required scopes",)"
      R"("errors":[{"message":"One or more of the following scopes are required.","context":)"
      R"({"requiredGranularScopes":["crm.objects.deals.read","crm.objects.deals.read",7,"a b"]}}],)"
      R"("category":"MISSING_SCOPES"})");
  EXPECT_EQ(v.kind, verdict_kind::scope_missing);
  EXPECT_EQ(v.code, "MISSING_SCOPES");
  EXPECT_EQ(v.missing_scopes, std::vector<std::string>{"crm.objects.deals.read"});
  EXPECT_NE(v.sentence.find("crm.objects.deals.read"), std::string::npos);
}

TEST(HubspotErrors, BoundHowManyScopesTheyName) {
  std::string listed;
  for (int i = 0; i < 40; ++i)
    listed += (i > 0 ? ",\"s" : "\"s") + std::to_string(i) + "\"";
  const auto v
      = of(403, R"({"category":"MISSING_SCOPES","context":{"requiredScopes":[)" + listed + "]}}");
  EXPECT_EQ(v.missing_scopes.size(), 16u);
}

TEST(HubspotErrors, DoNotReadAHugeEnvelope) {
  const auto of_bytes = [](size_t bytes) {
    const std::string body = R"({"category":"FORBIDDEN"})";
    return of(403, body + std::string(bytes - body.size(), ' ')).code;
  };
  EXPECT_EQ(of_bytes(64 * 1024), "FORBIDDEN");
  EXPECT_EQ(of_bytes(64 * 1024 + 1), "http_403");
}

TEST(HubspotErrors, KnowAScopeIsMissingEvenWhenItIsNotNamed) {
  const auto v = of(403, R"({"category":"MISSING_SCOPES"})");
  EXPECT_EQ(v.kind, verdict_kind::scope_missing);
  EXPECT_TRUE(v.missing_scopes.empty());
}

TEST(HubspotErrors, SendOther403sToAnAdmin) {
  const auto v = of(403, R"({"message":"You do not have permissions to view object type DEAL.",)"
                         R"("category":"FORBIDDEN"})");
  EXPECT_EQ(v.kind, verdict_kind::forbidden);
  EXPECT_EQ(v.code, "FORBIDDEN");
  EXPECT_NE(v.sentence.find("admin"), std::string::npos);
  EXPECT_EQ(of(403, R"({"category":"BANNED"})").kind, verdict_kind::forbidden);
  EXPECT_EQ(of(403, "").code, "http_403");
}

TEST(HubspotErrors, TellTheWindowOfA429AndItsWait) {
  struct {
    std::string body;
    std::string_view window;
    delay after;
  } const cases[] = {
      {limit_body("TEN_SECONDLY_ROLLING"), "TEN_SECONDLY_ROLLING", 10s},
      {limit_body("SECONDLY"), "SECONDLY", 1s},
      {limit_body("DAILY"), "DAILY", 1h},
      {limit_body("HOURLY_NEW"), "HOURLY_NEW", std::nullopt},
      {limit_body("<a token>"), "", std::nullopt},
      {R"({"message":"You have reached your ten_secondly_rolling limit."})", "TEN_SECONDLY_ROLLING",
       10s},
      {R"({"message":"You have reached your secondly limit.","category":"RATE_LIMITS"})",
       "SECONDLY", 1s},
      {R"({"message":"You have reached your daily limit."})", "DAILY", 1h},
      {R"({"category":"RATE_LIMITS"})", "", std::nullopt},
      {"", "", std::nullopt},
  };
  for (const auto& c : cases) {
    const auto v = of(429, c.body);
    EXPECT_EQ(v.kind, verdict_kind::limited) << c.body;
    EXPECT_EQ(v.quota_window, c.window) << c.body;
    EXPECT_EQ(v.retry_after, c.after) << c.body;
  }
  EXPECT_EQ(of(429, "<html>", "text/html").kind, verdict_kind::limited);
}

TEST(HubspotErrors, LetRetryAfterWinOverThePolicy) {
  EXPECT_EQ(of_retry(429, "3", limit_body("TEN_SECONDLY_ROLLING")).retry_after, delay{3s});
  EXPECT_EQ(of_retry(429, "Sun, 01 Mar 2026 10:00:20 GMT").retry_after, delay{20s});
  EXPECT_EQ(of_retry(429, "soon", limit_body("SECONDLY")).retry_after, delay{1s});
  EXPECT_EQ(of_retry(429, "999999").retry_after, delay{24h});
}

TEST(HubspotErrors, WaitTwoSecondsAtLeastForALockedRecord) {
  EXPECT_EQ(of(423, "{}").kind, verdict_kind::transient);
  EXPECT_EQ(of(423, "{}").retry_after, delay{2s});
  EXPECT_EQ(of_retry(423, "1").retry_after, delay{2s});
  EXPECT_EQ(of_retry(423, "3").retry_after, delay{3s});
}

TEST(HubspotErrors, WaitOutAMigrationForUpToADay) {
  EXPECT_EQ(of(477, "").kind, verdict_kind::transient);
  EXPECT_EQ(of(477, "").retry_after, delay{15min});
  EXPECT_EQ(of_retry(477, "86400").retry_after, delay{24h});
  EXPECT_EQ(of_retry(477, "86401").retry_after, delay{24h});
  EXPECT_EQ(of_retry(477, "60").retry_after, delay{1min});
}

TEST(HubspotErrors, TakeOutagesForPassing) {
  for (const int status : {408, 425, 500, 502, 503, 504, 521, 522, 523, 524, 525, 526, 599}) {
    const auto v = of(status, "<html>", "text/html");
    EXPECT_EQ(v.kind, verdict_kind::transient) << status;
    EXPECT_EQ(v.code, "http_" + std::to_string(status));
  }
  EXPECT_EQ(of_retry(503, "7").retry_after, delay{7s});
}

TEST(HubspotErrors, LeaveRefusalsOfARequestToTheConnector) {
  EXPECT_EQ(of(400, R"({"category":"VALIDATION_ERROR"})").code, "VALIDATION_ERROR");
  for (const int status : {400, 404, 409, 410, 412, 422})
    EXPECT_EQ(of(status, "{}").kind, verdict_kind::for_connector) << status;
  EXPECT_EQ(of(414, "<html>", "text/html").kind, verdict_kind::for_connector);
}

TEST(HubspotErrors, NeverRepeatWhatTheProviderWrote) {
  const std::string planted = "pat-eu1-secret";
  const auto body = R"({"message":")" + planted + R"(","category":")" + planted
                    + R"(","policyName":")" + planted + "\"}";
  for (const int status : {400, 401, 403, 409, 423, 429, 477, 500}) {
    const auto v = of(status, body);
    EXPECT_EQ((v.code + v.sentence + v.quota_window).find("secret"), std::string::npos) << status;
    EXPECT_LE(v.sentence.size(), 500u);
  }
  const auto long_scope = of(403, R"({"category":"MISSING_SCOPES","context":{"requiredScopes":[")"
                                      + std::string(101, 's') + "\"]}}");
  EXPECT_TRUE(long_scope.missing_scopes.empty());
}

TEST(HubspotQuota, IsReadFromTheHeaders) {
  auto response = answer(200, "{}");
  EXPECT_TRUE(read_quota(response).empty()); // as search answers
  response.headers.add("X-HubSpot-RateLimit-Max", "110");
  response.headers.add("X-HubSpot-RateLimit-Remaining", "108");
  response.headers.add("X-HubSpot-RateLimit-Interval-Milliseconds", "10000");
  response.headers.add("X-HubSpot-RateLimit-Secondly", "11");
  response.headers.add("X-HubSpot-RateLimit-Daily", "250000");
  response.headers.add("X-HubSpot-RateLimit-Daily-Remaining", "many");
  const auto readings = read_quota(response);
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_EQ(readings[0].window, "TEN_SECONDLY_ROLLING");
  EXPECT_EQ(readings[0].limit, 110u);
  EXPECT_EQ(readings[0].remaining, 108u);
  EXPECT_EQ(readings[0].reset_in, delay{10s});
  EXPECT_EQ(readings[1].window, "DAILY");
  EXPECT_EQ(readings[1].limit, 250000u);
  EXPECT_FALSE(readings[1].remaining);
}
