#include "protocol/google/errors.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::google;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");

http_response answer(int status, std::string body,
                     std::string_view type = "application/json; charset=UTF-8") {
  return {status, std::move(body), type};
}

/// As the older front ends write it.
http_response old_form(int status, std::string_view reason, std::string_view message = "m") {
  return answer(status, R"({"error":{"errors":[{"domain":"usageLimits","reason":")"
                            + std::string{reason} + R"(","message":"m"}],"code":)"
                            + std::to_string(status) + R"(,"message":")" + std::string{message}
                            + "\"}}");
}

/// As the newer ones do, without the old list.
http_response new_form(int status, std::string_view reason) {
  return answer(status, R"({"error":{"code":)" + std::to_string(status)
                            + R"(,"status":"PERMISSION_DENIED","details":[{"@type":"x","reason":")"
                            + std::string{reason} + "\"}]}}");
}

verdict_kind kind_of(const http_response& response) {
  return classify(response, now).kind;
}

http_response with(http_response response, std::string name, std::string value) {
  response.headers.set(name, std::move(value));
  return response;
}

} // namespace

TEST(GoogleErrors, ReadEachStatus) {
  EXPECT_EQ(kind_of(answer(200, "{}")), verdict_kind::ok);
  EXPECT_EQ(kind_of(answer(204, "", "")), verdict_kind::ok);
  EXPECT_EQ(kind_of(old_form(401, "authError")), verdict_kind::token_expired);
  for (const int status : {304, 400, 404, 409, 410, 412})
    EXPECT_EQ(kind_of(answer(status, "{}")), verdict_kind::for_connector) << status;
  for (const int status : {408, 423, 425, 500, 502, 503, 504})
    EXPECT_EQ(kind_of(answer(status, "{}")), verdict_kind::transient) << status;
  EXPECT_EQ(classify(old_form(410, "fullSyncRequired"), now).code, "http_410_fullSyncRequired");
}

TEST(GoogleErrors, TellAQuotaFromAScopeByTheReason) {
  for (const auto* reason : {"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded",
                             "quotaExceeded", "sharingRateLimitExceeded"})
    EXPECT_EQ(kind_of(old_form(403, reason)), verdict_kind::limited) << reason;
  EXPECT_EQ(kind_of(new_form(403, "RATE_LIMIT_EXCEEDED")), verdict_kind::limited);
  EXPECT_EQ(kind_of(old_form(403, "insufficientPermissions")), verdict_kind::scope_missing);
  EXPECT_EQ(kind_of(new_form(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")), verdict_kind::scope_missing);
  for (const auto* reason : {"domainPolicy", "accessNotConfigured", "forbidden", "whatever", ""})
    EXPECT_EQ(kind_of(old_form(403, reason)), verdict_kind::forbidden) << reason;
  EXPECT_EQ(kind_of(new_form(403, "SERVICE_DISABLED")), verdict_kind::forbidden);
  for (const auto* reason : {"appNotAuthorizedToFile", "insufficientFilePermissions"})
    EXPECT_EQ(kind_of(old_form(403, reason)), verdict_kind::for_connector) << reason;
  EXPECT_EQ(kind_of(answer(403, "{}")), verdict_kind::forbidden);
}

TEST(GoogleErrors, SayWhoMustAct) {
  const auto says = [](const http_response& response, std::string_view word) {
    return classify(response, now).sentence.find(word) != std::string::npos;
  };
  EXPECT_TRUE(says(old_form(403, "domainPolicy"), "administrators"));
  EXPECT_TRUE(says(old_form(403, "accessNotConfigured"), "developer"));
  EXPECT_TRUE(says(new_form(403, "SERVICE_DISABLED"), "developer"));
  EXPECT_TRUE(says(old_form(403, "insufficientPermissions"), "reconnect"));
  EXPECT_TRUE(says(old_form(403, "forbidden"), "owner"));
}

TEST(GoogleErrors, NameTheScopesThatWouldSuffice) {
  const auto missing = classify(
      with(answer(403, "{}"), "WWW-Authenticate",
           R"(Bearer realm="https://x/", error="insufficient_scope", scope="https://a https://b")"),
      now);
  EXPECT_EQ(missing.kind, verdict_kind::scope_missing);
  EXPECT_EQ(missing.missing_scopes, (std::vector<std::string>{"https://a", "https://b"}));
  EXPECT_TRUE(classify(old_form(403, "insufficientPermissions"), now).missing_scopes.empty());
}

TEST(GoogleErrors, WaitAsLongAsFieldOrWordsSay) {
  EXPECT_FALSE(classify(old_form(403, "rateLimitExceeded"), now).retry_after);
  EXPECT_EQ(classify(old_form(403, "dailyLimitExceeded"), now).retry_after, long_wait);
  const auto words
      = old_form(429, "rateLimitExceeded",
                 "User-rate limit exceeded.  Retry after 2026-03-01T10:20:00.000Z (Mail sending)");
  EXPECT_EQ(kind_of(words), verdict_kind::limited);
  EXPECT_EQ(classify(words, now).retry_after, 20min);
  EXPECT_EQ(classify(with(words, "Retry-After", "3600"), now).retry_after, 1h);
  EXPECT_EQ(classify(with(words, "Retry-After", "60"), now).retry_after, 20min);
  EXPECT_FALSE(classify(words, now + 20min).retry_after); // it is over
  EXPECT_EQ(classify(with(answer(429, "{}"), "Retry-After", "900000"), now).retry_after, 24h);
  EXPECT_FALSE(classify(answer(429, "[]"), now).retry_after);
  EXPECT_EQ(classify(with(answer(503, "{}"), "Retry-After", "7"), now).retry_after, 7s);
}

TEST(GoogleErrors, TakeWhatIsNotJsonForSomethingInBetween) {
  for (const int status : {200, 302, 400, 403, 404})
    EXPECT_EQ(kind_of(answer(status, "<html>", "text/html")), verdict_kind::transient) << status;
}

TEST(GoogleErrors, TrustOnlyGooglesOwnWordThatSomethingIsNotThere) {
  EXPECT_TRUE(says_not_found(old_form(404, "notFound")));
  EXPECT_TRUE(says_not_found(answer(404, R"({"error":{"status":"NOT_FOUND"}})")));
  EXPECT_TRUE(says_not_found(old_form(410, "deleted")));
  EXPECT_FALSE(says_not_found(answer(404, "{}")));
  EXPECT_FALSE(says_not_found(answer(404, R"({"error":"notFound"})")));
  EXPECT_FALSE(says_not_found(old_form(400, "notFound")));
}

TEST(GoogleErrors, SayNothingOfWhatGoogleSaid) {
  for (const int status : {400, 401, 403, 404, 429, 500}) {
    const auto v = classify(old_form(status, "se-cret 7", "se-cret 7"), now);
    EXPECT_EQ(v.sentence.find("se-cret"), std::string::npos) << status;
    EXPECT_EQ(v.code.find("se-cret"), std::string::npos) << status;
    EXPECT_FALSE(v.sentence.empty()) << status;
    EXPECT_LE(v.sentence.size(), 500u) << status;
  }
}

TEST(GoogleTokenErrors, TellASessionPolicyFromALostGrant) {
  const auto alias
      = [](std::string_view text) { return token_error_alias(*json::parse_value(text)); };
  EXPECT_EQ(alias(R"({"error":"invalid_grant","error_subtype":"invalid_rapt"})"), "invalid_rapt");
  EXPECT_EQ(alias(R"({"error":"internal_failure"})"), "server_error");
  EXPECT_EQ(alias(R"({"error":"invalid_grant","error_description":"Bad Request"})"), "");
  EXPECT_EQ(alias("{}"), "");
}
