// Counts what happens in an engine, for `engine::figures`. No CAF. Safe from any thread.
#pragma once

#include "actors/figures.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace nexte {

/// A histogram that is only ever added to.
class distribution {
public:
  /// @pre `bounds` ascend
  explicit distribution(std::vector<double> bounds)
      : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

  void add(double value) {
    const auto at = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
    counts_[static_cast<size_t>(at)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }
  template <class Rep, class Period>
  void add(std::chrono::duration<Rep, Period> length) {
    add(std::max(0.0, std::chrono::duration<double>{length}.count()));
  }
  distribution_figures read() const {
    distribution_figures all{bounds_, {}, sum_.load(std::memory_order_relaxed)};
    for (const auto& count : counts_)
      all.counts.push_back(count.load(std::memory_order_relaxed));
    return all;
  }

private:
  std::vector<double> bounds_;
  std::vector<std::atomic<uint64_t>> counts_;
  std::atomic<double> sum_{0};
};

struct engine_meters {
  distribution cycle_seconds{{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800}};
  distribution lateness_seconds{{0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300}};
  distribution grant_wait_seconds{{0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300}};
  distribution commit_writes{{1, 2, 4, 8, 16, 32, 64, 128, 256}};
  std::atomic<uint64_t> restarts{0};
  std::atomic<uint64_t> requests_waiting{0};
  std::atomic<uint64_t> writes_waiting{0};
};

} // namespace nexte
