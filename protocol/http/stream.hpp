// What the client and the server share of sockets; private to protocol/http.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <chrono>
#include <memory>
#include <utility>
#include <variant>

namespace nexte {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// A TCP connection, plain or under TLS, as Beast's algorithms want it.
class byte_stream {
public:
  using executor_type = tcp::socket::executor_type;
  using tls_stream = beast::ssl_stream<tcp::socket>;
  using layers = std::variant<tcp::socket, tls_stream>;

  /// A null `tls` stays plain.
  byte_stream(tcp::socket socket, asio::ssl::context* tls)
      : layers_(tls ? layers{std::in_place_type<tls_stream>, std::move(socket), *tls}
                    : layers{std::in_place_type<tcp::socket>, std::move(socket)}) {}

  executor_type get_executor() {
    return socket().get_executor();
  }
  tcp::socket& socket() {
    auto* secured = tls();
    return secured ? secured->next_layer() : std::get<tcp::socket>(layers_);
  }
  /// Null when plain.
  tls_stream* tls() {
    return std::get_if<tls_stream>(&layers_);
  }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (auto* secured = tls())
      secured->async_read_some(buffers, std::forward<Handler>(handler));
    else
      socket().async_read_some(buffers, std::forward<Handler>(handler));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (auto* secured = tls())
      secured->async_write_some(buffers, std::forward<Handler>(handler));
    else
      socket().async_write_some(buffers, std::forward<Handler>(handler));
  }

  /// Ends everything under way. The TLS session stays fit for resumption: OpenSSL drops sessions
  /// of connections that were freed without a shutdown.
  void close() {
    if (auto* secured = tls())
      SSL_set_shutdown(secured->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    error_code ignored; // nothing is left to do for a socket that cannot be closed
    socket().close(ignored);
  }

private:
  layers layers_;
};

/// Calls `Owner::on_due` when the wait set last has passed. Setting is cheap: the timer beneath is
/// moved only where it would come too late. Everything on the owner's strand.
template <class Owner>
class deadline {
public:
  explicit deadline(const asio::any_io_executor& strand) : timer_(strand) {}

  void set(const std::shared_ptr<Owner>& owner, std::chrono::milliseconds wait) {
    due_ = clock::now() + wait;
    if (!armed_ || due_ < timer_.expiry())
      arm(owner);
  }
  void clear() {
    due_ = clock::time_point::max();
  }
  /// For good.
  void cancel() {
    clear();
    timer_.cancel();
  }

private:
  using clock = std::chrono::steady_clock;

  void arm(const std::shared_ptr<Owner>& owner) {
    armed_ = true;
    timer_.expires_at(due_);
    timer_.async_wait([this, weak = std::weak_ptr<Owner>{owner}](error_code moved) {
      const auto alive = weak.lock();
      if (!alive || moved)
        return;
      armed_ = false;
      if (due_ == clock::time_point::max())
        return;
      if (clock::now() < due_)
        return arm(alive);
      clear();
      alive->on_due();
    });
  }

  asio::steady_timer timer_;
  clock::time_point due_ = clock::time_point::max();
  bool armed_ = false;
};

} // namespace nexte
