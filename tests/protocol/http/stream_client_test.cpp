#include "protocol/http/stream_client.hpp"

#include "tests/support/http_calls.hpp"

#include <optional>

using namespace nexte;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

/// A server that answers with a feed, or where there is a refusal with that.
class StreamClient : public ::testing::Test {
protected:
  void SetUp() override {
    auto started = http_server::start({}, [this](http_request request, http_server::reply send) {
      authorization = request.headers.get("Authorization");
      if (refusal)
        return send(*refusal);
      send.stream({200, {}, "text/event-stream"}, feed);
    });
    ASSERT_TRUE(started) << started.failure().line();
    server = *std::move(started);
  }
  http_request request() const {
    http_request made{"GET", server->origin() + "/v1/events"};
    made.headers.add("Authorization", "Bearer t");
    return made;
  }

  std::shared_ptr<byte_feed> feed = std::make_shared<byte_feed>(size_t{1} << 20);
  std::optional<http_response> refusal;
  std::string authorization;
  std::unique_ptr<http_server> server;
};

} // namespace

TEST_F(StreamClient, HandsEachPartOnAsItComesUntilTheEnd) {
  feed->append("one");
  std::string heard;
  const auto ended = read_stream(request(), 20s, [&](std::string_view part) {
    heard += part;
    if (heard == "one") // the next part is sent only once this one was heard
      feed->append("two");
    else
      feed->end();
    return true;
  });
  ASSERT_TRUE(ended) << ended.failure().line();
  EXPECT_EQ(ended->status, 200);
  EXPECT_EQ(heard, "onetwo");
  EXPECT_EQ(authorization, "Bearer t");
}

TEST_F(StreamClient, EndsWhenItsReaderHasEnough) {
  feed->append("one");
  EXPECT_TRUE(read_stream(request(), 20s, [](std::string_view) { return false; }));
}

TEST_F(StreamClient, GivesTheBodyOfARefusal) {
  refusal = http_response{503, R"({"detail":"too many"})", "application/problem+json"};
  const auto ended = read_stream(request(), 20s, [](std::string_view) {
    ADD_FAILURE() << "no part of a stream";
    return true;
  });
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->status, 503);
  EXPECT_EQ(*ended->body, R"({"detail":"too many"})");
  refusal = http_response{500, std::string(refusal_bytes_max + 1, 'x'), "text/plain"};
  EXPECT_FALSE(read_stream(request(), 20s, [](std::string_view) { return true; }));
}

TEST_F(StreamClient, GivesUpWhereNothingComesAnyMore) {
  feed->append("one");
  const auto ended = read_stream(request(), 50ms, [](std::string_view) { return true; });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.failure().code, ec::transport);
}

TEST_F(StreamClient, SaysThatNobodyAnswers) {
  const auto wanted = request();
  server.reset();
  const auto ended = read_stream(wanted, 20s, [](std::string_view) { return true; });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.failure().code, ec::transport);
}

TEST_F(StreamClient, SendsNoTokenOffThisComputer) {
  for (const auto* url : {"http://192.0.2.1/", "https://127.0.0.1/", "http://a.example/"}) {
    const auto ended = read_stream({"GET", url}, 20s, [](std::string_view) { return true; });
    ASSERT_FALSE(ended) << url;
    EXPECT_EQ(ended.failure().code, ec::refused) << url;
  }
}
