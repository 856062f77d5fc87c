#include "actors/program/control_server.hpp"

#include "actors/program/control_api.hpp"
#include "actors/program/control_client.hpp"
#include "protocol/control/token_file.hpp"
#include "protocol/core/private_file.hpp"
#include "protocol/http/server.hpp"
#include "protocol/http/url.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

namespace nexte::program {
namespace {

std::string path_of(std::string_view address) {
  const auto url = parse_url(address);
  return url ? url->path() : std::string{};
}

class listening_server final : public control_server {
public:
  ~listening_server() override {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    woken_.notify_all();
    if (sampler_.joinable())
      sampler_.join();
    std::error_code ignored; // left over, it only costs the next command a wrong address
    std::filesystem::remove(address_file_, ignored);
  }
  std::string origin() const override {
    return server_->origin();
  }
  std::string login_link() const override {
    return api_->login_link(server_->origin());
  }

  result<void> begin(engine& runs, known_providers known, const std::filesystem::path& data_dir,
                     const listen_address& at, request_listener on_request) {
    on_request_ = std::move(on_request);
    auto token = control::ensure_token(data_dir);
    if (!token)
      return std::move(token).failure();
    http_server_options options;
    options.address = at.address;
    options.port = at.port;
    auto server = http_server::start(std::move(options),
                                     [this](http_request request, const http_server::reply& send) {
                                       serve(std::move(request), send);
                                     });
    if (!server)
      return std::move(server).failure().with_context("control.listen");
    server_ = *std::move(server);
    control::guard_options who;
    who.address = at.address;
    who.port = server_->port();
    who.token = *std::move(token);
    api_ = std::make_unique<control_api>(runs, known, std::move(who));
    ready_ = true;
    ready_.notify_all();
    sampler_ = std::thread{[this] { sample(); }};
    address_file_ = address_path(data_dir);
    return write_private_file(address_file_, parse_url(server_->origin())->host_header() + "\n");
  }

private:
  void serve(http_request request, const http_server::reply& send) {
    ready_.wait(false); // the guard needs the port, which is known only once it is bound
    const auto told = [on_request = on_request_, method = request.method,
                       path = path_of(request.url),
                       begun = std::chrono::steady_clock::now()](int status) {
      if (on_request)
        on_request(
            method, path, status,
            std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun));
    };
    api_->handle(
        std::move(request),
        [send, told](http_response answer) {
          told(answer.status);
          send(std::move(answer));
        },
        [send, told](http_response head, std::shared_ptr<byte_feed> body) {
          told(head.status);
          send.stream(std::move(head), std::move(body));
        });
  }

  void sample() {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
      api_->sample_quota();
      woken_.wait_for(lock, quota_sample_every, [this] { return stopping_; });
    }
  }

  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  std::thread sampler_;
  request_listener on_request_;
  std::unique_ptr<control_api> api_;
  std::atomic<bool> ready_ = false;
  std::unique_ptr<http_server> server_; // goes first: no request without an API
  std::filesystem::path address_file_;
};

} // namespace

result<std::unique_ptr<control_server>> control_server::start(engine& runs, known_providers known,
                                                              const std::filesystem::path& data_dir,
                                                              const listen_address& at,
                                                              request_listener on_request) {
  auto body = std::make_unique<listening_server>();
  if (auto begun = body->begin(runs, known, data_dir, at, std::move(on_request)); !begun)
    return std::move(begun).failure();
  return std::unique_ptr<control_server>{std::move(body)};
}

} // namespace nexte::program
