#include "protocol/microsoft/provider.hpp"

#include "tests/support/canned_io.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::testing;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");

result<account_identity> identified_by(int status, std::string body) {
  canned_io io{now};
  io.expect("GET", "https://graph.example/v1.0/me?$select=id,displayName,mail,userPrincipalName",
            "", http_response{status, std::move(body), "application/json"});
  return run(io, microsoft::provider().identify(io, "https://graph.example/v1.0"));
}

} // namespace

TEST(Providers, FindMicrosoftByName) {
  EXPECT_EQ(find_provider("microsoft"), &microsoft::provider());
  EXPECT_EQ(std::ranges::count(providers(), &microsoft::provider()), 1);
}

TEST(MicrosoftProvider, AsksForNoMoreThanItReads) {
  const auto& microsoft = microsoft::provider();
  EXPECT_EQ(microsoft.base_scopes, (std::vector<std::string>{"offline_access", "User.Read"}));
  for (const auto& stream : microsoft.streams) {
    ASSERT_EQ(stream.scopes.size(), 1u);
    EXPECT_TRUE(stream.scopes[0].ends_with(".Read")) << stream.scopes[0];
    EXPECT_TRUE(stream.write_scopes.empty());
  }
}

TEST(MicrosoftProvider, ReadsScopesInBothFormsAndThatWriteIncludesRead) {
  const auto read = [](std::string_view text) {
    return microsoft::provider().scopes_from_token(*json::parse_value(text));
  };
  EXPECT_EQ(
      read(R"({"scope":"Mail.Read https://graph.microsoft.com/Contacts.ReadWrite openid"})"),
      (std::vector<std::string>{"Mail.Read", "Contacts.ReadWrite", "openid", "Contacts.Read"}));
  EXPECT_EQ(read(R"({"scope":"Mail.Read Mail.ReadWrite"})"),
            (std::vector<std::string>{"Mail.Read", "Mail.ReadWrite"}));
  EXPECT_TRUE(read("{}").empty());
}

TEST(MicrosoftProvider, AsksGraphWhoSignedIn) {
  const auto person
      = identified_by(200, R"({"id":"87d3","displayName":"Ada","mail":"ada@contoso.example"})");
  ASSERT_TRUE(person);
  EXPECT_EQ(person->id, "87d3");
  EXPECT_EQ(person->name, "ada@contoso.example");
  const auto without
      = identified_by(200, R"({"id":"87d3","mail":null,"userPrincipalName":"ada@c.example"})");
  EXPECT_EQ(without->name, "ada@c.example");
  EXPECT_EQ(identified_by(200, "{}").failure().code, ec::malformed);
  EXPECT_EQ(identified_by(404, "{}").failure().code, ec::refused);
}
