// A fair queue before a ledger, for its tests.
#pragma once

#include "actors/policy/fair_queue.hpp"

#include <map>
#include <string>
#include <vector>

namespace nexte::test {

using namespace std::chrono_literals;

constexpr steady_time start{1000h};
inline constexpr auto person = quota_lane::person;

inline waiting_request request(const std::string& workspace, uint64_t integration,
                               unsigned cost = 1, quota_lane lane = quota_lane::background) {
  return {*workspace_id::parse(workspace),
          integration_id{integration},
          {integration, integration, 0},
          cost,
          lane,
          1};
}

inline quota_window app(unsigned limit) {
  return {"APP", limit, 1s, counter_scope::app, "*"};
}
inline quota_window account(unsigned limit, milliseconds span = 1s) {
  return {"ACCOUNT", limit, span, counter_scope::account, "*"};
}

/// A queue before a ledger; remembers who asked.
struct desk {
  explicit desk(std::vector<quota_window> windows, const std::vector<concurrency_cap>& caps = {})
      : ledger(std::move(windows), caps, start, 0) {}

  waiting_id push(const waiting_request& asked, const std::string& name) {
    const auto id = queue.push(asked);
    names[id] = name;
    return id;
  }
  waiting_id push(const std::string& workspace, uint64_t integration, unsigned cost = 1) {
    return push(request(workspace, integration, cost), workspace);
  }
  /// Grants and answers at once, until nothing more may go; yields the names in order.
  std::string pop(steady_time now, size_t most = 1000) {
    std::string order;
    for (auto granted = queue.pop_ready(ledger, now, most); !granted.empty();
         granted = queue.pop_ready(ledger, now, most - order.size()))
      for (const auto& grant : granted) {
        order += names.at(grant.waiting);
        ledger.answered(grant.grant, now);
      }
    return order;
  }

  quota_ledger ledger;
  fair_queue queue;
  std::map<waiting_id, std::string> names;
};

} // namespace nexte::test
