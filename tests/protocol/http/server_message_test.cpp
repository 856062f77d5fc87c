#include "protocol/http/server_message.hpp"

#include "protocol/http/gzip.hpp"

#include <gtest/gtest.h>

using namespace nexte;

namespace {

namespace http = boost::beast::http;

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");

parsed_request get(std::string_view target, std::string_view host = "a.example") {
  parsed_request request{http::verb::get, target, 11};
  request.set(http::field::host, host);
  return request;
}

std::string_view field(const answer_message& message, std::string_view name) {
  const auto value = message[name];
  return {value.data(), value.size()};
}

} // namespace

TEST(ServerRequest, BecomesAUrlWithItsFieldsAndBody) {
  auto parsed = get("/a?b=%20", "a.example:8080");
  parsed.insert("X-Twice", "1");
  parsed.insert("x-twice", "2");
  parsed.body() = "text";
  const auto request = to_request(parsed, "https");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "GET");
  EXPECT_EQ(request->url, "https://a.example:8080/a?b=%20");
  EXPECT_EQ(request->headers.get("X-TWICE"), "1");
  EXPECT_EQ(request->headers.size(), 3u);
  EXPECT_EQ(request->body, "text");
}

TEST(ServerRequest, NeedsOneHostAndAPath) {
  auto none = get("/");
  none.erase(http::field::host);
  EXPECT_FALSE(to_request(none, "http"));
  auto two = get("/");
  two.insert(http::field::host, "b.example");
  EXPECT_FALSE(to_request(two, "http"));
  for (const auto* target : {"*", "http://a.example/", "a"}) {
    auto other = get(target);
    EXPECT_FALSE(to_request(other, "http")) << target;
  }
  for (const auto* host : {"", "a b", "user@a.example", "a.example/x", "a:0", "a:99999"}) {
    auto other = get("/", host);
    EXPECT_FALSE(to_request(other, "http")) << host;
  }
}

TEST(ServerAnswer, CarriesLengthDateAndTheFieldsThatAreTheHandlers) {
  http_response response{200, "body", "text/plain"};
  response.headers.add("Content-Length", "999");
  response.headers.add("Transfer-Encoding", "chunked");
  response.headers.add("Set-Cookie", "a");
  response.headers.add("Set-Cookie", "b");
  const auto message = to_answer(response, {false, true, 11}, now);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->result_int(), 200u);
  EXPECT_EQ(field(*message, "Content-Length"), "4");
  EXPECT_EQ(field(*message, "Transfer-Encoding"), "");
  EXPECT_EQ(message->count("Set-Cookie"), 2u);
  EXPECT_EQ(field(*message, "Date"), "Sun, 01 Mar 2026 10:00:00 GMT");
  EXPECT_EQ(message->body().size(), 4u);
  EXPECT_TRUE(message->keep_alive());
}

TEST(ServerAnswer, KeepsTheHandlersDate) {
  http_response response{200, {}};
  response.headers.add("date", "Mon, 02 Mar 2026 10:00:00 GMT");
  const auto message = to_answer(response, {}, now);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->count("Date"), 1u);
  EXPECT_EQ(field(*message, "Date"), "Mon, 02 Mar 2026 10:00:00 GMT");
}

TEST(ServerAnswer, HasNoBodyForHeadAndForStatusesWithoutOne) {
  const auto head = to_answer(http_response{200, "body"}, {true, true, 11}, now);
  ASSERT_TRUE(head);
  EXPECT_EQ(field(*head, "Content-Length"), "4");
  EXPECT_EQ(head->body().size(), 0u);
  for (const int status : {204, 304}) {
    const auto none = to_answer(http_response{status, "body"}, {false, true, 11}, now);
    ASSERT_TRUE(none);
    EXPECT_EQ(none->count("Content-Length"), 0u);
    EXPECT_EQ(none->body().size(), 0u);
  }
}

TEST(ServerAnswer, RefusesWhatWouldBreakTheHead) {
  for (const int status : {-1, 0, 100, 199, 600, 1000})
    EXPECT_FALSE(to_answer(http_response{status, {}}, {}, now)) << status;
  EXPECT_TRUE(to_answer(http_response{599, {}}, {}, now));
  http_response split{200, {}};
  split.headers.add("X", "a\r\nSet-Cookie: b");
  EXPECT_FALSE(to_answer(split, {}, now));
  http_response name{200, {}};
  name.headers.add("X: a\r\nY", "b");
  EXPECT_FALSE(to_answer(name, {}, now));
}

TEST(ServerAnswer, LimitsItsFields) { // Beast would throw
  http_response response{200, {}};
  response.headers.add("X", std::string(32 * 1024, 'x'));
  EXPECT_TRUE(to_answer(response, {}, now));
  response.headers.set("X", std::string(32 * 1024 + 1, 'x'));
  EXPECT_FALSE(to_answer(response, {}, now));
  response.headers.remove("X");
  response.headers.add(std::string(70'000, 'x'), "");
  EXPECT_FALSE(to_answer(response, {}, now));
}

TEST(ServerAnswer, IsPackedFromOneKibibyteOnUnlessItIsPackedAlready) {
  http_response small{200, std::string(1024, 'x')};
  pack(small);
  EXPECT_FALSE(small.headers.has("Content-Encoding"));
  http_response large{200, std::string(1025, 'x')};
  pack(large);
  EXPECT_EQ(large.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(*gunzip(*large.body, 2000), std::string(1025, 'x'));
  const auto once = *large.body;
  pack(large);
  EXPECT_EQ(*large.body, once);
}

TEST(ServerAnswer, IsPackedForThoseWhoAcceptIt) {
  for (const auto* yes : {"gzip", "GZIP", "deflate, gzip;q=0.5", "br,gzip ; q=1"})
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  for (const auto* no : {"", "identity", "gzip;q=0", "gzip; q=0.000", "xgzip", "*"})
    EXPECT_FALSE(accepts_gzip(no)) << no;
}
