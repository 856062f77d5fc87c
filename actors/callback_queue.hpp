// Brings the engine's callbacks to one thread of the host's choice.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/time.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <tuple>
#include <type_traits>
#include <utility>

namespace nexte {

/// The engine answers on its own threads, where a callback must not block. One that was wrapped by
/// `here` is kept instead, and runs in the host's next `run`, on the thread that calls that:
///
///     auto queue = *callback_queue::make();
///     engine->status(id, queue->here(reply<integration_status>{[](auto status) { … }}));
///     while (going) queue->run(seconds{1});
///
/// It has no limit of its own: it holds one callback per call that the host has made and not seen
/// answered. Wrap `on_change` of `engine::observe` only where `run` is called without pause.
class callback_queue : public std::enable_shared_from_this<callback_queue> {
public:
  /// `storage` when the system has no descriptor left.
  static result<std::shared_ptr<callback_queue>> make();
  ~callback_queue();
  callback_queue(const callback_queue&) = delete;
  callback_queue& operator=(const callback_queue&) = delete;

  /// Keeps a callback for `run`. Any thread.
  void post(std::function<void()> callback);
  /// `callback`, as one that may be called on any thread and runs in `run`. Null stays null. Keeps
  /// the queue alive.
  template <class... Args>
  std::function<void(Args...)> here(std::function<void(Args...)> callback) {
    if (!callback)
      return callback;
    return [queue = shared_from_this(), kept = std::make_shared<const std::function<void(Args...)>>(
                                            std::move(callback))](Args... args) {
      // Held by a pointer: a std::function must be able to copy what it holds.
      auto held = std::make_shared<std::tuple<std::decay_t<Args>...>>(std::move(args)...);
      queue->post([kept, held] { std::apply(*kept, std::move(*held)); });
    };
  }

  /// Runs what waits and yields how many that were; where nothing waits, first waits for something
  /// for up to `wait` (negative: for ever). What a callback throws leaves `run`; the rest stays for
  /// the next one. A callback may post and call the engine, but not call `run`.
  size_t run(milliseconds wait = milliseconds{0});
  /// Lets a `run` that waits return, now or when it is called next. Any thread.
  void wake();
  /// Readable while something waits: for poll, epoll or an event loop. Owned by the queue.
  int descriptor() const {
    return descriptor_;
  }

private:
  explicit callback_queue(int descriptor) : descriptor_(descriptor) {}
  void signal() const;

  const int descriptor_;
  std::mutex mutex_;
  std::deque<std::function<void()>> waiting_;
};

} // namespace nexte
