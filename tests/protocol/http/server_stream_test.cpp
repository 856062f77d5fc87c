// Answers whose body is sent as it comes.
#include "protocol/http/server.hpp"

#include "tests/support/http_calls.hpp"
#include "tests/support/raw_socket.hpp"

#include <thread>

using namespace nexte;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

constexpr size_t waiting_max = 64 * 1024 * 1024;
const std::string get = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

/// A server that answers each request with one feed.
class HttpServerStream : public ::testing::Test {
protected:
  void serve(http_server_options options = {}) {
    auto started
        = http_server::start(std::move(options), [this](http_request, http_server::reply send) {
            http_response head{200, {}, "text/event-stream"};
            head.headers.add("Content-Length", "7"); // the server knows better
            send.stream(std::move(head), feed);
            answered.set_value();
          });
    ASSERT_TRUE(started) << started.failure().line();
    server = *std::move(started);
  }
  /// Whether the feed's reader is noticed to have gone.
  bool is_over() {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (feed->append({})) { // nothing is sent that a closed connection would refuse
      if (std::chrono::steady_clock::now() > give_up)
        return false;
      std::this_thread::yield();
    }
    return true;
  }

  std::shared_ptr<byte_feed> feed = std::make_shared<byte_feed>(waiting_max);
  std::promise<void> answered;
  std::unique_ptr<http_server> server;
};

} // namespace

TEST_F(HttpServerStream, SendsEachPartAsItComesInChunks) {
  serve();
  raw_client client{server->port()};
  client.send(get);
  const auto head = client.read_until("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n")) << head;
  EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), head.npos) << head;
  EXPECT_NE(head.find("Connection: close\r\n"), head.npos) << head;
  EXPECT_EQ(head.find("Content-Length"), head.npos) << head;
  feed->append("event: a\n\n");
  EXPECT_EQ(client.read_until("a\n\n\r\n"), "a\r\nevent: a\n\n\r\n");
  feed->append("b");
  EXPECT_EQ(client.read_until("b\r\n"), "1\r\nb\r\n");
  feed->end();
  EXPECT_EQ(client.read_all(), "0\r\n\r\n");
}

TEST_F(HttpServerStream, EndsByClosingForHttp10) {
  serve();
  raw_client client{server->port()};
  client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  const auto head = client.read_until("\r\n\r\n");
  EXPECT_EQ(head.find("chunked"), head.npos) << head;
  feed->append("ab");
  feed->end();
  EXPECT_EQ(client.read_all(), "ab");
}

TEST_F(HttpServerStream, HasNoBodyForHead) {
  serve();
  raw_client client{server->port()};
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.read_all().ends_with("\r\n\r\n"));
  EXPECT_TRUE(is_over());
}

TEST_F(HttpServerStream, SaysAtTheFeedThatTheReaderHasGone) {
  serve();
  {
    raw_client client{server->port()};
    client.send(get);
    client.read_until("\r\n\r\n");
  }
  EXPECT_TRUE(is_over());
}

TEST_F(HttpServerStream, CutsAReaderThatTakesNothing) {
  http_server_options options;
  options.stream_stall_max = 50ms;
  serve(std::move(options));
  raw_client client{server->port()};
  client.send(get);
  client.read_until("\r\n\r\n");
  feed->append(std::string(32 * 1024 * 1024, 'x')); // more than the sockets hold
  EXPECT_TRUE(is_over());
}

TEST_F(HttpServerStream, EndsInGoodOrderWhenTheServerDoes) {
  serve();
  raw_client client{server->port()};
  client.send(get);
  client.read_until("\r\n\r\n");
  feed->append("last");
  const auto begun = std::chrono::steady_clock::now();
  std::thread reader{[&] {
    EXPECT_EQ(client.read_all(), "4\r\nlast\r\n0\r\n\r\n");
    client.close();
  }};
  server.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  reader.join();
  EXPECT_FALSE(feed->append("x"));
}

TEST_F(HttpServerStream, DoesNotWaitLongForAReaderThatStaysWhenTheServerEnds) {
  serve();
  raw_client client{server->port()};
  client.send(get);
  client.read_until("\r\n\r\n");
  const auto begun = std::chrono::steady_clock::now();
  server.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST_F(HttpServerStream, OutlivesItsServerUnread) {
  serve();
  raw_client client{server->port()};
  client.send(get);
  answered.get_future().wait();
  server.reset();
  EXPECT_FALSE(feed->append("x"));
}
