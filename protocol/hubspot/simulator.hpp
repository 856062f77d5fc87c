// HubSpot's side of the protocol: OAuth, CRM objects, quotas (hubspot.md). No sockets, no clock.
#pragma once

#include "protocol/hubspot/simulator_crm.hpp"
#include "protocol/hubspot/simulator_portal.hpp"
#include "protocol/hubspot/simulator_token.hpp"
#include "protocol/simulation/fault_plan.hpp"
#include "protocol/simulation/oauth_server.hpp"
#include "protocol/simulation/observer.hpp"
#include "protocol/simulation/quota_counters.hpp"
#include "protocol/simulation/seeded_random.hpp"
#include "protocol/simulation/simulator.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::simulation::hubspot {

// hubspot.md §5: the names of the windows.
constexpr std::string_view burst = "TEN_SECONDLY_ROLLING";
constexpr std::string_view secondly = "SECONDLY";

} // namespace nexte::simulation::hubspot

namespace nexte::simulation {

/// A simulated HubSpot with several portals.
class hubspot_simulator final : public simulator {
public:
  explicit hubspot_simulator(simulator_options options = {});

  std::string_view provider() const override {
    return "hubspot";
  }
  void mount(std::string base) override;
  http_response handle(const http_request& request, wall_time now) override;
  simulated_endpoints endpoints() const override;
  http_response admin(std::string_view action, const std::string& body, wall_time now) override;
  std::string issue_access_token(wall_time now) override;
  std::vector<std::string> accounts() const override {
    return oauth_.account_ids();
  }
  std::map<std::string, held_record> holdings(std::string_view stream, size_t account) override;
  fault_plan& faults() override {
    return faults_;
  }
  observer* observed() override;

  // What follows is for tests: the other side of the wire, without JSON. `type` is "contacts",
  // "companies" or "deals"; `account` the portal's index; ids are decimal. Names and ids exist.

  using named_values = std::map<std::string, std::string>;
  /// A record as HubSpot would show it with all its properties.
  struct record_state {
    std::string version; ///< `updatedAt`
    named_values properties;
    bool archived = false;
    friend bool operator==(const record_state&, const record_state&) = default;
  };

  /// Returns the new record's id.
  std::string create(std::string_view type, const named_values& values, wall_time now,
                     size_t account = 0);
  /// An empty value clears. `silent`: as calculated properties change, without a trace in
  /// last-modified.
  void edit(std::string_view type, std::string_view id, const named_values& values, wall_time now,
            size_t account = 0, bool silent = false);
  void archive(std::string_view type, std::string_view id, wall_time now, size_t account = 0);
  void restore(std::string_view type, std::string_view id, wall_time now, size_t account = 0);
  /// Live and archived records by id.
  std::map<std::string, record_state> snapshot(std::string_view type, size_t account = 0);
  /// Tokens of an account that consented to everything, or to `scopes`.
  issued_tokens issue_tokens(wall_time now, size_t account = 0,
                             std::vector<std::string> scopes = {});
  /// How often a record was in an answer.
  uint32_t served(std::string_view type, std::string_view id, size_t account = 0);

  oauth_server& oauth() {
    return oauth_;
  }
  quota_counters& quota() {
    return quota_;
  }
  hubspot::portal& portal_at(size_t account) {
    return portals_[account];
  }
  hubspot::crm_strictness& strictness() {
    return strict_;
  }
  /// Every scope that the app may ask for.
  static std::vector<std::string> all_scopes();

private:
  struct door; ///< A request on its way in.

  http_response dispatch(const http_request& request, std::string_view path, wall_time now);
  http_response serve_oauth(const http_request& request, std::string_view path, wall_time now);
  http_response serve_token(const query_parameters& form, std::string_view authorization,
                            hubspot::token_dialect dialect, wall_time now);
  http_response serve_legacy_tokens(std::string_view method, std::string_view kind,
                                    std::string_view token, wall_time now);
  http_response serve_api(const http_request& request, std::string_view path, wall_time now);
  http_response serve_objects(door& in, const std::vector<std::string>& segments, size_t type_at,
                              wall_time now);
  http_response serve_properties(door& in, const std::vector<std::string>& segments);
  http_response serve_account_info(const door& in);
  /// Whose token this is, or the 401.
  std::variant<const access_view*, hubspot::api_error> authenticate(const http_request& request,
                                                                    wall_time now) const;
  http_response refused(const hubspot::api_error& failure);
  http_response limited(std::string_view policy);
  std::string correlation_id();
  std::string api_base() const;
  std::string app_base() const;

  friend class hubspot_admin; ///< The actions behind `admin`.
  friend class hubspot_observer;

  simulator_options options_;
  std::string base_; ///< Empty before `mount`.
  seeded_random random_;
  std::vector<hubspot::portal> portals_;
  oauth_server oauth_;
  quota_counters quota_;
  fault_plan faults_;
  hubspot::crm_strictness strict_;
  traffic_counts traffic_;
  std::unique_ptr<observer> observer_; ///< Made when first asked for.
};

} // namespace nexte::simulation
