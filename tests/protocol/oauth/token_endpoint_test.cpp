#include "protocol/oauth/token_endpoint.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::oauth;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");

provider_description hubspot() {
  provider_description provider;
  provider.title = "HubSpot";
  return provider;
}

client app_with(client_authentication style, std::string client_secret = "s:c/t") {
  client app;
  app.id = "app 1";
  app.client_secret = secret{std::move(client_secret)};
  app.authentication = style;
  app.token_url = "https://as.example/token";
  return app;
}

token_answer read(int status, std::string body, const provider_description& provider = hubspot()) {
  return read_token_answer(provider, http_response{status, std::move(body), "application/json"},
                           now);
}

token_grant grant_of(std::string body, const provider_description& provider = hubspot()) {
  auto answer = read(200, std::move(body), provider);
  EXPECT_TRUE(std::holds_alternative<token_grant>(answer));
  return std::get<token_grant>(std::move(answer));
}

token_failure failure_of(int status, std::string body,
                         const provider_description& provider = hubspot()) {
  auto answer = read(status, std::move(body), provider);
  EXPECT_TRUE(std::holds_alternative<token_failure>(answer));
  return std::get<token_failure>(std::move(answer));
}

struct expectation {
  int status;
  const char* body;
  token_failure_kind kind;
  const char* code;
};

} // namespace

TEST(TokenRequest, ExchangesACodeWithTheSecretInTheBody) {
  const auto request = exchange_request(app_with(client_authentication::post), secret{"4/0+a"},
                                        "http://127.0.0.1:1/oauth/x", secret{"v3rifier"});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://as.example/token");
  EXPECT_EQ(request.headers.get("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.headers.get("Accept"), "application/json");
  EXPECT_FALSE(request.headers.has("Authorization"));
  EXPECT_EQ(request.body, "grant_type=authorization_code&code=4%2F0%2Ba"
                          "&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Foauth%2Fx"
                          "&code_verifier=v3rifier&client_id=app%201&client_secret=s%3Ac%2Ft");
}

TEST(TokenRequest, RefreshesWithBasicAuthenticationAndNothingOfItInTheBody) {
  const auto request = refresh_request(app_with(client_authentication::basic), secret{"r3fresh"});
  EXPECT_EQ(request.headers.get("Authorization"), "Basic YXBwJTIwMTpzJTNBYyUyRnQ=");
  EXPECT_EQ(request.body, "grant_type=refresh_token&refresh_token=r3fresh");
}

TEST(TokenRequest, NamesAPublicClientOnly) {
  const auto expected = "grant_type=refresh_token&refresh_token=r&client_id=app%201";
  for (const auto style :
       {client_authentication::none, client_authentication::post, client_authentication::basic}) {
    const auto request = refresh_request(app_with(style, ""), secret{"r"});
    EXPECT_EQ(request.body, expected);
    EXPECT_FALSE(request.headers.has("Authorization"));
  }
  EXPECT_EQ(refresh_request(app_with(client_authentication::none), secret{"r"}).body, expected);
}

TEST(TokenRequest, LeavesOutAnEmptyVerifier) {
  const auto request
      = exchange_request(app_with(client_authentication::basic), secret{"c"}, "r", secret{});
  EXPECT_EQ(request.body, "grant_type=authorization_code&code=c&redirect_uri=r");
}

TEST(TokenRequest, SpeaksTheDialectOfTheEndpoint) {
  auto app = app_with(client_authentication::basic);
  app.dialect.json = true;
  app.dialect.headers = {{"Version", "7"}};
  const auto with_pkce = exchange_request(app, secret{"c\"1"}, "r", secret{"v"});
  EXPECT_EQ(with_pkce.body, R"({"grant_type":"authorization_code","code":"c\"1",)"
                            R"("redirect_uri":"r","code_verifier":"v"})");
  EXPECT_EQ(with_pkce.headers.get("Content-Type"), "application/json");
  EXPECT_EQ(with_pkce.headers.get("Version"), "7");
  app.dialect.pkce = false;
  EXPECT_EQ(exchange_request(app, secret{"c"}, "r", secret{"v"}).body,
            R"({"grant_type":"authorization_code","code":"c","redirect_uri":"r"})");
}

TEST(TokenAnswer, GrantsWhatTheRfcShows) {
  const auto grant = grant_of(
      R"({"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"bEARER","expires_in":3600,
          "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","scope":"a b","unknown":[1]})");
  EXPECT_EQ(grant.tokens.access_token.reveal(), "2YotnFZFEjr1zCsicMWpAA");
  EXPECT_EQ(grant.tokens.refresh_token.reveal(), "tGzv3JOkF0XG5Qx2TlKWIA");
  EXPECT_EQ(grant.tokens.expires_at, now + 1h);
  EXPECT_EQ(grant.tokens.scopes, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(grant.identity);
}

TEST(TokenAnswer, LeavesEmptyWhatTheProviderDidNotSay) {
  const auto grant = grant_of(R"({"access_token":"a","refresh_token":null})");
  EXPECT_TRUE(grant.tokens.refresh_token.empty());
  EXPECT_TRUE(grant.tokens.scopes.empty());
  EXPECT_EQ(grant.tokens.expires_at, now + 30min); // the provider's default
}

TEST(TokenAnswer, ReadsALifeHoweverItIsWritten) {
  const auto life = [](std::string_view written) {
    const auto grant
        = grant_of(R"({"access_token":"a","expires_in":)" + std::string{written} + "}");
    return grant.tokens.expires_at - now;
  };
  EXPECT_EQ(life("30"), 30s);
  EXPECT_EQ(life("\"3600\""), 1h);
  EXPECT_EQ(life("3599.9"), 3599s);
  EXPECT_EQ(life("-5"), 0s);
  EXPECT_EQ(life("1e300"), std::chrono::days{366});
  EXPECT_EQ(life("99999999999999999999999999"), std::chrono::days{366});
  for (const auto unreadable :
       {"null", "\"\"", "\"soon\"", "\"nan\"", "\"inf\"", "\"1e999\"", "\"60s\"", "true", "[60]"})
    EXPECT_EQ(life(unreadable), 30min) << unreadable;
}

TEST(TokenAnswer, SplitsScopesAtSpacesAndCommas) {
  const auto grant
      = grant_of(R"({"access_token":"a","scope":" base,deals:full  contacts:read, "})");
  EXPECT_EQ(grant.tokens.scopes, (std::vector<std::string>{"base", "deals:full", "contacts:read"}));
}

TEST(TokenAnswer, LetsTheProviderReadItsDialect) {
  auto provider = hubspot();
  provider.scopes_from_token = [](const json::value& answer) {
    std::vector<std::string> scopes;
    for (const auto& scope : answer.find("scopes")->items)
      scopes.push_back(scope.text);
    return scopes;
  };
  provider.identity_from_token = [](const json::value& answer) {
    return std::optional{account_identity{answer.find("hub_id")->text, ""}};
  };
  const auto grant
      = grant_of(R"({"access_token":"a","scopes":["x","y"],"hub_id":62515})", provider);
  EXPECT_EQ(grant.tokens.scopes, (std::vector<std::string>{"x", "y"}));
  ASSERT_TRUE(grant.identity);
  EXPECT_EQ(grant.identity->id, "62515");
}

TEST(TokenAnswer, RefusesATokenThatIsNotBearer) {
  for (const auto type : {"\"mac\"", "\"DPoP\"", "null", "1", "\"\""}) {
    const auto failure
        = failure_of(200, R"({"access_token":"a","token_type":)" + std::string{type} + "}");
    EXPECT_EQ(failure.kind, token_failure_kind::app) << type;
    EXPECT_EQ(failure.code, "unsupported_token_type");
  }
}

TEST(TokenAnswer, PassesByWhateverHoldsNoUsableToken) {
  for (const auto body :
       {"", "null", "[]", "\"a\"", "{}", "<html>Sign in to the hotel</html>",
        R"({"access_token":""})", R"({"access_token":7})", R"({"access_token":"a\r\nHost: evil"})",
        R"({"access_token":"a b"})", R"({"access_token":"a","access_token":"b"})",
        R"({"access_token":"a","expires_in":1,"expires_in":2})", R"({"access_token":"a")"}) {
    const auto failure = failure_of(200, body);
    EXPECT_EQ(failure.kind, token_failure_kind::transient) << body;
    EXPECT_EQ(failure.code, "malformed_answer") << body;
  }
}

TEST(TokenAnswer, SortsFailuresByWhoCanMendThem) {
  using enum token_failure_kind;
  const expectation table[] = {
      {400, R"({"error":"invalid_grant"})", reconnect, "invalid_grant"},
      {400, R"({"error":"interaction_required"})", reconnect, "interaction_required"},
      {400, R"({"error":"consent_required"})", reconnect, "consent_required"},
      {400, R"({"error":"login_required"})", reconnect, "login_required"},
      {403, R"({"error":"access_denied"})", reconnect, "access_denied"},
      {200, R"({"error":"invalid_grant"})", reconnect, "invalid_grant"},
      {400, R"({"error":"admin_policy_enforced"})", admin, "admin_policy_enforced"},
      {401, R"({"error":"invalid_client"})", app, "invalid_client"},
      {400, R"({"error":"unauthorized_client"})", app, "unauthorized_client"},
      {401, R"({"error":"deleted_client"})", app, "deleted_client"},
      {400, R"({"error":"invalid_scope"})", app, "invalid_scope"},
      {400, R"({"error":"unsupported_grant_type"})", app, "unsupported_grant_type"},
      {400, R"({"error":"invalid_request"})", app, "invalid_request"},
      {400, R"({"error":"temporarily_unavailable"})", transient, "temporarily_unavailable"},
      {400, R"({"error":"server_error"})", transient, "server_error"},
      {400, R"({"error":"slow_down"})", transient, "slow_down"},
      // Unknown words in a refusal: a person looks. Elsewhere they are some other program's.
      {400, R"({"error":"brand_new"})", reconnect, "brand_new"},
      {403, R"({"error":"unauthorized access"})", reconnect, "unreadable_error"},
      {404, R"({"error":"not_here"})", transient, "http_404"},
      {400, R"({"error":{"code":400}})", transient, "http_400"},
      {400, R"({"message":"no"})", transient, "http_400"},
      {302, "", transient, "http_302"},
      // Not JSON: a proxy or a captive portal answered.
      {400, "<html>invalid_grant</html>", transient, "http_400"},
      {401, "", transient, "http_401"},
      {400, R"({"error":"invalid_grant","error":"invalid_grant"})", transient, "http_400"},
  };
  for (const auto& row : table) {
    const auto failure = failure_of(row.status, row.body);
    EXPECT_EQ(failure.kind, row.kind) << row.body;
    EXPECT_EQ(failure.code, row.code) << row.body;
    EXPECT_TRUE(failure.sentence.starts_with("HubSpot ")) << row.body;
    EXPECT_TRUE(failure.sentence.ends_with("(" + failure.code + ").")) << row.body;
  }
}

TEST(TokenAnswer, PassesByPassingStatusesWhateverTheBodySays) {
  for (const int status : {408, 409, 423, 425, 429, 500, 502, 503, 504, 529}) {
    const auto failure = failure_of(status, R"({"error":"invalid_grant","access_token":"a"})");
    EXPECT_EQ(failure.kind, token_failure_kind::transient) << status;
    EXPECT_EQ(failure.code, "http_" + std::to_string(status));
  }
}

TEST(TokenAnswer, LetsTheProvidersDialectNameTheError) {
  auto provider = hubspot();
  provider.token_error_alias = [](const json::value& answer) -> std::string_view {
    const auto status = answer.string_or_empty("status");
    if (status == "BAD_REFRESH_TOKEN")
      return "invalid_grant";
    return status == "BLOCKED" ? "admin_policy_enforced" : "";
  };
  EXPECT_EQ(failure_of(400, R"({"status":"BAD_REFRESH_TOKEN"})", provider).code, "invalid_grant");
  EXPECT_EQ(failure_of(400, R"({"error":"invalid_grant","status":"BLOCKED"})", provider).kind,
            token_failure_kind::admin);
  EXPECT_EQ(failure_of(400, R"({"error":"invalid_scope","status":"?"})", provider).code,
            "invalid_scope");
}

TEST(TokenAnswer, TellsHowLongToWait) {
  http_response response{503, "busy"};
  EXPECT_FALSE(std::get<token_failure>(read_token_answer(hubspot(), response, now)).retry_after);
  response.headers.add("Retry-After", "120");
  EXPECT_EQ(std::get<token_failure>(read_token_answer(hubspot(), response, now)).retry_after, 2min);
  response.headers.set("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT");
  response.headers.set("Date", "Fri, 31 Dec 1999 23:59:29 GMT");
  EXPECT_EQ(std::get<token_failure>(read_token_answer(hubspot(), response, now)).retry_after, 30s);
  response.status = 400;
  response.body = std::make_shared<const std::string>(R"({"error":"slow_down"})");
  EXPECT_EQ(std::get<token_failure>(read_token_answer(hubspot(), response, now)).retry_after, 30s);
  response.body = std::make_shared<const std::string>(R"({"error":"invalid_grant"})");
  EXPECT_FALSE(std::get<token_failure>(read_token_answer(hubspot(), response, now)).retry_after);
}

TEST(TokenAnswer, ShowsNothingOfTheBodyButAShortCode) {
  const std::string token = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0";
  const std::string bodies[] = {
      R"({"error":"invalid_grant","error_description":"refresh token sesame is unknown"})",
      R"({"error":"sesame)" + token + R"("})",
      R"({"error":"a sesame"})",
      R"({"access_token":"sesame","token_type":"mac"})",
      R"({"access_token":"sesame" oops)",
  };
  for (const auto& body : bodies)
    for (const int status : {200, 400, 401, 403, 404, 500}) {
      const auto answer = read(status, body);
      const auto* failure = std::get_if<token_failure>(&answer);
      ASSERT_TRUE(failure) << body;
      EXPECT_EQ((failure->code + failure->sentence).find("sesame"), std::string::npos) << body;
    }
}
