// The client against the server, over TLS.
#include "tests/support/http_calls.hpp"
#include "tests/support/raw_socket.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <mutex>
#include <vector>

using namespace nexte;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

void echo(http_request request, http_server::reply send) {
  http_response response{200, request.method + " " + request.body};
  for (const auto* name :
       {"Host", "Accept-Encoding", "User-Agent", "Authorization", "Content-Length"})
    response.headers.add("X-Got-" + std::string{name}, std::string{request.headers.get(name)});
  send(std::move(response));
}

namespace ssl = boost::asio::ssl;
using tls_peer = ssl::stream<boost::asio::ip::tcp::socket>;

ssl::context context_of(const throwaway_certificate& certificate) {
  ssl::context context{ssl::context::tls_server};
  context.use_certificate_chain(boost::asio::buffer(certificate.server.chain_pem));
  context.use_private_key(boost::asio::buffer(certificate.server.key_pem), ssl::context::pem);
  return context;
}

/// A raw server's script under TLS: `serve` gets the stream and how its handshake ended.
raw_server::script over_tls(ssl::context& context,
                            std::function<void(tls_peer&, boost::system::error_code)> serve) {
  return [&context, serve = std::move(serve)](raw_socket& peer) {
    boost::asio::io_context io;
    tls_peer stream{
        boost::asio::ip::tcp::socket{io, boost::asio::ip::tcp::v4(), ::dup(peer.descriptor())},
        context};
    boost::system::error_code failed;
    stream.handshake(ssl::stream_base::server, failed);
    serve(stream, failed);
  };
}

class BeastClient : public ::testing::Test {
protected:
  /// Serves `on_request` over TLS as 127.0.0.1 and localhost.
  void serve(http_server::handler on_request) {
    serve_as(certificate_for({"127.0.0.1", "localhost"}), std::move(on_request));
  }
  void serve_as(const throwaway_certificate& certificate, http_server::handler on_request = echo) {
    ca_ = std::make_unique<temporary_file>(certificate.ca_pem);
    http_server_options options;
    options.tls = std::make_unique<server_certificate>(certificate.server);
    options.threads = 2;
    auto started = http_server::start(std::move(options), std::move(on_request));
    ASSERT_TRUE(started) << started.failure().line();
    server_ = *std::move(started);
    origin_ = server_->origin();
  }
  beast_client_options options() const {
    return options_for(origin_, ca_->path());
  }

  std::unique_ptr<temporary_file> ca_;
  std::unique_ptr<http_server> server_;
  std::string origin_;
};

} // namespace

TEST_F(BeastClient, SendsARequestWithItsFieldsAndReadsTheAnswer) {
  serve(echo);
  const auto client = make_client(options());
  http_request request{"PATCH", origin_ + "/a?b=1", "body", "text/plain"};
  request.headers.add("Authorization", "Bearer t");
  request.headers.add("Host", "elsewhere.example");
  request.headers.add("Content-Length", "99");
  const auto answer = ask(*client, std::move(request));
  ASSERT_TRUE(answer.response) << answer.response.failure().line();
  EXPECT_TRUE(answer.sent);
  EXPECT_EQ(answer.response->status, 200);
  EXPECT_EQ(*answer.response->body, "PATCH body");
  const auto& got = answer.response->headers;
  EXPECT_EQ(got.get("X-Got-Host"), origin_.substr(8));
  EXPECT_EQ(got.get("X-Got-Accept-Encoding"), "gzip");
  EXPECT_EQ(got.get("X-Got-User-Agent"), "nexte-sync/0.1");
  EXPECT_EQ(got.get("X-Got-Authorization"), "Bearer t");
  EXPECT_EQ(got.get("X-Got-Content-Length"), "4");
}

TEST_F(BeastClient, ReadsTheHeadAloneForHead) {
  serve([](http_request, http_server::reply send) { send(http_response{200, "12345"}); });
  const auto client = make_client(options());
  for (int i = 0; i < 2; ++i) { // the second finds the connection in order
    const auto answer = ask(*client, http_request{"HEAD", origin_ + "/"});
    ASSERT_EQ(status_of(answer), 200);
    EXPECT_EQ(answer.response->headers.get("Content-Length"), "5");
    EXPECT_TRUE(answer.response->body->empty());
  }
  EXPECT_EQ(client->counters().connections_opened, 1u);
}

TEST_F(BeastClient, UnpacksGzipAndCarriesLargeBodiesBothWays) {
  std::string large;
  for (int i = 0; large.size() < 300'000; ++i)
    large += std::to_string(i * 7919);
  serve([](http_request request, http_server::reply send) {
    send(http_response{200, std::move(request.body)});
  });
  const auto client = make_client(options());
  const auto answer = ask(*client, http_request{"POST", origin_ + "/", large});
  ASSERT_EQ(status_of(answer), 200);
  EXPECT_EQ(*answer.response->body, large);
  EXPECT_FALSE(answer.response->headers.has("Content-Encoding"));
}

TEST_F(BeastClient, LimitsWhatABodyUnpacksTo) {
  serve([](http_request, http_server::reply send) {
    send(http_response{200, std::string(100'000, 'x')});
  });
  auto limited = options();
  limited.body_bytes_max = 99'999;
  const auto over = ask(*make_client(limited), origin_ + "/");
  ASSERT_FALSE(over.response);
  EXPECT_EQ(over.response.failure().code, ec::refused);
  EXPECT_TRUE(over.sent);
  limited.body_bytes_max = 100'000;
  EXPECT_EQ(status_of(ask(*make_client(limited), origin_ + "/")), 200);
}

TEST_F(BeastClient, KeepsItsConnection) {
  serve(echo);
  const auto client = make_client(options());
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(status_of(ask(*client, origin_ + "/")), 200);
  EXPECT_EQ(client->counters().connections_opened, 1u);
  EXPECT_EQ(client->counters().calls_done, 5u);
}

TEST_F(BeastClient, OpensNoMoreConnectionsThanItMayAndKeepsTheOrder) {
  std::mutex mutex;
  std::vector<std::pair<std::string, http_server::reply>> held;
  std::vector<std::string> order;
  std::promise<void> two_arrived;
  bool release = false;
  serve([&](http_request request, http_server::reply send) {
    const std::lock_guard lock{mutex};
    order.push_back(request.url.substr(request.url.rfind('/')));
    if (release)
      return send(http_response{200, {}});
    held.emplace_back(request.url, std::move(send));
    if (held.size() == 2)
      two_arrived.set_value();
  });
  auto chosen = options();
  chosen.connections_per_host_max = 2;
  chosen.waiting_calls_max = 3;
  const auto client = make_client(chosen);
  std::vector<std::future<http_answer>> calls;
  for (int i = 0; i < 5; ++i)
    calls.push_back(start(*client, http_request{"GET", origin_ + "/" + std::to_string(i)}));
  two_arrived.get_future().wait();
  const auto refused = ask(*client, origin_ + "/one-too-many");
  ASSERT_FALSE(refused.response);
  EXPECT_EQ(refused.response.failure().code, ec::transport);
  EXPECT_FALSE(refused.sent);
  {
    const std::lock_guard lock{mutex};
    release = true;
    held[0].second(http_response{200, {}}); // the other connection stays busy
  }
  for (const int i : {2, 3, 4})
    EXPECT_EQ(status_of(wait(calls[static_cast<size_t>(i)])), 200);
  held[1].second(http_response{200, {}});
  wait(calls[0]);
  wait(calls[1]);
  EXPECT_EQ((std::vector<std::string>{order.begin() + 2, order.end()}),
            (std::vector<std::string>{"/2", "/3", "/4"}));
  EXPECT_EQ(client->counters().connections_opened, 2u);
}

TEST_F(BeastClient, ResumesTlsSessions) {
  serve([](http_request, http_server::reply send) {
    http_response last{200, {}};
    last.headers.add("Connection", "close");
    send(std::move(last));
  });
  const auto client = make_client(options());
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(status_of(ask(*client, origin_ + "/")), 200);
  EXPECT_EQ(client->counters().connections_opened, 4u);
  EXPECT_EQ(client->counters().tls_sessions_resumed, 3u);
}

TEST_F(BeastClient, VerifiesNamesAndLiteralAddresses) {
  serve(echo);
  auto by_name = options();
  by_name.allowed[0].host = "localhost";
  const auto url = "https://localhost:" + std::to_string(server_->port()) + "/";
  EXPECT_EQ(status_of(ask(*make_client(by_name), url)), 200);
  EXPECT_EQ(status_of(ask(*make_client(options()), origin_ + "/")), 200);
}

TEST_F(BeastClient, RefusesTheCertificateOfAnotherName) {
  serve_as(certificate_for({"a.example", "127.0.0.2"}));
  const auto answer = ask(*make_client(options()), origin_ + "/?secret");
  ASSERT_FALSE(answer.response);
  EXPECT_EQ(answer.response.failure().code, ec::transport);
  EXPECT_NE(answer.response.failure().what.find("IP address mismatch"), std::string::npos)
      << answer.response.failure().what;
  EXPECT_EQ(answer.response.failure().what.find("secret"), std::string::npos);
  EXPECT_FALSE(answer.sent);
  auto by_name = options();
  by_name.allowed[0].host = "localhost";
  const auto named
      = ask(*make_client(by_name), "https://localhost:" + std::to_string(server_->port()) + "/");
  ASSERT_FALSE(named.response);
  EXPECT_NE(named.response.failure().what.find("hostname mismatch"), std::string::npos);
}

TEST_F(BeastClient, RefusesAnUnknownAuthority) {
  serve(echo);
  const temporary_file other{certificate_for({"127.0.0.1"}).ca_pem};
  auto chosen = options();
  chosen.allowed[0].ca_file = other.path();
  EXPECT_FALSE(ask(*make_client(chosen), origin_ + "/").response);
  chosen.allowed[0].ca_file.clear(); // the system's
  EXPECT_FALSE(ask(*make_client(chosen), origin_ + "/").response);
}

TEST_F(BeastClient, RefusesACertificateOutsideItsTime) {
  serve_as(certificate_for({"127.0.0.1"}, -2h, -1h));
  const auto expired = ask(*make_client(options()), origin_ + "/");
  ASSERT_FALSE(expired.response);
  EXPECT_NE(expired.response.failure().what.find("expired"), std::string::npos);
  serve_as(certificate_for({"127.0.0.1"}, 1h, 2h));
  EXPECT_FALSE(ask(*make_client(options()), origin_ + "/").response);
}

TEST_F(BeastClient, RefusesTls11) {
  const auto certificate = certificate_for({"127.0.0.1"});
  const temporary_file ca{certificate.ca_pem};
  ssl::context old = context_of(certificate);
  SSL_CTX_set_security_level(old.native_handle(), 0);
  SSL_CTX_set_max_proto_version(old.native_handle(), TLS1_1_VERSION);
  boost::system::error_code handshake;
  {
    const raw_server server{
        {over_tls(old, [&](tls_peer&, boost::system::error_code failed) { handshake = failed; })}};
    const auto origin = "https://127.0.0.1:" + std::to_string(server.port());
    const auto answer = ask(*make_client(options_for(origin, ca.path())), origin + "/");
    ASSERT_FALSE(answer.response);
    EXPECT_EQ(answer.response.failure().code, ec::transport);
    EXPECT_FALSE(answer.sent);
  }
  EXPECT_TRUE(handshake);
}

TEST_F(BeastClient, TakesAnAnswerWithoutALengthOnlyWhenTlsEndsProperly) {
  const auto certificate = certificate_for({"127.0.0.1"});
  const temporary_file ca{certificate.ca_pem};
  ssl::context context = context_of(certificate);
  const auto ending = [&](bool properly) {
    return over_tls(context, [properly](tls_peer& peer, boost::system::error_code failed) {
      EXPECT_FALSE(failed);
      std::string request;
      boost::asio::read_until(peer, boost::asio::dynamic_buffer(request), "\r\n\r\n", failed);
      boost::asio::write(peer, boost::asio::buffer("HTTP/1.1 200 OK\r\n\r\nhalf", 23), failed);
      if (properly)
        peer.shutdown(failed);
    });
  };
  const raw_server server{{ending(true), ending(false)}};
  const auto origin = "https://127.0.0.1:" + std::to_string(server.port());
  const auto client = make_client(options_for(origin, ca.path()));
  const auto whole = ask(*client, origin + "/");
  ASSERT_EQ(status_of(whole), 200);
  EXPECT_EQ(*whole.response->body, "half");
  const auto cut = ask(*client, origin + "/");
  ASSERT_FALSE(cut.response);
  EXPECT_EQ(cut.response.failure().code, ec::transport);
}

TEST_F(BeastClient, CallsAllowedOriginsOnly) {
  serve(echo);
  const auto client = make_client(options());
  const auto port = std::to_string(server_->port());
  for (const auto& url :
       {"https://localhost:" + port + "/", "http://127.0.0.1:" + port + "/",
        std::string{"https://127.0.0.1/"}, "https://127.0.0.1.a.example:" + port + "/",
        "ftp://127.0.0.1:" + port + "/", std::string{"/x"}, origin_ + "/a\r\nX: b",
        "https://u:p@127.0.0.1:" + port + "/"}) {
    const auto answer = ask(*client, url);
    ASSERT_FALSE(answer.response) << url;
    EXPECT_EQ(answer.response.failure().code, ec::refused) << url;
    EXPECT_FALSE(answer.sent);
  }
  EXPECT_EQ(client->counters().connections_opened, 0u);
}

TEST_F(BeastClient, RefusesToBeInjected) {
  serve(echo);
  const auto client = make_client(options());
  http_request value{"GET", origin_ + "/"};
  value.headers.add("X", "a\r\nHost: b");
  http_request name{"GET", origin_ + "/"};
  name.headers.add("X: a\r\nY", "b");
  http_request long_value{"GET", origin_ + "/"};
  long_value.headers.add("X", std::string(70'000, 'x'));
  for (auto& request : {value, name, long_value, http_request{"GET / HTTP/1.1\r\n", origin_ + "/"},
                        http_request{"", origin_ + "/"}, http_request{"CONNECT", origin_ + "/"}}) {
    const auto answer = ask(*client, request);
    ASSERT_FALSE(answer.response);
    EXPECT_EQ(answer.response.failure().code, ec::refused);
    EXPECT_FALSE(answer.sent);
  }
}

TEST_F(BeastClient, FollowsThreeRedirectsOfItsOriginAndNoMore) {
  serve([](http_request request, http_server::reply send) {
    const auto hops = std::stoi(request.url.substr(request.url.rfind('/') + 1));
    http_response on{hops % 2 ? 302 : 307, {}};
    on.headers.add("Location", std::to_string(hops - 1) + "#part");
    if (hops == 0)
      on = http_response{200, std::string{request.headers.get("Authorization")}};
    send(std::move(on));
  });
  const auto client = make_client(options());
  http_request three{"GET", origin_ + "/hops/3"};
  three.headers.add("Authorization", "Bearer t");
  const auto followed = ask(*client, three);
  ASSERT_EQ(status_of(followed), 200);
  EXPECT_EQ(*followed.response->body, "Bearer t");
  const auto four = ask(*client, origin_ + "/hops/4");
  ASSERT_FALSE(four.response);
  EXPECT_EQ(four.response.failure().code, ec::refused);
  EXPECT_TRUE(four.sent);
  EXPECT_EQ(status_of(ask(*client, http_request{"POST", origin_ + "/hops/1"})), 302);
  EXPECT_EQ(client->counters().connections_opened, 1u);
}

TEST_F(BeastClient, FollowsNoRedirectToAnotherOrigin) {
  std::string location;
  std::atomic<int> served = 0;
  serve([&](http_request, http_server::reply send) {
    ++served;
    http_response on{302, {}};
    on.headers.add("Location", location);
    send(std::move(on));
  });
  auto chosen = options();
  chosen.allowed.push_back({"localhost", server_->port(), ca_->path()}); // allowed, yet another
  const auto client = make_client(chosen);
  const auto port = std::to_string(server_->port());
  int asked = 0;
  for (const auto& to : {"https://localhost:" + port + "/", "//localhost:" + port + "/",
                         "http://127.0.0.1:" + port + "/", std::string{"https://127.0.0.1/"},
                         "https://u:p@127.0.0.1:" + port + "/", std::string{"::"}}) {
    location = to;
    const auto answer = ask(*client, origin_ + "/?secret");
    ASSERT_FALSE(answer.response) << to;
    EXPECT_EQ(answer.response.failure().code, ec::refused) << to;
    EXPECT_EQ(answer.response.failure().line().find("secret"), std::string::npos);
    EXPECT_EQ(served, ++asked);
  }
}

TEST_F(BeastClient, EndsEveryCallWhenItGoes) {
  std::mutex mutex;
  std::vector<http_server::reply> held;
  std::promise<void> arrived;
  serve([&](http_request, http_server::reply send) {
    const std::lock_guard lock{mutex};
    held.push_back(std::move(send));
    arrived.set_value();
  });
  auto chosen = options();
  chosen.connections_per_host_max = 1;
  auto client = make_client(chosen);
  auto under_way = start(*client, http_request{"GET", origin_ + "/"});
  auto waiting = start(*client, http_request{"GET", origin_ + "/"});
  arrived.get_future().wait();
  client.reset();
  ASSERT_EQ(under_way.wait_for(0s), std::future_status::ready);
  ASSERT_EQ(waiting.wait_for(0s), std::future_status::ready);
  const auto first = under_way.get();
  const auto second = waiting.get();
  ASSERT_FALSE(first.response || second.response);
  EXPECT_EQ(first.response.failure().code, ec::cancelled);
  EXPECT_EQ(second.response.failure().code, ec::cancelled);
  EXPECT_TRUE(first.sent);
  EXPECT_FALSE(second.sent);
}

TEST_F(BeastClient, TakesACallFromInsideAnAnswer) {
  serve(echo);
  const auto client = make_client(options());
  std::promise<int> second;
  client->call(http_request{"GET", origin_ + "/"}, [&](http_answer) {
    client->call(http_request{"GET", origin_ + "/"},
                 [&](http_answer answer) { second.set_value(status_of(answer)); });
  });
  EXPECT_EQ(second.get_future().get(), 200);
  EXPECT_EQ(client->counters().connections_opened, 1u);
}

TEST(BeastClientOptions, NameAnUnreadableAuthorityFile) {
  auto chosen = options_for("https://a.example", "/nowhere/ca.pem");
  const auto made = beast_client::make(std::move(chosen));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.failure().code, ec::refused);
  EXPECT_NE(made.failure().what.find("/nowhere/ca.pem"), std::string::npos);
}
