#include "protocol/oauth/authorization.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::oauth;

namespace {

client app_at(std::string authorize_url) {
  client app;
  app.id = "app 1";
  app.client_secret = secret{"sesame"};
  app.authorize_url = std::move(authorize_url);
  return app;
}

/// What came of a callback, in one word and its detail.
std::string outcome(std::string_view query, std::string_view issuer = {}) {
  const auto read = read_callback(query, "st4te", issuer);
  if (const auto* granted = std::get_if<granted_code>(&read))
    return "code " + std::string{granted->code.reveal()};
  if (const auto* refused = std::get_if<refused_consent>(&read))
    return "refused " + refused->code;
  return "stray " + std::get<stray_callback>(read).reason;
}

std::string sentence(std::string_view code) {
  const auto read = read_callback("state=st4te&error=" + std::string{code}, "st4te");
  return std::get<refused_consent>(read).sentence;
}

} // namespace

TEST(AuthorizationUrl, HoldsEveryParameterOnceAndEncoded) {
  EXPECT_EQ(authorization_url(app_at("https://as.example/authorize"),
                              "http://127.0.0.1:51004/oauth/hubspot", {"oauth", "crm.read"},
                              "st4te", "ch-al_lenge"),
            "https://as.example/authorize?response_type=code&client_id=app%201"
            "&redirect_uri=http%3A%2F%2F127.0.0.1%3A51004%2Foauth%2Fhubspot"
            "&scope=oauth%20crm.read&state=st4te&code_challenge=ch-al_lenge"
            "&code_challenge_method=S256");
}

TEST(AuthorizationUrl, KeepsTheEndpointsQueryButForOurParameters) {
  EXPECT_EQ(authorization_url(app_at("https://as.example/a?tenant=x%2Fy&client%5Fid=evil&"
                                     "response_type=token&flag&broken=%"),
                              "r", {}, "s", "c"),
            "https://as.example/a?tenant=x%2Fy&flag&broken=%&response_type=code"
            "&client_id=app%201&redirect_uri=r&state=s&code_challenge=c"
            "&code_challenge_method=S256");
}

TEST(AuthorizationUrl, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(authorization_url(app_at("https://as.example/a?"), "r", {}, "s", ""),
            "https://as.example/a?response_type=code&client_id=app%201&redirect_uri=r&state=s");
}

TEST(AuthorizationUrl, ChallengesOnlyWhereThatIsKnown) {
  auto app = app_at("https://as.example/a");
  app.dialect.pkce = false;
  EXPECT_EQ(authorization_url(app, "r", {}, "s", "c"),
            "https://as.example/a?response_type=code&client_id=app%201&redirect_uri=r&state=s");
}

TEST(AuthorizationUrl, NeverHoldsTheClientSecret) {
  EXPECT_EQ(authorization_url(app_at("https://as.example/a"), "r", {"x"}, "s", "c").find("sesame"),
            std::string::npos);
}

TEST(Callback, YieldsTheDecodedCode) {
  EXPECT_EQ(outcome("code=4%2F0Aa%2Bb&state=st4te"), "code 4/0Aa+b");
  EXPECT_EQ(outcome("state=st4te&unknown=1&code=x&scope=a+b"), "code x");
}

TEST(Callback, IsStrayWithoutOurState) {
  EXPECT_EQ(outcome(""), "stray no_parameters");
  EXPECT_EQ(outcome("code=x"), "stray state_missing");
  EXPECT_EQ(outcome("code=x&state="), "stray state_missing");
  EXPECT_EQ(outcome("code=x&state=other"), "stray state_mismatch");
  EXPECT_EQ(outcome("code=x&state=st4te%20"), "stray state_mismatch");
  EXPECT_EQ(outcome("error=access_denied&state=other"), "stray state_mismatch");
}

TEST(Callback, IsStrayForAnEmptyExpectedState) {
  EXPECT_TRUE(std::holds_alternative<stray_callback>(read_callback("code=x&state=", "")));
  EXPECT_TRUE(std::holds_alternative<stray_callback>(read_callback("code=x", "")));
}

TEST(Callback, IsStrayWhenAnyParameterComesTwice) {
  EXPECT_EQ(outcome("code=x&state=st4te&code=y"), "stray duplicate_parameter");
  EXPECT_EQ(outcome("code=x&state=st4te&state=st4te"), "stray duplicate_parameter");
  EXPECT_EQ(outcome("code=x&state=st4te&a=1&%61=1"), "stray duplicate_parameter");
  EXPECT_EQ(outcome("code=x&state=st4te&broken=%zz"), "stray malformed_query");
}

TEST(Callback, ComparesTheIssuerByPlainEquality) {
  const auto issuer = "https://as.example";
  EXPECT_EQ(outcome("code=x&state=st4te&iss=https%3A%2F%2Fas.example", issuer), "code x");
  EXPECT_EQ(outcome("code=x&state=st4te&iss=https%3A%2F%2Fas.example%2F", issuer),
            "stray issuer_mismatch");
  EXPECT_EQ(outcome("code=x&state=st4te", issuer), "stray issuer_mismatch");
  EXPECT_EQ(outcome("error=access_denied&state=st4te&iss=https%3A%2F%2Fevil", issuer),
            "stray issuer_mismatch");
  EXPECT_EQ(outcome("code=x&state=st4te&iss=anything"), "code x");
}

TEST(Callback, PrefersTheErrorToACode) {
  EXPECT_EQ(outcome("code=x&state=st4te&error=access_denied"), "refused access_denied");
  EXPECT_EQ(outcome("code=x&state=st4te&error="), "code x");
  EXPECT_EQ(outcome("state=st4te"), "stray code_missing");
  EXPECT_EQ(outcome("state=st4te&code="), "stray code_missing");
}

TEST(Callback, CutsAnErrorCodeToPrintableCharacters) {
  const auto read
      = read_callback("state=st4te&error=a%0D%0Ab%1B%C3%A9" + std::string(200, 'x'), "st4te");
  const auto& refused = std::get<refused_consent>(read);
  EXPECT_EQ(refused.code, "a??b???" + std::string(93, 'x'));
  EXPECT_NE(refused.sentence.find(refused.code), std::string::npos);
}

TEST(Callback, TellsAPersonWhatToDo) {
  EXPECT_EQ(sentence("access_denied"),
            "The consent was refused. Try Reconnect and allow what is asked for; if there was "
            "nothing to allow, an administrator of your organisation must approve the app first.");
  EXPECT_NE(sentence("admin_policy_enforced").find("Ask your IT administrator"), std::string::npos);
  EXPECT_NE(sentence("login_required").find("not finished"), std::string::npos);
  EXPECT_NE(sentence("server_error").find("Wait a minute"), std::string::npos);
  EXPECT_TRUE(sentence("invalid_scope").ends_with("developer of the app: invalid_scope."));
  EXPECT_TRUE(sentence("new_error").ends_with("about this code: new_error."));
}

TEST(Callback, NeverShowsTheDescription) {
  const auto read
      = read_callback("state=st4te&error=server_error&error_description=sesame", "st4te");
  EXPECT_EQ(std::get<refused_consent>(read).sentence.find("sesame"), std::string::npos);
}
