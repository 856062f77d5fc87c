// Microsoft's side of the protocol: Entra's OAuth, and Graph's mail, calendar and contacts
// (microsoft.md). No sockets, no clock.
#pragma once

#include "protocol/microsoft/simulator_mailbox.hpp"
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

/// A simulated tenant with several mailboxes. Mounted at B, Graph is below `B/v1.0` and Entra below
/// `B/common/oauth2/v2.0`.
class microsoft_simulator final : public simulator {
public:
  explicit microsoft_simulator(simulator_options options = {});

  std::string_view provider() const override {
    return "microsoft";
  }
  void mount(std::string base) override;
  http_response handle(const http_request& request, wall_time now) override;
  simulated_endpoints endpoints() const override;
  http_response admin(std::string_view action, const std::string& body, wall_time now) override;
  std::string issue_access_token(wall_time now) override;
  std::vector<std::string> accounts() const override {
    return oauth_.account_ids();
  }
  /// Empty until the first call of any kind: events lie around its time. An occurrence that is
  /// shown without the rest has no version.
  std::map<std::string, held_record> holdings(std::string_view stream, size_t account) override;
  fault_plan& faults() override {
    return faults_;
  }
  /// Its people at work, and who sees everything.
  observer& people();

  // What follows is for tests: the other side of the wire, without JSON. `stream` is "contacts",
  // "mail_messages" or "calendar_events"; ids are immutable ones. Streams and ids exist.

  /// Returns the new item's id. `folder` is a mail folder's id or well-known name.
  std::string create(std::string_view stream, const microsoft::named_values& values, wall_time now,
                     size_t account = 0, std::string_view folder = "inbox");
  void edit(std::string_view stream, std::string_view id, const microsoft::named_values& values,
            wall_time now, size_t account = 0);
  void remove(std::string_view stream, std::string_view id, wall_time now, size_t account = 0);
  void restore(std::string_view stream, std::string_view id, wall_time now, size_t account = 0);
  void move(std::string_view id, std::string_view folder, wall_time now, size_t account = 0);
  /// Returns the new folder's id; `parent` empty: at the top.
  std::string create_folder(std::string name, std::string_view parent, wall_time now,
                            size_t account = 0);
  void remove_folder(std::string_view id, wall_time now, size_t account = 0);
  /// Tokens of a consent given long ago, to all scopes or to those named.
  issued_tokens issue_tokens(wall_time now, size_t account = 0,
                             std::vector<std::string> scopes = {});

  oauth_server& oauth() {
    return oauth_;
  }
  quota_counters& quota() {
    return quota_;
  }
  /// Filled, if that was not done yet.
  microsoft::mailbox& mailbox_at(size_t account, wall_time now);
  microsoft::strictness& strict() {
    return strict_;
  }
  std::string api_base() const;
  static std::vector<std::string> all_scopes();

private:
  struct door; ///< A request on its way in.

  http_response dispatch(const http_request& request, wall_time now);
  http_response serve_token(const http_request& request, wall_time now);
  http_response serve_graph(const http_request& request, wall_time now);
  http_response route(door& in);
  http_response serve_me(const door& in);
  http_response serve_item(door& in, microsoft::item_kind kind, std::string_view id);
  http_response list_folders(const door& in, uint64_t parent);
  http_response delta(door& in, microsoft::delta_scope of, const std::string& path);
  http_response refused(int status, std::string_view code, std::string_view message);
  http_response unauthorized(bool challenges, std::string_view message);
  http_response throttled();
  std::string oauth_base() const;

  friend class microsoft_admin; ///< The actions behind `admin`.
  friend class microsoft_observer;

  simulator_options options_;
  std::string base_; ///< Empty before `mount`.
  seeded_random random_;
  std::vector<microsoft::mailbox> mailboxes_;
  oauth_server oauth_;
  quota_counters quota_;
  fault_plan faults_;
  microsoft::strictness strict_;
  traffic_counts traffic_;
  std::unique_ptr<observer> observer_;
};

} // namespace nexte::simulation
