// A lazy coroutine that yields one result<T>. No thread, no scheduler: whoever completes the
// awaited operation carries the coroutine on.
#pragma once

#include "protocol/core/error.hpp"

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace nexte {

/// Runs when awaited or `start`ed. `co_return` takes a value or an error; an exception that leaves
/// the body becomes `ec::bug`. Destroying the task destroys the suspended coroutine: whoever holds
/// a completion for it must forget it first.
template <class T>
class [[nodiscard]] task {
public:
  struct promise_type;
  using handle = std::coroutine_handle<promise_type>;

  task(task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, {})) {}
  task& operator=(task&& other) noexcept {
    std::swap(coroutine_, other.coroutine_);
    return *this;
  }
  ~task() {
    if (coroutine_)
      coroutine_.destroy();
  }

  /// Runs until the first suspension. `on_done` is called once, on whichever thread ends the
  /// task, possibly before `start` returns. It may not destroy the task: do that afterwards.
  void start(std::function<void(result<T>)> on_done) {
    coroutine_.promise().on_done = std::move(on_done);
    coroutine_.resume();
  }

  auto operator co_await() && noexcept {
    struct awaiter {
      handle coroutine;
      bool await_ready() const noexcept {
        return false;
      }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
        coroutine.promise().waiting = waiting;
        return coroutine;
      }
      result<T> await_resume() {
        return *std::move(coroutine.promise().outcome);
      }
    };
    return awaiter{coroutine_};
  }

  struct promise_type {
    std::optional<result<T>> outcome;
    std::coroutine_handle<> waiting;
    std::function<void(result<T>)> on_done;

    task get_return_object() {
      return task{handle::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept {
      return {};
    }
    auto final_suspend() noexcept {
      struct finish {
        bool await_ready() const noexcept {
          return false;
        }
        std::coroutine_handle<> await_suspend(handle self) noexcept {
          auto& promise = self.promise();
          if (promise.waiting)
            return promise.waiting;
          if (promise.on_done) {
            auto told = std::move(promise.on_done);
            told(*std::move(promise.outcome));
          }
          return std::noop_coroutine();
        }
        void await_resume() const noexcept {}
      };
      return finish{};
    }
    void return_value(result<T> value) {
      outcome.emplace(std::move(value));
    }
    void unhandled_exception() {
      try {
        throw;
      } catch (const std::exception& thrown) {
        outcome.emplace(error{ec::bug, std::string{"unexpected exception: "} + thrown.what()});
      } catch (...) {
        outcome.emplace(error{ec::bug, "unexpected exception"});
      }
    }
  };

private:
  explicit task(handle coroutine) : coroutine_(coroutine) {}
  handle coroutine_;
};

/// What `task<done>` yields where there is nothing to tell.
struct done_t {};
using task_result = result<done_t>;

} // namespace nexte
