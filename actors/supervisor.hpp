// Spawns the integrations, routes to them, starts them again when they fail, and decides which one
// a consent belongs to.
#pragma once

#include "actors/crash.hpp"
#include "actors/interfaces.hpp"
#include "actors/pending_commits.hpp"
#include "actors/policy/restart_policy.hpp"
#include "actors/ports.hpp"
#include "actors/provider_context.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace nexte {

struct provider_service {
  std::shared_ptr<const provider_context> context;
  rate_limiter_actor limiter;
};

struct supervisor_deps {
  std::shared_ptr<const engine_ports> ports;
  std::shared_ptr<const store> data;
  store_writer_actor writer;
  timers_actor timers;
  incidents_actor incidents;
  std::map<std::string, provider_service> providers; ///< By name.
};

class supervisor_state {
public:
  static inline constexpr const char* name = "supervisor";
  explicit supervisor_state(supervisor_actor::pointer self) : self_(self) {}
  supervisor_actor::behavior_type make_behavior(supervisor_deps deps);

private:
  struct child {
    integration_actor actor; ///< A strong handle: CAF destroys actors known only weakly.
    workspace_id workspace;
    std::string provider;
    account_identity account; ///< As of the last consent; the row itself is the child's.
    restart_record record;
    unsigned restarts = 0;
    std::string defect;        ///< Why it is not running; empty: it is.
    wall_time failing_since{}; ///< When the present streak of failures began.
    wall_time awaited_since{}; ///< When it was started before that streak.
    wall_time restart_at{};    ///< When it is started again, if it is not running.
    uint32_t slot = 0;         ///< Of its timer: one, however often it fails.
    uint64_t failures = 0;     ///< Epoch of that timer.
  };
  /// What an integration is found by: workspace, provider, account at the provider (empty: none
  /// yet).
  using identity = std::tuple<std::string, std::string, std::string>;
  struct attempt {
    integration_id asked; ///< Whose Reconnect it was.
    std::string state;
    authorizer_actor actor;
    std::vector<answer<connect_outcome>> outcomes;
    std::optional<abandon> voided; ///< By a newer one, or by Disconnect.
  };

  // the tree
  void load();
  void spawn_child(integration_id id, const integration_row& row);
  void on_down(const caf::down_msg& down);
  void note_crash(integration_id id, const child& one, const crash& what);
  void tell_resting(integration_id id, const child& one);
  void wait(integration_id id, child& one, milliseconds span);
  void on_timer(timer_due due);
  void restart(integration_id id);
  void stop_all();

  // routing
  void route(addressed_command& command);
  bool answer_at_rest(integration_id id, const child& one, integration_command& command) const;
  integration_status status_at_rest(integration_id id, const child& one) const;
  explanation explain_at_rest(integration_id id, const child& one,
                              const explain_query& query) const;
  void add(add_command& command);
  using creation = std::function<void(const result<integration_id>&)>;
  void create(const child& like, const std::string& account, creation then);
  void acknowledge(const acknowledge_command& command);
  void list(list_query& query);
  child* find(integration_id id);
  static error unknown_integration(integration_id id);
  integration_id find_account(const child& like, const account_identity& account) const;

  // consent
  void begin_consent(connect_command& command);
  void void_attempts(integration_id id, const abandon& why);
  void deliver(callback_command& command);
  void end_consent(consent_ended& fact);
  void settle_consent(attempt ended, consent_grant grant);
  void adopt(integration_id target, integration_id asked, consent_grant grant,
             std::vector<answer<connect_outcome>> outcomes);

  supervisor_actor::pointer self_;
  supervisor_deps deps_;
  std::map<integration_id, child> children_;
  std::map<caf::actor_id, integration_id> by_actor_;
  std::map<uint64_t, attempt> attempts_;
  std::map<identity, std::vector<creation>> creating_; ///< Until the row is durable.
  std::map<uint32_t, integration_id> by_slot_;
  uint64_t next_attempt_ = 1;
  uint32_t next_slot_ = 1;
  pending_commits commits_;
};

supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self, supervisor_deps deps);

} // namespace nexte
