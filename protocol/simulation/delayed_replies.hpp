// Runs functions after a while, on a thread of its own: for slow answers of simulated providers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace nexte::simulation {

class delayed_replies {
public:
  delayed_replies() : thread_([this] { run(); }) {}
  /// What is not due yet is dropped.
  ~delayed_replies() {
    {
      std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  delayed_replies(const delayed_replies&) = delete;
  delayed_replies& operator=(const delayed_replies&) = delete;

  /// Callable from any thread.
  void after(std::chrono::milliseconds delay, std::function<void()> reply) {
    {
      std::lock_guard lock{mutex_};
      waiting_.emplace(std::chrono::steady_clock::now() + delay, std::move(reply));
    }
    changed_.notify_one();
  }

private:
  void run() {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
      if (waiting_.empty()) {
        changed_.wait(lock);
        continue;
      }
      const auto next_due = waiting_.begin()->first;
      if (std::chrono::steady_clock::now() < next_due) {
        changed_.wait_until(lock, next_due);
        continue;
      }
      auto reply = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      lock.unlock();
      reply();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace nexte::simulation
