// The client against servers that misbehave.
#include "tests/support/http_calls.hpp"
#include "tests/support/raw_socket.hpp"

#include "protocol/http/gzip.hpp"

#include <future>

using namespace nexte;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Answers the first request with `bytes` and closes.
raw_server::script answering(std::string bytes) {
  return [bytes = std::move(bytes)](raw_socket& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(bytes);
  };
}

http_answer ask_one(raw_server::script script, beast_client_options limits = {},
                    http_request request = {}) {
  raw_server server{{std::move(script)}};
  limits.allowed = options_for(server.origin()).allowed;
  request.url = server.origin() + "/x?secret";
  auto answer = ask(*make_client(std::move(limits)), std::move(request));
  EXPECT_TRUE(answer.response
              || answer.response.failure().line().find("secret") == std::string::npos);
  return answer;
}

/// Expects a failure of `code` after the request was sent.
void expect_failure(ec code, const std::string& bytes, const beast_client_options& limits = {}) {
  const auto answer = ask_one(answering(bytes), limits);
  ASSERT_FALSE(answer.response) << bytes.substr(0, 200);
  EXPECT_EQ(answer.response.failure().code, code) << answer.response.failure().line();
  EXPECT_TRUE(answer.sent);
}

/// Waits for the client to give up.
void stall(raw_socket& peer) {
  peer.read_all();
}

} // namespace

TEST(BadAnswer, IsNoneWhenItIsCutShort) {
  expect_failure(ec::transport, "");
  expect_failure(ec::transport, "HTTP/1.1 200 OK\r\nContent-Le");
  expect_failure(ec::transport, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok");
  expect_failure(ec::transport, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
  expect_failure(ec::transport, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok");
}

TEST(BadAnswer, IsNoneWhenItIsNotHttp) {
  expect_failure(ec::transport, "garbage\r\n\r\n");
  expect_failure(ec::transport, "HTTP/1.1 200 OK\r\nbad field\r\n\r\n");
  expect_failure(ec::transport,
                 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok");
  expect_failure(ec::transport, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
  expect_failure(ec::transport, "HTTP/1.1 101 Switching Protocols\r\n\r\n");
}

TEST(BadAnswer, IsRefusedPastItsLimits) {
  beast_client_options limits;
  limits.head_bytes_max = 1000;
  limits.body_bytes_max = 1;
  expect_failure(ec::refused, "HTTP/1.1 200 OK\r\nX: " + std::string(1000, 'x') + "\r\n\r\n",
                 limits);
  expect_failure(ec::refused, ok, limits);
  expect_failure(ec::refused, "HTTP/1.1 200 OK\r\n\r\nok", limits);
  expect_failure(ec::refused,
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                 limits);
  limits.body_bytes_max = 2;
  EXPECT_EQ(status_of(ask_one(answering(ok), limits)), 200);
}

TEST(BadAnswer, MayNotBePackedInOtherWays) {
  expect_failure(ec::transport,
                 "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nok");
  expect_failure(ec::transport,
                 "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok");
  const auto bomb = gzip(std::string(1'000'000, '\0'));
  beast_client_options limits;
  limits.body_bytes_max = 999'999;
  expect_failure(ec::refused,
                 "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
                     + std::to_string(bomb.size()) + "\r\n\r\n" + bomb,
                 limits);
}

TEST(Answer, WithoutALengthEndsWithItsConnection) {
  const auto answer = ask_one(answering("HTTP/1.1 200 OK\r\n\r\nuntil the end"));
  ASSERT_EQ(status_of(answer), 200);
  EXPECT_EQ(*answer.response->body, "until the end");
}

TEST(Answer, WithoutALengthThatIsResetIsNone) {
  const auto answer = ask_one([](raw_socket& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\n\r\nuntil the e");
    peer.reset();
  });
  EXPECT_FALSE(answer.response);
}

TEST(Answer, ComesAfterInterimOnes) {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  std::string many;
  for (int i = 0; i < 16; ++i)
    many += interim;
  const auto answer = ask_one(answering(many + ok));
  ASSERT_EQ(status_of(answer), 200);
  EXPECT_EQ(*answer.response->body, "ok");
  EXPECT_FALSE(ask_one(answering(many + interim + ok)).response);
}

TEST(Deadline, OfTheHeadPasses) {
  beast_client_options limits;
  limits.head_max = 20ms;
  const auto answer = ask_one(
      [](raw_socket& peer) {
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200");
        stall(peer);
      },
      limits);
  ASSERT_FALSE(answer.response);
  EXPECT_EQ(answer.response.failure().code, ec::transport);
  EXPECT_NE(answer.response.failure().what.find("its answer was awaited"), std::string::npos);
  EXPECT_TRUE(answer.sent);
}

TEST(Deadline, OfTheBodyPasses) {
  beast_client_options limits;
  limits.body_max = 20ms;
  const auto answer = ask_one(
      [](raw_socket& peer) {
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
        stall(peer);
      },
      limits);
  ASSERT_FALSE(answer.response);
  EXPECT_NE(answer.response.failure().what.find("its answer was read"), std::string::npos);
}

TEST(Deadline, OfWritingPasses) {
  beast_client_options limits;
  limits.write_max = 20ms;
  http_request large{"POST", {}, std::string(16 * 1024 * 1024, 'x')};
  std::promise<void> over;
  const auto answer = ask_one(
      [done = over.get_future().share()](raw_socket& peer) {
        peer.read_until("\r\n\r\n");
        done.wait_for(50ms); // reads nothing meanwhile
      },
      limits, large);
  ASSERT_FALSE(answer.response);
  EXPECT_TRUE(answer.sent);
}

TEST(Deadline, OfTheHandshakePassesUnsent) {
  raw_server server{{stall}};
  const auto origin = "https://127.0.0.1:" + std::to_string(server.port());
  auto limits = options_for(origin);
  limits.connect_max = 20ms;
  const auto answer = ask(*make_client(limits), origin + "/");
  ASSERT_FALSE(answer.response);
  EXPECT_EQ(answer.response.failure().code, ec::transport);
  EXPECT_FALSE(answer.sent);
}

TEST(Connection, ThatIsRefusedSentNothing) {
  uint16_t free_port = 0;
  {
    const raw_server gone{{}};
    free_port = gone.port();
  }
  const auto origin = "http://127.0.0.1:" + std::to_string(free_port);
  const auto answer = ask(*make_client(options_for(origin)), origin + "/");
  ASSERT_FALSE(answer.response);
  EXPECT_EQ(answer.response.failure().code, ec::transport);
  EXPECT_FALSE(answer.sent);
}

namespace {

/// Answers one request, then takes another and closes without a byte.
void die_on_the_second(raw_socket& peer) {
  peer.read_until("\r\n\r\n");
  peer.send(ok);
  peer.read_until("\r\n\r\n");
}

} // namespace

TEST(StaleConnection, IsReplacedForARequestThatMayBeRepeated) {
  raw_server server{{die_on_the_second, answering(ok)}};
  const auto client = make_client(options_for(server.origin()));
  EXPECT_EQ(status_of(ask(*client, server.origin() + "/")), 200);
  EXPECT_EQ(status_of(ask(*client, server.origin() + "/")), 200);
  EXPECT_EQ(client->counters().connections_opened, 2u);
}

TEST(StaleConnection, ThatEndedAtRestIsReplacedForEveryRequest) {
  for (const bool speaks : {false, true}) { // some servers say 408 before they close
    std::promise<void> ended;
    raw_server server{{[&](raw_socket& peer) {
                         peer.read_until("\r\n\r\n");
                         peer.send(ok);
                         peer.read_until("\r\n\r\n");
                         peer.send(ok);
                         if (speaks)
                           peer.send("HTTP/1.1 408 Request Timeout\r\n\r\n");
                         peer.close();
                         ended.set_value();
                       },
                       answering(ok)}};
    const auto client = make_client(options_for(server.origin()));
    EXPECT_EQ(status_of(ask(*client, server.origin() + "/")), 200);
    EXPECT_EQ(status_of(ask(*client, server.origin() + "/")), 200);
    ended.get_future().wait();
    EXPECT_EQ(status_of(ask(*client, http_request{"POST", server.origin() + "/", "x"})), 200);
    EXPECT_EQ(client->counters().connections_opened, 2u);
  }
}

TEST(StaleConnection, IsReplacedOnce) {
  raw_server server{{die_on_the_second, answering(""), answering(ok)}};
  const auto client = make_client(options_for(server.origin()));
  EXPECT_EQ(status_of(ask(*client, server.origin() + "/")), 200);
  EXPECT_FALSE(ask(*client, server.origin() + "/").response);
  EXPECT_EQ(client->counters().connections_opened, 2u);
}

TEST(StaleConnection, EndsARequestThatMayHaveBeenActedOn) {
  raw_server server{{die_on_the_second, answering(ok)}};
  const auto client = make_client(options_for(server.origin()));
  EXPECT_EQ(status_of(ask(*client, server.origin() + "/")), 200);
  const auto answer = ask(*client, http_request{"DELETE", server.origin() + "/"});
  ASSERT_FALSE(answer.response);
  EXPECT_EQ(answer.response.failure().code, ec::transport);
  EXPECT_TRUE(answer.sent);
  EXPECT_EQ(client->counters().connections_opened, 1u);
}

TEST(StaleConnection, ThatBeganToAnswerIsNotReplaced) {
  raw_server server{{[](raw_socket& peer) {
                       die_on_the_second(peer);
                       peer.send("HTTP/1.1 2");
                     },
                     answering(ok)}};
  const auto client = make_client(options_for(server.origin()));
  EXPECT_EQ(status_of(ask(*client, server.origin() + "/")), 200);
  EXPECT_FALSE(ask(*client, server.origin() + "/").response);
}

TEST(Connection, IsClosedWhenItHasRestedForItsTime) {
  std::promise<std::string> after;
  raw_server server{{[&](raw_socket& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(ok);
    after.set_value(peer.read_all());
  }}};
  auto options = options_for(server.origin());
  options.idle_max = 20ms;
  const auto client = make_client(options);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(status_of(ask(*client, server.origin() + "/")), 200);
  EXPECT_EQ(after.get_future().get(), "");
  EXPECT_GE(std::chrono::steady_clock::now() - began, 20ms);
}

TEST(Connection, IsGivenUpWhenMoreCameThanTheAnswer) {
  raw_server server{{[](raw_socket& peer) {
                       peer.read_until("\r\n\r\n");
                       peer.send(ok + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                       stall(peer);
                     },
                     answering(ok)}};
  const auto client = make_client(options_for(server.origin()));
  EXPECT_EQ(*ask(*client, server.origin() + "/").response->body, "ok");
  EXPECT_EQ(*ask(*client, server.origin() + "/").response->body, "ok");
}

TEST(Answer, CountsAlthoughTheRequestWasNotReadToItsEnd) {
  const auto answer = ask_one(
      [](raw_socket& peer) {
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        peer.read_all();
      },
      {}, http_request{"POST", {}, std::string(1'000'000, 'x')});
  EXPECT_EQ(status_of(answer), 413);
}

TEST(PlainHttp, IsForLoopbackAlone) {
  beast_client_options options;
  options.allowed.push_back({"a.example", 80, {}, true});
  options.allowed.push_back({"127.0.0.1", 80, {}, false});
  const auto client = make_client(options);
  for (const auto* url : {"http://a.example/", "http://127.0.0.1/"}) {
    const auto answer = ask(*client, url);
    ASSERT_FALSE(answer.response);
    EXPECT_EQ(answer.response.failure().code, ec::refused);
    EXPECT_FALSE(answer.sent);
  }
}
