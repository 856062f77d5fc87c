// Entra's side of signing in.
#include "protocol/microsoft/provider.hpp"
#include "protocol/oauth/token_endpoint.hpp"
#include "tests/protocol/microsoft/simulated.hpp"

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr const char* challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"; // oauth.md §1
constexpr const char* redirect = "http://127.0.0.1:51004/oauth/microsoft";

struct sign_in : simulated_microsoft {
  std::string address(const std::string& scope, const std::string& to = redirect) {
    const auto there = sim.endpoints();
    return with_query(there.authorize_url, {{"response_type", "code"},
                                            {"client_id", there.client_id},
                                            {"redirect_uri", to},
                                            {"scope", scope},
                                            {"state", "s"},
                                            {"code_challenge", challenge},
                                            {"code_challenge_method", "S256"}});
  }
  std::string code(const std::string& scope = "offline_access User.Read Contacts.Read") {
    const auto answer = sim.handle({"GET", address(scope)}, now);
    EXPECT_EQ(answer.status, 302) << *answer.body;
    const std::string location{answer.headers.get("Location")};
    const auto query = parse_query(location.substr(location.find('?') + 1));
    const auto* found = query ? find_parameter(*query, "code") : nullptr;
    EXPECT_TRUE(found) << location;
    return found ? *found : "";
  }
  http_response post(query_parameters form) {
    form.emplace_back("client_id", sim.endpoints().client_id);
    return sim.handle({"POST", sim.endpoints().token_url, format_query(form),
                       "application/x-www-form-urlencoded"},
                      now);
  }
  http_response exchange(const std::string& with, query_parameters more = {}) {
    more.insert(more.end(), {{"grant_type", "authorization_code"},
                             {"code", with},
                             {"redirect_uri", redirect},
                             {"code_verifier", std::string{verifier}}});
    return post(std::move(more));
  }
  http_response refresh(const std::string& with) {
    return post({{"grant_type", "refresh_token"}, {"refresh_token", with}});
  }
  static std::string member(const http_response& answer, std::string_view name) {
    return std::string{read(answer).string_or_empty(name)};
  }
  static int64_t number(const http_response& answer) {
    const auto whole = read(answer);
    const auto* codes = whole.find("error_codes");
    return codes && !codes->items.empty() ? codes->items[0].as_int().value_or(0) : 0;
  }
};

} // namespace

TEST(EntraSimulator, HandsOutWhatTheEngineReads) {
  sign_in at;
  const auto answer = at.exchange(at.code());
  EXPECT_EQ(answer.status, 200) << *answer.body;
  const auto read = oauth::read_token_answer(microsoft::provider(), answer, at.now);
  const auto& tokens = std::get<oauth::token_grant>(read).tokens;
  EXPECT_EQ(tokens.scopes, (std::vector<std::string>{"User.Read", "Contacts.Read"}));
  EXPECT_EQ(tokens.expires_at, at.now + 3600s);
  EXPECT_FALSE(tokens.refresh_token.empty());
}

TEST(EntraSimulator, GivesNoRefreshTokenUnlessAsked) {
  sign_in at;
  const auto answer = at.exchange(at.code("User.Read"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(at.member(answer, "refresh_token"), "");
}

TEST(EntraSimulator, RenewsTheRefreshTokenAndKeepsTheOldOne) {
  sign_in at;
  const auto first = at.member(at.exchange(at.code()), "refresh_token");
  const auto second = at.member(at.refresh(first), "refresh_token");
  EXPECT_NE(second, first);
  EXPECT_EQ(at.refresh(first).status, 200);
  EXPECT_EQ(at.refresh(second).status, 200);
  at.now += 24h * 90;
  EXPECT_EQ(at.refresh(second).status, 400);
}

TEST(EntraSimulator, TakesACodeOnceAndOnlyWithItsVerifier) {
  sign_in at;
  const auto code = at.code();
  EXPECT_EQ(at.exchange(code).status, 200);
  const auto again = at.exchange(code);
  EXPECT_EQ(at.member(again, "error"), "invalid_grant");
  EXPECT_EQ(at.number(again), 70008);
  const auto wrong = at.post({{"grant_type", "authorization_code"},
                              {"code", at.code()},
                              {"redirect_uri", redirect},
                              {"code_verifier", std::string(43, 'x')}});
  EXPECT_EQ(at.number(wrong), 501481);
}

TEST(EntraSimulator, TakesNoSecretOfAPublicClient) {
  sign_in at;
  const auto refused = at.exchange(at.code(), {{"client_secret", "x"}});
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(at.member(refused, "error"), "invalid_client");
  EXPECT_EQ(at.number(refused), 700025);
}

TEST(EntraSimulator, RedirectsToIPv4LoopbackAtAnyPortAlone) {
  sign_in at;
  const auto status = [&](const std::string& to) {
    return at.sim.handle({"GET", at.address("User.Read", to)}, at.now).status;
  };
  EXPECT_EQ(status("http://127.0.0.1:1/oauth/microsoft"), 302);
  EXPECT_EQ(status("http://127.0.0.1:1/oauth/Microsoft"), 400);
  EXPECT_EQ(status("http://[::1]:1/oauth/microsoft"), 400);
  EXPECT_EQ(status("https://127.0.0.1:1/oauth/microsoft"), 400);
}

TEST(EntraSimulator, RefusesRefreshesByAPolicy) {
  sign_in at;
  const auto token = at.member(at.exchange(at.code()), "refresh_token");
  for (const auto& [number, code] : {std::pair{53003, "admin_policy_enforced"},
                                     {50076, "AADSTS50076"},
                                     {70043, "AADSTS70043"},
                                     {90094, "admin_consent_required"},
                                     {65001, "consent_required"}}) {
    at.admin("sign_in_policy", R"({"aadsts":)" + std::to_string(number) + "}");
    const auto refused = at.refresh(token);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(at.number(refused), number);
    const auto read = oauth::read_token_answer(microsoft::provider(), refused, at.now);
    EXPECT_EQ(std::get<oauth::token_failure>(read).code, code);
  }
  at.admin("sign_in_policy", R"({"aadsts":0})");
  EXPECT_EQ(at.refresh(token).status, 200);
}

TEST(EntraSimulator, ChallengesAnEndedTokenUntilARefresh) {
  sign_in at;
  const auto granted = at.exchange(at.code());
  at.token = at.member(granted, "access_token");
  EXPECT_EQ(at.get("/me").status, 200);
  at.admin("challenge");
  const auto challenged = at.get("/me");
  EXPECT_EQ(challenged.status, 401);
  EXPECT_NE(challenged.headers.get("WWW-Authenticate").find("claims="), std::string_view::npos);
  at.token = at.member(at.refresh(at.member(granted, "refresh_token")), "access_token");
  EXPECT_EQ(at.get("/me").status, 200);
}

TEST(EntraSimulator, EndsEverythingWhenSessionsAreRevoked) {
  sign_in at;
  const auto granted = at.exchange(at.code());
  at.token = at.member(granted, "access_token");
  at.admin("revoke");
  EXPECT_EQ(at.get("/me").status, 401);
  EXPECT_EQ(at.number(at.refresh(at.member(granted, "refresh_token"))), 50173);
}
