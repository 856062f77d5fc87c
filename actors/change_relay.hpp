// Tells one listener that an integration changed, whoever notices it. No CAF.
#pragma once

#include "protocol/core/ids.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace nexte {

/// Safe from any thread. Costs an atomic read as long as nobody listens.
class change_relay {
public:
  /// Replaces the listener; once this returns, the former is not called any more.
  void set(std::function<void(integration_id)> listener) {
    const std::unique_lock lock{mutex_};
    listener_ = std::move(listener);
    heard_ = listener_ != nullptr;
  }
  void tell(integration_id id) const {
    if (!heard_)
      return;
    const std::shared_lock lock{mutex_};
    if (listener_)
      listener_(id);
  }

private:
  mutable std::shared_mutex mutex_;
  std::atomic<bool> heard_{false};
  std::function<void(integration_id)> listener_;
};

} // namespace nexte
