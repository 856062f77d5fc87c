// A small HTTP/1.1 server: the control API and the simulated providers sit behind it.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/http/byte_feed.hpp"
#include "protocol/http/message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace nexte {

/// PEM texts of a server's own certificate chain and key.
struct server_certificate {
  std::string chain_pem;
  std::string key_pem;
};

struct http_server_options {
  std::string address = "127.0.0.1";       ///< A literal IPv4 or IPv6 address.
  uint16_t port = 0;                       ///< 0: the system picks a free one.
  std::unique_ptr<server_certificate> tls; ///< Null: plain http.
  unsigned threads = 1;
  unsigned connections_max = 1024;
  size_t head_bytes_max = 64 * 1024; ///< No more than this.
  size_t body_bytes_max = 8 * 1024 * 1024;
  std::chrono::milliseconds request_max{10'000}; ///< For a request to arrive once begun.
  std::chrono::milliseconds idle_max{75'000};
  /// For a reader to take what a stream sent it.
  std::chrono::milliseconds stream_stall_max{10'000};
  bool gzip = true; ///< Compresses bodies over 1 KiB for clients that accept it.
};

/// Answers requests by handing them to a handler. Keep-alive, HEAD, Content-Length and chunked
/// requests; a bad request is answered with 400/408/413/431 and closed. TLS 1.2+ with sessions.
class http_server {
public:
  class answerer;
  /// A request's right to one answer, from any thread, now or later. Copies share it.
  class reply {
  public:
    explicit reply(std::shared_ptr<answerer> right) : right_(std::move(right)) {}
    void operator()(http_response response) const;
    /// Answers with a head, and a body that is sent as `body` gets it: chunked, never packed, the
    /// connection closing after it. A reader that does not take what it was sent within
    /// `stream_stall_max` is cut; the body's own limit bounds what waits for it.
    void stream(http_response head, std::shared_ptr<byte_feed> body) const;

  private:
    std::shared_ptr<answerer> right_;
  };
  /// Called on one of the server's threads. `request.url` is `scheme://<Host header><target>`
  /// (scheme as served). `send` is called once, from any thread, now or later; a later call does
  /// nothing. A handler that throws or drops `send` gives 500; a response of status 0 closes the
  /// connection without an answer.
  using handler = std::function<void(http_request request, reply send)>;

  /// Binds and starts. `conflict` when the port is in use, `refused` for an address that cannot be
  /// bound or a certificate that cannot be used: the text names address, port and the mend.
  static result<std::unique_ptr<http_server>> start(http_server_options options,
                                                    handler on_request);
  /// Closes the listener and every connection and joins its threads; streams end in good order,
  /// within a second. Not from the handler.
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  uint16_t port() const;
  /// `http[s]://address:port`.
  std::string origin() const;

private:
  class impl;
  explicit http_server(std::shared_ptr<impl> body);
  std::shared_ptr<impl> impl_;
};

} // namespace nexte
