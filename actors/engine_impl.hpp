// The engine behind the facade: the actor system and its roots. For the engine and its tests.
#pragma once

#include "actors/answer.hpp"
#include "actors/engine.hpp"
#include "actors/host_border.hpp"
#include "actors/interfaces.hpp"
#include "actors/ports.hpp"
#include "actors/provider_context.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nexte {

/// How actors are run.
enum class scheduling : uint8_t {
  threads,      ///< Worker threads; the store's writer on one of its own.
  virtual_time, ///< CAF's testing scheduler: one thread, a clock that stands until it is moved.
};

class engine_impl final : public engine {
public:
  /// Makes the ports once the actor system (and with it its clock) is there.
  using ports_maker = std::function<engine_ports(caf::actor_system&)>;

  /// Where descriptions of providers come from: those of this build, or a test's.
  using provider_finder = std::function<const provider_description*(std::string_view)>;

  static result<std::unique_ptr<engine_impl>> start(engine_options options,
                                                    const ports_maker& make_ports, scheduling how,
                                                    const provider_finder& find = find_provider);
  /// Under virtual time the caller runs the scheduler once `stop_actors` was called, before this.
  ~engine_impl() override;

  void add(workspace_id workspace, std::string provider, reply<integration_id> done) override;
  void connect(integration_id id, reply<std::string> authorization_url,
               reply<connect_outcome> on_outcome) override;
  void deliver_callback(std::string query, reply<connect_outcome> done) override;
  void status(integration_id id, reply<integration_status> done) override;
  void list(reply<std::vector<integration_status>> done) override;
  void refresh(integration_id id, reply<void> done) override;
  void disconnect(integration_id id, reply<void> done) override;
  void set_mode(integration_id id, std::string mode, reply<void> done) override;
  void release(uint64_t incident, reply<void> done) override;
  void put(integration_id id, std::string stream, std::string record, std::string fields,
           reply<edit_receipt> done) override;
  void erase(integration_id id, std::string stream, std::string record,
             reply<edit_receipt> done) override;
  void drop_edit(integration_id id, uint64_t edit, reply<void> done) override;
  void restore(uint64_t conflict, reply<edit_receipt> done) override;
  void set_conflict_rule(integration_id id, std::string rule, reply<void> done) override;
  void acknowledge(uint64_t notification, reply<void> done) override;
  void explain(integration_id id, std::string stream, std::string record,
               reply<explanation> done) override;
  void observe(std::function<void(integration_id)> on_change) override;
  engine_figures figures() const override;
  const store& data() const override;

  caf::actor_system& system() {
    return *system_;
  }
  /// Null for a provider that is not configured.
  rate_limiter_actor limiter(const std::string& provider) const;
  /// Asks every actor to end.
  void stop_actors();

private:
  engine_impl() = default;
  void spawn(const engine_options& options,
             std::vector<std::shared_ptr<const provider_context>> providers, scheduling how);
  void tell(integration_id id, integration_command command);
  /// A reply that may throw, as one that is given once.
  template <class T>
  answer<T> owed(reply<T> to) const {
    return answer<T>{guarded(std::move(to), "reply", ports_->log)};
  }

  caf::actor_system_config config_;
  std::shared_ptr<store> data_;
  std::filesystem::path data_dir_;
  std::shared_ptr<engine_ports> ports_;
  std::unique_ptr<caf::actor_system> system_;
  supervisor_actor supervisor_;
  store_writer_actor writer_;
  std::map<std::string, rate_limiter_actor> limiters_; ///< By provider.
  std::vector<caf::actor> services_;                   ///< In the order they end.
  bool stopped_ = false;
};

} // namespace nexte
