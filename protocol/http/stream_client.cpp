#include "protocol/http/stream_client.hpp"

#include "protocol/http/client_message.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <array>

namespace nexte {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::string_view user_agent = "nexte-sync";

/// One connection, whose steps this thread waits for.
class stream_connection {
public:
  explicit stream_connection(milliseconds silence_max) : silence_max_(silence_max) {
    // Not eager: that would hold a part back until the begin of the next one is there.
    parser_.body_limit(boost::none); // its reader ends it
  }

  error_code open(const http_request& request, const url_parts& url) {
    error_code failed;
    const auto address
        = asio::ip::make_address(url.host == "localhost" ? "127.0.0.1" : url.host, failed);
    if (failed)
      return failed;
    failed = wait([&](auto done) {
      stream_.async_connect(asio::ip::tcp::endpoint{address, url.port},
                            [done](error_code code) { done(code); });
    });
    if (failed)
      return failed;
    auto message = to_message(request, url, user_agent);
    message.set(http::field::accept_encoding, "identity"); // parts are handed on as they come
    failed = wait([&](auto done) {
      http::async_write(stream_, message, [done](error_code code, size_t) { done(code); });
    });
    if (failed)
      return failed;
    return wait([&](auto done) {
      http::async_read_header(stream_, buffer_, parser_,
                              [done](error_code code, size_t) { done(code); });
    });
  }

  /// The next part of the body; empty at its end.
  error_code read(std::string_view& part) {
    part = {};
    while (!parser_.is_done() && part.empty()) {
      auto& body = parser_.get().body();
      body.data = bytes_.data();
      body.size = bytes_.size();
      auto failed = wait([&](auto done) {
        http::async_read_some(stream_, buffer_, parser_,
                              [done](error_code code, size_t) { done(code); });
      });
      if (failed == http::error::need_buffer)
        failed = {};
      if (failed)
        return failed;
      part = {bytes_.data(), bytes_.size() - body.size};
    }
    return {};
  }

  http_response head() const {
    http_response head;
    const auto& message = parser_.get();
    head.status = static_cast<int>(message.result_int());
    for (const auto& field : message)
      head.headers.add(std::string{field.name_string()}, std::string{field.value()});
    return head;
  }

private:
  template <class Start>
  error_code wait(Start start) {
    error_code ended;
    stream_.expires_after(silence_max_);
    start([&ended](error_code code) { ended = code; });
    context_.restart();
    context_.run();
    return ended;
  }

  const milliseconds silence_max_;
  asio::io_context context_{1};
  beast::tcp_stream stream_{context_};
  beast::flat_buffer buffer_;
  http::response_parser<http::buffer_body> parser_;
  std::array<char, 16 * 1024> bytes_{};
};

error broken(const url_parts& url, error_code failed) {
  return {ec::transport, url.origin() + ": " + failed.message()};
}

} // namespace

result<http_response> read_stream(const http_request& request, milliseconds silence_max,
                                  const std::function<bool(std::string_view)>& on_bytes) {
  const auto url = check(request);
  if (!url)
    return url.failure();
  if (url->scheme != "http" || !is_loopback_host(url->host))
    return error{ec::refused, url->origin() + " is not plain http on loopback",
                 "read a stream on the machine that sends it"};
  stream_connection connection{silence_max};
  if (const auto failed = connection.open(request, *url))
    return broken(*url, failed);
  auto head = connection.head();
  std::string refusal;
  for (std::string_view part;;) {
    if (const auto failed = connection.read(part))
      return broken(*url, failed);
    if (part.empty())
      break;
    if (head.status == 200) {
      if (!on_bytes(part))
        break;
    } else if (refusal.append(part).size() > refusal_bytes_max) {
      return error{ec::transport, url->origin() + ": the answer is too large"};
    }
  }
  head.body = std::make_shared<const std::string>(std::move(refusal));
  return head;
}

} // namespace nexte
