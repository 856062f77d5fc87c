#include "protocol/http/client_connection.hpp"

#include "protocol/http/descriptor.hpp"
#include "protocol/http/field.hpp"

#include <sys/socket.h>

#include <algorithm>

namespace nexte {
namespace {

constexpr size_t read_buffer_bytes = 64 * 1024; // Beast's 512 bytes make large pages slow
constexpr unsigned interim_answers_max = 16;
constexpr std::chrono::milliseconds share_min{1};

std::string_view doing(int step) {
  constexpr std::string_view names[] = {"resting",
                                        "its name was looked up",
                                        "the connection was opened",
                                        "TLS was agreed on",
                                        "the request was sent",
                                        "its answer was awaited",
                                        "its answer was read"};
  return names[step];
}

} // namespace

client_connection::client_connection(asio::any_io_executor strand, connection_pool& pool)
    : strand_(std::move(strand)), pool_(pool), resolver_(strand_), deadline_(strand_) {}

void client_connection::begin(std::shared_ptr<exchange> call) {
  call_ = std::move(call);
  reused_ = link_ && is_alive();
  if (reused_)
    send();
  else
    open();
}

/// Bytes or an end that came unasked make a resting connection useless.
bool client_connection::is_alive() {
  char byte;
  const auto got
      = ::recv(link_->stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void client_connection::enter(phase next, std::chrono::milliseconds wait) {
  phase_ = next;
  deadline_.set(shared_from_this(), wait);
}

void client_connection::drop_link() {
  if (link_)
    link_->stream.close();
  link_ = nullptr;
}

void client_connection::open() {
  drop_link();
  reused_ = false;
  auto* tls = pool_.tls();
  link_ = std::make_shared<link>(strand_, tls ? &tls->context() : nullptr);
  const auto& url = call_->url;
  error_code not_literal;
  const auto literal = asio::ip::make_address(url.host, not_literal);
  if (!not_literal) {
    addresses_ = {{literal, url.port}};
    return connect();
  }
  // Never looked up: it is this computer (RFC 6761 section 6.3).
  if (url.host == "localhost" || url.host.ends_with(".localhost")) {
    addresses_ = {{asio::ip::address_v6::loopback(), url.port},
                  {asio::ip::address_v4::loopback(), url.port}}; // the last one is tried first
    return connect();
  }
  enter(phase::resolving, pool_.options().connect_max);
  resolver_.async_resolve(
      url.host, std::to_string(url.port),
      [self = shared_from_this(), link = link_](error_code failed,
                                                const tcp::resolver::results_type& found) {
        if (self->link_ != link)
          return;
        if (failed)
          return self->fail({ec::transport, "the name cannot be looked up: " + failed.message(),
                             "check the network connection and the name"});
        self->addresses_.assign(found.begin(), found.end());
        if (!link->stream.tls()) // whatever this computer's files call localhost
          std::erase_if(self->addresses_, [](const tcp::endpoint& address) {
            return !address.address().is_loopback();
          });
        if (self->addresses_.empty())
          return self->fail({ec::refused, "plain http is for loopback addresses only"});
        std::ranges::reverse(self->addresses_);
        self->connect();
      });
}

/// Each address has its share of the time: one that swallows packets leaves some to the others.
void client_connection::connect() {
  const auto share = pool_.options().connect_max / static_cast<int>(addresses_.size());
  enter(phase::connecting, std::max(share_min, share));
  const auto address = addresses_.back();
  addresses_.pop_back();
  auto& socket = link_->stream.socket();
  error_code failed;
  socket.open(address.protocol(), failed);
  if (failed)
    return fail({ec::transport, "no socket can be opened: " + failed.message()});
  close_on_exec(socket.native_handle());
  socket.set_option(tcp::no_delay{true}, failed); // costs speed only
  socket.async_connect(address, [self = shared_from_this(), link = link_](error_code refused) {
    if (self->link_ != link)
      return;
    if (!refused)
      return self->on_connected();
    if (self->addresses_.empty())
      return self->fail(
          {ec::transport,
           "no connection: "
               + (refused == asio::error::operation_aborted ? std::string{"no answer in time"}
                                                            : refused.message()),
           "check the network connection, proxy and firewall"});
    error_code ignored; // it is opened anew
    link->stream.socket().close(ignored);
    self->connect();
  });
}

void client_connection::on_connected() {
  addresses_.clear();
  auto* secured = link_->stream.tls();
  if (!secured) {
    pool_.connected(false);
    return send();
  }
  enter(phase::handshake, pool_.options().connect_max);
  if (!pool_.tls()->prepare(secured->native_handle()))
    return fail({ec::bug, "OpenSSL refuses the name to verify"});
  secured->async_handshake(
      asio::ssl::stream_base::client, [self = shared_from_this(), link = link_](error_code failed) {
        if (self->link_ != link)
          return;
        auto* connection = link->stream.tls()->native_handle();
        if (failed)
          return self->fail(self->pool_.tls()->failure(connection, failed.message()));
        self->pool_.connected(SSL_session_reused(connection) == 1);
        self->send();
      });
}

void client_connection::send() {
  enter(phase::writing, pool_.options().write_max);
  write_failed_ = false;
  interim_answers_ = 0;
  link_->message = to_message(call_->request, call_->url, pool_.options().user_agent);
  http::async_write(
      link_->stream, link_->message,
      [self = shared_from_this(), link = link_, call = call_](error_code failed, size_t bytes) {
        link->message = {}; // it holds a token
        if (self->link_ == link)
          self->on_written(failed, bytes);
      });
}

void client_connection::on_written(error_code failed, size_t bytes) {
  call_->sent = call_->sent || bytes > 0;
  if (failed && bytes == 0)
    return repeat() ? void() : broken(failed);
  write_failed_ = failed.failed(); // the server may have answered before it closed
  enter(phase::reading_head, pool_.options().head_max);
  link_->buffer.reserve(read_buffer_bytes);
  read_head();
}

void client_connection::read_head() {
  auto& parser = link_->parser.emplace();
  parser.header_limit(
      static_cast<uint32_t>(std::min(pool_.options().head_bytes_max, head_bytes_ceiling)));
  parser.body_limit(pool_.options().body_bytes_max);
  parser.skip(call_->request.method == "HEAD");
  http::async_read_header(link_->stream, link_->buffer, parser,
                          [self = shared_from_this(), link = link_](error_code failed, size_t) {
                            if (self->link_ == link)
                              self->on_head(failed);
                          });
}

void client_connection::on_head(error_code failed) {
  auto& parser = *link_->parser;
  if (failed) {
    const bool silent = !parser.got_some() && link_->buffer.size() == 0 && interim_answers_ == 0;
    return silent && repeat() ? void() : broken(failed);
  }
  const auto status = parser.get().result_int();
  if (status == 101 || (status < 200 && ++interim_answers_ > interim_answers_max))
    return fail({ec::transport, "the answer is none to this request"});
  if (status < 200)
    return read_head();
  enter(phase::reading_body, pool_.options().body_max);
  http::async_read(link_->stream, link_->buffer, parser,
                   [self = shared_from_this(), link = link_](error_code failure, size_t) {
                     if (self->link_ == link)
                       self->on_answer(failure);
                   });
}

void client_connection::on_answer(error_code failed) {
  if (failed)
    return broken(failed);
  auto message = link_->parser->release();
  link_->parser.reset();
  // Bytes after the answer belong to no request.
  const bool alive = message.keep_alive() && link_->buffer.size() == 0 && !write_failed_;
  link_->buffer = {}; // a resting connection is small
  auto response = to_response(message, pool_.options().body_bytes_max);
  if (!alive)
    drop_link();
  if (!response)
    return finish(std::move(response).failure().with_context(call_->url.host), alive);
  if (follow(*response))
    return;
  finish(*std::move(response), alive);
}

/// True when the call goes on, or has failed, after a redirect.
bool client_connection::follow(const http_response& response) {
  auto target = redirection(call_->request, call_->url, response);
  if (!target)
    return false;
  std::optional<error> refused;
  if (!*target)
    refused = std::move(*target).failure();
  else if (++call_->redirects > pool_.options().redirects_max)
    refused.emplace(ec::refused, "the answer redirects too often");
  if (refused) {
    finish(std::move(*refused).with_context(call_->url.host), link_ != nullptr);
    return true;
  }
  call_->request.url = **std::move(target);
  call_->url = *parse_url(call_->request.url);
  begin(std::move(call_));
  return true;
}

bool client_connection::repeat() {
  const bool harmless = !call_->sent || is_safe(call_->request.method);
  if (!reused_ || !harmless)
    return false;
  open();
  return true;
}

void client_connection::broken(error_code failed) {
  if (failed == http::error::header_limit || failed == http::error::buffer_overflow)
    return fail({ec::refused, "the answer's head is larger than permitted"});
  if (failed == http::error::body_limit)
    return fail({ec::refused, "the answer's body is larger than permitted"});
  if (failed == http::error::end_of_stream || failed == http::error::partial_message
      || failed == asio::ssl::error::stream_truncated || failed == asio::error::eof)
    return fail({ec::transport, "the connection ended before the answer did"});
  fail({ec::transport, "the connection broke: " + failed.message()});
}

void client_connection::fail(error failure) {
  drop_link();
  finish(std::move(failure).with_context(call_->url.host), false);
}

/// The pool goes first: what the callback calls next may use this connection.
void client_connection::finish(result<http_response> response, bool alive) {
  const auto call = std::move(call_);
  call_ = nullptr;
  enter(phase::idle, pool_.options().idle_max);
  pool_.call_done();
  if (auto next = pool_.next(*this, alive))
    begin(std::move(next));
  else if (!alive)
    deadline_.cancel();
  call->on_done({std::move(response), call->sent});
}

void client_connection::on_due() {
  switch (phase_) {
    case phase::idle:
      if (pool_.retire(*this))
        drop_link();
      return;
    case phase::connecting: {
      error_code ignored; // the connect ends, and the next address is tried
      link_->stream.socket().close(ignored);
      return;
    }
    case phase::writing: call_->sent = true; [[fallthrough]]; // some of it may have gone out
    default:
      fail({ec::transport, "time ran out while " + std::string{doing(static_cast<int>(phase_))}});
  }
}

void client_connection::cancel() {
  if (call_) {
    call_->sent = call_->sent || phase_ == phase::writing;
    resolver_.cancel();
    return fail({ec::cancelled, "the client is stopping"});
  }
  drop_link();
  deadline_.cancel();
}

} // namespace nexte
