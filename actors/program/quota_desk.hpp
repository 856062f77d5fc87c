// The quota history of a running engine: `quota_history` with a clock and a lock.
#pragma once

#include "actors/program/quota_history.hpp"

#include <chrono>
#include <mutex>

namespace nexte::program {

/// Safe from any thread.
class quota_desk {
public:
  using by_provider = std::map<std::string, quota_history::provider_quota>;

  /// Takes a sample, unless one was taken just now, and yields what is known.
  by_provider take(const std::vector<integration_status>& all) {
    const std::lock_guard lock{mutex_};
    history_.take(all, std::chrono::floor<milliseconds>(std::chrono::system_clock::now()));
    return history_.providers();
  }

private:
  std::mutex mutex_;
  quota_history history_;
};

} // namespace nexte::program
