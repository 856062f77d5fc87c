#include "protocol/hubspot/provider.hpp"

#include "tests/support/canned_io.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::testing;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
constexpr auto details_url = "https://api.example/account-info/v3/details";

json::value parsed(std::string_view text) {
  return *json::parse_value(text);
}

result<account_identity> identified_by(int status, std::string body) {
  canned_io io{now};
  io.expect("GET", details_url, "", http_response{status, std::move(body), "application/json"});
  return run(io, hubspot::provider().identify(io, "https://api.example"));
}

} // namespace

TEST(Providers, FindHubspotByName) {
  EXPECT_EQ(find_provider("hubspot"), &hubspot::provider());
  EXPECT_EQ(find_provider("HubSpot"), nullptr);
  EXPECT_EQ(find_provider(""), nullptr);
  EXPECT_EQ(std::ranges::count(providers(), &hubspot::provider()), 1);
}

TEST(HubspotProvider, NeedsTheReadScopeAndAsksForTheWriteScopeToo) {
  const auto& hubspot = hubspot::provider();
  EXPECT_EQ(hubspot.base_scopes, std::vector<std::string>{"oauth"});
  ASSERT_EQ(hubspot.streams.size(), 3u);
  for (const auto* name : {"contacts", "companies", "deals"}) {
    const auto* stream = hubspot.stream(name);
    ASSERT_TRUE(stream) << name;
    const auto prefix = "crm.objects." + std::string{name};
    EXPECT_EQ(stream->scopes, std::vector<std::string>{prefix + ".read"});
    EXPECT_EQ(stream->write_scopes,
              (std::vector<std::string>{prefix + ".write",
                                        "crm.schemas." + std::string{name} + ".write"}));
    EXPECT_TRUE(stream->pull);
    EXPECT_TRUE(stream->push);
  }
}

TEST(HubspotProvider, ReadsTheHubOutOfTheTokenAnswer) {
  const auto read = hubspot::provider().identity_from_token;
  const auto full = read(parsed(R"({"hub_id":147893286,"user_id":9,"hub_domain":"a.example"})"));
  ASSERT_TRUE(full);
  EXPECT_EQ(full->id, "147893286");
  EXPECT_EQ(full->name, "a.example");
  const auto bare = read(parsed(R"({"hub_id":147893286})"));
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->name, "");
  for (const auto* unknown : {"{}", R"({"hub_id":null})", R"({"hub_id":0})", R"({"hub_id":"x"})"})
    EXPECT_FALSE(read(parsed(unknown))) << unknown;
}

TEST(HubspotProvider, ReadsTheGrantedScopesFromTheirArray) {
  const auto read = hubspot::provider().scopes_from_token;
  EXPECT_EQ(read(parsed(R"({"scopes":["oauth","crm.objects.deals.read",null,""]})")),
            (std::vector<std::string>{"oauth", "crm.objects.deals.read"}));
  EXPECT_TRUE(read(parsed(R"({"scopes":"oauth"})")).empty());
  EXPECT_TRUE(read(parsed("{}")).empty());
}

TEST(HubspotProvider, TranslatesTheLegacyTokenErrors) {
  const auto alias = hubspot::provider().token_error_alias;
  EXPECT_EQ(alias(parsed(R"({"status":"BAD_REFRESH_TOKEN","message":"x"})")), "invalid_grant");
  EXPECT_EQ(alias(parsed(R"({"status":"BAD_AUTH_CODE"})")), "invalid_grant");
  EXPECT_EQ(alias(parsed(R"({"status":"BAD_CLIENT_ID"})")), "invalid_client");
  EXPECT_EQ(alias(parsed(R"({"status":"BAD_CLIENT_SECRET"})")), "invalid_client");
  EXPECT_EQ(alias(parsed(R"({"status":"BAD_REDIRECT_URI"})")), "redirect_uri_mismatch");
  EXPECT_EQ(alias(parsed(R"({"status":"BAD_HUB"})")), "access_denied");
  EXPECT_EQ(alias(parsed(R"({"status":"error","error":"invalid_grant"})")), "");
}

TEST(HubspotProvider, RevokesTheRefreshTokenInTheBody) {
  token_set token;
  token.access_token = secret{"access"};
  token.refresh_token = secret{"r/f"};
  const auto request = hubspot::provider().revoke_request("https://api.example/revoke", "id",
                                                          secret{"s&c"}, token);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://api.example/revoke");
  EXPECT_EQ(request.headers.get("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body,
            "client_id=id&client_secret=s%26c&token=r%2Ff&token_type_hint=refresh_token");
}

TEST(HubspotProvider, AsksTheAccountDetailsWhoSignedIn) {
  const auto identity = identified_by(200, R"({"portalId":147893286,"uiDomain":"app.example"})");
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->id, "147893286");
}

TEST(HubspotProvider, SaysWhenTheAccountIsNotNamed) {
  const auto refused = identified_by(404, R"({"category":"OBJECT_NOT_FOUND"})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.failure().code, ec::refused);
  EXPECT_NE(refused.failure().what.find("OBJECT_NOT_FOUND"), std::string::npos);
  EXPECT_EQ(identified_by(200, "{}").failure().code, ec::malformed);
  EXPECT_EQ(identified_by(200, "[").failure().code, ec::malformed);
}
