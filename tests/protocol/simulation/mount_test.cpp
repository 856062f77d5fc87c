#include "protocol/simulation/mount.hpp"

#include "protocol/hubspot/simulator.hpp"

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <thread>

using namespace nexte;
using namespace nexte::simulation;
using namespace std::chrono_literals;

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

std::unique_ptr<mounted_simulators> mounted(bool tls = false) {
  std::vector<std::unique_ptr<simulator>> simulators;
  simulators.push_back(std::make_unique<hubspot_simulator>(simulator_options{.records = 5}));
  mount_options options;
  options.tls = tls;
  options.clock = [] { return *parse_iso_time("2026-03-01T10:00:00Z"); };
  auto started = mounted_simulators::start(std::move(options), std::move(simulators));
  EXPECT_TRUE(started);
  return *std::move(started);
}

template <class Stream>
http::response<http::string_body> exchange(Stream& stream, http::verb verb,
                                           const std::string& target, const std::string& body,
                                           const std::string& token) {
  http::request<http::string_body> request{verb, target, 11};
  request.set(http::field::host, "127.0.0.1");
  if (!token.empty())
    request.set(http::field::authorization, "Bearer " + token);
  request.body() = body;
  request.prepare_payload();
  http::write(stream, request);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(stream, buffer, response);
  return response;
}

/// One request on a connection of its own, plain or over TLS that trusts the mount's authority.
http::response<http::string_body> send(const mounted_simulators& at, http::verb verb,
                                       const std::string& target, const std::string& body = {},
                                       const std::string& token = {}) {
  asio::io_context io;
  const auto port = at.origin().substr(at.origin().rfind(':') + 1);
  const asio::ip::tcp::endpoint server{asio::ip::make_address("127.0.0.1"),
                                       static_cast<uint16_t>(std::stoi(port))};
  if (at.ca_pem().empty()) {
    asio::ip::tcp::socket socket{io};
    socket.connect(server);
    return exchange(socket, verb, target, body, token);
  }
  asio::ssl::context trust{asio::ssl::context::tls_client};
  trust.add_certificate_authority(asio::buffer(at.ca_pem()));
  trust.set_verify_mode(asio::ssl::verify_peer);
  trust.set_verify_callback(asio::ssl::host_name_verification{"127.0.0.1"});
  asio::ssl::stream<asio::ip::tcp::socket> stream{io, trust};
  stream.next_layer().connect(server);
  stream.handshake(asio::ssl::stream_base::client);
  return exchange(stream, verb, target, body, token);
}

std::string token_of(mounted_simulators& at) {
  std::string token;
  at.each([&](simulator& one) { token = one.issue_access_token(at.now()); });
  return token;
}

} // namespace

TEST(Mount, ServesEachProviderBelowItsPath) {
  for (const bool tls : {false, true}) {
    const auto at = mounted(tls);
    const auto page
        = send(*at, http::verb::get, "/hubspot/crm/v3/objects/contacts?limit=2", {}, token_of(*at));
    EXPECT_EQ(page.result_int(), 200u);
    EXPECT_NE(page.body().find("\"link\":\"" + at->origin() + "/hubspot/crm/v3/"),
              std::string::npos);
    EXPECT_TRUE(page.count(http::field::date));
    EXPECT_EQ(send(*at, http::verb::get, "/pigeonpost/x").result_int(), 404u);
  }
}

TEST(Mount, AdministersByPathAndDescribesItself) {
  const auto at = mounted();
  for (const auto* path : {"/_admin/stats", "/_admin/hubspot/stats", "/hubspot/_admin/stats"}) {
    EXPECT_EQ(send(*at, http::verb::post, path, "{}").result_int(), 200u) << path;
    EXPECT_EQ(send(*at, http::verb::get, path).result_int(), 405u) << path;
  }
  for (const auto* path : {"/_admin", "/_admin/hubspot", "/hubspot/_admin"})
    EXPECT_NE(send(*at, http::verb::get, path).body().find("\"archive\""), std::string::npos)
        << path;
  EXPECT_EQ(send(*at, http::verb::post, "/_admin/explode", "{}").result_int(), 404u);
}

TEST(Mount, BreaksTheConnectionOfADroppedAnswer) {
  const auto at = mounted();
  at->each([](simulator& one) { one.faults().arm({.kind = fault_kind::drop}); });
  EXPECT_THROW(send(*at, http::verb::get, "/hubspot/x"), boost::system::system_error);
  EXPECT_EQ(send(*at, http::verb::get, "/hubspot/x").result_int(), 401u);
}

TEST(Mount, AnswersSlowlyWithoutHoldingUpOthers) {
  const auto at = mounted();
  at->each([](simulator& one) {
    one.faults().arm({.kind = fault_kind::slow, .path = "/slow", .delay = 50ms});
  });
  const auto begun_due = std::chrono::steady_clock::now();
  std::chrono::steady_clock::duration slow_took{};
  std::thread slow{[&] {
    EXPECT_EQ(send(*at, http::verb::get, "/hubspot/slow").result_int(), 401u);
    slow_took = std::chrono::steady_clock::now() - begun_due;
  }};
  EXPECT_EQ(send(*at, http::verb::get, "/hubspot/quick").result_int(), 401u);
  slow.join();
  EXPECT_GE(slow_took, 50ms);
}

TEST(Mount, NamesThePortThatIsTaken) {
  const auto at = mounted();
  mount_options options;
  options.port = static_cast<uint16_t>(std::stoi(at->origin().substr(at->origin().rfind(':') + 1)));
  const auto refused = mounted_simulators::start(std::move(options), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.failure().code, ec::conflict);
}
