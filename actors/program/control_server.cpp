#include "actors/program/control_server.hpp"

#include "actors/program/control_api.hpp"
#include "actors/program/control_client.hpp"
#include "protocol/control/token_file.hpp"
#include "protocol/core/private_file.hpp"
#include "protocol/http/server.hpp"
#include "protocol/http/url.hpp"

#include <atomic>
#include <system_error>

namespace nexte::program {
namespace {

class listening_server final : public control_server {
public:
  ~listening_server() override {
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
                     const listen_address& at) {
    auto token = control::ensure_token(data_dir);
    if (!token)
      return std::move(token).failure();
    http_server_options options;
    options.address = at.address;
    options.port = at.port;
    auto server = http_server::start(std::move(options), [this](http_request r,
                                                                http_server::reply send) {
      ready_.wait(false); // the guard needs the port, which is known only once it is bound
      api_->handle(std::move(r), send, [send](http_response head, std::shared_ptr<byte_feed> body) {
        send.stream(std::move(head), std::move(body));
      });
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
    address_file_ = address_path(data_dir);
    return write_private_file(address_file_, parse_url(server_->origin())->host_header() + "\n");
  }

private:
  std::unique_ptr<control_api> api_;
  std::atomic<bool> ready_ = false;
  std::unique_ptr<http_server> server_; // goes first: no request without an API
  std::filesystem::path address_file_;
};

} // namespace

result<std::unique_ptr<control_server>> control_server::start(engine& runs, known_providers known,
                                                              const std::filesystem::path& data_dir,
                                                              const listen_address& at) {
  auto body = std::make_unique<listening_server>();
  if (auto begun = body->begin(runs, known, data_dir, at); !begun)
    return std::move(begun).failure();
  return std::unique_ptr<control_server>{std::move(body)};
}

} // namespace nexte::program
