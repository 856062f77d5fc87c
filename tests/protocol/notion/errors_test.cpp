#include "protocol/notion/errors.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::notion;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");

http_response answer(int status, std::string body,
                     std::string_view type = "application/json; charset=utf-8") {
  return {status, std::move(body), type};
}

http_response refusal(int status, std::string_view code, std::string_view more = {}) {
  return answer(status, R"({"object":"error","code":")" + std::string{code} + "\""
                            + std::string{more} + "}");
}

verdict_kind kind_of(const http_response& response) {
  return classify(response, now).kind;
}

http_response limit(std::string_view reason, std::string_view wait) {
  return refusal(429, "rate_limited",
                 R"(,"additional_data":{"rate_limit_reason":")" + std::string{reason}
                     + R"(","retry_after":")" + std::string{wait} + "\"}");
}

} // namespace

TEST(NotionErrors, ReadEachStatus) {
  EXPECT_EQ(kind_of(answer(200, "{}")), verdict_kind::ok);
  EXPECT_EQ(kind_of(refusal(401, "unauthorized")), verdict_kind::token_expired);
  EXPECT_EQ(kind_of(refusal(403, "restricted_resource")), verdict_kind::forbidden);
  for (const int status : {400, 404, 405, 410, 422})
    EXPECT_EQ(kind_of(answer(status, "{}")), verdict_kind::for_connector) << status;
  for (const int status : {408, 409, 423, 425, 500, 502, 503, 504})
    EXPECT_EQ(kind_of(answer(status, "{}")), verdict_kind::transient) << status;
  for (const int status : {429, 529})
    EXPECT_EQ(kind_of(answer(status, "{}")), verdict_kind::limited) << status;
}

TEST(NotionErrors, TakeTheirCodeFromTheEnvelope) {
  EXPECT_EQ(classify(refusal(404, "object_not_found"), now).code, "object_not_found");
  EXPECT_EQ(classify(refusal(400, "validation_error"), now).code, "validation_error");
  EXPECT_EQ(classify(refusal(409, "conflict_error"), now).code, "conflict_error");
  for (const auto* other : {"", "Not A Code", "x<y"})
    EXPECT_EQ(classify(refusal(404, other), now).code, "http_404") << other;
  EXPECT_EQ(classify(refusal(404, std::string(65, 'a')), now).code, "http_404");
}

TEST(NotionErrors, TellWhoGivesTheCapability) {
  const auto v = classify(refusal(403, "restricted_resource"), now);
  EXPECT_NE(v.sentence.find("\"Read content\""), std::string::npos);
  EXPECT_NE(v.sentence.find("reconnect"), std::string::npos);
}

TEST(NotionErrors, WaitAsLongAsNotionSays) {
  const auto v = classify(limit("public_api_request_rate_limit", "12"), now);
  EXPECT_EQ(v.quota_window, "public_api_request_rate_limit");
  EXPECT_EQ(v.retry_after, 12s);
  auto with_field = limit("public_api_space_request_rate_limit", "12");
  with_field.headers.add("Retry-After", "90"); // the field wins
  EXPECT_EQ(classify(with_field, now).retry_after, 90s);
  EXPECT_EQ(classify(with_field, now).quota_window, ""); // not one of ours
  for (const auto* unreadable : {"", "x", "-1", "1.5", "99999999999999999999"})
    EXPECT_EQ(classify(limit("", unreadable), now).retry_after, 10s) << unreadable;
  EXPECT_EQ(classify(limit("", "900000"), now).retry_after, 24h);
  EXPECT_EQ(classify(refusal(529, "service_overload"), now).retry_after, 10s);
}

TEST(NotionErrors, LeaveABlockedAppToAPerson) {
  const auto v = classify(limit("public_api_request_blocked", "12"), now);
  EXPECT_EQ(v.kind, verdict_kind::forbidden);
  EXPECT_EQ(v.code, "public_api_request_blocked");
}

TEST(NotionErrors, TakeAPageOfSomethingBetweenForPassing) {
  for (const int status : {200, 302, 401, 403, 404})
    EXPECT_EQ(kind_of(answer(status, "<html>", "text/html")), verdict_kind::transient) << status;
}

TEST(NotionErrors, SayNothingOfWhatNotionSaid) {
  for (const int status : {400, 401, 403, 404, 409, 429, 500, 529}) {
    const auto v
        = classify(answer(status, R"({"code":"secret-7","message":"secret-7","additional_data":{)"
                                  R"("rate_limit_reason":"secret-7"}})"),
                   now);
    EXPECT_EQ(v.sentence.find("secret-7"), std::string::npos) << status;
    EXPECT_EQ(v.code.find("secret-7"), std::string::npos) << status;
    EXPECT_EQ(v.quota_window, "") << status;
    EXPECT_FALSE(v.sentence.empty()) << status;
    EXPECT_LE(v.sentence.size(), 500u) << status;
  }
}

TEST(NotionTokenErrors, AreReadFromEitherEnvelope) {
  const auto alias = [](std::string_view text) {
    return std::string{token_error_alias(*json::parse_value(text))};
  };
  EXPECT_EQ(alias(R"({"error":"invalid_grant","code":"x"})"), ""); // the standard's own member
  EXPECT_EQ(alias(R"({"object":"error","code":"invalid_grant"})"), "invalid_grant");
  EXPECT_EQ(alias(R"({"object":"error","code":"unauthorized"})"), "invalid_client");
  EXPECT_EQ(alias(R"({"object":"error","code":"missing_version"})"), "invalid_request");
  EXPECT_EQ(alias(R"({"object":"error","code":"validation_error"})"), "validation_error");
  EXPECT_EQ(alias("{}"), "");
}
