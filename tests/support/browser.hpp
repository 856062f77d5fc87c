// A person's browser without sockets: listeners that it can reach, and consent screens it follows.
#pragma once

#include "protocol/http/url.hpp"
#include "protocol/oauth/callback_listener.hpp"
#include "protocol/simulation/in_process_transport.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace nexte::test {

/// Opens listeners that only `browser` can reach. Outlived by none of them.
class virtual_listeners final : public oauth::callback_listeners {
public:
  result<std::unique_ptr<oauth::callback_listener>> open(std::string_view provider,
                                                         on_callback hit) override {
    if (refuse)
      return error{ec::refused, "no port on 127.0.0.1 can be opened",
                   "allow this program to listen on 127.0.0.1"};
    const auto uri
        = "http://127.0.0.1:" + std::to_string(next_port_++) + "/oauth/" + std::string{provider};
    (*open_)[uri] = std::move(hit);
    return std::unique_ptr<oauth::callback_listener>{
        std::make_unique<listener>(uri, open_, spoke_tls)};
  }
  /// Whether somebody listened and took the hit for an answer.
  bool hit(std::string_view url) {
    const auto mark = url.find('?');
    const auto at = open_->find(std::string{url.substr(0, mark)});
    if (at == open_->end())
      return false;
    const auto heard = at->second; // the hit may close the listener
    return heard(mark == url.npos ? std::string_view{} : url.substr(mark + 1));
  }
  size_t open_count() const {
    return open_->size();
  }
  bool refuse = false;
  bool spoke_tls = false; ///< The browser insists on https.

private:
  using table = std::map<std::string, on_callback>;
  class listener final : public oauth::callback_listener {
  public:
    listener(std::string uri, std::shared_ptr<table> open, const bool& spoke_tls)
        : uri_(std::move(uri)), open_(std::move(open)), spoke_tls_(spoke_tls) {}
    ~listener() override {
      open_->erase(uri_);
    }
    const std::string& redirect_uri() const override {
      return uri_;
    }
    bool heard_tls() const override {
      return spoke_tls_;
    }

  private:
    std::string uri_;
    std::shared_ptr<table> open_;
    const bool& spoke_tls_;
  };

  std::shared_ptr<table> open_ = std::make_shared<table>();
  int next_port_ = 50'000;
};

/// Opens an authorization URL at the simulator and goes where it is redirected to. Yields whether
/// a listener took the callback. @pre the simulator consents by itself and answers at once
inline bool follow_consent(transport& net, virtual_listeners& listeners,
                           const std::string& authorization_url) {
  std::optional<std::string> location;
  net.call(http_request{"GET", authorization_url}, [&](http_answer answer) {
    if (answer.response && answer.response->status / 100 == 3)
      location = answer.response->headers.get("Location");
  });
  return location && listeners.hit(*location);
}

} // namespace nexte::test
