// The quota of one provider: hands out grants as ledger and queue decide.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/policy/fair_queue.hpp"
#include "actors/policy/quota_ledger.hpp"
#include "actors/ports.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace nexte {

struct rate_limiter_deps {
  std::shared_ptr<const engine_ports> ports;
  timers_actor timers;
  std::vector<quota_window> windows;
  std::vector<concurrency_cap> caps;
  unsigned spent_percent = spent_before_start_percent; ///< See `quota_ledger`.
};

class rate_limiter_state {
public:
  static inline constexpr const char* name = "rate_limiter";
  explicit rate_limiter_state(rate_limiter_actor::pointer self) : self_(self) {}
  rate_limiter_actor::behavior_type make_behavior(rate_limiter_deps deps);
  const fair_queue& queue() const {
    return queue_;
  }

private:
  enum slot : uint32_t { slot_pump, slot_forget };
  using ticket_key = std::pair<integration_id, uint64_t>;
  struct ticket {
    caf::weak_actor_ptr who;
    quota_key key;
    waiting_id waiting = 0; ///< 0: granted.
    grant_id grant = 0;
    bool sent = false;
    steady_time asked_due{}; ///< When it was asked for.
  };

  void ask(const quota_request& request);
  void settle_use(const quota_report& report);
  void withdraw(const ticket_key& key);
  void hurry(const ticket_key& key);
  void forget(integration_id integration);
  void give_back(const ticket& granted, quota_use::outcome ended);
  void pump();
  void hand_out(const quota_grant& grant);
  void tell_wait(const ticket_key& key);
  steady_time now() const;

  rate_limiter_actor::pointer self_;
  rate_limiter_deps deps_;
  std::optional<quota_ledger> ledger_;
  fair_queue queue_;
  std::map<ticket_key, ticket> tickets_;
  std::unordered_map<waiting_id, ticket_key> waiting_;
  size_t metered_ = 0;      ///< Of those that wait, how many the meters know.
  bool forgetting_ = false; ///< The timer that bounds memory is set.
};

rate_limiter_actor::behavior_type
rate_limiter(rate_limiter_actor::stateful_pointer<rate_limiter_state> self, rate_limiter_deps deps);

} // namespace nexte
