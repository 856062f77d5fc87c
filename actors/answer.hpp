// A reply that is given exactly once, whatever becomes of whoever owes it. No CAF.
#pragma once

#include "actors/engine.hpp"

#include <atomic>
#include <memory>
#include <utility>

namespace nexte {

/// Travels inside messages; copies share the one reply. When the last copy goes without an answer
/// (its actor died, the engine stopped), the reply hears `cancelled`.
template <class T>
class answer {
public:
  answer() = default;
  explicit answer(reply<T> to) : owed_(std::make_shared<debt>(std::move(to))) {}

  /// The first call counts. Any thread.
  void operator()(result<T> value) const {
    if (owed_)
      owed_->pay(std::move(value));
  }

private:
  struct debt {
    explicit debt(reply<T> reply_to) : to(std::move(reply_to)) {}
    debt(const debt&) = delete;
    debt& operator=(const debt&) = delete;
    ~debt() {
      pay(error{ec::cancelled, "the engine stopped or the integration restarted before it answered",
                "try again"});
    }
    void pay(result<T> value) {
      if (!paid.exchange(true) && to)
        to(std::move(value));
    }
    reply<T> to;
    std::atomic<bool> paid{false};
  };
  std::shared_ptr<debt> owed_;
};

} // namespace nexte
