// A transport that fails as a defect of ours would: on demand, its next call throws.
#pragma once

#include "protocol/http/transport.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace nexte::program {

/// For the demo's story only. Passes calls on until `break_next_call`.
class faulty_transport final : public transport {
public:
  /// `under`: only calls whose URL begins so can break.
  faulty_transport(std::shared_ptr<transport> net, std::string under)
      : net_(std::move(net)), under_(std::move(under)) {}

  /// The next call under the address throws, in the middle of whoever makes it.
  void break_next_call() {
    broken_ = true;
  }
  void call(http_request request, done on_done) override {
    if (request.url.starts_with(under_) && broken_.exchange(false))
      throw std::runtime_error{"a defect that the demo planted"};
    net_->call(std::move(request), std::move(on_done));
  }

private:
  std::shared_ptr<transport> net_;
  std::string under_;
  std::atomic<bool> broken_{false};
};

} // namespace nexte::program
