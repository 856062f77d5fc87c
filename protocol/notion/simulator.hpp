// Notion's side of the protocol: OAuth, search, data sources, pages, limits (notion.md). No
// sockets, no clock.
#pragma once

#include "protocol/notion/simulator_list.hpp"
#include "protocol/notion/simulator_workspace.hpp"
#include "protocol/simulation/fault_plan.hpp"
#include "protocol/simulation/oauth_server.hpp"
#include "protocol/simulation/quota_counters.hpp"
#include "protocol/simulation/seeded_random.hpp"
#include "protocol/simulation/simulator.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::simulation {

/// A simulated Notion with several workspaces, each with one connection.
class notion_simulator final : public simulator {
public:
  explicit notion_simulator(simulator_options options = {});
  ~notion_simulator() override;

  std::string_view provider() const override {
    return "notion";
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

  /// What the sheet leaves open.
  struct reading {
    size_t query_rows_max = 10'000; ///< notion.md §3.3.
    size_t search_results_max = SIZE_MAX;
    bool search_shows_archived = false;
    bool trash_shows_pages_below = true; ///< Those that went to the trash with their parent.
  };
  reading& read_as() {
    return reading_;
  }
  /// What the integration is allowed: "read", "update", "insert" (notion.md §1.4).
  std::set<std::string, std::less<>>& capabilities() {
    return capabilities_;
  }
  notion::workspace& workspace_at(size_t account) {
    return workspaces_[account];
  }
  oauth_server& oauth() {
    return oauth_;
  }
  quota_counters& quota() {
    return quota_;
  }

private:
  struct door; ///< A request on its way in.

  http_response dispatch(const http_request& request, std::string_view path, wall_time now);
  http_response serve_oauth(const http_request& request, std::string_view path, wall_time now);
  http_response serve_token(const query_parameters& members, std::string_view authorization,
                            wall_time now);
  http_response serve_api(const http_request& request, std::string_view path, wall_time now);
  http_response serve_object(door& in);
  http_response search(door& in);
  http_response query(door& in);
  http_response create(door& in);
  http_response update(door& in);
  http_response read_page(door& in);
  http_response refused(int status, std::string_view code, std::string_view message);
  http_response invalid(std::string_view message);
  http_response missing(std::string_view kind, std::string_view id);
  http_response limited(std::string_view reason, seconds wait);
  http_response page_answer(door& in, const notion::page_state& page);
  http_response list_answer(const door& in, const std::vector<std::string>& shown,
                            const std::string& next_cursor, bool cut_short);
  http_response show(door& in, const notion::list_request& list, std::vector<notion::list_row> rows,
                     size_t most);
  std::string api_base() const;

  friend class notion_admin;    ///< The actions behind `admin`.
  friend class notion_observer; ///< Whole simulations.

  simulator_options options_;
  std::string base_; ///< Empty before `mount`.
  seeded_random random_;
  std::vector<notion::workspace> workspaces_;
  oauth_server oauth_;
  quota_counters quota_;
  fault_plan faults_;
  reading reading_;
  std::set<std::string, std::less<>> capabilities_{"insert", "read", "update"};
  traffic_counts traffic_;
  std::unique_ptr<observer> observer_;
};

} // namespace nexte::simulation
