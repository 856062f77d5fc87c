// Where a person's browser comes back to, without sockets.
#pragma once

#include "protocol/oauth/callback_listener.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace nexte::simulation {

/// Opens listeners that only `hit` reaches. One thread.
class virtual_listeners final : public oauth::callback_listeners {
public:
  result<std::unique_ptr<oauth::callback_listener>> open(std::string_view provider,
                                                         on_callback heard) override;
  /// Whether somebody listened at `url` and took the hit for an answer.
  bool hit(std::string_view url);
  size_t open_count() const {
    return open_->size();
  }

  bool refuse = false;    ///< No port can be had.
  bool spoke_tls = false; ///< The browser insists on https.

private:
  using table = std::map<std::string, on_callback, std::less<>>;
  class listener;

  std::shared_ptr<table> open_ = std::make_shared<table>();
  int next_port_ = 50'000;
};

} // namespace nexte::simulation
