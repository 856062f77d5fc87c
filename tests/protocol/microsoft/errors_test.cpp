#include "protocol/microsoft/errors.hpp"

#include "protocol/microsoft/provider.hpp"
#include "protocol/oauth/token_endpoint.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::microsoft;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");

http_response answer(int status, std::string body,
                     std::string_view type = "application/json;odata.metadata=minimal") {
  return {status, std::move(body), type};
}

http_response refusal(int status, const std::string& code) {
  return answer(status, R"({"error":{"code":")" + code + R"(","message":"no"}})");
}

http_response with(http_response response, std::string name, std::string value) {
  response.headers.set(name, std::move(value));
  return response;
}

verdict_kind kind_of(const http_response& response) {
  return classify(response, now).kind;
}

oauth::token_failure refused_by(const std::string& members, int status = 400) {
  const auto read = oauth::read_token_answer(provider(), answer(status, "{" + members + "}"), now);
  return std::get<oauth::token_failure>(read);
}

std::string numbered(std::string_view error, int number) {
  return "\"error\":\"" + std::string{error} + "\",\"error_codes\":[" + std::to_string(number)
         + "]";
}

} // namespace

TEST(MicrosoftErrors, ReadEachStatus) {
  EXPECT_EQ(kind_of(answer(200, "{}")), verdict_kind::ok);
  EXPECT_EQ(kind_of(answer(204, "", "")), verdict_kind::ok);
  EXPECT_EQ(kind_of(answer(200, "<html>", "text/html")), verdict_kind::transient);
  EXPECT_EQ(kind_of(refusal(401, "InvalidAuthenticationToken")), verdict_kind::token_expired);
  for (const int status : {400, 404, 405, 409, 410, 412})
    EXPECT_EQ(kind_of(refusal(status, "Any")), verdict_kind::for_connector) << status;
  for (const int status : {408, 423, 425, 500, 502, 503, 504, 509})
    EXPECT_EQ(kind_of(refusal(status, "Any")), verdict_kind::transient) << status;
  EXPECT_EQ(kind_of(answer(302, "")), verdict_kind::transient);
  EXPECT_EQ(kind_of(answer(403, "<html>", "text/html")), verdict_kind::transient);
}

TEST(MicrosoftErrors, TellAThrottledCallByItsStatusAlone) {
  for (const auto* code : {"ApplicationThrottled", "TooManyRequests", "UnknownError", ""}) {
    const auto waits = classify(with(refusal(429, code), "Retry-After", "10"), now);
    EXPECT_EQ(waits.kind, verdict_kind::limited) << code;
    EXPECT_EQ(waits.retry_after, 10s) << code;
  }
  EXPECT_EQ(classify(refusal(429, ""), now).retry_after, std::nullopt);
  const auto dated = with(with(refusal(503, "serviceNotAvailable"), "Date", format_http_date(now)),
                          "Retry-After", format_http_date(now + 40s));
  EXPECT_EQ(classify(dated, now).retry_after, 40s);
  EXPECT_EQ(classify(with(refusal(429, ""), "Retry-After", "9999999"), now).retry_after,
            retry_after_max);
}

TEST(MicrosoftErrors, TellAClaimsChallengeFromAnOldToken) {
  const auto challenged = with(refusal(401, "InvalidAuthenticationToken"), "WWW-Authenticate",
                               R"(Bearer realm="", error="insufficient_claims", claims="e30=")");
  EXPECT_EQ(classify(challenged, now).kind, verdict_kind::token_expired);
  EXPECT_EQ(classify(challenged, now).code, "insufficient_claims");
  EXPECT_NE(classify(challenged, now).sentence.find("Conditional Access"), std::string::npos);
  EXPECT_EQ(classify(refusal(401, "InvalidAuthenticationToken"), now).code, "http_401");
  EXPECT_EQ(classify(refusal(403, "insufficient_claims"), now).code, "insufficient_claims");
}

TEST(MicrosoftErrors, TellALackingPermissionFromALackingMailbox) {
  for (const auto* code :
       {"ErrorAccessDenied", "erroraccessdenied", "accessDenied", "Authorization_RequestDenied"})
    EXPECT_EQ(kind_of(refusal(403, code)), verdict_kind::scope_missing) << code;
  EXPECT_EQ(kind_of(refusal(403, "Other")), verdict_kind::forbidden);
  EXPECT_EQ(kind_of(answer(403, "{}")), verdict_kind::forbidden);
  const auto none = classify(refusal(404, "MailboxNotEnabledForRESTAPI"), now);
  EXPECT_EQ(none.kind, verdict_kind::forbidden);
  EXPECT_NE(none.sentence.find("licence"), std::string::npos);
}

TEST(MicrosoftErrors, TakeOnlyGraphsOwnWordForProofOfADeletion) {
  EXPECT_TRUE(is_item_gone(refusal(404, "ErrorItemNotFound")));
  EXPECT_TRUE(is_item_gone(refusal(404, "errorItemNotFound")));
  EXPECT_FALSE(is_item_gone(refusal(404, "ResourceNotFound")));
  EXPECT_FALSE(is_item_gone(answer(404, "{}")));
  EXPECT_FALSE(is_item_gone(refusal(400, "ErrorItemNotFound")));
}

TEST(MicrosoftErrors, KnowALinkThatHasExpired) {
  EXPECT_TRUE(is_link_expired(answer(410, "")));
  for (const int status : {400, 404, 410})
    EXPECT_TRUE(is_link_expired(refusal(status, "SyncStateNotFound"))) << status;
  EXPECT_FALSE(is_link_expired(answer(200, "{}")));
  EXPECT_FALSE(is_link_expired(refusal(403, "ErrorAccessDenied")));
}

TEST(MicrosoftErrors, ReadTheCodeWithoutTrustingIt) {
  EXPECT_EQ(error_code(refusal(400, "ErrorInvalidUrlQuery")), "ErrorInvalidUrlQuery");
  EXPECT_EQ(error_code(refusal(400, "with spaces")), "");
  EXPECT_EQ(error_code(refusal(400, std::string(65, 'x'))), "");
  EXPECT_EQ(error_code(answer(400, "not JSON")), "");
}

TEST(EntraErrors, LoseTheGrantByTheOAuthErrorAndSayMoreByTheNumber) {
  using kind = oauth::token_failure_kind;
  struct row {
    std::string members;
    kind who;
    std::string code;
  };
  const row rows[] = {
      {numbered("invalid_grant", 50173), kind::reconnect, "AADSTS50173"},
      {numbered("invalid_grant", 700082), kind::reconnect, "AADSTS700082"},
      {numbered("invalid_grant", 70043), kind::reconnect, "AADSTS70043"},
      {numbered("interaction_required", 50076), kind::reconnect, "AADSTS50076"},
      {numbered("invalid_grant", 65001), kind::reconnect, "consent_required"},
      {numbered("invalid_grant", 123456), kind::reconnect, "invalid_grant"},
      {R"("error":"invalid_grant")", kind::reconnect, "invalid_grant"},
      {R"("error":"invalid_grant","suberror":"consent_required")", kind::reconnect,
       "consent_required"},
      {R"("error":"user_password_expired")", kind::reconnect, "user_password_expired"},
      {numbered("invalid_grant", 90094), kind::admin, "admin_consent_required"},
      {numbered("invalid_grant", 50105), kind::admin, "admin_consent_required"},
      {numbered("invalid_grant", 53003), kind::admin, "admin_policy_enforced"},
      {numbered("unauthorized_client", 700016), kind::app, "unauthorized_client"},
      {numbered("invalid_client", 7000215), kind::app, "invalid_client"},
      {numbered("invalid_grant", 50196), kind::transient, "slow_down"},
      // The number never makes a lost grant of another error.
      {numbered("temporarily_unavailable", 53003), kind::transient, "temporarily_unavailable"},
      {numbered("invalid_client", 50173), kind::app, "invalid_client"},
  };
  for (const auto& [members, who, code] : rows) {
    const auto failure = refused_by(members);
    EXPECT_EQ(failure.kind, who) << members;
    EXPECT_EQ(failure.code, code) << members;
  }
}
