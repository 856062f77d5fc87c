#include "protocol/http/url.hpp"

#include <gtest/gtest.h>

using namespace nexte;

TEST(Url, IsTakenApartAndDefaultsItsPort) {
  const auto url = parse_url("HTTPS://API.HubApi.com/crm/v3?a=%20b&c");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "api.hubapi.com");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->target, "/crm/v3?a=%20b&c");
  EXPECT_EQ(url->path(), "/crm/v3");
  EXPECT_EQ(url->query(), "a=%20b&c");
  EXPECT_EQ(url->origin(), "https://api.hubapi.com");
}

TEST(Url, KeepsAnExplicitPortAndBracketsIpv6) {
  const auto url = parse_url("http://[::1]:8686");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 8686);
  EXPECT_EQ(url->target, "/");
  EXPECT_EQ(url->origin(), "http://[::1]:8686");
  EXPECT_EQ(parse_url("http://127.0.0.1:80/x")->host_header(), "127.0.0.1");
}

TEST(Url, RefusesAPortOutOfRange) {
  EXPECT_EQ(parse_url("http://a.example:65535/")->port, 65535);
  for (const auto* port : {"0", "65536", "99999", "4294967377"})
    EXPECT_FALSE(parse_url("http://a.example:" + std::string{port} + "/")) << port;
}

TEST(Url, PutsASlashBeforeABareQuery) {
  EXPECT_EQ(parse_url("https://a.example?x=1")->target, "/?x=1");
}

TEST(Url, RefusesWhatHttpCannotReach) {
  for (const auto* text :
       {"", "/relative", "a.example/x", "ftp://a.example/", "https://", "https:///path",
        "https://user:pw@a.example/", "https://a.example/#f", "https://a.example:70000/",
        "https://a.example:0/", "https://a b/", "https://a.example/%zz", "mailto:a@b.example"})
    EXPECT_FALSE(parse_url(text)) << text;
}

TEST(Url, KnowsLoopbackAsWritten) {
  for (const auto* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.9.8.7", "::1"})
    EXPECT_TRUE(is_loopback_host(host)) << host;
  for (const auto* host :
       {"127.0.0.1.example.com", "128.0.0.1", "localhost.example", "::2", "0.0.0.0", ""})
    EXPECT_FALSE(is_loopback_host(host)) << host;
}

TEST(Query, SurvivesARoundTrip) {
  const query_parameters written = {{"a", "1 + 1 = 2&"}, {"b", ""}, {"ü", "\"ß\""}};
  const auto read = parse_query(format_query(written));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, written);
}

TEST(Query, ReadsFormEncodingAndSkipsEmptyPieces) {
  const auto read = parse_query("&a=x+y&&flag&");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (query_parameters{{"a", "x y"}, {"flag", ""}}));
  EXPECT_FALSE(parse_query("a=%2"));
}

TEST(Query, IsAppendedToTheOneAUrlHas) {
  EXPECT_EQ(with_query("https://a/x", {{"k", "v"}}), "https://a/x?k=v");
  EXPECT_EQ(with_query("https://a/x?j=1", {{"k", "v"}}), "https://a/x?j=1&k=v");
  EXPECT_EQ(with_query("https://a/x?", {{"k", "v"}}), "https://a/x?k=v");
  EXPECT_EQ(with_query("https://a/x", {}), "https://a/x");
}

TEST(Url, DecodesTheSegmentsOfAPath) {
  EXPECT_EQ(path_segments("/a//b%2Fc/%zz/+/"), (std::vector<std::string>{"a", "b/c", "+"}));
  EXPECT_TRUE(path_segments("").empty());
  EXPECT_TRUE(path_segments("/").empty());
}
