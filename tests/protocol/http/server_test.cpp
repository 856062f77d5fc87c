// The server against bytes.
#include "protocol/http/server.hpp"

#include "tests/support/http_calls.hpp"
#include "tests/support/raw_socket.hpp"

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

using namespace nexte;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

void name_all(http_request request, http_server::reply send) {
  send(http_response{200, request.method + " " + request.url + " " + request.body});
}

std::unique_ptr<http_server> serve(http_server_options options = {},
                                   http_server::handler handler = name_all) {
  auto started = http_server::start(std::move(options), std::move(handler));
  EXPECT_TRUE(started) << started.failure().line();
  return started ? *std::move(started) : nullptr;
}

const std::string host = "Host: a.example\r\n";
const std::string last = host + "Connection: close\r\n";

/// What comes for `bytes` until the server closes.
std::string talk(const http_server& server, const std::string& bytes) {
  raw_client client{server.port()};
  client.send(bytes);
  return client.read_all();
}

bool has_status(const std::string& answer, int status) {
  return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
    ++found;
  return found;
}

} // namespace

TEST(HttpServer, AnswersOneRequestAfterTheOtherAlsoWhenTheyComeAtOnce) {
  const auto server = serve();
  const auto answers
      = talk(*server, "GET /1 HTTP/1.1\r\n" + host + "\r\nPOST /2 HTTP/1.1\r\n" + host
                          + "Content-Length: 2\r\n\r\nxyGET /3 HTTP/1.1\r\n" + last + "\r\n");
  EXPECT_EQ(count(answers, "HTTP/1.1 200 OK\r\n"), 3u);
  const auto first = answers.find("GET http://a.example/1 ");
  const auto second = answers.find("POST http://a.example/2 xy");
  const auto third = answers.find("GET http://a.example/3 ");
  EXPECT_TRUE(first < second && second < third && third != answers.npos) << answers;
  EXPECT_EQ(count(answers, "Date: "), 3u);
  EXPECT_EQ(count(answers, "Connection: close"), 1u);
}

TEST(HttpServer, ReadsChunkedRequestsAndSaysContinue) {
  const auto server = serve();
  const auto answer = talk(*server, "PUT / HTTP/1.1\r\n" + last
                                        + "Transfer-Encoding: chunked\r\nExpect: 100-continue"
                                          "\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("PUT http://a.example/ abc")) << answer;
}

TEST(HttpServer, SendsNoBodyForHead) {
  const auto server = serve();
  const auto answer = talk(*server, "HEAD / HTTP/1.1\r\n" + last + "\r\n");
  EXPECT_NE(answer.find("Content-Length: 23\r\n"), answer.npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(HttpServer, ClosesAfterTheAnswerToHttp10) {
  const auto server = serve();
  EXPECT_NE(talk(*server, "GET / HTTP/1.0\r\n" + host + "\r\n").find(" 200 OK\r\n"),
            std::string::npos);
}

TEST(HttpServer, RefusesWhatItCannotRead) {
  const auto server = serve();
  for (const std::string bad :
       {"garbage\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    const auto answer = talk(*server, bad);
    EXPECT_TRUE(has_status(answer, 400)) << bad << answer;
    EXPECT_FALSE(answer.ends_with("reset")) << bad;
  }
}

TEST(HttpServer, LimitsHeadAndBody) {
  http_server_options options;
  options.head_bytes_max = 200;
  options.body_bytes_max = 10;
  const auto server = serve(std::move(options));
  const auto post = [&](size_t bytes) {
    return talk(*server, "POST / HTTP/1.1\r\n" + last + "Content-Length: " + std::to_string(bytes)
                             + "\r\n\r\n" + std::string(bytes, 'x'));
  };
  EXPECT_TRUE(has_status(post(10), 200));
  EXPECT_TRUE(has_status(post(11), 413));
  const auto large = post(1'000'000); // the answer survives what is not read
  EXPECT_TRUE(has_status(large, 413));
  EXPECT_FALSE(large.ends_with("reset"));
  const auto chunked
      = talk(*server, "POST / HTTP/1.1\r\n" + last + "Transfer-Encoding: chunked\r\n\r\nb\r\n"
                          + std::string(11, 'x') + "\r\n0\r\n\r\n");
  EXPECT_TRUE(has_status(chunked, 413));
  EXPECT_TRUE(has_status(
      talk(*server, "GET / HTTP/1.1\r\n" + last + "X: " + std::string(300, 'x') + "\r\n\r\n"),
      431));
}

TEST(HttpServer, TellsThoseWhoAreSlow) {
  for (const std::string part : {"G", "GET / HTTP/1.1\r\nHost:",
                                 "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx"}) {
    http_server_options options;
    options.request_max = 20ms;
    const auto server = serve(std::move(options));
    EXPECT_TRUE(has_status(talk(*server, part), 408)) << part;
  }
}

TEST(HttpServer, TimesEachRequestOfAConnection) {
  http_server_options options;
  options.request_max = 100ms;
  const auto server = serve(std::move(options));
  const auto answers = talk(*server, "GET / HTTP/1.1\r\n" + host + "\r\nGET / HT");
  EXPECT_TRUE(has_status(answers, 200));
  EXPECT_EQ(count(answers, "HTTP/1.1 408 "), 1u);
}

TEST(HttpServer, ClosesASilentConnectionWithoutAWord) {
  http_server_options options;
  options.request_max = 20ms;
  options.idle_max = 20ms;
  const auto server = serve(std::move(options));
  EXPECT_EQ(talk(*server, ""), "");
  EXPECT_EQ(count(talk(*server, "GET / HTTP/1.1\r\n" + host + "\r\n"), "HTTP/1.1 "), 1u);
}

TEST(HttpServer, SaysThatItIsFull) {
  http_server_options options;
  options.connections_max = 1;
  const auto server = serve(std::move(options));
  raw_client first{server->port()};
  first.send("GET / HTTP/1.1\r\n" + host + "\r\n");
  first.read_until("http://a.example/ ");
  EXPECT_TRUE(has_status(talk(*server, "GET / HTTP/1.1\r\n" + host + "\r\n"), 503));
  first.send("GET / HTTP/1.1\r\n" + last + "\r\n");
  EXPECT_TRUE(has_status(first.read_all(), 200));
  first.close();
  const auto give_up = std::chrono::steady_clock::now() + 10s; // the server has yet to notice
  std::string answer;
  do
    answer = talk(*server, "GET / HTTP/1.1\r\n" + last + "\r\n");
  while (has_status(answer, 503) && std::chrono::steady_clock::now() < give_up);
  EXPECT_TRUE(has_status(answer, 200)) << answer;
}

TEST(HttpServer, AnswersForAHandlerThatFails) {
  const auto server = serve({}, [](http_request request, http_server::reply send) {
    if (request.url.ends_with("throw"))
      throw std::runtime_error{"a secret"};
    if (request.url.ends_with("status"))
      send(http_response{42, "a secret"});
    if (request.url.ends_with("split")) {
      http_response split{200, "a secret"};
      split.headers.add("X", "a\r\nY: b");
      send(std::move(split));
    }
  });
  for (const std::string path : {"throw", "drop", "status", "split"}) {
    const auto answer = talk(*server, "GET /" + path + " HTTP/1.1\r\n" + last + "\r\n");
    EXPECT_TRUE(has_status(answer, 500)) << path;
    EXPECT_EQ(answer.find("secret"), answer.npos) << path;
  }
}

TEST(HttpServer, ClosesWithoutAnAnswerWhereTheHandlerWantsIt) {
  const auto server
      = serve({}, [](http_request, http_server::reply send) { send(http_response{}); });
  EXPECT_EQ(talk(*server, "GET / HTTP/1.1\r\n" + host + "\r\n"), "");
}

TEST(HttpServer, TakesTheFirstAnswerFromAnyThread) {
  const auto server = serve({}, [](http_request, http_server::reply send) {
    std::thread{[send] {
      send(http_response{201, {}});
      send(http_response{202, {}});
    }}.join();
  });
  const auto twice
      = talk(*server, "GET / HTTP/1.1\r\n" + host + "\r\nGET / HTTP/1.1\r\n" + last + "\r\n");
  EXPECT_EQ(count(twice, "HTTP/1.1 201 "), 2u);
  EXPECT_EQ(count(twice, "HTTP/1.1 202 "), 0u);
}

TEST(HttpServer, MayBeGoneWhenTheAnswerComes) {
  std::promise<http_server::reply> handed;
  auto server = serve(
      {}, [&](http_request, http_server::reply send) { handed.set_value(std::move(send)); });
  raw_client client{server->port()};
  client.send("GET / HTTP/1.1\r\n" + host + "\r\n");
  const auto send = handed.get_future().get();
  server.reset();
  EXPECT_EQ(client.read_all(), "");
  send(http_response{200, {}});
}

TEST(HttpServer, SaysOverTlsTooWhatIsWrong) {
  const auto certificate = certificate_for({"127.0.0.1"});
  const temporary_file ca{certificate.ca_pem};
  http_server_options options;
  options.tls = std::make_unique<server_certificate>(certificate.server);
  options.body_bytes_max = 10;
  const auto server = serve(std::move(options));
  const auto client = make_client(options_for(server->origin(), ca.path()));
  const auto large = ask(*client, http_request{"POST", server->origin() + "/", "01234567890"});
  EXPECT_EQ(status_of(large), 413);
  EXPECT_EQ(status_of(ask(*client, server->origin() + "/")), 200);
  EXPECT_EQ(talk(*server, "GET / HTTP/1.1\r\n" + last + "\r\n").find("HTTP/1.1 200"),
            std::string::npos); // no plain http on its port
}

TEST(HttpServerStart, NamesWhatStandsInItsWay) {
  const auto first = serve();
  http_server_options taken;
  taken.port = first->port();
  const auto again = http_server::start(std::move(taken), name_all);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.failure().code, ec::conflict);
  EXPECT_NE(again.failure().what.find(std::to_string(first->port())), std::string::npos);
  for (const std::string address : {"localhost", "", "192.0.2.1"}) {
    http_server_options elsewhere;
    elsewhere.address = address;
    const auto refused = http_server::start(std::move(elsewhere), name_all);
    ASSERT_FALSE(refused) << address;
    EXPECT_EQ(refused.failure().code, ec::refused);
  }
  auto mixed = certificate_for({"127.0.0.1"}).server;
  mixed.key_pem = certificate_for({"127.0.0.1"}).server.key_pem;
  for (const auto& bad : {server_certificate{"no pem", "no pem"}, mixed}) {
    http_server_options secured;
    secured.tls = std::make_unique<server_certificate>(bad);
    const auto refused = http_server::start(std::move(secured), name_all);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, ec::refused);
  }
}

TEST(HttpServerStart, ListensOnIpv6) {
  http_server_options options;
  options.address = "::1";
  const auto started = http_server::start(std::move(options), name_all);
  if (!started) { // a computer without IPv6 says so
    EXPECT_EQ(started.failure().code, ec::refused);
    return;
  }
  const auto origin = (*started)->origin();
  EXPECT_EQ(origin, "http://[::1]:" + std::to_string((*started)->port()));
  EXPECT_EQ(status_of(ask(*make_client(options_for(origin)), origin + "/x")), 200);
}
