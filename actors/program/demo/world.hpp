// What the demo plays in: simulated providers over TLS, an engine, its customers.
#pragma once

#include "actors/engine.hpp"
#include "actors/program/cli.hpp"
#include "actors/program/demo/faulty_transport.hpp"
#include "actors/program/scratch_folder.hpp"
#include "protocol/simulation/mount.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace nexte::program {

/// A workspace's integration with one provider, to an account of its own there.
struct customer {
  std::string workspace;
  std::string provider;
  std::string account; ///< The provider's id of it.
  integration_id id;
};

/// Says what is going on while a step runs.
class narrator {
public:
  virtual ~narrator() = default;
  /// So much of a step is done; called often.
  virtual void progress(uint64_t done, uint64_t total, std::string_view of_what) = 0;
};

class demo_world {
public:
  /// Starts simulators and engine, with nothing connected yet.
  static result<std::unique_ptr<demo_world>> start(const demo_options& options, narrator& tells);

  engine& running() {
    return *engine_;
  }
  std::vector<customer>& customers() {
    return customers_;
  }
  /// Those at the provider that the story is about, one of each workspace.
  std::span<customer> protagonists() {
    return {customers_.data(), workspaces_};
  }
  const std::filesystem::path& data_dir() const {
    return folder_.path();
  }
  narrator& tells() {
    return tells_;
  }
  /// The moment from which the first sync is timed.
  void begin_clock() {
    began_ = std::chrono::steady_clock::now();
  }
  std::chrono::steady_clock::time_point began() const {
    return began_;
  }
  /// How many records each stream of an account there began with.
  uint64_t records_of(std::string_view provider) const;

  /// The engine's word on an integration.
  result<integration_status> status(integration_id id);
  /// Signs in as the customer's person: begins consent, allows it in a browser of our own, and
  /// waits for the outcome.
  result<connect_outcome> consent(const customer& who);
  /// What a person at the story's provider, or fate, does; see `simulation::simulator::admin`.
  result<json::value> at_provider(std::string_view action, const std::string& body);
  /// The same at any of them.
  result<json::value> at_provider(std::string_view provider, std::string_view action,
                                  const std::string& body);
  /// The connector that next asks the provider fails by a planted defect.
  void plant_defect() {
    net_->break_next_call();
  }
  /// How often the provider has served the live records that we hold, since its counters were last
  /// reset. @pre `who` is a protagonist
  result<uint64_t> served_live(const customer& who);
  /// Looks every 50 ms whether `holds`; `transport` naming `what` when it did not within `most`,
  /// `cancelled` when the process was told to stop.
  result<void> wait_until(std::string_view what, seconds most,
                          const std::function<result<bool>()>& holds);

private:
  explicit demo_world(narrator& tells) : tells_(tells) {}
  result<void> begin(const demo_options& options);
  result<void> begin_simulators(const demo_options& options);
  result<void> begin_engine();

  narrator& tells_;
  uint64_t records_ = 0;
  std::chrono::steady_clock::time_point began_{};
  scratch_folder folder_;
  std::unique_ptr<simulation::mounted_simulators> providers_;
  size_t workspaces_ = 0;
  std::vector<customer> customers_; ///< The protagonists first.
  std::shared_ptr<faulty_transport> net_;
  std::shared_ptr<oauth::callback_listeners> listeners_;
  std::unique_ptr<engine> engine_; // goes first
};

} // namespace nexte::program
