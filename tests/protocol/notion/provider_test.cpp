#include "protocol/notion/provider.hpp"

#include "protocol/oauth/token_endpoint.hpp"
#include "tests/support/canned_io.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");

oauth::client app() {
  oauth::client made;
  made.id = "app";
  made.client_secret = secret{"s&c"};
  made.authentication = notion::provider().client_auth;
  made.dialect = notion::provider().dialect;
  made.authorize_url = notion::provider().authorize_url;
  made.token_url = notion::provider().token_url;
  return made;
}

result<account_identity> identified_by(int status, std::string body) {
  canned_io io{now};
  io.expect("GET", "https://notion.example/v1/users/me", "",
            http_response{status, std::move(body), "application/json"});
  return run(io, notion::provider().identify(io, "https://notion.example"));
}

oauth::token_answer token_answer(int status, std::string body) {
  return oauth::read_token_answer(notion::provider(),
                                  http_response{status, std::move(body), "application/json"}, now);
}

} // namespace

TEST(Providers, FindNotionByName) {
  EXPECT_EQ(find_provider("notion"), &notion::provider());
  EXPECT_EQ(std::ranges::count(providers(), &notion::provider()), 1);
}

TEST(NotionProvider, AsksForNoScopesAndGetsNone) {
  EXPECT_TRUE(notion::provider().base_scopes.empty());
  for (const auto& stream : notion::provider().streams) {
    EXPECT_TRUE(stream.scopes.empty());
    EXPECT_TRUE(stream.write_scopes.empty());
    EXPECT_FALSE(stream.push); // read only
  }
}

TEST(NotionProvider, SendsThePersonToConsentWithoutPkce) {
  EXPECT_EQ(oauth::authorization_url(app(), "http://127.0.0.1:1/oauth/notion", {}, "st", "chal"),
            "https://api.notion.com/v1/oauth/authorize?owner=user&response_type=code"
            "&client_id=app&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Foauth%2Fnotion&state=st");
}

TEST(NotionProvider, AsksTheTokenEndpointInJson) {
  const auto exchange = oauth::exchange_request(app(), secret{"c\"1"}, "r", secret{"verifier"});
  EXPECT_EQ(exchange.body,
            R"({"grant_type":"authorization_code","code":"c\"1","redirect_uri":"r"})");
  EXPECT_EQ(exchange.headers.get("Content-Type"), "application/json");
  EXPECT_EQ(exchange.headers.get("Notion-Version"), "2026-03-11");
  EXPECT_EQ(exchange.headers.get("Authorization"), "Basic " + base64("app:s%26c"));
  const auto refresh = oauth::refresh_request(app(), secret{"nrt_1"});
  EXPECT_EQ(refresh.body, R"({"grant_type":"refresh_token","refresh_token":"nrt_1"})");
}

TEST(NotionProvider, TakesTheConnectionForTheAccount) {
  const auto answer = token_answer(
      200, R"({"access_token":"ntn_1","token_type":"bearer","refresh_token":"nrt_1",)"
           R"("bot_id":"b-1","workspace_id":"w-1","workspace_name":"North","owner":{}})");
  ASSERT_TRUE(std::holds_alternative<oauth::token_grant>(answer));
  const auto& grant = std::get<oauth::token_grant>(answer);
  ASSERT_TRUE(grant.identity);
  EXPECT_EQ(grant.identity->id, "b-1");
  EXPECT_EQ(grant.identity->name, "North");
  EXPECT_GT(grant.tokens.expires_at, now + 24h * 365); // no timer: only a 401 tells
}

TEST(NotionProvider, LivesWithoutARefreshToken) {
  const auto answer = token_answer(200, R"({"access_token":"secret_1","refresh_token":null})");
  ASSERT_TRUE(std::holds_alternative<oauth::token_grant>(answer));
  EXPECT_TRUE(std::get<oauth::token_grant>(answer).tokens.refresh_token.empty());
  EXPECT_FALSE(std::get<oauth::token_grant>(answer).identity);
}

TEST(NotionProvider, TellsALostGrantFromAWrongApp) {
  using kind = oauth::token_failure_kind;
  const auto kind_of = [](int status, std::string body) {
    return std::get<oauth::token_failure>(token_answer(status, std::move(body))).kind;
  };
  EXPECT_EQ(kind_of(400, R"({"error":"invalid_grant"})"), kind::reconnect);
  EXPECT_EQ(kind_of(400, R"({"object":"error","code":"invalid_grant"})"), kind::reconnect);
  EXPECT_EQ(kind_of(400, R"({"object":"error","code":"validation_error"})"), kind::reconnect);
  EXPECT_EQ(kind_of(401, R"({"error":"invalid_client"})"), kind::app);
  EXPECT_EQ(kind_of(429, R"({"object":"error","code":"rate_limited"})"), kind::transient);
}

TEST(NotionProvider, AsksWhoItIsWhereTheTokenAnswerDoesNotSay) {
  const auto identity = identified_by(
      200, R"({"object":"user","id":"b-1","type":"bot","bot":{"workspace_name":"North"}})");
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->id, "b-1");
  EXPECT_EQ(identity->name, "North");
  EXPECT_EQ(identified_by(404, "{}").failure().code, ec::refused);
  for (const auto* unnamed : {"{}", "[", R"({"id":5})"})
    EXPECT_EQ(identified_by(200, unnamed).failure().code, ec::malformed) << unnamed;
}

TEST(NotionProvider, EndsTheConnectionByItsAccessToken) {
  token_set token;
  token.access_token = secret{"ntn_1"};
  token.refresh_token = secret{"nrt_1"};
  const auto request = notion::provider().revoke_request("https://notion.example/revoke", "id",
                                                         secret{"s"}, token);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://notion.example/revoke");
  EXPECT_EQ(request.body, R"({"token":"ntn_1"})");
  EXPECT_EQ(request.headers.get("Authorization"), "Basic " + base64("id:s"));
  EXPECT_EQ(request.headers.get("Notion-Version"), "2026-03-11");
}
