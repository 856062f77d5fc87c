#include "tests/protocol/google/simulated.hpp"

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

constexpr auto redirect = "http://127.0.0.1:51004/oauth/google";
constexpr auto mail_scope = "https://www.googleapis.com/auth/gmail.readonly";

class GoogleSimulatorOauth : public ::testing::Test {
protected:
  http_response ask(const std::string& how, const std::string& scopes) {
    const auto app = at.sim.endpoints();
    const auto address = app.authorize_url.substr(0, app.authorize_url.find('?')) + how;
    return at.sim.handle({"GET", with_query(address, {{"client_id", app.client_id},
                                                      {"redirect_uri", redirect},
                                                      {"response_type", "code"},
                                                      {"scope", scopes},
                                                      {"state", "x y"}})},
                         at.now);
  }
  /// Consents as a browser would; the parameters of the redirect.
  query_parameters consent(const std::string& how = "?access_type=offline&prompt=consent",
                           const std::string& scopes = "openid " + std::string{mail_scope}) {
    const auto answer = ask(how, scopes);
    EXPECT_EQ(answer.status, 302) << *answer.body;
    const auto landed = std::string{answer.headers.get("Location")};
    return *parse_query(landed.substr(landed.find('?') + 1));
  }
  http_response post(const std::string& path, query_parameters form) {
    const auto app = at.sim.endpoints();
    form.emplace_back("client_id", app.client_id);
    form.emplace_back("client_secret", app.client_secret);
    return at.sim.handle({"POST", "https://oauth2.googleapis.com" + path, format_query(form),
                          "application/x-www-form-urlencoded"},
                         at.now);
  }
  json::value exchange(const query_parameters& landed) {
    const auto answer = post("/token", {{"grant_type", "authorization_code"},
                                        {"code", *find_parameter(landed, "code")},
                                        {"redirect_uri", redirect}});
    EXPECT_EQ(answer.status, 200) << *answer.body;
    return at.read(answer);
  }
  http_response refresh(const json::value& granted) {
    return post("/token",
                {{"grant_type", "refresh_token"},
                 {"refresh_token", std::string{granted.string_or_empty("refresh_token")}}});
  }
  std::string error_of(const http_response& answer) {
    return std::string{at.read(answer).string_or_empty("error")};
  }
  std::string words_of(const http_response& answer) {
    return std::string{at.read(answer).string_or_empty("error_description")};
  }

  simulated_google at{5, 2};
};

} // namespace

TEST_F(GoogleSimulatorOauth, TellsWhoSignedInAndForWhat) {
  const auto granted = exchange(consent());
  EXPECT_EQ(granted.find("expires_in")->text, "3599");
  EXPECT_EQ(granted.string_or_empty("scope"), "openid " + std::string{mail_scope});
  EXPECT_FALSE(granted.string_or_empty("id_token").empty());
  at.token = granted.string_or_empty("access_token");
  EXPECT_EQ(at.mail("profile").status, 200);
}

TEST_F(GoogleSimulatorOauth, HandsARefreshTokenOutAtTheFirstConsentOnlyUnlessAskedAgain) {
  at.admin("revoke"); // the token that the fixture issued counts as a consent
  const auto has = [&](const std::string& how) {
    return exchange(consent(how)).find("refresh_token") != nullptr;
  };
  EXPECT_FALSE(has("?prompt=consent"));
  at.admin("revoke");
  EXPECT_TRUE(has("?access_type=offline"));
  EXPECT_FALSE(has("?access_type=offline"));
  EXPECT_TRUE(has("?access_type=offline&prompt=consent"));
  EXPECT_TRUE(has("?access_type=offline&prompt=select_account%20consent"));
  at.admin("revoke");
  EXPECT_TRUE(has("?access_type=offline"));
}

TEST_F(GoogleSimulatorOauth, KeepsTheRefreshTokenAndDoesNotRepeatIt) {
  const auto granted = exchange(consent());
  const auto renewed = at.read(refresh(granted));
  EXPECT_FALSE(renewed.find("refresh_token"));
  EXPECT_EQ(refresh(granted).status, 200);
}

TEST_F(GoogleSimulatorOauth, EndsAGrantOfAnAppInTestingAfterSevenDays) {
  at.admin("testing");
  const auto granted = exchange(consent());
  EXPECT_EQ(granted.find("refresh_token_expires_in")->text, "604800");
  at.now += 7 * 24h - 1ms;
  EXPECT_EQ(refresh(granted).status, 200); // a use does not lengthen it
  at.now += 1ms;
  EXPECT_EQ(error_of(refresh(granted)), "invalid_grant");
}

TEST_F(GoogleSimulatorOauth, EndsAGrantThatIsIdleForHalfAYear) {
  const auto granted = exchange(consent());
  at.now += 180 * 24h - 1ms;
  EXPECT_EQ(refresh(granted).status, 200);
  at.now += 180 * 24h;
  EXPECT_EQ(words_of(refresh(granted)), "Token has been expired or revoked.");
}

TEST_F(GoogleSimulatorOauth, TellsTheKindsOfRefusalApart) {
  const auto granted = exchange(consent());
  at.admin("refuse_refresh", R"({"kind":"invalid_rapt"})");
  const auto rapt = at.read(refresh(granted));
  EXPECT_EQ(rapt.string_or_empty("error"), "invalid_grant");
  EXPECT_EQ(rapt.string_or_empty("error_subtype"), "invalid_rapt");
  at.admin("refuse_refresh", R"({"kind":"admin_policy_enforced"})");
  EXPECT_EQ(error_of(refresh(granted)), "admin_policy_enforced");
  at.admin("refuse_refresh", R"({"kind":"deleted_client"})");
  EXPECT_EQ(refresh(granted).status, 401);
  at.admin("refuse_refresh", R"({"kind":"account_deleted"})");
  EXPECT_EQ(words_of(refresh(granted)), "Account has been deleted");
  at.admin("refuse_refresh");
  EXPECT_EQ(refresh(granted).status, 200);
  const auto malformed
      = post("/token", {{"grant_type", "refresh_token"}, {"refresh_token", "no token"}});
  EXPECT_EQ(words_of(malformed), "Bad Request");
  const auto landed = consent();
  exchange(landed);
  const auto again = post("/token", {{"grant_type", "authorization_code"},
                                     {"code", *find_parameter(landed, "code")},
                                     {"redirect_uri", redirect}});
  EXPECT_EQ(words_of(again), "Bad Request"); // a code is good once
}

TEST_F(GoogleSimulatorOauth, RevokesTheWholeProjectByEitherToken) {
  for (const auto* name : {"access_token", "refresh_token"}) {
    const auto first = exchange(consent());
    const auto second = exchange(consent());
    EXPECT_EQ(post("/revoke", {{"token", std::string{first.string_or_empty(name)}}}).status, 200);
    EXPECT_EQ(refresh(first).status, 400) << name;
    EXPECT_EQ(refresh(second).status, 400) << name;
    at.token = second.string_or_empty("access_token");
    EXPECT_EQ(at.mail("profile").status, 401) << name;
  }
  const auto in_query = exchange(consent()); // as the SDK sends it
  EXPECT_EQ(
      post("/revoke?token=" + percent_encode(in_query.string_or_empty("refresh_token")), {}).status,
      200);
  EXPECT_EQ(error_of(post("/revoke", {{"token", "unknown"}})), "invalid_token");
}

TEST_F(GoogleSimulatorOauth, SendsBackWhoeverDeclinesOrUnticks) {
  at.admin("consent", R"({"without":[")" + std::string{mail_scope} + "\"]}");
  EXPECT_EQ(exchange(consent()).string_or_empty("scope"), "openid");
  at.admin("consent", R"({"deny":true})");
  const auto landed = consent();
  EXPECT_EQ(*find_parameter(landed, "error"), "access_denied");
  EXPECT_EQ(*find_parameter(landed, "state"), "x y");
}

TEST_F(GoogleSimulatorOauth, ShowsAnAdministratorsBlockOnItsOwnPage) {
  at.admin("block", R"({"error":"admin_policy_enforced"})");
  const auto shown = ask("?access_type=offline", "openid");
  EXPECT_EQ(shown.status, 400);
  EXPECT_FALSE(shown.headers.has("Location")); // the app never hears of it
  EXPECT_NE(shown.body->find("admin_policy_enforced"), std::string::npos);
}

TEST_F(GoogleSimulatorOauth, LetsAPersonDecideWhereverItIsMounted) {
  at.sim.oauth().auto_consent = false;
  at.sim.mount("https://127.0.0.1:4711/google");
  const auto shown = ask("?access_type=offline", "openid");
  EXPECT_EQ(shown.status, 200);
  EXPECT_NE(shown.body->find("action=\"/google/o/oauth2/v2/auth\""), std::string::npos);
}

TEST_F(GoogleSimulatorOauth, KnowsTheScopesOfItsApisAlone) {
  EXPECT_EQ(*find_parameter(consent("?access_type=offline", "gmail.readonly"), "error"),
            "invalid_scope");
}
