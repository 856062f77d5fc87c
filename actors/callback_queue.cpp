#include "actors/callback_queue.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace nexte {

result<std::shared_ptr<callback_queue>> callback_queue::make() {
  const int made = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (made < 0)
    return error{ec::storage, "the system has no file descriptor left",
                 "raise the limit of open files (ulimit -n)"};
  return std::shared_ptr<callback_queue>{new callback_queue{made}};
}

callback_queue::~callback_queue() {
  ::close(descriptor_);
}

void callback_queue::post(std::function<void()> callback) {
  {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(callback));
  }
  signal();
}

void callback_queue::wake() {
  signal();
}

/// A counter that is full already says what it should.
void callback_queue::signal() const {
  const uint64_t one = 1;
  while (::write(descriptor_, &one, sizeof one) < 0 && errno == EINTR) {}
}

size_t callback_queue::run(milliseconds wait) {
  pollfd looked{descriptor_, POLLIN, 0};
  const auto most = std::min<milliseconds::rep>(wait.count(), INT_MAX);
  ::poll(&looked, 1, most < 0 ? -1 : static_cast<int>(most)); // a signal ends it early: no harm
  uint64_t told = 0;
  while (::read(descriptor_, &told, sizeof told) < 0 && errno == EINTR) {}
  std::unique_lock lock{mutex_};
  // Those that callbacks post meanwhile wait for the next call, or this one might never end.
  const auto count = waiting_.size();
  for (size_t left = count; left > 0; --left) {
    const auto callback = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    try {
      callback();
    } catch (...) {
      signal(); // the rest still waits
      throw;
    }
    lock.lock();
  }
  return count;
}

} // namespace nexte
