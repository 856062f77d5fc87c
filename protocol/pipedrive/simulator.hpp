// Pipedrive's side of the protocol: OAuth, the three kinds of entities, limits (pipedrive.md). No
// sockets, no clock.
#pragma once

#include "protocol/pipedrive/simulator_company.hpp"
#include "protocol/pipedrive/simulator_list.hpp"
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

namespace nexte::simulation {

/// A simulated Pipedrive with several companies, each reached at an address of its own: the
/// `api_domain` of the token answer. Mounted at B, that is `B/<domain>`.
class pipedrive_simulator final : public simulator {
public:
  explicit pipedrive_simulator(simulator_options options = {});

  std::string_view provider() const override {
    return "pipedrive";
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

  // What follows is for tests: the other side of the wire, without JSON. `type` is "persons",
  // "organizations" or "deals"; `account` the company's index. Types, fields and ids exist.

  /// JSON texts by field.
  using named_values = std::map<std::string, std::string>;
  /// A record as its owner sees it.
  struct record_state {
    std::string version; ///< `update_time`
    std::string body;    ///< As v2 shows it.
    bool gone = false;   ///< Deleted or archived.
    friend bool operator==(const record_state&, const record_state&) = default;
  };

  /// Returns the new record's id. `updated_at`: as an import may set it.
  std::string create(std::string_view type, const named_values& values, wall_time now,
                     size_t account = 0, std::optional<wall_time> updated_at = std::nullopt);
  void edit(std::string_view type, std::string_view id, const named_values& values, wall_time now,
            size_t account = 0);
  void remove(std::string_view type, std::string_view id, wall_time now, size_t account = 0);
  void restore(std::string_view type, std::string_view id, wall_time now, size_t account = 0);
  /// Archives a deal, or takes it back.
  void archive(std::string_view id, bool archived, wall_time now, size_t account = 0);
  std::map<std::string, record_state> snapshot(std::string_view type, size_t account = 0);
  /// Tokens of a consent given long ago, to all scopes or to those named.
  issued_tokens issue_tokens(wall_time now, size_t account = 0,
                             std::vector<std::string> scopes = {});
  /// How often a record was in an answer.
  uint32_t served(std::string_view type, std::string_view id, size_t account = 0);
  /// The address of a company's API.
  std::string api_domain(size_t account = 0) const;

  oauth_server& oauth() {
    return oauth_;
  }
  quota_counters& quota() {
    return quota_;
  }
  pipedrive::company& company_at(size_t account) {
    return companies_[account];
  }
  pipedrive::strictness& strict() {
    return strict_;
  }
  /// Every scope that the app is registered for.
  static std::vector<std::string> all_scopes();

private:
  struct door; ///< A request on its way in.

  http_response dispatch(const http_request& request, std::string_view path, wall_time now);
  http_response serve_oauth(const http_request& request, std::string_view path, wall_time now);
  http_response serve_token(const query_parameters& form, std::string_view authorization,
                            wall_time now);
  http_response serve_company(const http_request& request, size_t account, std::string_view path,
                              wall_time now);
  http_response serve_entity(door& in, wall_time now);
  http_response list(door& in, bool archived, wall_time now);
  http_response search(door& in, wall_time now);
  http_response serve_one(door& in, int64_t id, wall_time now);
  http_response create(door& in, wall_time now);
  http_response update(door& in, const pipedrive::kept_record& record, wall_time now);
  http_response remove(door& in, const pipedrive::kept_record& record, wall_time now);
  http_response serve_user(const door& in);
  http_response serve_fields(door& in, const pipedrive::schema& type);
  /// Why the body cannot be stored in this company, or what it says.
  std::variant<pipedrive::written_record, pipedrive::field_problem> read_written(door& in,
                                                                                 wall_time now);
  http_response record_answer(door& in, int status, const pipedrive::kept_record& record);
  http_response refused(int status, std::string_view message, std::string_view code = {}) const;
  http_response limited(std::string_view policy, wall_time now);
  void add_quota_fields(http_response& answer, pipedrive::company& account, std::string_view token,
                        wall_time now);
  /// The company whose API lives at this address, and the path there.
  std::optional<std::pair<size_t, std::string_view>> company_of(std::string_view url) const;
  std::string oauth_base() const;

  friend class pipedrive_admin; ///< The actions behind `admin`.
  friend class pipedrive_observer;

  simulator_options options_;
  std::string base_; ///< Empty before `mount`.
  seeded_random random_;
  std::vector<pipedrive::company> companies_;
  oauth_server oauth_;
  quota_counters quota_;
  fault_plan faults_;
  pipedrive::strictness strict_;
  traffic_counts traffic_;
  std::unique_ptr<observer> observer_; ///< Made when first asked for.
};

} // namespace nexte::simulation
