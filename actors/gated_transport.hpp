// A transport whose answers stop at a gate, so that none reaches an engine that is gone.
#pragma once

#include "protocol/http/transport.hpp"

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace nexte {

/// The network may answer after the engine has gone, for it is the host's and outlives it. Closing
/// the gate waits for the answers that are being handed over; later ones are dropped.
class gated_transport final : public transport {
public:
  explicit gated_transport(std::shared_ptr<transport> net) : net_(std::move(net)) {}

  void call(http_request request, done on_done) override {
    net_->call(std::move(request),
               [gate = gate_, on_done = std::move(on_done)](http_answer answer) {
                 const std::shared_lock passing{gate->mutex};
                 if (gate->open)
                   on_done(std::move(answer));
               });
  }
  void close() {
    const std::unique_lock alone{gate_->mutex};
    gate_->open = false;
  }

private:
  struct gate {
    std::shared_mutex mutex;
    bool open = true;
  };
  std::shared_ptr<transport> net_;
  std::shared_ptr<gate> gate_ = std::make_shared<gate>();
};

} // namespace nexte
