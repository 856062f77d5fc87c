#include "protocol/http/server.hpp"

#include "protocol/http/descriptor.hpp"
#include "protocol/http/server_session.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <unordered_set>

namespace nexte {
namespace {

constexpr std::chrono::milliseconds accept_retry_wait{100};
constexpr size_t excess_max = 64; ///< Connections that are told that the server is full.

/// What the text of an error is about.
std::string place(const http_server_options& options) {
  return options.address + " port " + std::to_string(options.port);
}

result<void> load(asio::ssl::context& context, const server_certificate& certificate) {
  const error unusable{ec::refused, "the server's certificate or key cannot be used",
                       "give the chain and its key as PEM, the server's own certificate first"};
  error_code failed;
  context.use_certificate_chain(asio::buffer(certificate.chain_pem), failed);
  if (!failed)
    context.use_private_key(asio::buffer(certificate.key_pem), asio::ssl::context::pem, failed);
  if (failed || SSL_CTX_check_private_key(context.native_handle()) != 1)
    return unusable;
  return {};
}

asio::ssl::context server_context() {
  asio::ssl::context context{asio::ssl::context::tls_server};
  auto* raw = context.native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS); // an idle connection is small
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION);
  constexpr unsigned char scope[] = "nexte";
  SSL_CTX_set_session_id_context(raw, scope, sizeof scope - 1);
  return context;
}

} // namespace

class http_server::impl final : public session_host, public std::enable_shared_from_this<impl> {
public:
  impl(http_server_options options, handler on_request)
      : options_(std::move(options)),
        handler_(std::move(on_request)),
        io_(static_cast<int>(std::max(1u, options_.threads))),
        acceptor_(asio::make_strand(io_)),
        accept_retry_(acceptor_.get_executor()) {}

  result<void> open();
  void start();
  void stop();
  std::string origin() const;
  uint16_t port() const {
    return port_;
  }

  const http_server_options& options() const override {
    return options_;
  }
  void handle(http_request request, const std::shared_ptr<server_session>& from) override;
  void ended(server_session& session) override;

  /// From any thread, after `stop` too. A null `body`: the response is whole.
  void answer(std::weak_ptr<server_session> to, http_response response,
              std::shared_ptr<byte_feed> body);
  std::function<void()> waker(std::weak_ptr<server_session> streaming) override;

private:
  void resume(std::weak_ptr<server_session> streaming);
  /// Has a session that still lives do something, on its strand.
  template <class Work>
  void post(std::weak_ptr<server_session> to, Work work);
  void accept();
  void admit(tcp::socket socket);

  const http_server_options options_;
  const handler handler_;
  std::optional<asio::ssl::context> tls_;
  uint16_t port_ = 0;
  asio::io_context io_;
  tcp::acceptor acceptor_;
  asio::steady_timer accept_retry_;
  std::mutex mutex_;
  bool open_ = true; ///< Answers and connections are taken. Guarded by the mutex.
  size_t excess_ = 0;
  std::unordered_set<std::shared_ptr<server_session>> sessions_;
  std::vector<std::thread> threads_;
};

/// One request's right to an answer. A handler that drops it unused has failed: 500.
class http_server::answerer {
public:
  answerer(std::weak_ptr<impl> server, std::weak_ptr<server_session> session)
      : server_(std::move(server)), session_(std::move(session)) {}
  answerer(const answerer&) = delete;
  answerer& operator=(const answerer&) = delete;
  ~answerer() {
    send(http_response{500, {}}, nullptr);
  }
  void send(http_response response, std::shared_ptr<byte_feed> body) {
    const auto server = used_.exchange(true) ? nullptr : server_.lock();
    if (server)
      server->answer(session_, std::move(response), std::move(body));
    else if (body)
      body->abandon();
  }

private:
  std::weak_ptr<impl> server_;
  std::weak_ptr<server_session> session_;
  std::atomic<bool> used_ = false;
};

void http_server::reply::operator()(http_response response) const {
  right_->send(std::move(response), nullptr);
}

void http_server::reply::stream(http_response head, std::shared_ptr<byte_feed> body) const {
  right_->send(std::move(head), std::move(body));
}

result<void> http_server::impl::open() {
  if (options_.tls) {
    tls_.emplace(server_context());
    if (auto loaded = load(*tls_, *options_.tls); !loaded)
      return loaded;
  }
  error_code failed;
  const auto address = asio::ip::make_address(options_.address, failed);
  if (failed)
    return error{ec::refused, "the server's address \"" + options_.address + "\" is no IP address",
                 "give a literal IPv4 or IPv6 address, such as 127.0.0.1"};
  const tcp::endpoint endpoint{address, options_.port};
  acceptor_.open(endpoint.protocol(), failed);
  if (!failed) {
    close_on_exec(acceptor_.native_handle());
    acceptor_.set_option(tcp::acceptor::reuse_address{true}, failed);
  }
  if (!failed)
    acceptor_.bind(endpoint, failed);
  if (!failed)
    acceptor_.listen(asio::socket_base::max_listen_connections, failed);
  if (failed == asio::error::address_in_use)
    return error{ec::conflict, "another program listens on " + place(options_),
                 "stop it, or choose another port (0 takes a free one)"};
  if (failed)
    return error{ec::refused, "cannot listen on " + place(options_) + ": " + failed.message(),
                 "choose an address of this computer and a port this user may open"};
  port_ = acceptor_.local_endpoint(failed).port();
  return {};
}

void http_server::impl::start() {
  asio::post(acceptor_.get_executor(), [self = shared_from_this()] { self->accept(); });
  for (unsigned i = 0; i < std::max(1u, options_.threads); ++i)
    threads_.emplace_back([this] { io_.run(); });
}

/// The threads leave when nothing is pending any more.
void http_server::impl::stop() {
  {
    const std::lock_guard lock{mutex_};
    open_ = false;
    for (const auto& session : sessions_)
      asio::post(session->get_executor(), [session] { session->stop(); });
  }
  asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
    error_code ignored; // nothing is left to do for a socket that cannot be closed
    self->acceptor_.close(ignored);
    self->accept_retry_.cancel();
  });
  for (auto& thread : threads_)
    thread.join();
}

std::string http_server::impl::origin() const {
  const bool v6 = options_.address.find(':') != std::string::npos;
  return std::string{tls_ ? "https" : "http"} + "://" + (v6 ? "[" : "") + options_.address
         + (v6 ? "]:" : ":") + std::to_string(port_);
}

void http_server::impl::accept() {
  acceptor_.async_accept(
      asio::make_strand(io_), [self = shared_from_this()](error_code failed, tcp::socket socket) {
        if (!self->acceptor_.is_open())
          return;
        if (failed) { // out of descriptors: try again rather than spin or go deaf
          self->accept_retry_.expires_after(accept_retry_wait);
          self->accept_retry_.async_wait([self](error_code stopped) {
            if (!stopped && self->acceptor_.is_open())
              self->accept();
          });
          return;
        }
        close_on_exec(socket.native_handle());
        self->admit(std::move(socket));
        self->accept();
      });
}

void http_server::impl::admit(tcp::socket socket) {
  const std::lock_guard lock{mutex_};
  const bool excess = sessions_.size() - excess_ >= options_.connections_max;
  if (!open_ || (excess && excess_ >= excess_max))
    return;
  excess_ += excess ? 1 : 0;
  auto session
      = std::make_shared<server_session>(std::move(socket), tls_ ? &*tls_ : nullptr, *this, excess);
  sessions_.insert(session);
  asio::post(session->get_executor(), [session] { session->run(); });
}

void http_server::impl::ended(server_session& session) {
  const auto last = session.shared_from_this(); // dies after the lock
  const std::lock_guard lock{mutex_};
  sessions_.erase(last);
  excess_ -= session.excess() ? 1 : 0;
}

void http_server::impl::handle(http_request request, const std::shared_ptr<server_session>& from) {
  const reply send{std::make_shared<answerer>(weak_from_this(), from)};
  try {
    handler_(std::move(request), send);
  } catch (...) { // whatever it was, this request has failed and the server goes on
    send(http_response{500, {}});
  }
}

template <class Work>
void http_server::impl::post(std::weak_ptr<server_session> to, Work work) {
  asio::post(io_, [to = std::move(to), work = std::move(work)]() mutable {
    if (const auto session = to.lock())
      asio::dispatch(session->get_executor(),
                     [session, work = std::move(work)]() mutable { work(*session); });
  });
}

void http_server::impl::answer(std::weak_ptr<server_session> to, http_response response,
                               std::shared_ptr<byte_feed> body) {
  const std::lock_guard lock{mutex_};
  if (!open_) {
    if (body)
      body->abandon();
    return;
  }
  post(std::move(to),
       [response = std::move(response), body = std::move(body)](auto& session) mutable {
         if (body)
           session.stream(std::move(response), std::move(body));
         else
           session.answer(std::move(response));
       });
}

std::function<void()> http_server::impl::waker(std::weak_ptr<server_session> streaming) {
  return [server = weak_from_this(), streaming = std::move(streaming)] {
    if (const auto alive = server.lock())
      alive->resume(streaming);
  };
}

void http_server::impl::resume(std::weak_ptr<server_session> streaming) {
  const std::lock_guard lock{mutex_};
  if (open_) // else the session ends its stream by itself
    post(std::move(streaming), [](auto& session) { session.send_portion(); });
}

result<std::unique_ptr<http_server>> http_server::start(http_server_options options,
                                                        handler on_request) {
  auto body = std::make_shared<impl>(std::move(options), std::move(on_request));
  if (auto opened = body->open(); !opened)
    return std::move(opened).failure();
  body->start();
  return std::unique_ptr<http_server>{new http_server{std::move(body)}};
}

http_server::http_server(std::shared_ptr<impl> body) : impl_(std::move(body)) {}

http_server::~http_server() {
  impl_->stop();
}

uint16_t http_server::port() const {
  return impl_->port();
}

std::string http_server::origin() const {
  return impl_->origin();
}

} // namespace nexte
