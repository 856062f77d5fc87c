// The browser sessions of a running engine: `control::sessions` with a clock and a lock.
#pragma once

#include "protocol/control/sessions.hpp"

#include <mutex>
#include <optional>
#include <string_view>

namespace nexte::program {

/// Safe from any thread.
class session_desk {
public:
  secret make_code() {
    const std::lock_guard lock{mutex_};
    return book_.make_code(now());
  }
  std::optional<secret> begin(std::string_view code) {
    const std::lock_guard lock{mutex_};
    return book_.begin(code, now());
  }
  bool holds(std::string_view token) {
    const std::lock_guard lock{mutex_};
    return book_.holds(token, now());
  }
  void end(std::string_view token) {
    const std::lock_guard lock{mutex_};
    book_.end(token);
  }

private:
  static wall_time now() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  }
  std::mutex mutex_;
  control::sessions book_;
};

} // namespace nexte::program
