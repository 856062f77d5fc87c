// A transport whose answers stop at a gate, so that none reaches an engine that is gone.
#pragma once

#include "protocol/http/transport.hpp"

#include <list>
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
    const auto place = gate_->admit(std::move(on_done));
    net_->call(std::move(request), [gate = gate_, place](http_answer answer) {
      const std::shared_lock passing{gate->mutex};
      if (gate->open)
        gate->leave(place)(std::move(answer));
    });
  }
  /// Also destroys what waits for an answer: it may hold the network itself, whose thread would
  /// then be the last to let go of it, and cannot wait for its own end. No `call` after this.
  void close() {
    std::list<done> dropped;
    const std::unique_lock alone{gate_->mutex};
    gate_->open = false;
    dropped.swap(gate_->waiting);
  }

private:
  struct gate {
    std::shared_mutex mutex;
    bool open = true;
    std::mutex list_mutex;
    std::list<done> waiting;

    std::list<done>::iterator admit(done on_done) {
      const std::lock_guard lock{list_mutex};
      return waiting.insert(waiting.end(), std::move(on_done));
    }
    done leave(std::list<done>::iterator place) {
      const std::lock_guard lock{list_mutex};
      auto on_done = std::move(*place);
      waiting.erase(place);
      return on_done;
    }
  };
  std::shared_ptr<transport> net_;
  std::shared_ptr<gate> gate_ = std::make_shared<gate>();
};

} // namespace nexte
