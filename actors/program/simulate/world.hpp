// One simulated world: providers, the engine on a disk, a clock that is moved by hand.
#pragma once

#include "actors/engine_impl.hpp"
#include "actors/program/simulate/network.hpp"
#include "protocol/simulation/virtual_listeners.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nexte::program {

struct world_options {
  uint64_t seed = 1;
  unsigned accounts = 22;
  uint64_t records = 30; ///< Per stream and account, at the start.
  std::filesystem::path folder;
};

/// The engine of production in one thread. Which of the runnable actors runs next is drawn from the
/// seed; everything else follows from it.
class simulated_world {
public:
  simulated_world(world_options options, fault_draw& faults, trace& told, ruling& rules);
  ~simulated_world();
  simulated_world(const simulated_world&) = delete;
  simulated_world& operator=(const simulated_world&) = delete;

  /// Starts the engine on the disk as it stands; a failure breaks `starts_again`.
  void boot();
  /// The process dies now: what its last commit left is all that the next `boot` finds.
  void kill();
  /// … or in the midst of its work: once so many more messages were handled. `then` comes between
  /// death and new start.
  void kill_after(uint64_t messages, std::function<void()> then) {
    dies_at_ = steps + messages;
    at_death_ = std::move(then);
  }
  /// Ends the engine in good order.
  void stop();

  /// Since the beginning, by a clock that nobody sets.
  milliseconds elapsed() const;
  /// What the machine's clock shows.
  wall_time wall_now() const;
  /// Goes on to the next moment at which anything happens, but not past `until`; runs what is due.
  /// Yields false once `until` is reached.
  bool step(milliseconds until);

  /// Asks the engine; runs it until it answers, without moving time. `bug` when it does not, which
  /// breaks `answers_everyone`.
  template <class T, class Start>
  result<T> ask(Start&& start) {
    auto heard = std::make_shared<std::optional<result<T>>>();
    start(reply<T>{[heard](result<T> answer) { heard->emplace(std::move(answer)); }});
    settle();
    if (!*heard) {
      rules_.broken(invariant::answers_everyone, "somebody was never answered");
      return error{ec::bug, "no answer came"};
    }
    return *std::move(*heard);
  }
  /// A person signs in. Yields whether the browser came back to a listener.
  bool consent(integration_id id, const std::string& login);
  void say(std::string_view line) {
    told_.add(elapsed(), line);
  }

  engine_impl& running() {
    return *engine_;
  }
  bool is_running() const {
    return engine_ != nullptr;
  }
  const std::filesystem::path& data_dir() const {
    return data_dir_;
  }
  std::vector<std::unique_ptr<simulation::simulator>>& providers() {
    return providers_;
  }
  simulation::simulator* provider(std::string_view name);
  agenda& events() {
    return events_;
  }
  simulated_network& net() {
    return *net_;
  }

  milliseconds wall_jump{0};                   ///< How far somebody set the machine's clock.
  std::vector<notification_row> notifications; ///< What the host heard, in order.
  std::vector<std::string> log;                ///< What the engine warned of since last looked at.
  uint64_t steps = 0;                          ///< Actors run so far.

private:
  engine_options settings() const;
  void settle();
  /// Settles, unless the process dies on the way.
  void live();
  void run_one();
  void end_scheduler();
  bool is_durable(std::string_view provider, size_t account, std::string_view access_token);

  world_options options_;
  trace& told_;
  ruling& rules_;
  simulation::seeded_random order_;
  random_source random_;
  agenda events_;
  std::vector<std::unique_ptr<simulation::simulator>> providers_;
  std::shared_ptr<simulated_network> net_;
  std::shared_ptr<simulation::virtual_listeners> listeners_;
  std::filesystem::path data_dir_;
  unsigned deaths_ = 0;
  std::optional<uint64_t> dies_at_; ///< A number of steps.
  std::function<void()> at_death_;
  std::unique_ptr<engine_impl> engine_;
  caf::scheduler::test_coordinator* sched_ = nullptr;
  /// Who signed in to an account, by provider and account id: those seen last time.
  std::map<std::pair<std::string, std::string>, std::vector<integration_id>> holders_;
  steady_time booted_at_{};
  std::chrono::nanoseconds before_boot_{0}; ///< What former processes lived through.
};

} // namespace nexte::program
