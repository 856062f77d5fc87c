#include "protocol/pipedrive/errors.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::pipedrive;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");

http_response answer(int status, std::string body,
                     std::string_view type = "application/json; charset=utf-8") {
  http_response response{status, std::move(body), type};
  response.headers.add("Date", format_http_date(now));
  return response;
}

verdict_kind kind_of(const http_response& response) {
  return classify(response, now).kind;
}

http_response with(http_response response, std::string name, std::string value) {
  response.headers.set(name, std::move(value));
  return response;
}

} // namespace

TEST(PipedriveErrors, ReadEachStatus) {
  EXPECT_EQ(kind_of(answer(200, "{}")), verdict_kind::ok);
  EXPECT_EQ(kind_of(answer(201, "{}")), verdict_kind::ok);
  EXPECT_EQ(kind_of(answer(401, R"({"success":false,"error":"unauthorized access"})")),
            verdict_kind::token_expired);
  EXPECT_EQ(kind_of(answer(402, "{}")), verdict_kind::forbidden);
  for (const int status : {400, 404, 405, 409, 410, 415, 422})
    EXPECT_EQ(kind_of(answer(status, "{}")), verdict_kind::for_connector) << status;
  for (const int status : {408, 423, 425, 500, 502, 503, 520})
    EXPECT_EQ(kind_of(answer(status, "{}")), verdict_kind::transient) << status;
}

TEST(PipedriveErrors, TellTheThreeKindsOfForbiddenApart) {
  const auto scope = classify(answer(403, R"({"error":"Scope and URL mismatch"})"), now);
  EXPECT_EQ(scope.kind, verdict_kind::scope_missing);
  const auto plan = classify(answer(403, R"({"code":"feature_capping_deals_limit"})"), now);
  EXPECT_EQ(plan.kind, verdict_kind::for_connector);
  EXPECT_EQ(plan.code, "feature_capping_deals_limit");
  EXPECT_EQ(kind_of(answer(403, R"({"error":"no"})")), verdict_kind::forbidden);
  EXPECT_EQ(kind_of(answer(403, R"({"code":"feature_capping <b>"})")), verdict_kind::forbidden);
}

TEST(PipedriveErrors, TakeCloudflaresPageForALongLimit) {
  const auto barred = classify(answer(403, "<html>", "text/html"), now);
  EXPECT_EQ(barred.kind, verdict_kind::limited);
  EXPECT_EQ(barred.retry_after, 30min);
  EXPECT_EQ(kind_of(answer(200, "<html>", "text/html")), verdict_kind::transient);
  EXPECT_EQ(kind_of(answer(404, "<html>", "text/html")), verdict_kind::transient);
  EXPECT_EQ(kind_of(answer(302, "")), verdict_kind::transient);
}

TEST(PipedriveErrors, WaitOutABurstByTheLongerOfWhatIsSaid) {
  const auto burst = answer(429, R"({"error":"request over limit"})");
  EXPECT_EQ(kind_of(burst), verdict_kind::limited);
  EXPECT_EQ(classify(burst, now).retry_after, 2s);
  EXPECT_EQ(classify(burst, now).quota_window, "");
  EXPECT_EQ(classify(with(burst, "Retry-After", "7"), now).retry_after, 7s);
  EXPECT_EQ(
      classify(with(with(burst, "Retry-After", "1"), "x-ratelimit-reset", "9"), now).retry_after,
      9s);
  EXPECT_EQ(classify(with(burst, "Retry-After", "900000"), now).retry_after, 24h);
  EXPECT_EQ(classify(with(burst, "x-ratelimit-reset", "4000000000"), now).retry_after, 24h);
  EXPECT_EQ(classify(with(burst, "x-ratelimit-remaining", "0"), now).quota_window, "BURST");
}

TEST(PipedriveErrors, LookForTheDailyBudgetHourlyUntilMidnight) {
  const auto daily = answer(429, R"({"error":"daily request budget exceeded"})");
  EXPECT_EQ(classify(daily, now).quota_window, "DAILY_TOKENS");
  EXPECT_EQ(classify(daily, now).retry_after, 1h);
  const auto spent = with(answer(429, "{}"), "x-daily-ratelimit-token-remaining", "0");
  EXPECT_EQ(classify(spent, now).quota_window, "DAILY_TOKENS");
  const auto late = with(daily, "Date", format_http_date(now + 13h + 40min)); // theirs, not ours
  EXPECT_EQ(classify(late, now).retry_after, 20min);
}

TEST(PipedriveErrors, SayNothingOfWhatPipedriveSaid) {
  for (const int status : {400, 401, 402, 403, 404, 429, 500}) {
    const auto v = classify(answer(status, R"({"error":"secret-7","code":"secret-7"})"), now);
    EXPECT_EQ(v.sentence.find("secret-7"), std::string::npos) << status;
    EXPECT_EQ(v.code.find("secret-7"), std::string::npos) << status;
    EXPECT_FALSE(v.sentence.empty()) << status;
    EXPECT_LE(v.sentence.size(), 500u) << status;
  }
}

TEST(PipedriveQuota, IsReadFromTheHeaderFields) {
  auto response = answer(200, "{}");
  EXPECT_TRUE(read_quota(response).empty());
  response.headers.add("x-ratelimit-limit", "80");
  response.headers.add("x-ratelimit-remaining", "79");
  response.headers.add("x-ratelimit-reset", "2");
  response.headers.add("x-daily-ratelimit-token-limit", "150000");
  response.headers.add("x-daily-ratelimit-token-remaining", "147510");
  const auto read = read_quota(response);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].window, "BURST");
  EXPECT_EQ(read[0].limit, 80u);
  EXPECT_EQ(read[0].remaining, 79u);
  EXPECT_EQ(read[0].reset_in, 2s);
  EXPECT_EQ(read[1].window, "DAILY_TOKENS");
  EXPECT_EQ(read[1].limit, 150'000u);
  EXPECT_EQ(read[1].remaining, 147'510u);
  EXPECT_EQ(read[1].reset_in, 14h); // the server's midnight
  response.headers.remove("Date");
  EXPECT_FALSE(read_quota(response)[1].reset_in);
}

TEST(PipedriveTokenErrors, AreReadFromTheirWords) {
  const auto alias
      = [](std::string_view text) { return token_error_alias(*json::parse_value(text)); };
  EXPECT_EQ(alias(R"({"message":"Invalid grant: refresh_token is invalid"})"), "invalid_grant");
  EXPECT_EQ(alias(R"({"error":"Invalid grant: authorization_code has expired"})"), "invalid_grant");
  EXPECT_EQ(alias(R"({"success":false,"error":"oauth.invalid_grant"})"), "invalid_grant");
  EXPECT_EQ(alias(R"({"message":"Invalid client: client is invalid"})"), "invalid_client");
  EXPECT_EQ(alias(R"({"message":"Missing parameter: `grant_type`"})"), "invalid_request");
  EXPECT_EQ(alias(R"({"message":"Unsupported grant type: x"})"), "unsupported_grant_type");
  EXPECT_EQ(alias(R"({"error":"invalid_scope"})"), ""); // the standard's own word
  EXPECT_EQ(alias("{}"), "");
}
