#include "tests/protocol/pipedrive/simulated.hpp"

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

constexpr auto redirect = "http://127.0.0.1:51004/oauth/pipedrive";

class PipedriveSimulatorOauth : public ::testing::Test {
protected:
  /// Consents as a browser would; the parameters of the redirect.
  query_parameters consent(query_parameters more = {}) {
    query_parameters asked{
        {"client_id", at.sim.endpoints().client_id}, {"redirect_uri", redirect}, {"state", "x y"}};
    asked.insert(asked.end(), more.begin(), more.end());
    const auto answer
        = at.sim.handle({"GET", with_query(at.sim.endpoints().authorize_url, asked)}, at.now);
    EXPECT_EQ(answer.status, 302) << *answer.body;
    const auto landed = std::string{answer.headers.get("Location")};
    return *parse_query(landed.substr(landed.find('?') + 1));
  }
  http_response token(const query_parameters& form, bool as_app = true,
                      const std::string& path = "/oauth/token") {
    http_request request{"POST", "https://oauth.pipedrive.com" + path, format_query(form),
                         "application/x-www-form-urlencoded"};
    const auto app = at.sim.endpoints();
    if (as_app)
      request.headers.add("Authorization",
                          "Basic " + base64(app.client_id + ":" + app.client_secret));
    return at.sim.handle(request, at.now);
  }
  json::value exchange() {
    const auto landed = consent();
    const auto answer = token({{"grant_type", "authorization_code"},
                               {"code", *find_parameter(landed, "code")},
                               {"redirect_uri", redirect}});
    EXPECT_EQ(answer.status, 200) << *answer.body;
    return at.read(answer);
  }
  http_response refresh(std::string_view refresh_token) {
    return token({{"grant_type", "refresh_token"}, {"refresh_token", std::string{refresh_token}}});
  }
  std::string message(const http_response& answer) {
    EXPECT_EQ(answer.status, 400);
    return std::string{at.read(answer).string_or_empty("message")};
  }

  simulated_pipedrive at{5, 2};
};

} // namespace

TEST_F(PipedriveSimulatorOauth, GrantsWhatTheAppIsRegisteredFor) {
  const auto granted = exchange();
  EXPECT_EQ(granted.string_or_empty("scope"), "base,contacts:full,deals:full,contact-fields:full,"
                                              "deal-fields:full,recents:read,search:read");
  EXPECT_EQ(granted.find("expires_in")->text, "3599");
  EXPECT_EQ(granted.string_or_empty("api_domain"), "https://north-sales.pipedrive.com");
  at.token = granted.string_or_empty("access_token");
  EXPECT_EQ(at.get("/api/v2/deals").status, 200);
}

TEST_F(PipedriveSimulatorOauth, NamesTheAddressOfTheCompanyThatConsented) {
  const auto landed = consent({{"login_hint", "admin@south-sales.example"}});
  const auto granted = at.read(token({{"grant_type", "authorization_code"},
                                      {"code", *find_parameter(landed, "code")},
                                      {"redirect_uri", redirect}}));
  EXPECT_EQ(granted.string_or_empty("api_domain"), "https://south-sales.pipedrive.com");
}

TEST_F(PipedriveSimulatorOauth, TellsOfARenamedCompanyAtTheNextRefresh) {
  const auto granted = exchange();
  at.admin("rename", R"({"domain":"north-and-sons"})");
  const auto renewed = at.read(refresh(granted.string_or_empty("refresh_token")));
  EXPECT_EQ(renewed.string_or_empty("api_domain"), "https://north-and-sons.pipedrive.com");
  at.token = renewed.string_or_empty("access_token");
  EXPECT_EQ(at.send({"GET", "https://north-sales.pipedrive.com/api/v2/deals"}).status, 404);
}

TEST_F(PipedriveSimulatorOauth, RotatesRefreshTokensAndEndsAllAtAReuse) {
  const auto first = exchange();
  const auto second = at.read(refresh(first.string_or_empty("refresh_token")));
  EXPECT_NE(second.string_or_empty("refresh_token"), first.string_or_empty("refresh_token"));
  const auto reused = refresh(first.string_or_empty("refresh_token"));
  EXPECT_EQ(message(reused), "Invalid grant: refresh_token is invalid");
  EXPECT_EQ(at.error_of(reused), "invalid_grant");
  EXPECT_EQ(refresh(second.string_or_empty("refresh_token")).status, 400);
}

TEST_F(PipedriveSimulatorOauth, LetsARefreshTokenIdleForSixtyDays) {
  const auto granted = exchange();
  at.now += 24h * 60 - 1s;
  const auto renewed = refresh(granted.string_or_empty("refresh_token"));
  ASSERT_EQ(renewed.status, 200);
  at.now += 24h * 60;
  EXPECT_EQ(refresh(at.read(renewed).string_or_empty("refresh_token")).status, 400);
}

TEST_F(PipedriveSimulatorOauth, WantsTheAppInTheAuthorizationField) {
  const query_parameters form{{"grant_type", "refresh_token"}, {"refresh_token", "x"}};
  EXPECT_EQ(message(token(form, false)), "Invalid client: client is invalid");
  auto in_form = form;
  in_form.emplace_back("client_id", at.sim.endpoints().client_id);
  in_form.emplace_back("client_secret", at.sim.endpoints().client_secret);
  EXPECT_EQ(message(token(in_form, false)), "Invalid client: client is invalid");
}

TEST_F(PipedriveSimulatorOauth, SaysInWordsWhatIsWrong) {
  EXPECT_EQ(message(token({{"grant_type", ""}})), "Missing parameter: `grant_type`");
  EXPECT_EQ(message(token({{"grant_type", "password"}})).find("Unsupported grant type"), 0u);
  EXPECT_EQ(message(token(
                {{"grant_type", "authorization_code"}, {"code", "x"}, {"redirect_uri", redirect}})),
            "Invalid grant: authorization_code is invalid");
  const auto json = at.sim.handle(
      {"POST", "https://oauth.pipedrive.com/oauth/token", "{}", "application/json"}, at.now);
  EXPECT_EQ(message(json), "Invalid request: content must be application/x-www-form-urlencoded");
}

TEST_F(PipedriveSimulatorOauth, LetsACodeLiveFiveMinutesAndOnce) {
  const auto code = *find_parameter(consent(), "code");
  const query_parameters form{
      {"grant_type", "authorization_code"}, {"code", code}, {"redirect_uri", redirect}};
  at.now += 5min - 1ms;
  EXPECT_EQ(token(form).status, 200);
  EXPECT_EQ(token(form).status, 400);
  const auto late = *find_parameter(consent(), "code");
  at.now += 5min;
  EXPECT_EQ(
      token({{"grant_type", "authorization_code"}, {"code", late}, {"redirect_uri", redirect}})
          .status,
      400);
}

TEST_F(PipedriveSimulatorOauth, ServesBothSpellingsOfTheTokenAddress) {
  const auto granted = exchange();
  EXPECT_EQ(token({{"grant_type", "refresh_token"},
                   {"refresh_token", std::string{granted.string_or_empty("refresh_token")}}},
                  true, "/oauth/token/")
                .status,
            200);
}

TEST_F(PipedriveSimulatorOauth, UninstallsByTheRefreshTokenAlone) {
  const auto granted = exchange();
  const auto revoke = [&](std::string_view name) {
    return token({{"token", std::string{granted.string_or_empty(name)}}}, true, "/oauth/revoke");
  };
  EXPECT_EQ(revoke("access_token").status, 200);
  EXPECT_EQ(refresh(granted.string_or_empty("refresh_token")).status, 200); // still installed
  const auto again = exchange();
  EXPECT_EQ(
      token({{"token", std::string{again.string_or_empty("refresh_token")}}}, true, "/oauth/revoke")
          .status,
      200);
  EXPECT_EQ(refresh(again.string_or_empty("refresh_token")).status, 400);
  EXPECT_EQ(token({{"token", "unknown"}}, true, "/oauth/revoke").status, 200);
}

TEST_F(PipedriveSimulatorOauth, SendsBackWhoeverDeclines) {
  at.admin("consent", R"({"deny":true})");
  const auto landed = consent();
  EXPECT_EQ(*find_parameter(landed, "error"), "access_denied");
  EXPECT_EQ(*find_parameter(landed, "state"), "x y");
}
