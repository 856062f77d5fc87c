// Spawns the integrations, routes to them, starts them again when they fail, and decides which one
// a consent belongs to.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/pending_commits.hpp"
#include "actors/policy/restart_policy.hpp"
#include "actors/ports.hpp"
#include "actors/provider_context.hpp"

#include <map>
#include <memory>
#include <string>
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
    std::string defect;     ///< Why it is not running; empty: it is.
    wall_time restart_at{}; ///< When it is started again, if it is not running.
  };
  struct attempt {
    integration_id asked; ///< Whose Reconnect it was.
    std::string state;
    authorizer_actor actor;
    std::vector<answer<connect_outcome>> outcomes;
  };

  // the tree
  void load();
  void spawn_child(integration_id id, const integration_row& row);
  void on_down(const caf::down_msg& down);
  void restart(integration_id id);
  void stop_all();

  // routing
  void route(addressed_command& command);
  integration_status status_at_rest(integration_id id, const child& one) const;
  void add(add_command& command);
  void create(integration_row row, std::function<void(result<integration_id>)> then);
  void acknowledge(const acknowledge_command& command);
  void list(list_query& query);
  child* find(integration_id id);
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
  std::map<uint32_t, integration_id> restarts_due_; ///< By timer slot.
  uint64_t next_attempt_ = 1;
  uint32_t next_slot_ = 1;
  pending_commits commits_;
};

supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self, supervisor_deps deps);

} // namespace nexte
