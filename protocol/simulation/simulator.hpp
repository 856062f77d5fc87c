// The provider's side of the protocol: a small store with real semantics. No sockets, no clock.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/http/message.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::simulation {

class fault_plan;
class observer;

/// How a simulated provider is reached, as `nexte-sync simulators` prints it.
struct simulated_endpoints {
  std::string api_base;
  std::string authorize_url;
  std::string token_url;
  std::string revoke_url;
  std::string client_id;
  std::string client_secret;
};

/// The status by which `handle` says that the connection breaks without an answer.
inline constexpr int no_answer = 0;
/// The field by which `handle` asks its mount to answer late, in milliseconds; the mount removes
/// it.
inline constexpr std::string_view delay_field = "X-Simulation-Delay";

struct simulator_options {
  uint64_t seed = 1;
  unsigned accounts = 3;         ///< Each with data of its own; 1 or more.
  uint64_t records = 1000;       ///< Per stream, archived ones not counted.
  bool auto_consent = false;     ///< The authorize page redirects at once.
  double quota_scale = 1;        ///< Multiplies every limit (benchmarks).
  milliseconds search_lag{5000}; ///< How far the search index trails the objects.
  /// Redirects that the app's registration has beside the loopback one.
  std::vector<std::string> redirect_uris = {};
};

/// What an account holds of one record.
struct held_record {
  std::string version; ///< As lists show it.
  bool gone = false;   ///< Deleted, archived: a connector shows it no longer.
};

/// What a simulator counts of its calls.
struct traffic_counts {
  std::map<std::string, uint64_t, std::less<>> requests; ///< By endpoint, e.g. "contacts.list".
  std::map<int, uint64_t> statuses;
  uint64_t writes = 0;
};

/// A simulated provider. Not thread-safe: the mount serialises calls.
class simulator {
public:
  virtual ~simulator() = default;
  virtual std::string_view provider() const = 0;
  /// Where it is reached from now on, e.g. `https://127.0.0.1:4711/hubspot` (no trailing slash):
  /// what the addresses in its answers begin with. Before the first call it stands at the
  /// provider's own.
  virtual void mount(std::string base) = 0;
  /// Answers one request at `now` as the provider would. `request.url` begins with the base.
  /// The answer may be `no_answer` or carry `delay_field`; `Date` is the mount's business.
  virtual http_response handle(const http_request& request, wall_time now) = 0;
  virtual simulated_endpoints endpoints() const = 0;
  /// What a person at the provider, or fate, may do while it runs. `action` is the last path
  /// segment of a POST to `<admin_url>/<action>`: revoke, expire, limit, fail, edit, create,
  /// archive, stats and more. The body is JSON; 404 names the known actions, 400 says what is
  /// wrong. A GET of the admin URL itself (empty action) describes all of them.
  virtual http_response admin(std::string_view action, const std::string& body, wall_time now) = 0;
  /// An access token of an account that consented to everything (for SDKs and curl).
  virtual std::string issue_access_token(wall_time now) = 0;
  /// The provider's ids of its accounts, by index.
  virtual std::vector<std::string> accounts() const = 0;
  /// All that the account of this index holds of a stream, by the provider's ids: what an engine
  /// must end with.
  virtual std::map<std::string, held_record> holdings(std::string_view stream, size_t account) = 0;
  /// The faults armed at its door.
  virtual fault_plan& faults() = 0;
  /// For whole simulations; null where the provider does not take part in them.
  virtual observer* observed() {
    return nullptr;
  }
};

/// True where `url` is `base` or lies below it.
bool is_under(std::string_view url, std::string_view base);
/// Takes `delay_field` out of an answer: zero where it has none.
milliseconds take_delay(http_response& response);

} // namespace nexte::simulation
