// Which addresses the engine as a process may call.
#include "actors/program/service.hpp"

#include "actors/program/config.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace nexte;
using namespace nexte::program;

namespace {

/// Origins as "host:port", those of a whole domain as "*.host:port".
std::vector<std::string> origins_of(std::string_view providers_text) {
  const auto file = parse_config(R"({"providers": )" + std::string{providers_text} + "}",
                                 providers(), "/etc/nexte-sync");
  EXPECT_TRUE(file) << file.failure().line();
  if (!file)
    return {};
  const auto allowed = allowed_origins(*file, providers());
  EXPECT_TRUE(allowed);
  std::vector<std::string> names;
  for (const auto& one : *allowed)
    names.push_back((one.below ? "*." : "") + one.host + ":" + std::to_string(one.port));
  std::ranges::sort(names);
  return names;
}

} // namespace

TEST(AllowedOrigins, AreThoseOfTheConfiguredProviders) {
  EXPECT_EQ(origins_of(R"({"hubspot": {"client_id": "c"}})"),
            std::vector<std::string>{"api.hubapi.com:443"});
}

TEST(AllowedOrigins, AreAWholeDomainWhereEachAccountHasItsHost) {
  EXPECT_EQ(origins_of(R"({"pipedrive": {"client_id": "c"}})"),
            (std::vector<std::string>{"*.pipedrive.com:443", "api.pipedrive.com:443",
                                      "oauth.pipedrive.com:443"}));
}

TEST(AllowedOrigins, AreAWholeDomainWhereEachApiHasItsHost) {
  EXPECT_EQ(origins_of(R"({"google": {"client_id": "c"}})"),
            (std::vector<std::string>{"*.googleapis.com:443", "oauth2.googleapis.com:443",
                                      "www.googleapis.com:443"}));
}

TEST(AllowedOrigins, AreOnlyWhatTheFileSaysWhereItNamesTheApi) {
  EXPECT_EQ(origins_of(R"({"pipedrive": {"client_id": "c",
              "api_base": "https://127.0.0.1:4711/pipedrive",
              "authorize_url": "https://127.0.0.1:4711/pipedrive/oauth/authorize",
              "token_url": "https://127.0.0.1:4711/pipedrive/oauth/token",
              "revoke_url": "https://127.0.0.1:4711/pipedrive/oauth/revoke"}})"),
            std::vector<std::string>{"127.0.0.1:4711"});
}

TEST(Config, KnowsEveryProviderOfThisBuildByItsOwnNames) {
  for (const auto* provider : providers())
    for (const auto& stream : provider->streams) {
      const auto text = R"({"providers": {")" + provider->name
                        + R"(": {"client_id": "c", "streams": [")" + stream.name + R"("]}}})";
      const auto read = parse_config(text, providers(), "/");
      ASSERT_TRUE(read) << read.failure().line();
      EXPECT_EQ(read->providers.at(0).name, provider->name);
    }
}
