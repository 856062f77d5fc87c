// The engine's warnings on their way to a C host: bounded, on the host's thread.
#pragma once

#include "actors/callback_queue.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace nexte::c {

inline constexpr size_t log_lines_waiting_max = 1000;

class log_desk : public std::enable_shared_from_this<log_desk> {
public:
  using listener = void (*)(void* context, const char* line);

  /// `to` may be null: then nothing is kept.
  static std::shared_ptr<log_desk> make(std::shared_ptr<callback_queue> queue, listener to,
                                        void* context) {
    return std::shared_ptr<log_desk>{new log_desk{std::move(queue), to, context}};
  }

  /// Any thread. Where too many wait, the oldest goes.
  void add(std::string_view line) {
    if (!to_)
      return;
    const std::lock_guard lock{mutex_};
    if (waiting_.size() == log_lines_waiting_max) {
      waiting_.pop_front();
      ++dropped_;
    }
    waiting_.emplace_back(line);
    if (!std::exchange(posted_, true))
      queue_->post([desk = shared_from_this()] { desk->tell(); });
  }

private:
  log_desk(std::shared_ptr<callback_queue> queue, listener to, void* context)
      : queue_(std::move(queue)), to_(to), context_(context) {}

  void tell() {
    std::unique_lock lock{mutex_};
    posted_ = false;
    const auto lines = std::exchange(waiting_, {});
    const auto dropped = std::exchange(dropped_, 0);
    lock.unlock();
    if (dropped > 0)
      to_(context_, (std::to_string(dropped) + " earlier lines were dropped").c_str());
    for (const auto& line : lines)
      to_(context_, line.c_str());
  }

  const std::shared_ptr<callback_queue> queue_;
  const listener to_;
  void* const context_;
  std::mutex mutex_;
  std::deque<std::string> waiting_;
  size_t dropped_ = 0;
  bool posted_ = false;
};

} // namespace nexte::c
