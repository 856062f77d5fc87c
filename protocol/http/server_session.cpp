#include "protocol/http/server_session.hpp"

#include "protocol/http/field.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <utility>

namespace nexte {
namespace {

constexpr size_t first_read_bytes = 4096;
constexpr size_t body_read_bytes = 64 * 1024;
constexpr std::chrono::milliseconds drain_max{2000}; // for the client to take the last answer
constexpr std::chrono::milliseconds write_max{60'000};
constexpr std::chrono::milliseconds stop_max{
    1000}; // for a stream's last part, when the server ends
constexpr std::string_view continue_text = "HTTP/1.1 100 Continue\r\n\r\n";

bool is_http_error(error_code failed) {
  return failed.category() == http::make_error_code(http::error{}).category();
}

http::status status_of(error_code failed) {
  if (failed == http::error::header_limit || failed == http::error::buffer_overflow)
    return http::status::request_header_fields_too_large;
  if (failed == http::error::body_limit)
    return http::status::payload_too_large;
  return http::status::bad_request;
}

std::string_view text_of(http::status status) {
  switch (status) {
    case http::status::request_timeout: return "The request did not arrive in time.";
    case http::status::payload_too_large: return "The request's body is too large.";
    case http::status::request_header_fields_too_large: return "The request's head is too large.";
    default: return "The request cannot be read.";
  }
}

wall_time wall_now() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

} // namespace

server_session::server_session(tcp::socket socket, asio::ssl::context* tls, session_host& host,
                               bool excess)
    : stream_(std::move(socket), tls),
      host_(host),
      excess_(excess),
      deadline_(stream_.get_executor()) {}

void server_session::run() {
  const auto& options = host_.options();
  deadline_.set(shared_from_this(), options.request_max);
  error_code ignored; // costs speed only
  stream_.socket().set_option(tcp::no_delay{true}, ignored);
  if (!stream_.tls())
    return await_request();
  stream_.tls()->async_handshake(asio::ssl::stream_base::server,
                                 [self = shared_from_this()](error_code failed) {
                                   if (failed)
                                     self->close();
                                   else
                                     self->await_request();
                                 });
}

void server_session::await_request() {
  if (phase_ == phase::closed)
    return;
  timed_out_ = false;
  form_ = {};
  parser_.emplace();
  const auto& options = host_.options();
  parser_->header_limit(
      static_cast<uint32_t>(std::min(options.head_bytes_max, head_bytes_ceiling)));
  parser_->body_limit(options.body_bytes_max);
  if (buffer_.size() > 0) // the next request came with the last one
    return read_head();
  phase_ = phase::idle;
  if (served_) // the first request has the time of the handshake
    deadline_.set(shared_from_this(), options.idle_max);
  stream_.async_read_some(buffer_.prepare(first_read_bytes),
                          [self = shared_from_this()](error_code failed, size_t bytes) {
                            if (failed)
                              return self->close();
                            self->buffer_.commit(bytes);
                            self->read_head();
                          });
}

void server_session::read_head() {
  phase_ = phase::reading;
  deadline_.set(shared_from_this(), host_.options().request_max);
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code failed, size_t) { self->on_head(failed); });
}

void server_session::on_head(error_code failed) {
  if (failed || timed_out_)
    return refuse(failed);
  if (excess_)
    return refuse(http::status::service_unavailable, "The server is full. Try again later.");
  const auto& head = parser_->get();
  form_ = {head.method() == http::verb::head, head.keep_alive(), head.version()};
  takes_gzip_ = accepts_gzip(
      {head[http::field::accept_encoding].data(), head[http::field::accept_encoding].size()});
  if (parser_->is_done())
    return on_request({});
  if (beast::iequals(head[http::field::expect], "100-continue") && head.version() >= 11)
    return send_continue();
  read_body();
}

void server_session::send_continue() {
  asio::async_write(stream_, asio::buffer(continue_text),
                    [self = shared_from_this()](error_code failed, size_t) {
                      if (failed)
                        self->close();
                      else
                        self->read_body();
                    });
}

void server_session::read_body() {
  buffer_.reserve(body_read_bytes);
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code failed, size_t) { self->on_request(failed); });
}

void server_session::on_request(error_code failed) {
  if (failed)
    return refuse(failed);
  if (phase_ == phase::closed)
    return;
  auto message = parser_->release();
  auto request = to_request(message, stream_.tls() ? "https" : "http");
  if (!request)
    return refuse(http::status::bad_request, request.failure().what);
  phase_ = phase::handling;
  deadline_.clear();
  if (buffer_.size() == 0)
    buffer_ = {}; // an idle connection is small
  served_ = true;
  host_.handle(*std::move(request), shared_from_this());
}

void server_session::answer(http_response response) {
  if (phase_ != phase::handling) // closed meanwhile
    return;
  if (response.status == 0)
    return close();
  if (host_.options().gzip && takes_gzip_)
    pack(response);
  if (equal_ignoring_case(response.headers.get("Connection"), "close"))
    form_.keep_alive = false;
  send(std::move(response));
}

void server_session::refuse(error_code failed) {
  if (timed_out_)
    return refuse(http::status::request_timeout, text_of(http::status::request_timeout));
  if (!is_http_error(failed) || failed == http::error::end_of_stream)
    return close(); // gone: nobody to answer
  const auto status = status_of(failed);
  refuse(status, text_of(status));
}

void server_session::refuse(http::status status, std::string_view text) {
  if (phase_ == phase::closed)
    return;
  form_.keep_alive = false;
  send(http_response{static_cast<int>(status), std::string{text} + "\n", "text/plain"});
}

void server_session::send(http_response response) {
  response_ = std::move(response);
  auto message = to_answer(response_, form_, wall_now());
  if (!message) {
    response_ = http_response{500, {}};
    message = to_answer(response_, form_, wall_now());
  }
  message_ = *std::move(message);
  phase_ = phase::writing;
  deadline_.set(shared_from_this(), write_max);
  http::async_write(stream_, message_, [self = shared_from_this()](error_code failed, size_t) {
    self->on_sent(failed);
  });
}

void server_session::on_sent(error_code failed) {
  const bool more = message_.keep_alive();
  message_ = {};
  response_ = {};
  if (phase_ == phase::closed)
    return;
  if (failed)
    return close();
  if (more)
    await_request();
  else
    say_goodbye();
}

// ---- streams ------------------------------------------------------------------------------------

void server_session::stream(http_response head, std::shared_ptr<byte_feed> body) {
  form_.keep_alive = false;
  auto text = phase_ == phase::handling ? to_stream_head(head, form_, wall_now())
                                        : error{ec::cancelled, "closed meanwhile"};
  if (!text || form_.head_only) {
    body->abandon();
    return answer(text ? std::move(head) : http_response{500, {}});
  }
  phase_ = phase::streaming;
  feed_ = std::move(body);
  await_hang_up();
  send_part(*std::move(text));
  feed_->on_news(host_.waker(weak_from_this()));
}

void server_session::send_portion() {
  if (phase_ != phase::streaming || !part_.empty())
    return;
  auto portion = feed_->take();
  if (portion.after == byte_feed::state::cut)
    return close();
  auto bytes = to_chunk(portion.bytes, form_);
  if (portion.after == byte_feed::state::ended) {
    bytes += last_chunk(form_);
    phase_ = phase::draining; // nothing more comes once this is sent
  }
  if (!bytes.empty())
    return send_part(std::move(bytes));
  deadline_.clear();
  if (phase_ == phase::draining)
    close();
}

void server_session::send_part(std::string bytes) {
  part_ = std::move(bytes);
  deadline_.set(shared_from_this(), host_.options().stream_stall_max);
  asio::async_write(stream_, asio::buffer(part_),
                    [self = shared_from_this()](error_code failed, size_t) {
                      self->part_.clear();
                      if (failed || self->phase_ == phase::draining)
                        self->close(); // nothing is left unread, so what was sent arrives
                      else
                        self->send_portion();
                    });
}

/// Notices a reader that leaves; one that sends something more is cut as well.
void server_session::await_hang_up() {
  stream_.async_read_some(asio::buffer(rest_),
                          [self = shared_from_this()](error_code, size_t) { self->close(); });
}

void server_session::stop() {
  if (!feed_)
    return close();
  feed_->end();
  send_portion();
  if (phase_ != phase::closed)
    deadline_.set(shared_from_this(), stop_max);
}

// ---- the end ------------------------------------------------------------------------------------

void server_session::say_goodbye() {
  phase_ = phase::draining;
  deadline_.set(shared_from_this(), drain_max);
  if (!stream_.tls())
    return drain();
  stream_.tls()->async_shutdown([self = shared_from_this()](error_code) { // ended either way
    if (self->phase_ != phase::closed)
      self->drain();
  });
}

/// Closing with unread bytes would reset the connection and take the answer with it.
void server_session::drain() {
  error_code ignored; // the client may have gone already
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream_.socket().async_read_some(asio::buffer(rest_),
                                   [self = shared_from_this()](error_code failed, size_t) {
                                     if (failed)
                                       self->close();
                                     else
                                       self->drain();
                                   });
}

void server_session::on_due() {
  if (phase_ != phase::reading)
    return close();
  timed_out_ = true; // the read ends and the client is told
  error_code ignored;
  stream_.socket().cancel(ignored);
}

void server_session::close() {
  if (phase_ == phase::closed)
    return;
  phase_ = phase::closed;
  deadline_.cancel();
  if (const auto feed = std::exchange(feed_, nullptr))
    feed->abandon();
  stream_.close();
  host_.ended(*this);
}

} // namespace nexte
