// What a connector sees of the world: ask the provider, hand over a page. No token, no quota, no
// retry: those are the integration's, behind `fetch`.
#pragma once

#include "protocol/core/record.hpp"
#include "protocol/core/record_guard.hpp"
#include "protocol/core/task.hpp"
#include "protocol/http/message.hpp"

#include <coroutine>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace nexte {

/// Turns a callback-style start function into something to `co_await`. A completion that comes
/// inside the start does not recurse: the coroutine simply goes on.
template <class T>
class [[nodiscard]] completion_awaiter {
public:
  using completion = std::function<void(result<T>)>;
  using starter = std::function<void(completion)>;

  explicit completion_awaiter(starter start) : start_(std::move(start)) {}
  bool await_ready() const noexcept {
    return false;
  }
  bool await_suspend(std::coroutine_handle<> waiting) {
    starting_ = true;
    start_([this, waiting](result<T> outcome) {
      outcome_.emplace(std::move(outcome));
      if (!starting_)
        waiting.resume();
    });
    starting_ = false;
    return !outcome_; // completed inside the start: do not suspend
  }
  result<T> await_resume() {
    return *std::move(outcome_);
  }

private:
  starter start_;
  std::optional<result<T>> outcome_;
  bool starting_ = false;
};

/// The port of a connector. One stream's run uses it from one thread at a time. Completions are
/// dropped, not called, once the run's task is destroyed.
class stream_io {
public:
  virtual ~stream_io() = default;

  /// Wall time by our clock.
  virtual wall_time now() const = 0;

  /// Sends `request` until it is answered for good: quota is acquired and a 429 waited out, an
  /// expired token refreshed, passing failures retried. Yields the response where its status means
  /// something to the connector (2xx, 404, 410, 400, 409, 412 …); an error ends the run:
  /// `unauthorized`, `refused` (scope, permission), `cancelled`, `malformed`. A request that is not
  /// `repeatable` and may have arrived, or whose time has passed in a wait, comes back as
  /// `transport` or `limited`: look first what it did.
  /// Name the request first and move it in (GCC 12, see message.hpp).
  completion_awaiter<http_response> fetch(http_request&& request) {
    return completion_awaiter<http_response>{
        [this, request = std::move(request)](auto done) mutable {
          start_fetch(std::move(request), std::move(done));
        }};
  }

  /// Hands over a page to be committed with its checkpoint. Completes when it is accepted, which
  /// may be before it is durable: pages commit in order or not at all, and the run is a success
  /// only after the last commit. An error (`storage`, `conflict`, `cancelled`) ends the run.
  completion_awaiter<done_t> emit(page&& records) {
    return completion_awaiter<done_t>{
        [this, records = std::make_shared<page>(std::move(records))](auto done) {
          start_emit(std::move(*records), std::move(done));
        }};
  }

  /// To be told which record is read, so that one that breaks its connector can be stepped over.
  record_guard& guard() {
    return guard_;
  }
  const record_guard& guard() const {
    return guard_;
  }

protected:
  virtual void start_fetch(http_request request, std::function<void(result<http_response>)> on_done)
      = 0;
  virtual void start_emit(page records, std::function<void(result<done_t>)> on_done) = 0;

private:
  record_guard guard_;
};

} // namespace nexte
