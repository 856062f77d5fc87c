#include "protocol/pipedrive/provider.hpp"

#include "tests/support/canned_io.hpp"

#include <algorithm>
#include <tuple>

using namespace nexte;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");

json::value parsed(std::string_view text) {
  return *json::parse_value(text);
}

result<account_identity> identified_by(int status, std::string body) {
  canned_io io{now};
  io.expect("GET", "https://north.example/api/v1/users/me", "",
            http_response{status, std::move(body), "application/json"});
  return run(io, pipedrive::provider().identify(io, "https://north.example"));
}

bool trusts(std::string_view said, std::string_view configured = "https://api.pipedrive.com") {
  return trusts_api_base(pipedrive::provider(), configured, said);
}

} // namespace

TEST(Providers, FindPipedriveByName) {
  EXPECT_EQ(find_provider("pipedrive"), &pipedrive::provider());
  EXPECT_EQ(std::ranges::count(providers(), &pipedrive::provider()), 1);
}

TEST(PipedriveProvider, NeedsToReadAndAsksToWriteToo) {
  const auto& pipedrive = pipedrive::provider();
  ASSERT_EQ(pipedrive.streams.size(), 3u);
  for (const auto& [name, scope, fields] :
       {std::tuple{"persons", "contacts", "contact-fields:full"},
        {"organizations", "contacts", "contact-fields:full"},
        {"deals", "deals", "deal-fields:full"}}) {
    const auto* stream = pipedrive.stream(name);
    ASSERT_TRUE(stream) << name;
    EXPECT_EQ(stream->scopes, std::vector<std::string>{std::string{scope} + ":read"});
    EXPECT_EQ(stream->write_scopes,
              (std::vector<std::string>{std::string{scope} + ":full", fields}));
  }
  EXPECT_EQ(pipedrive.stream("persons")->reconcile_every, 12h); // no list tells their deletion
  EXPECT_EQ(pipedrive.stream("deals")->reconcile_every, 24h);
}

TEST(PipedriveProvider, ReadsThatFullIncludesRead) {
  const auto read = pipedrive::provider().scopes_from_token;
  EXPECT_EQ(read(parsed(R"({"scope":"base,contacts:full deals:read"})")),
            (std::vector<std::string>{"base", "contacts:full", "deals:read", "contacts:read"}));
  EXPECT_EQ(read(parsed(R"({"scope":"deals:read,deals:full"})")),
            (std::vector<std::string>{"deals:read", "deals:full"}));
  EXPECT_TRUE(read(parsed("{}")).empty());
}

TEST(PipedriveProvider, GoesWhereTheTokenAnswerSaysIfThatIsPipedrive) {
  const auto read = pipedrive::provider().api_base_from_token;
  EXPECT_EQ(read(parsed(R"({"api_domain":"https://north.pipedrive.com"})")),
            "https://north.pipedrive.com");
  EXPECT_EQ(read(parsed("{}")), "");
  EXPECT_TRUE(trusts("https://north.pipedrive.com"));
  for (const auto* other : {"", "https://pipedrive.com", "https://northpipedrive.com",
                            "https://pipedrive.com.evil.example", "http://north.pipedrive.com",
                            "https://north.pipedrive.com:8443", "https://north.pipedrive.com/x",
                            "https://u@north.pipedrive.com", "https://evil.example/.pipedrive.com",
                            "https://evil.example?.pipedrive.com"})
    EXPECT_FALSE(trusts(other)) << other;
}

TEST(PipedriveProvider, StaysBelowTheAddressThatItsHostConfigured) {
  const auto* simulated = "https://127.0.0.1:4711/pipedrive";
  EXPECT_TRUE(trusts("https://127.0.0.1:4711/pipedrive/north-sales", simulated));
  for (const auto* other :
       {"https://127.0.0.1:4711/pipedrive/../hubspot", "https://127.0.0.1:4711/pipedriver",
        "https://127.0.0.1:4712/pipedrive/north", "https://north.pipedrive.com",
        "https://127.0.0.1:4711/pipedrive/north?x=1"})
    EXPECT_FALSE(trusts(other, simulated)) << other;
}

TEST(PipedriveProvider, RevokesTheRefreshTokenAsTheApp) {
  token_set token;
  token.refresh_token = secret{"1:1:r/f"};
  const auto request = pipedrive::provider().revoke_request("https://oauth.example/revoke", "id",
                                                            secret{"s&c"}, token);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://oauth.example/revoke");
  EXPECT_EQ(request.body, "token=1%3A1%3Ar%2Ff&token_type_hint=refresh_token");
  EXPECT_EQ(request.headers.get("Authorization"), "Basic " + base64("id:s%26c"));
}

TEST(PipedriveProvider, TakesTheCompanyForTheAccount) {
  const auto identity
      = identified_by(200, R"({"data":{"id":5,"company_id":77,"company_name":"North"}})");
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->id, "77");
  EXPECT_EQ(identity->name, "North");
}

TEST(PipedriveProvider, SaysWhenTheCompanyIsNotNamed) {
  EXPECT_EQ(identified_by(404, "{}").failure().code, ec::refused);
  for (const auto* unnamed : {"{}", "[", R"({"data":{}})", R"({"data":{"company_id":0}})"})
    EXPECT_EQ(identified_by(200, unnamed).failure().code, ec::malformed) << unnamed;
}
