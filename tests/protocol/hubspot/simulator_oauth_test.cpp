#include "tests/protocol/hubspot/simulated.hpp"

#include "protocol/http/url.hpp"
#include "protocol/oauth/pkce.hpp"

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

constexpr auto redirect = "http://127.0.0.1:51004/oauth/hubspot";
constexpr auto verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr auto token_path = "/oauth/2026-03/token";

std::string authorize_url(const simulated_hubspot& hubspot, query_parameters more = {}) {
  const auto reached = hubspot.sim.endpoints();
  query_parameters query = {{"client_id", reached.client_id},
                            {"redirect_uri", redirect},
                            {"scope", "oauth crm.objects.contacts.read"},
                            {"state", "st&te"},
                            {"code_challenge", oauth::challenge_of(verifier)},
                            {"code_challenge_method", "S256"}};
  query.insert(query.end(), more.begin(), more.end());
  return with_query(reached.authorize_url, query);
}

/// The parameters of the redirect that answers the authorization request.
query_parameters consented(simulated_hubspot& hubspot, query_parameters more = {}) {
  const auto response
      = hubspot.sim.handle({"GET", authorize_url(hubspot, std::move(more))}, hubspot.now);
  EXPECT_EQ(response.status, 302) << *response.body;
  const auto url = parse_url(response.headers.get("Location"));
  return url ? *parse_query(url->query()) : query_parameters{};
}

std::string exchange_form(const simulated_hubspot& hubspot, const std::string& code,
                          std::string_view proof = verifier, std::string_view to = redirect) {
  const auto reached = hubspot.sim.endpoints();
  return format_query({{"grant_type", "authorization_code"},
                       {"client_id", reached.client_id},
                       {"client_secret", reached.client_secret},
                       {"code", code},
                       {"redirect_uri", std::string{to}},
                       {"code_verifier", std::string{proof}}});
}

std::string refresh_form(const simulated_hubspot& hubspot, std::string_view refresh_token) {
  const auto reached = hubspot.sim.endpoints();
  return format_query({{"grant_type", "refresh_token"},
                       {"client_id", reached.client_id},
                       {"client_secret", reached.client_secret},
                       {"refresh_token", std::string{refresh_token}}});
}

json::value exchanged(simulated_hubspot& hubspot) {
  const auto code = *find_parameter(consented(hubspot), "code");
  const auto response = hubspot.form(token_path, exchange_form(hubspot, code));
  EXPECT_EQ(response.status, 200) << *response.body;
  return hubspot.read(response);
}

void expect_refusal(const http_response& response, std::string_view status,
                    std::string_view error) {
  EXPECT_EQ(response.status, 400);
  const auto body = simulated_hubspot::read(response);
  EXPECT_EQ(body.string_or_empty("status"), status);
  EXPECT_EQ(body.string_or_empty("error"), error);
  EXPECT_EQ(body.string_or_empty("message"), body.string_or_empty("error_description"));
}

} // namespace

TEST(HubspotOauth, ConsentsExchangesAndRefreshes) {
  simulated_hubspot hubspot;
  const auto redirected = consented(hubspot);
  EXPECT_EQ(*find_parameter(redirected, "state"), "st&te");
  const auto tokens = exchanged(hubspot);
  EXPECT_EQ(tokens.string_or_empty("token_type"), "bearer");
  EXPECT_EQ(at(tokens, {"expires_in"}).text, "1800");
  EXPECT_EQ(at(tokens, {"hub_id"}).text, "147893286");
  EXPECT_EQ(at(tokens, {"hub_id"}).type, json::value::kind::number);
  EXPECT_EQ(at(tokens, {"scopes"}).items.size(), 2u);
  const auto refresh_token = std::string{tokens.string_or_empty("refresh_token")};
  const auto renewed = hubspot.read(hubspot.form(token_path, refresh_form(hubspot, refresh_token)));
  EXPECT_EQ(renewed.string_or_empty("refresh_token"), refresh_token); // not rotated
  EXPECT_NE(renewed.string_or_empty("access_token"), tokens.string_or_empty("access_token"));
  hubspot.token = renewed.string_or_empty("access_token");
  EXPECT_EQ(hubspot.get("/crm/v3/objects/contacts").status, 200);
  EXPECT_EQ(hubspot.get("/crm/v3/objects/deals").status, 403);
}

TEST(HubspotOauth, RefusesInTwoDialects) {
  simulated_hubspot hubspot;
  expect_refusal(hubspot.form(token_path, refresh_form(hubspot, "nonsense")), "BAD_REFRESH_TOKEN",
                 "invalid_grant");
  expect_refusal(hubspot.form(token_path, exchange_form(hubspot, "nonsense")), "BAD_AUTH_CODE",
                 "invalid_grant");
  expect_refusal(hubspot.form(token_path, "client_id=wrong&grant_type=refresh_token"),
                 "BAD_CLIENT_ID", "invalid_client");
  const auto id = hubspot.sim.endpoints().client_id;
  expect_refusal(hubspot.form(token_path, "client_secret=wrong&client_id=" + id),
                 "BAD_CLIENT_SECRET", "invalid_client");
  const auto code = *find_parameter(consented(hubspot), "code");
  expect_refusal(hubspot.form(token_path, exchange_form(hubspot, code, verifier, "http://else/")),
                 "BAD_REDIRECT_URI", "invalid_grant");
  const auto legacy
      = hubspot.read(hubspot.form("/oauth/v1/token", refresh_form(hubspot, "nonsense")));
  EXPECT_EQ(legacy.string_or_empty("status"), "BAD_REFRESH_TOKEN");
  EXPECT_FALSE(legacy.find("error"));
  for (const auto* path : {"/oauth/v3/token", "/oauth/2026-09/token"})
    EXPECT_EQ(hubspot.form(path, refresh_form(hubspot, "x")).status, 400);
  EXPECT_EQ(hubspot.form("/oauth/v2/token", "").status, 404);
  EXPECT_EQ(hubspot.post(token_path, "{}").status, 415); // a form, not JSON
}

TEST(HubspotOauth, TakesTheSecretInTheBodyOnly) {
  simulated_hubspot hubspot;
  http_request request{"POST", hubspot.base + token_path, refresh_form(hubspot, "x"),
                       "application/x-www-form-urlencoded"};
  request.headers.add("Authorization", "Basic eDp5");
  expect_refusal(hubspot.sim.handle(request, hubspot.now), "BAD_REQUEST", "invalid_request");
  const auto in_query = std::string{token_path} + "?" + refresh_form(hubspot, "x");
  expect_refusal(hubspot.form(in_query, ""), "BAD_CLIENT_ID", "invalid_client");
}

TEST(HubspotOauth, ShowsAPageInsteadOfRedirectingForABadScope) { // hubspot.md §1.1
  simulated_hubspot hubspot;
  const auto reached = hubspot.sim.endpoints();
  for (const auto* scope : {"crm.objects.contacts.read", "oauth no.such.scope"}) {
    const auto url = with_query(
        reached.authorize_url,
        {{"client_id", reached.client_id}, {"redirect_uri", redirect}, {"scope", scope}});
    const auto page = hubspot.sim.handle({"GET", url}, hubspot.now);
    EXPECT_EQ(page.status, 400) << scope;
    EXPECT_FALSE(page.headers.has("Location"));
  }
}

TEST(HubspotOauth, SelectsThePortalThatIsNamed) {
  simulated_hubspot hubspot{1, 3};
  const auto hub_of = [&](query_parameters more) {
    const auto code = *find_parameter(consented(hubspot, std::move(more)), "code");
    const auto tokens = hubspot.read(hubspot.form(token_path, exchange_form(hubspot, code)));
    return at(tokens, {"hub_id"}).text;
  };
  EXPECT_EQ(hub_of({}), "147893286");
  EXPECT_EQ(hub_of({{"account", "147894295"}}), "147894295");
  EXPECT_EQ(hub_of({{"login_hint", "admin@west.example"}}), "147895304");
  hubspot.admin("consent", R"({"account":"147894295"})");
  EXPECT_EQ(hub_of({}), "147894295");
}

TEST(HubspotOauth, LetsThePersonDenyOrUntick) {
  simulated_hubspot hubspot;
  hubspot.admin("consent", R"({"deny":true})");
  EXPECT_EQ(*find_parameter(consented(hubspot), "error"), "access_denied");
  hubspot.admin("consent", R"({"without":["crm.objects.contacts.read"]})");
  const auto tokens = exchanged(hubspot);
  ASSERT_EQ(at(tokens, {"scopes"}).items.size(), 1u);
  EXPECT_EQ(at(tokens, {"scopes"}).items[0].text, "oauth");
}

TEST(HubspotOauth, IntrospectsByBothGenerations) {
  simulated_hubspot hubspot;
  const auto reached = hubspot.sim.endpoints();
  const auto form = [&](std::string_view token) {
    return format_query({{"client_id", reached.client_id},
                         {"client_secret", reached.client_secret},
                         {"token", std::string{token}},
                         {"token_type_hint", "access_token"}});
  };
  const auto path = std::string{token_path} + "/introspect";
  const auto known = hubspot.read(hubspot.form(path, form(hubspot.token)));
  EXPECT_TRUE(known.find("active")->truth);
  EXPECT_EQ(known.string_or_empty("hub_domain"), "north.example");
  EXPECT_EQ(at(known, {"hub_id"}).text, "147893286");
  EXPECT_FALSE(hubspot.read(hubspot.form(path, form("nonsense"))).find("active")->truth);
  EXPECT_EQ(hubspot.form(path, "token=x").status, 400); // a client without proof
  const auto legacy = hubspot.get("/oauth/v1/access-tokens/" + hubspot.token);
  EXPECT_EQ(hubspot.read(legacy).string_or_empty("token_type"), "access");
  EXPECT_EQ(hubspot.get("/oauth/v1/access-tokens/nonsense").status, 404);
}

TEST(HubspotOauth, RevokesTheRefreshTokenAndLeavesAccessAlone) { // hubspot.md §1.2
  simulated_hubspot hubspot;
  const auto reached = hubspot.sim.endpoints();
  const auto tokens = hubspot.sim.issue_tokens(hubspot.now);
  const auto revoke = [&](std::string_view token) {
    return hubspot.form("/oauth/2026-03/token/revoke",
                        format_query({{"client_id", reached.client_id},
                                      {"client_secret", reached.client_secret},
                                      {"token", std::string{token}}}));
  };
  EXPECT_EQ(revoke(tokens.refresh_token).status, 200);
  EXPECT_EQ(revoke("unknown").status, 200);
  expect_refusal(hubspot.form(token_path, refresh_form(hubspot, tokens.refresh_token)),
                 "BAD_REFRESH_TOKEN", "invalid_grant");
  hubspot.token = tokens.access_token;
  EXPECT_EQ(hubspot.get("/crm/v3/objects/contacts").status, 200);
  const auto other = hubspot.sim.issue_tokens(hubspot.now);
  EXPECT_EQ(hubspot.del("/oauth/v1/refresh-tokens/" + other.refresh_token).status, 204);
  EXPECT_EQ(hubspot.del("/oauth/v1/refresh-tokens/" + other.refresh_token).status, 404);
}

TEST(HubspotOauth, UninstallsByApi) {
  simulated_hubspot hubspot;
  const auto tokens = hubspot.sim.issue_tokens(hubspot.now);
  hubspot.token = tokens.access_token;
  EXPECT_EQ(hubspot.del("/appinstalls/v3/external-install").status, 204);
  expect_refusal(hubspot.form(token_path, refresh_form(hubspot, tokens.refresh_token)),
                 "BAD_REFRESH_TOKEN", "invalid_grant");
}

TEST(HubspotOauth, KnowsAPortalThatIsGone) {
  simulated_hubspot hubspot;
  const auto tokens = hubspot.sim.issue_tokens(hubspot.now);
  hubspot.admin("remove_portal");
  expect_refusal(hubspot.form(token_path, refresh_form(hubspot, tokens.refresh_token)), "BAD_HUB",
                 "access_denied");
  EXPECT_EQ(hubspot.get("/crm/v3/objects/contacts").status, 401);
}
