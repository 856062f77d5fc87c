// Google's side of the protocol: OAuth, Gmail, Calendar, Drive, limits (google.md). No sockets, no
// clock.
#pragma once

#include "protocol/google/simulator_account.hpp"
#include "protocol/http/url.hpp"
#include "protocol/simulation/fault_plan.hpp"
#include "protocol/simulation/oauth_server.hpp"
#include "protocol/simulation/quota_counters.hpp"
#include "protocol/simulation/seeded_random.hpp"
#include "protocol/simulation/simulator.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexte::simulation {

namespace google {

/// A refusal as Google writes it (google.md §1.8).
struct refusal {
  int status = 400;
  std::string_view reason; ///< Of the old form.
  std::string message;
  std::string_view word = {};     ///< Of the new form: "INVALID_ARGUMENT"; empty: only the old one.
  std::string_view location = {}; ///< The parameter or field that is meant.
  std::string_view domain = "global";
};
http_response refuse(const refusal& why);
http_response json_answer(int status, std::string body);

/// What the sheet leaves open.
struct strictness {
  /// The first page of a list is half full: pages may be short (google.md §3.2).
  bool short_pages = true;
};

} // namespace google

/// A simulated Google Workspace with several accounts. Mounted at B it serves all its APIs below B;
/// before, each at the host that Google has it on.
class google_simulator final : public simulator {
public:
  explicit google_simulator(simulator_options options = {});
  ~google_simulator() override;

  std::string_view provider() const override {
    return "google";
  }
  void mount(std::string base) override;
  http_response handle(const http_request& request, wall_time now) override;
  simulated_endpoints endpoints() const override;
  http_response admin(std::string_view action, const std::string& body, wall_time now) override;
  std::string issue_access_token(wall_time now) override {
    return issue_tokens(now).access_token;
  }
  std::vector<std::string> accounts() const override {
    return oauth_.account_ids();
  }
  std::map<std::string, held_record> holdings(std::string_view stream, size_t account) override;
  fault_plan& faults() override {
    return faults_;
  }
  observer* observed() override;

  // What follows is for tests: the other side of the wire, without JSON.

  /// Tokens of a consent given long ago, to all scopes or to those named.
  issued_tokens issue_tokens(wall_time now, size_t account = 0,
                             std::vector<std::string> scopes = {}) {
    return oauth_.issue(account, std::move(scopes), now);
  }
  oauth_server& oauth() {
    return oauth_;
  }
  quota_counters& quota() {
    return quota_;
  }
  google::account& account_at(size_t account) {
    return accounts_[account];
  }
  google::strictness& strict() {
    return strict_;
  }
  /// Every scope that the app may ask for.
  static std::vector<std::string> all_scopes();

private:
  struct door; ///< A request to an API on its way in.

  http_response dispatch(const http_request& request, std::string_view path, wall_time now);
  http_response serve_consent(const http_request& request, wall_time now);
  http_response serve_token(const http_request& request, wall_time now);
  http_response serve_revoke(const http_request& request);
  http_response serve_api(const http_request& request, std::string_view path, wall_time now);
  http_response serve_gmail(door& in);
  http_response list_messages(door& in);
  http_response list_history(door& in);
  http_response serve_message(door& in, std::string_view id);
  http_response get_message(door& in, std::string_view id);
  http_response modify_message(door& in, std::string_view id);
  http_response serve_calendar(door& in);
  http_response list_calendars(door& in);
  http_response list_events(door& in, google::calendar& at);
  http_response write_event(door& in, google::calendar& at, const std::string& id);
  http_response serve_drive(door& in);
  http_response list_files(door& in);
  http_response list_changes(door& in);
  /// Lets the request in at the counters; nullopt, or the refusal.
  std::optional<http_response> refuse_for_quota(const door& in, std::string_view window,
                                                std::string_view app_window, unsigned units);
  /// Lets it in for one of these scopes.
  std::optional<http_response> refuse_for_scope(const door& in,
                                                std::initializer_list<std::string_view> scopes);
  http_response limited(std::string_view policy) const;
  /// How many a page holds, when `asked` for, of a list of `all`.
  size_t page_size(size_t asked, size_t all, bool first) const;
  std::string_view path_of(std::string_view url) const;

  friend class google_admin; ///< The actions behind `admin`.
  friend class google_observer;

  simulator_options options_;
  std::string base_; ///< Empty before `mount`.
  std::vector<google::account> accounts_;
  oauth_server oauth_;
  quota_counters quota_;
  fault_plan faults_;
  google::strictness strict_;
  traffic_counts traffic_;
  /// The app is in testing: grants last seven days (google.md §1.6).
  bool testing_ = false;
  std::map<std::string, wall_time, std::less<>> testing_ends_; ///< By refresh token.
  /// What refreshes are refused with, whatever the token: an admin's or a person's doing.
  std::string refused_with_;
  std::string blocked_with_; ///< What Google's own page says instead of asking for consent.
  std::unique_ptr<observer> observer_;
};

} // namespace nexte::simulation
