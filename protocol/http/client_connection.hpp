// One of a pool's connections: carries one call after the other, and connects anew when it must.
#pragma once

#include "protocol/http/beast_client.hpp"
#include "protocol/http/client_message.hpp"
#include "protocol/http/client_tls.hpp"
#include "protocol/http/stream.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <optional>
#include <vector>

namespace nexte {

namespace http = boost::beast::http;

/// A call under way.
struct exchange {
  http_request request;
  url_parts url;
  transport::done on_done;
  unsigned redirects = 0;
  bool sent = false; ///< As in `http_answer`.
};

class client_connection;

/// What connections need of their pool. Callable on any of the client's threads.
class connection_pool {
public:
  virtual ~connection_pool() = default;
  virtual const beast_client_options& options() const = 0;
  /// Null: plain http.
  virtual client_tls* tls() = 0;
  /// The connection is free: the next waiting call, or null. Then it rests in the pool when it is
  /// `alive`, else the pool has let go of it.
  virtual std::shared_ptr<exchange> next(client_connection& free, bool alive) = 0;
  /// The connection has rested for too long. False when a call is on its way to it.
  virtual bool retire(client_connection& idle) = 0;
  virtual void connected(bool resumed) = 0;
  virtual void call_done() = 0;
};

/// Everything but the constructor runs on the connection's strand.
///
///   idle → resolving → connecting → handshake → writing → reading_head → reading_body → idle
///     └───────────── alive ────────────────────────┘
class client_connection : public std::enable_shared_from_this<client_connection> {
public:
  client_connection(asio::any_io_executor strand, connection_pool& pool);

  void begin(std::shared_ptr<exchange> call);
  /// The client is stopping.
  void cancel();
  void on_due();
  asio::any_io_executor get_executor() const {
    return strand_;
  }

private:
  enum class phase : uint8_t {
    idle,
    resolving,
    connecting,
    handshake,
    writing,
    reading_head,
    reading_body
  };
  /// One TCP connection. Pending operations own it, and are stale once it is no longer `link_`.
  struct link {
    link(const asio::any_io_executor& strand, asio::ssl::context* tls)
        : stream(tcp::socket{strand}, tls) {}
    byte_stream stream;
    beast::flat_buffer buffer;
    request_message message;
    std::optional<http::response_parser<http::string_body>> parser;
  };
  using link_ptr = std::shared_ptr<link>;

  void open();
  void connect();
  void on_connected();
  void send();
  void on_written(error_code failed, size_t bytes);
  void read_head();
  void on_head(error_code failed);
  void on_answer(error_code failed);
  bool follow(const http_response& response);
  /// A kept-alive connection died under the request: true when it is sent again, over a new one
  /// and so only once.
  bool repeat();
  void fail(error failure);
  void broken(error_code failed);
  void finish(result<http_response> response, bool alive);
  bool is_alive();
  void enter(phase next, std::chrono::milliseconds wait);
  void drop_link();

  const asio::any_io_executor strand_;
  connection_pool& pool_;
  tcp::resolver resolver_;
  deadline<client_connection> deadline_;
  phase phase_ = phase::idle;
  link_ptr link_;
  bool reused_ = false; ///< The link has carried a call before.
  bool write_failed_ = false;
  unsigned interim_answers_ = 0;
  std::vector<tcp::endpoint> addresses_; ///< Left to try, last first.
  std::shared_ptr<exchange> call_;
};

} // namespace nexte
