// A transport whose other end is a simulator in this process: no sockets, the caller's clock.
#pragma once

#include "protocol/http/transport.hpp"
#include "protocol/simulation/simulator.hpp"

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nexte::simulation {

/// One call as it went over the wire.
struct logged_call {
  std::string method;
  std::string path; ///< Without the query, which may hold secrets.
  wall_time at{};
  int status = 0; ///< 0: no answer came whole.
};

/// Answers calls by the simulators mounted on it. By default inside `call`. Thread-safe, but the
/// public members are set before the first call or between calls.
class in_process_transport final : public transport {
public:
  explicit in_process_transport(std::function<wall_time()> clock) : clock_(std::move(clock)) {}
  /// Ends held calls with `cancelled`.
  ~in_process_transport() override;

  /// Mounts `provider` at `base`, which its addresses begin with from now on. It must outlive this.
  void add(std::string base, simulator* provider);
  /// A URL under no base is `refused`, unsent.
  void call(http_request request, done on_done) override;

  /// Answers in place of a simulator where it yields one.
  std::function<std::optional<http_answer>(const http_request&)> intercept;
  /// Runs its second argument after the first, for slow answers. Without it they are held.
  std::function<void(milliseconds, std::function<void()>)> later;
  /// Keeps answers back until `release`. The provider has acted by then.
  bool hold = false;
  /// Delivers what is held, in order, and goes on holding if `hold` says so.
  void release();
  size_t held() const;
  std::vector<logged_call> log() const;
  void clear_log();

private:
  struct mounted {
    std::string base;
    simulator* provider;
  };
  struct held_call {
    http_answer answer;
    done on_done;
  };

  /// What the other end says, and how late. @pre `mutex_` is held
  std::pair<http_answer, milliseconds> perform(const http_request& request);

  std::function<wall_time()> clock_;
  std::vector<mounted> mounted_;
  mutable std::mutex mutex_;
  std::deque<held_call> held_;
  std::vector<logged_call> log_;
};

} // namespace nexte::simulation
