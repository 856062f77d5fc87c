// The control API as a network of one host.
#pragma once

#include "actors/program/control_api.hpp"
#include "protocol/http/transport.hpp"

#include <utility>

namespace nexte::program {

class api_transport final : public transport {
public:
  explicit api_transport(const control_api& api) : api_(api) {}
  void call(http_request request, done on_done) override {
    if (down)
      return on_done({error{ec::transport, "connection refused"}, false});
    api_.handle(std::move(request), [&](http_response r) { on_done({std::move(r), true}); });
  }
  bool down = false;

private:
  const control_api& api_;
};

} // namespace nexte::program
