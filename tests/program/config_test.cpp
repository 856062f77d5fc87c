#include "actors/program/config.hpp"

#include "tests/program/known_providers.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>

using namespace nexte;
using namespace nexte::program;

namespace {

result<config> parse(std::string_view text) {
  return parse_config(text, test_providers(), "/etc/nexte-sync");
}

/// What stands in the way of `text`, as the person sees it.
std::string trouble(std::string_view text) {
  const auto read = parse(text);
  return read ? "none" : read.failure().line();
}

/// The same for one more member of an otherwise good provider.
std::string provider_trouble(std::string_view member) {
  return trouble(R"({"providers": {"hubspot": {"client_id": "c", )" + std::string{member} + "}}}");
}

} // namespace

TEST(Config, DefaultsEverythingButTheClientIds) {
  const auto read = parse("{}");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->data_dir, "/var/lib/nexte-sync");
  EXPECT_EQ(read->key_file, "");
  EXPECT_EQ(read->former_key_file, "");
  EXPECT_EQ(read->control.address, "127.0.0.1");
  EXPECT_EQ(read->control.port, 8686);
  EXPECT_EQ(read->worker_threads, 2u);
  EXPECT_TRUE(read->providers.empty());
  const auto one = parse(R"({"providers": {"hubspot": {"client_id": "c"}}})");
  ASSERT_TRUE(one);
  const auto& provider = one->providers.at(0);
  EXPECT_EQ(provider.redirect, "loopback");
  EXPECT_EQ(provider.poll_every, seconds{300});
  EXPECT_FALSE(provider.allow_insecure_loopback);
  EXPECT_TRUE(provider.streams.empty());
}

TEST(Config, ReadsEveryKeyAndComments) {
  const auto read = parse(R"({
    // where everything is kept
    "data_dir": "data", /* beside this file */
    "key_file": "/keys/key",
    "former_key_file": "/keys/last-year",
    "control": {"listen": "[::1]:0"},
    "worker_threads": 64,
    "providers": {"hubspot": {
      "client_id": "c", "client_secret_file": "../secret", "ca_file": "ca.pem",
      "api_base": "http://127.0.0.1:1/hubspot/", "authorize_url": "https://a.example/x?y",
      "token_url": "https://t.example/", "revoke_url": "https://r.example/",
      "redirect": "https://host.example/callback",
      "allow_insecure_loopback": true, "poll_seconds": 3600, "streams": ["deals", "contacts"]}}
  })");
  ASSERT_TRUE(read) << read.failure().line();
  EXPECT_EQ(read->data_dir, "/etc/nexte-sync/data");
  EXPECT_EQ(read->key_file, "/keys/key");
  EXPECT_EQ(read->former_key_file, "/keys/last-year");
  EXPECT_EQ(read->control.address, "::1");
  EXPECT_EQ(read->control.port, 0);
  EXPECT_EQ(read->worker_threads, 64u);
  const auto& provider = read->providers.at(0);
  EXPECT_EQ(provider.client_secret_file, "/etc/secret");
  EXPECT_EQ(provider.ca_file, "/etc/nexte-sync/ca.pem");
  EXPECT_EQ(provider.api_base, "http://127.0.0.1:1/hubspot");
  EXPECT_EQ(provider.redirect, "https://host.example/callback");
  EXPECT_EQ(provider.poll_every, seconds{3600});
  EXPECT_EQ(provider.streams, (std::vector<std::string>{"deals", "contacts"}));
}

TEST(Config, NamesTheNearestKnownKey) {
  EXPECT_EQ(trouble(R"({"data_dri": "x"})"),
            "data_dri is no known key; did you mean \"data_dir\"?");
  EXPECT_EQ(trouble(R"({"control": {"port": 1}})"),
            "control.port is no known key; use one of: listen");
  EXPECT_EQ(trouble(R"({"providers": {"hupspot": {}}})"),
            "providers.hupspot is no known provider; did you mean \"hubspot\"?");
  EXPECT_EQ(provider_trouble(R"("poll_second": 3)"),
            "providers.hubspot.poll_second is no known key; did you mean \"poll_seconds\"?");
  EXPECT_EQ(provider_trouble(R"("client_secret": "s")"),
            "providers.hubspot.client_secret is no known key; did you mean "
            "\"client_secret_file\"?");
  EXPECT_EQ(provider_trouble(R"("streams": ["contact"])"),
            "providers.hubspot.streams holds \"contact\", which is no stream of hubspot; did you "
            "mean \"contacts\"?");
}

TEST(Config, NamesKeyAndMendOfAWrongType) {
  EXPECT_EQ(trouble("[]"), "the configuration is a list, not an object; write { … }");
  EXPECT_EQ(trouble(R"({"data_dir": 5})"), "data_dir is 5, not a text; put it in quotes");
  EXPECT_EQ(trouble(R"({"data_dir": ""})"),
            "data_dir is empty; give it a value, or leave it out for the default");
  EXPECT_EQ(trouble(R"({"control": "127.0.0.1:1"})"),
            "control is a text, not an object; write { … }");
  EXPECT_EQ(trouble(R"({"providers": null})"), "providers is null, not an object; write { … }");
  EXPECT_EQ(provider_trouble(R"("allow_insecure_loopback": "yes")"),
            "providers.hubspot.allow_insecure_loopback is a text, not true or false; write true or "
            "false, unquoted");
  EXPECT_EQ(provider_trouble(R"("redirect": 1)"),
            "providers.hubspot.redirect is 1, not a text; put it in quotes");
  for (const auto* streams : {R"("streams": "contacts")", R"("streams": [])"})
    EXPECT_EQ(provider_trouble(streams),
              "providers.hubspot.streams is not a list of streams; write e.g. [\"contacts\"], or "
              "leave it out for all of them");
  EXPECT_EQ(provider_trouble(R"("streams": ["deals", "deals"])"),
            "providers.hubspot.streams holds \"deals\" twice; name it once");
}

TEST(Config, NeedsAClientId) {
  EXPECT_EQ(trouble(R"({"providers": {"hubspot": {}}})"),
            "providers.hubspot.client_id is missing; put in the client id of your app at HubSpot");
}

TEST(Config, KeepsNumbersInTheirRange) {
  for (const auto* good : {"1", "3600"})
    EXPECT_EQ(provider_trouble("\"poll_seconds\": " + std::string{good}), "none") << good;
  for (const auto* bad : {"0", "3601", "-1", "1.5", "1e2", "99999999999999999999"})
    EXPECT_EQ(provider_trouble("\"poll_seconds\": " + std::string{bad}),
              "providers.hubspot.poll_seconds is " + std::string{bad}
                  + "; write a whole number from 1 to 3600, unquoted");
  EXPECT_EQ(provider_trouble(R"("poll_seconds": "60")"),
            "providers.hubspot.poll_seconds is a text; write a whole number from 1 to 3600, "
            "unquoted");
  EXPECT_EQ(trouble(R"({"worker_threads": 65})"),
            "worker_threads is 65; write a whole number from 1 to 64, unquoted");
}

TEST(Config, AllowsPlainHttpToLoopbackOnlyAndOnlyWhenTold) {
  for (const auto* key : {"api_base", "authorize_url", "token_url", "revoke_url", "redirect"}) {
    const auto member = "\"" + std::string{key} + "\": ";
    const auto at = "providers.hubspot." + std::string{key};
    EXPECT_EQ(
        provider_trouble(member + "\"http://127.0.0.1:1/\""),
        at
            + " is plain http; use https, or set allow_insecure_loopback to true for tests on "
              "this machine");
    EXPECT_EQ(provider_trouble(member + "\"http://10.0.0.1/\", \"allow_insecure_loopback\": true"),
              at + " is plain http; use https");
    EXPECT_EQ(provider_trouble(member + "\"http://[::1]:1/\", \"allow_insecure_loopback\": true"),
              "none");
    EXPECT_EQ(provider_trouble(member + "\"a.example/x\""),
              at + " is no absolute address; write https://host/path");
  }
}

TEST(Config, ListensOnLoopbackOnly) {
  EXPECT_EQ(trouble(R"({"control": {"listen": "0.0.0.0:8686"}})"),
            "control.listen is not on loopback; use 127.0.0.1: the control API is for this machine "
            "alone");
  EXPECT_EQ(trouble(R"({"control": {"listen": "8686"}})"),
            "control.listen is no address with a port; write e.g. 127.0.0.1:8686 or [::1]:8686");
}

TEST(Config, SaysWhereTheJsonBreaks) {
  EXPECT_NE(trouble("{\"data_dir\": }").find("byte 13"), std::string::npos);
  EXPECT_NE(trouble(R"({"data_dir": "a", "data_dir": "b"})").find("twice"), std::string::npos);
}

TEST(Config, IsReadFromAFileWhoseErrorsNameIt) {
  const temporary_directory dir;
  const auto path = dir.path() / "config.json";
  EXPECT_EQ(load_config(path, test_providers()).failure().line(),
            "cannot read the configuration " + path.string()
                + "; check --config and the file's permissions");
  std::ofstream{path} << R"({"data_dir": "d"})";
  EXPECT_EQ(load_config(path, test_providers())->data_dir, dir.path() / "d");
  std::ofstream{path} << "{\"x\": 1}";
  EXPECT_EQ(load_config(path, test_providers()).failure().what.find(path.string()), 0u);
}

TEST(ListenAddress, IsReadWithItsPort) {
  EXPECT_EQ(parse_listen("localhost:80")->address, "127.0.0.1");
  EXPECT_EQ(parse_listen("[::1]:65535")->port, 65535);
  for (const auto* bad : {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                          "127.0.0.1:8x", "::1:80", "[127.0.0.1]:80", "[::1]", "[::1:80"})
    EXPECT_FALSE(parse_listen(bad)) << bad;
}
