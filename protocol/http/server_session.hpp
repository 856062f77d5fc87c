// One connection of the server; private to protocol/http.
#pragma once

#include "protocol/http/server.hpp"
#include "protocol/http/server_message.hpp"
#include "protocol/http/stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace nexte {

namespace http = boost::beast::http;

class server_session;

/// What sessions need of their server.
class session_host {
public:
  virtual ~session_host() = default;
  virtual const http_server_options& options() const = 0;
  /// Hands a request to the handler, whose answer comes back through `server_session::answer`.
  virtual void handle(http_request request, const std::shared_ptr<server_session>& from) = 0;
  /// What has a session look at its stream again; callable from any thread, for ever.
  virtual std::function<void()> waker(std::weak_ptr<server_session> streaming) = 0;
  /// The session has closed. Called once.
  virtual void ended(server_session& session) = 0;
};

/// Reads a request, hands it over, writes the answer; again while both sides keep the connection.
///
///   handshake → idle → reading → handling → writing → idle | draining → closed
///                          │          │  └──→ streaming ────────┘
///                          └─ bad request ─→ writing
///
/// Everything runs on the socket's strand. Pending operations own the session; while the handler
/// works, its server does.
class server_session : public std::enable_shared_from_this<server_session> {
public:
  /// An `excess` session only says that the server is full.
  server_session(tcp::socket socket, asio::ssl::context* tls, session_host& host, bool excess);

  void run();
  /// The handler's answer to the request it was given last.
  void answer(http_response response);
  /// … or the head of one whose body is sent as it comes.
  void stream(http_response head, std::shared_ptr<byte_feed> body);
  /// Sends what the stream has by now, unless a part is being sent.
  void send_portion();
  /// The server ends: a stream is ended in good order, all else closed.
  void stop();
  void close();
  void on_due();
  bool excess() const {
    return excess_;
  }
  byte_stream::executor_type get_executor() {
    return stream_.get_executor();
  }

private:
  enum class phase : uint8_t {
    handshake,
    idle,
    reading,
    handling,
    writing,
    streaming,
    draining,
    closed
  };
  using request_parser = http::request_parser<http::string_body>;

  void await_request();
  void read_head();
  void on_head(error_code failed);
  void send_continue();
  void read_body();
  void on_request(error_code failed);
  void refuse(error_code failed);
  void refuse(http::status status, std::string_view text);
  void send(http_response response);
  void on_sent(error_code failed);
  void send_part(std::string bytes);
  void await_hang_up();
  void say_goodbye();
  void drain();

  byte_stream stream_;
  session_host& host_;
  const bool excess_;
  phase phase_ = phase::handshake;
  bool timed_out_ = false; ///< The request did not arrive in time.
  deadline<server_session> deadline_;
  beast::flat_buffer buffer_;
  std::optional<request_parser> parser_;
  bool served_ = false; ///< A request has come whole.
  bool takes_gzip_ = false;
  answer_form form_;
  http_response response_; ///< Owns the bytes that `message_` points to.
  answer_message message_;
  std::shared_ptr<byte_feed> feed_; ///< While streaming.
  std::string part_;                ///< Of the stream, being sent; empty: none is.
  std::array<char, 1024> rest_;
};

} // namespace nexte
