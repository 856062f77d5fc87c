// Who is trusted over TLS.
#include "tests/support/http_calls.hpp"
#include "tests/support/raw_socket.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <functional>

using namespace nexte;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

class ClientTls : public https_test {};

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

} // namespace

TEST_F(ClientTls, ResumesTlsSessions) {
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

TEST_F(ClientTls, VerifiesNamesAndLiteralAddresses) {
  serve(echo);
  auto by_name = options();
  by_name.allowed[0].host = "localhost";
  const auto url = "https://localhost:" + std::to_string(server_->port()) + "/";
  EXPECT_EQ(status_of(ask(*make_client(by_name), url)), 200);
  EXPECT_EQ(status_of(ask(*make_client(options()), origin_ + "/")), 200);
}

TEST_F(ClientTls, RefusesTheCertificateOfAnotherName) {
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

TEST_F(ClientTls, RefusesAnUnknownAuthority) {
  serve(echo);
  const temporary_file other{certificate_for({"127.0.0.1"}).ca_pem};
  auto chosen = options();
  chosen.allowed[0].ca_file = other.path();
  EXPECT_FALSE(ask(*make_client(chosen), origin_ + "/").response);
  chosen.allowed[0].ca_file.clear(); // the system's
  EXPECT_FALSE(ask(*make_client(chosen), origin_ + "/").response);
}

TEST_F(ClientTls, RefusesACertificateOutsideItsTime) {
  serve_as(certificate_for({"127.0.0.1"}, -2h, -1h));
  const auto expired = ask(*make_client(options()), origin_ + "/");
  ASSERT_FALSE(expired.response);
  EXPECT_NE(expired.response.failure().what.find("expired"), std::string::npos);
  serve_as(certificate_for({"127.0.0.1"}, 1h, 2h));
  EXPECT_FALSE(ask(*make_client(options()), origin_ + "/").response);
}

TEST_F(ClientTls, RefusesTls11) {
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

TEST_F(ClientTls, TakesAnAnswerWithoutALengthOnlyWhenTlsEndsProperly) {
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

TEST(ClientTlsRoots, NameAnUnreadableAuthorityFile) {
  auto chosen = options_for("https://a.example", "/nowhere/ca.pem");
  const auto made = beast_client::make(std::move(chosen));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.failure().code, ec::refused);
  EXPECT_NE(made.failure().what.find("/nowhere/ca.pem"), std::string::npos);
}
