// The status of many integrations, gathered into one answer. No CAF.
#pragma once

#include "actors/answer.hpp"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace nexte {

/// Collects the status of many; answers when the last of its holders is gone, so that one that
/// died without an answer holds nothing up.
class status_collector {
public:
  explicit status_collector(answer<std::vector<integration_status>> done)
      : done_(std::move(done)) {}
  ~status_collector() {
    std::ranges::sort(all_, {}, &integration_status::id);
    done_(std::move(all_));
  }
  void add(integration_status one) {
    const std::lock_guard lock{mutex_};
    all_.push_back(std::move(one));
  }

private:
  std::mutex mutex_;
  std::vector<integration_status> all_;
  answer<std::vector<integration_status>> done_;
};

} // namespace nexte
