#include "protocol/http/byte_feed.hpp"

#include <utility>

namespace nexte {

bool byte_feed::append(std::string_view bytes) {
  std::unique_lock lock{mutex_};
  if (state_ != state::open)
    return false;
  if (bytes.size() > waiting_bytes_max_ - waiting_.size()) {
    state_ = state::cut;
    waiting_ = {};
  } else {
    waiting_ += bytes;
  }
  const bool taken = state_ == state::open;
  tell(std::move(lock));
  return taken;
}

void byte_feed::end() {
  std::unique_lock lock{mutex_};
  if (state_ != state::open)
    return;
  state_ = state::ended;
  tell(std::move(lock));
}

byte_feed::portion byte_feed::take() {
  const std::lock_guard lock{mutex_};
  told_ = false;
  return {std::exchange(waiting_, {}), state_};
}

void byte_feed::on_news(std::function<void()> wake) {
  std::unique_lock lock{mutex_};
  wake_ = std::move(wake);
  told_ = false;
  if (!waiting_.empty() || state_ != state::open)
    tell(std::move(lock));
}

void byte_feed::abandon() {
  const std::lock_guard lock{mutex_};
  state_ = state::cut;
  waiting_ = {};
  wake_ = nullptr;
}

void byte_feed::tell(std::unique_lock<std::mutex> lock) {
  if (!wake_ || std::exchange(told_, true))
    return;
  const auto wake = wake_; // it may take the server's lock, which must not wait for this one
  lock.unlock();
  wake();
}

} // namespace nexte
