#include "protocol/simulation/oauth_server.hpp"

#include "protocol/simulation/seeded_random.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::simulation;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
constexpr auto challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

oauth_server server(oauth_policy policy = {}) {
  registered_client client{
      "app",
      "s:cret",
      "Nexte",
      {"http://127.0.0.1/cb", "https://a.example/cb", "http://localhost:7/cb"}};
  return oauth_server{std::move(policy),
                      std::move(client),
                      {{"1", "ada@one.example", "One"}, {"2", "bob@two.example", "Two <b>"}},
                      seeded_source(1)};
}

query_parameters request() {
  return {{"response_type", "code"},
          {"client_id", "app"},
          {"redirect_uri", "http://127.0.0.1:51004/cb"},
          {"scope", "a b"},
          {"state", "x y+&=%\"é"}};
}

query_parameters with(std::string_view name, std::string value) {
  auto query = request();
  std::erase_if(query, [&](const auto& parameter) { return parameter.first == name; });
  query.emplace_back(std::string{name}, std::move(value));
  return query;
}

http_response get(oauth_server& at, const query_parameters& query) {
  return at.authorize({"GET", with_query("https://as.example/oauth/authorize", query)}, now);
}

http_response post(oauth_server& at, const query_parameters& form, wall_time when = now) {
  return at.authorize({"POST", "https://as.example/oauth/authorize", format_query(form)}, when);
}

/// The redirect's parameters.
query_parameters landed(const http_response& response) {
  const auto url = parse_url(response.headers.get("Location"));
  EXPECT_TRUE(url);
  return url ? *parse_query(url->query()) : query_parameters{};
}

std::string ticket_of(const http_response& page) {
  constexpr std::string_view mark = "name=\"ticket\" value=\"";
  const auto begin = page.body->find(mark) + mark.size();
  return page.body->substr(begin, page.body->find('"', begin) - begin);
}

std::string error_of(oauth_server& at, const query_parameters& query) {
  const auto parameters = landed(get(at, query));
  const auto* code = find_parameter(parameters, "error");
  return code ? *code : "";
}

} // namespace

TEST(OauthServer, NeverRedirectsForAWrongClientOrRedirect) {
  auto at = server();
  at.auto_consent = true;
  for (const auto& query :
       {with("client_id", "other"), with("redirect_uri", "https://evil.example/cb"),
        with("redirect_uri", "http://127.0.0.1:51004/other"),
        with("redirect_uri", "http://localhost:51004/cb"), with("redirect_uri", ""),
        with("redirect_uri", "https://a.example:8443/cb"),
        with("redirect_uri", "https://127.0.0.1:51004/cb")}) {
    const auto page = get(at, query);
    EXPECT_EQ(page.status, 400);
    EXPECT_FALSE(page.headers.has("Location"));
  }
  EXPECT_EQ(get(at, request()).status, 302);
  EXPECT_EQ(get(at, with("redirect_uri", "http://127.0.0.1/cb")).status, 302);
  EXPECT_EQ(get(at, with("redirect_uri", "https://a.example/cb")).status, 302);
  EXPECT_EQ(get(at, with("redirect_uri", "http://localhost:7/cb")).status, 302); // to the letter
}

TEST(OauthServer, EchoesTheStateAsItCame) {
  auto at = server();
  at.auto_consent = true;
  EXPECT_EQ(*find_parameter(landed(get(at, request())), "state"), "x y+&=%\"é");
  EXPECT_EQ(find_parameter(landed(get(at, with("state", ""))), "state"), nullptr);
}

TEST(OauthServer, RedirectsOtherFaultsWithTheirCode) {
  oauth_policy policy;
  policy.known_scopes = {"a", "b"};
  policy.required_scopes = {"a"};
  policy.issuer = "https://as.example";
  auto at = server(policy);
  at.auto_consent = true;
  EXPECT_EQ(error_of(at, with("response_type", "token")), "unsupported_response_type");
  EXPECT_EQ(error_of(at, with("response_type", "")), "unsupported_response_type");
  EXPECT_EQ(error_of(at, with("code_challenge", challenge)), "invalid_request"); // no method
  auto plain = with("code_challenge", challenge);
  plain.emplace_back("code_challenge_method", "plain");
  EXPECT_EQ(error_of(at, plain), "invalid_request");
  EXPECT_EQ(error_of(at, with("scope", "a c")), "invalid_scope");
  EXPECT_EQ(error_of(at, with("scope", "b")), "invalid_scope"); // the required one is missing
  EXPECT_EQ(*find_parameter(landed(get(at, with("scope", "b"))), "iss"), "https://as.example");
  EXPECT_EQ(*find_parameter(landed(get(at, request())), "iss"), "https://as.example");
  auto twice = request();
  twice.emplace_back("state", "again");
  EXPECT_EQ(get(at, twice).status, 400);
}

TEST(OauthServer, WantsAChallengeWhereThePolicyDoes) {
  auto at = server(entra_policy());
  at.auto_consent = true;
  EXPECT_EQ(error_of(at, request()), "invalid_request");
  auto query = with("code_challenge", challenge);
  query.emplace_back("code_challenge_method", "S256");
  EXPECT_EQ(error_of(at, query), "");
}

TEST(OauthServer, GrantsARefreshTokenOnlyForOfflineAccess) {
  const auto refreshable = [](oauth_policy policy, const query_parameters& query) {
    policy.pkce_required = false;
    policy.proof = client_proof::form;
    auto at = server(policy);
    at.auto_consent = true;
    const auto code = *find_parameter(landed(get(at, query)), "code");
    const auto outcome = at.grants().exchange(code, "http://127.0.0.1:51004/cb", "", now);
    return !std::get<issued_tokens>(outcome).refresh_token.empty();
  };
  EXPECT_FALSE(refreshable(google_policy(), request()));
  EXPECT_TRUE(refreshable(google_policy(), with("access_type", "offline")));
  EXPECT_FALSE(refreshable(entra_policy(), request()));
  EXPECT_TRUE(refreshable(entra_policy(), with("scope", "a offline_access")));
  EXPECT_TRUE(refreshable(pipedrive_policy(), request()));
}

TEST(OauthServer, AsksThePersonWhoAndWhat) {
  auto at = server();
  const auto page = get(at, request());
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body->find("Two &lt;b&gt;"), std::string::npos); // escaped
  const auto agreed = post(at, {{"ticket", ticket_of(page)},
                                {"account", "2"},
                                {"scope", "b"},
                                {"scope", "not-asked-for"},
                                {"decision", "allow"}});
  EXPECT_EQ(agreed.status, 303);
  const auto code = *find_parameter(landed(agreed), "code");
  const auto issued
      = std::get<issued_tokens>(at.grants().exchange(code, "http://127.0.0.1:51004/cb", "", now));
  EXPECT_EQ(issued.granted.account, 1u);
  EXPECT_EQ(issued.granted.scopes, std::vector<std::string>{"b"});
}

TEST(OauthServer, TakesNoForAnAnswerAndEachAnswerOnce) {
  auto at = server();
  const auto ticket = ticket_of(get(at, request()));
  EXPECT_EQ(*find_parameter(landed(post(at, {{"ticket", ticket}, {"decision", "deny"}})), "error"),
            "access_denied");
  EXPECT_EQ(post(at, {{"ticket", ticket}, {"decision", "allow"}, {"account", "1"}}).status, 400);
  EXPECT_EQ(post(at, {{"ticket", "made-up"}, {"decision", "allow"}}).status, 400);
  const auto late = ticket_of(get(at, request()));
  const query_parameters yes = {{"ticket", late}, {"decision", "allow"}, {"account", "1"}};
  EXPECT_EQ(post(at, yes, now + 10min).status, 400);
  EXPECT_EQ(post(at, yes, now + 10min - 1ms).status, 303);
}

TEST(OauthServer, PreselectsTheAccountThatIsNamed) {
  auto at = server();
  const auto checked = [&](const query_parameters& query) {
    const auto page = *get(at, query).body;
    const auto mark = page.find("checked");
    return page.substr(page.rfind("value=\"", mark) + 7, 1);
  };
  EXPECT_EQ(checked(request()), "1");
  EXPECT_EQ(checked(with("login_hint", "bob@two.example")), "2");
  EXPECT_EQ(checked(with("account", "2")), "2");
  EXPECT_EQ(get(at, with("account", "3")).status, 400);
}

TEST(OauthServer, KnowsEachProofOfAClient) {
  const auto refused
      = [](client_proof proof, const query_parameters& form, std::string_view authorization = {}) {
          oauth_policy policy;
          policy.proof = proof;
          return server(policy).refuse_client(form, authorization);
        };
  const query_parameters in_form = {{"client_id", "app"}, {"client_secret", "s:cret"}};
  const query_parameters wrong = {{"client_id", "app"}, {"client_secret", "s:cre"}};
  const query_parameters id_only = {{"client_id", "app"}};
  const auto basic = "Basic " + base64("app:s%3Acret");
  EXPECT_FALSE(refused(client_proof::form, in_form));
  EXPECT_EQ(refused(client_proof::form, wrong), token_refusal::bad_client_secret);
  EXPECT_EQ(refused(client_proof::form, id_only), token_refusal::bad_client_secret);
  EXPECT_EQ(refused(client_proof::form, {{"client_secret", "s:cret"}}),
            token_refusal::bad_client_id);
  EXPECT_EQ(refused(client_proof::form, {}, basic), token_refusal::bad_request);
  EXPECT_FALSE(refused(client_proof::basic, {}, basic));
  EXPECT_EQ(refused(client_proof::basic, {}, "Basic " + base64("app:other")),
            token_refusal::bad_client_id);
  EXPECT_EQ(refused(client_proof::basic, in_form), token_refusal::bad_client_id);
  EXPECT_FALSE(refused(client_proof::form_or_basic, in_form));
  EXPECT_FALSE(refused(client_proof::form_or_basic, {}, basic));
  EXPECT_EQ(refused(client_proof::form_or_basic, in_form, basic), token_refusal::bad_request);
  EXPECT_FALSE(refused(client_proof::none, id_only));
  EXPECT_EQ(refused(client_proof::none, in_form), token_refusal::bad_client_secret);
}

TEST(OauthServer, ReadsTheTokenForm) {
  auto at = server();
  const auto refusal = [&](query_parameters form) {
    form.emplace_back("client_id", "app");
    form.emplace_back("client_secret", "s:cret");
    return std::get<token_refusal>(at.token(form, "", now));
  };
  EXPECT_EQ(refusal({}), token_refusal::bad_request);
  EXPECT_EQ(refusal({{"grant_type", "password"}}), token_refusal::unsupported_grant);
  EXPECT_EQ(refusal({{"grant_type", "authorization_code"}}), token_refusal::bad_request);
  EXPECT_EQ(refusal({{"grant_type", "refresh_token"}}), token_refusal::bad_request);
  EXPECT_EQ(refusal({{"grant_type", "refresh_token"}, {"grant_type", "refresh_token"}}),
            token_refusal::bad_request);
  EXPECT_EQ(refusal({{"grant_type", "refresh_token"}, {"refresh_token", "x"}}),
            token_refusal::bad_refresh);
}
