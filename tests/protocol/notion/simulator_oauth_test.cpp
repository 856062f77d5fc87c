#include "tests/protocol/notion/simulated.hpp"

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

constexpr auto redirect = "http://127.0.0.1:51004/oauth/notion";

class NotionSimulatorOauth : public ::testing::Test {
protected:
  /// Consents as a browser would; the parameters of the redirect.
  query_parameters consent(query_parameters more = {}) {
    query_parameters asked{{"client_id", at.sim.endpoints().client_id},
                           {"redirect_uri", redirect},
                           {"response_type", "code"},
                           {"state", "x y"}};
    asked.insert(asked.end(), more.begin(), more.end());
    const auto answer
        = at.sim.handle({"GET", with_query(at.sim.endpoints().authorize_url, asked)}, at.now);
    EXPECT_EQ(answer.status, 302) << *answer.body;
    const auto landed = std::string{answer.headers.get("Location")};
    return *parse_query(landed.substr(landed.find('?') + 1));
  }
  http_response post(const std::string& path, const std::string& body, bool as_app = true) {
    http_request request{"POST", "https://api.notion.com/v1/oauth/" + path, body,
                         "application/json"};
    const auto app = at.sim.endpoints();
    if (as_app)
      request.headers.add("Authorization",
                          "Basic " + base64(app.client_id + ":" + app.client_secret));
    request.headers.add("Notion-Version", "2026-03-11");
    return at.sim.handle(request, at.now);
  }
  http_response exchange(const std::string& code) {
    return post("token", R"({"grant_type":"authorization_code","code":")" + code
                             + R"(","redirect_uri":")" + redirect + "\"}");
  }
  json::value granted(query_parameters more = {}) {
    const auto answer = exchange(*find_parameter(consent(std::move(more)), "code"));
    EXPECT_EQ(answer.status, 200) << *answer.body;
    return at.read(answer);
  }
  http_response refresh(std::string_view refresh_token) {
    return post("token", R"({"grant_type":"refresh_token","refresh_token":")"
                             + std::string{refresh_token} + "\"}");
  }
  std::string error_of(const http_response& answer) {
    return std::string{at.read(answer).string_or_empty("error")};
  }

  simulated_notion at{5, 2};
};

} // namespace

TEST_F(NotionSimulatorOauth, NamesTheConnectionAndNoLife) {
  const auto tokens = granted();
  EXPECT_EQ(tokens.string_or_empty("bot_id"), at.sim.accounts()[0]);
  EXPECT_EQ(tokens.string_or_empty("workspace_name"), "North Notes");
  EXPECT_EQ(tokens.string_or_empty("access_token").substr(0, 4), "ntn_");
  EXPECT_FALSE(tokens.find("expires_in"));
  EXPECT_FALSE(tokens.find("scope"));
  at.token = tokens.string_or_empty("access_token");
  EXPECT_EQ(at.search("{}").status, 200);
  EXPECT_EQ(granted({{"login_hint", "owner@south-notes.example"}}).string_or_empty("bot_id"),
            at.sim.accounts()[1]);
}

TEST_F(NotionSimulatorOauth, RotatesBothTokensAndEndsAllAtAReuse) {
  const auto first = granted();
  const auto second = at.read(refresh(first.string_or_empty("refresh_token")));
  EXPECT_NE(second.string_or_empty("access_token"), first.string_or_empty("access_token"));
  EXPECT_NE(second.string_or_empty("refresh_token"), first.string_or_empty("refresh_token"));
  const auto reused = refresh(first.string_or_empty("refresh_token"));
  EXPECT_EQ(reused.status, 400);
  EXPECT_EQ(error_of(reused), "invalid_grant");
  EXPECT_EQ(refresh(second.string_or_empty("refresh_token")).status, 400);
}

TEST_F(NotionSimulatorOauth, LetsAnAccessTokenEndWithoutAWord) {
  at.token = granted().string_or_empty("access_token");
  at.now += 1h - 1ms;
  EXPECT_EQ(at.search("{}").status, 200);
  at.now += 1ms;
  EXPECT_EQ(at.code_of(at.search("{}")), "unauthorized");
}

TEST_F(NotionSimulatorOauth, WantsTheAppInTheAuthorizationField) {
  const auto answer = post("token", R"({"grant_type":"refresh_token","refresh_token":"x"})", false);
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(error_of(answer), "invalid_client");
  EXPECT_EQ(answer.headers.get("WWW-Authenticate"), "Basic realm=\"OAuth\"");
}

TEST_F(NotionSimulatorOauth, WantsJsonAndNothingThatItDoesNotKnow) {
  EXPECT_EQ(at.code_of(post("token", "grant_type=refresh_token")), "invalid_json");
  EXPECT_EQ(at.code_of(post("token", R"({"grant_type":"refresh_token","code_verifier":"v"})")),
            "validation_error");
  EXPECT_EQ(error_of(post("token", R"({"grant_type":"password"})")), "unsupported_grant_type");
  EXPECT_EQ(error_of(post("token", "{}")), "invalid_request");
  const auto app = at.sim.endpoints();
  http_request unversioned{"POST", app.token_url, "{}", "application/json"};
  unversioned.headers.add("Authorization",
                          "Basic " + base64(app.client_id + ":" + app.client_secret));
  EXPECT_EQ(at.code_of(at.sim.handle(unversioned, at.now)), "missing_version");
}

TEST_F(NotionSimulatorOauth, LetsACodeBeUsedOnce) {
  const auto code = *find_parameter(consent(), "code");
  EXPECT_EQ(exchange(code).status, 200);
  EXPECT_EQ(error_of(exchange(code)), "invalid_grant");
}

TEST_F(NotionSimulatorOauth, EndsAConnectionByItsToken) {
  const auto tokens = granted();
  const auto named = R"({"token":")" + std::string{tokens.string_or_empty("access_token")} + "\"}";
  EXPECT_TRUE(at.read(post("introspect", named)).find("active")->truth);
  EXPECT_EQ(post("revoke", named).status, 200);
  EXPECT_FALSE(at.read(post("introspect", named)).find("active")->truth);
  EXPECT_EQ(refresh(tokens.string_or_empty("refresh_token")).status, 400);
  EXPECT_EQ(post("revoke", R"({"token":"unknown"})").status, 200);
  EXPECT_EQ(at.code_of(post("revoke", "{}")), "validation_error");
}

TEST_F(NotionSimulatorOauth, SendsBackWhoeverDeclines) {
  at.admin("consent", R"({"deny":true})");
  const auto landed = consent();
  EXPECT_EQ(*find_parameter(landed, "error"), "access_denied");
  EXPECT_EQ(*find_parameter(landed, "state"), "x y");
}
