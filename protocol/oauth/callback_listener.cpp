// The loopback listener over Boost.Beast. One thread serves every attempt of a factory, and so
// outlives the attempts: the browser gets its page although the attempt has ended.
#include "protocol/oauth/callback_listener.hpp"

#include "protocol/core/secret.hpp"
#include "protocol/core/text.hpp"
#include "protocol/http/descriptor.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

namespace nexte::oauth {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using page = http::response<http::string_body>;

constexpr uint32_t head_bytes_max = 32 * 1024; // codes of Microsoft Entra are long
constexpr std::chrono::seconds request_max{10};
constexpr std::chrono::seconds drain_max{2}; // for the browser to close after its answer
/// How long after an answered attempt the browser may still fetch the page it was sent to.
constexpr std::chrono::seconds farewell_max{10};
constexpr std::chrono::milliseconds accept_retry_wait{100};
constexpr size_t first_read_bytes = 4096;
constexpr size_t connections_max = 64; // browsers and scanners open a handful
constexpr char tls_handshake = 0x16;

constexpr std::string_view done_path = "/done";
constexpr std::string_view answered_text
    = "The answer has arrived. You can close this window and return to Nexte.";
constexpr std::string_view stray_text
    = "This page does not belong to the sign-in that is waiting. Use the newest tab, or start "
      "again from Nexte.";
constexpr std::string_view waiting_text = "Nexte is waiting for the sign-in to finish.";

/// One attempt's socket and what it has heard. Everything but `retire` runs on the one thread.
class attempt : public std::enable_shared_from_this<attempt> {
public:
  attempt(asio::io_context& io, std::string_view provider, callback_listeners::on_callback hit)
      : io_(io),
        acceptor_(io),
        farewell_(io),
        accept_retry_(io),
        path_("/oauth/" + percent_encode(provider)),
        hit_(std::make_shared<const callback_listeners::on_callback>(std::move(hit))) {}

  error_code listen() {
    error_code failed;
    acceptor_.open(tcp::v4(), failed);
    if (failed)
      return failed;
    close_on_exec(acceptor_.native_handle());
    // No address reuse: another program must not be able to share the port.
    acceptor_.bind({asio::ip::address_v4::loopback(), 0}, failed);
    if (!failed)
      acceptor_.listen(asio::socket_base::max_listen_connections, failed);
    if (!failed)
      host_ = "127.0.0.1:" + std::to_string(acceptor_.local_endpoint(failed).port());
    return failed;
  }
  void start() {
    asio::post(io_, [self = shared_from_this()] { self->accept(); });
  }
  std::string redirect_uri() const {
    return "http://" + host_ + path_;
  }

  /// The owner has gone: `hit` is not called any more. From any thread, inside `hit` too.
  void retire() {
    {
      const std::lock_guard lock{hit_mutex_};
      hit_.reset();
    }
    asio::post(io_, [self = shared_from_this()] {
      if (!self->answer_ || self->page_shown_)
        return self->close();
      self->farewell_.expires_after(farewell_max);
      self->farewell_.async_wait([self](error_code) { self->close(); });
      self->retired_ = true;
    });
  }

  page respond(const http::request<http::empty_body>& request);
  void note_tls() {
    heard_tls_ = true;
  }
  bool heard_tls() const {
    return heard_tls_;
  }
  void connection_ended() {
    --connections_;
  }

private:
  void accept();
  page respond_to_callback(std::string_view query, bool head_only);
  bool is_answer(std::string_view query);
  void close() {
    error_code ignored; // nothing is left to do for a socket that cannot be closed
    acceptor_.close(ignored);
    farewell_.cancel();
    accept_retry_.cancel();
  }

  asio::io_context& io_;
  tcp::acceptor acceptor_;
  asio::steady_timer farewell_;
  asio::steady_timer accept_retry_;
  const std::string path_;
  std::string host_; ///< What the Host field must be (DNS rebinding).
  std::mutex hit_mutex_;
  std::shared_ptr<const callback_listeners::on_callback> hit_;
  std::optional<secret> answer_; ///< The query that was accepted.
  bool page_shown_ = false;
  bool retired_ = false;
  size_t connections_ = 0;
  std::atomic<bool> heard_tls_ = false;
};

page make_answer(http::status status) {
  page answer{status, 11};
  answer.set(http::field::cache_control, "no-store");
  answer.set("Referrer-Policy", "no-referrer");
  answer.set("Content-Security-Policy", "default-src 'none'");
  answer.set("X-Content-Type-Options", "nosniff");
  answer.keep_alive(false);
  return answer;
}

page make_page(http::status status, std::string_view text) {
  page answer = make_answer(status);
  answer.set(http::field::content_type, "text/html; charset=utf-8");
  answer.body() = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Nexte</title><p>"
                  + std::string{text} + "</p></html>\n";
  answer.prepare_payload();
  return answer;
}

page attempt::respond(const http::request<http::empty_body>& request) {
  if (request.count(http::field::host) != 1 || request[http::field::host] != host_)
    return make_page(http::status::bad_request, "This address is not served here.");
  const std::string_view target{request.target().data(), request.target().size()};
  const auto path = target.substr(0, target.find('?'));
  const auto query = target.substr(std::min(target.size(), path.size() + 1));
  const bool done = path == done_path && answer_;
  if (path != path_ && !done)
    return make_page(http::status::not_found, "There is nothing here.");
  const bool head_only = request.method() == http::verb::head;
  if (request.method() == http::verb::get || head_only) {
    if (!done)
      return respond_to_callback(query, head_only);
    page_shown_ = page_shown_ || !head_only;
    if (retired_ && page_shown_)
      close();
    return make_page(http::status::ok, answered_text);
  }
  page answer = request.method() == http::verb::options
                    ? make_answer(http::status::no_content)
                    : make_page(http::status::method_not_allowed, "Only GET is served here.");
  answer.set(http::field::allow, "GET, HEAD, OPTIONS");
  return answer;
}

page attempt::respond_to_callback(std::string_view query, bool head_only) {
  if (head_only) // a scanner that looks first must not use the code up
    return make_page(http::status::ok, waiting_text);
  if (!is_answer(query))
    return make_page(http::status::bad_request, stray_text);
  auto answer = make_page(http::status::see_other, answered_text);
  answer.set(http::field::location, done_path); // takes the code out of the address bar
  return answer;
}

bool attempt::is_answer(std::string_view query) {
  if (answer_) // a reload or a scanner: the first hit has won
    return equal_constant_time(answer_->reveal(), query);
  std::unique_lock lock{hit_mutex_};
  const auto hit = hit_; // outlives the call even if the owner goes meanwhile
  lock.unlock();
  if (!hit || !(*hit)(query))
    return false;
  answer_.emplace(std::string{query});
  return true;
}

/// One connection: one request, one answer.
class session : public std::enable_shared_from_this<session> {
public:
  session(tcp::socket socket, std::shared_ptr<attempt> owner)
      : stream_(std::move(socket)), owner_(std::move(owner)) {}
  ~session() {
    owner_->connection_ended();
  }

  void run() {
    stream_.expires_after(request_max);
    stream_.async_read_some(buffer_.prepare(first_read_bytes),
                            [self = shared_from_this()](error_code failed, size_t bytes) {
                              if (!failed)
                                self->begin(bytes);
                            });
  }

private:
  void begin(size_t bytes) {
    buffer_.commit(bytes);
    // An https-only mode of the browser speaks TLS: it would not understand an answer, and closing
    // makes it try again in the clear.
    if (*static_cast<const char*>(buffer_.data().data()) == tls_handshake)
      return owner_->note_tls();
    parser_.header_limit(head_bytes_max);
    http::async_read_header(
        stream_, buffer_, parser_,
        [self = shared_from_this()](error_code failed, size_t) { self->on_request(failed); });
  }

  void on_request(error_code failed) {
    if (!failed)
      return send(owner_->respond(parser_.get()));
    if (failed.category() != http::make_error_code(http::error{}).category())
      return; // timed out or gone: nobody to answer
    send(make_page(failed == http::error::header_limit
                       ? http::status::request_header_fields_too_large
                       : http::status::bad_request,
                   "This request cannot be read."));
  }

  void send(page answer) {
    answer_ = std::move(answer);
    if (parser_.is_header_done() && parser_.get().method() == http::verb::head)
      answer_.body().clear(); // Content-Length stays that of the page
    http::async_write(stream_, answer_, [self = shared_from_this()](error_code failed, size_t) {
      if (failed)
        return;
      error_code ignored; // the peer may have gone already
      self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
      self->stream_.expires_after(drain_max);
      self->drain();
    });
  }

  /// Closing with unread bytes would reset the connection and take the answer with it.
  void drain() {
    stream_.async_read_some(asio::buffer(rest_),
                            [self = shared_from_this()](error_code failed, size_t) {
                              if (!failed)
                                self->drain();
                            });
  }

  beast::tcp_stream stream_;
  std::shared_ptr<attempt> owner_;
  beast::flat_buffer buffer_;
  http::request_parser<http::empty_body> parser_;
  page answer_;
  std::array<char, 1024> rest_;
};

void attempt::accept() {
  acceptor_.async_accept([self = shared_from_this()](error_code failed, tcp::socket socket) {
    if (!self->acceptor_.is_open())
      return;
    if (failed) { // out of descriptors: try again rather than spin or go deaf
      self->accept_retry_.expires_after(accept_retry_wait);
      self->accept_retry_.async_wait([self](error_code stopped) {
        if (!stopped)
          self->accept();
      });
      return;
    }
    close_on_exec(socket.native_handle());
    if (self->connections_ < connections_max) {
      ++self->connections_;
      std::make_shared<session>(std::move(socket), self)->run();
    }
    self->accept();
  });
}

class loopback_listener final : public callback_listener {
public:
  explicit loopback_listener(std::shared_ptr<attempt> served)
      : served_(std::move(served)), redirect_uri_(served_->redirect_uri()) {}
  ~loopback_listener() override {
    served_->retire();
  }
  const std::string& redirect_uri() const override {
    return redirect_uri_;
  }
  bool heard_tls() const override {
    return served_->heard_tls();
  }

private:
  std::shared_ptr<attempt> served_;
  std::string redirect_uri_;
};

class loopback_listeners final : public callback_listeners {
public:
  loopback_listeners() : thread_([this] { io_.run(); }) {}
  ~loopback_listeners() override {
    io_.stop();
    thread_.join();
  }

  result<std::unique_ptr<callback_listener>> open(std::string_view provider,
                                                  on_callback hit) override {
    auto served = std::make_shared<attempt>(io_, provider, std::move(hit));
    if (const auto failed = served->listen())
      return error{ec::refused, "no port on 127.0.0.1 can be opened: " + failed.message(),
                   "allow this program to listen on 127.0.0.1"};
    served->start();
    return std::unique_ptr<callback_listener>{
        std::make_unique<loopback_listener>(std::move(served))};
  }

private:
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::thread thread_;
};

} // namespace

std::unique_ptr<callback_listeners> make_loopback_listeners() {
  return std::make_unique<loopback_listeners>();
}

} // namespace nexte::oauth
