// Requests that wait for quota, and who goes next. No CAF, no clock, no I/O.
#pragma once

#include "actors/policy/quota_ledger.hpp"
#include "protocol/core/ids.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace nexte {

/// Who wants a request.
enum class quota_lane : uint8_t {
  person,     ///< Somebody just asked for it: goes first.
  background, ///< The schedule.
};
/// While both lanes wait, each fifth grant is of the background lane.
inline constexpr unsigned person_run_max = 4;

/// A request that waits.
struct waiting_request {
  workspace_id workspace;
  integration_id integration;
  quota_key key;
  unsigned cost = 1; ///< Units
  quota_lane lane = quota_lane::background;
  unsigned weight = 1; ///< Of its workspace, from 1; the latest one holds.
};

/// A request waiting in the queue; 0 is none.
using waiting_id = uint64_t;

/// A request that may go now.
struct quota_grant {
  waiting_id waiting = 0; ///< As `push` named it; no longer in the queue.
  grant_id grant = 0;     ///< To be given back with `quota_ledger::answered` or `not_sent`.
};

/// Orders what waits at one provider:
///
///     lane ─► endpoint class ─► workspace (weighted deficit round robin) ─► integration ─► FIFO
///
/// - The shares are equal per unit of weight and counted in units of cost, between the workspaces
///   that wait in one endpoint class; a class gets as many shares as workspaces wait in it, so that
///   nobody is ahead for asking where few do. Within a workspace its integrations take turns, and
///   each is served in order.
/// - A counter of an account or user that is used up parks only the integrations that spend from
///   it; one of the app stops the endpoint class, for no other request of the class could go
///   either. The head then waits for its whole cost, so cheap requests never starve a dear one.
/// - The person lane goes first, but four times in a row at most (`person_run_max`) while
///   background work could go, in the queue as well as within one integration.
///
/// One thread at a time. All operations are O(classes), but for a parked integration: O(log
/// parked).
class fair_queue {
public:
  fair_queue() = default;
  fair_queue(const fair_queue&) = delete;
  fair_queue& operator=(const fair_queue&) = delete;

  waiting_id push(const waiting_request& request);
  /// Forgets a waiting request. False when it no longer waits.
  bool withdraw(waiting_id waiting);
  /// Moves a request to the end of its integration's person lane. False when it does not wait, or
  /// stands there already.
  bool hurry(waiting_id waiting);
  /// Takes grants for up to `grants_max` requests. Fewer came: the others wait for `next_due` or
  /// for an answer in `ledger`, which must be the same one at every call.
  std::vector<quota_grant> pop_ready(quota_ledger& ledger, steady_time now,
                                     size_t grants_max = std::numeric_limits<size_t>::max());
  /// When `pop_ready` is worth calling if no answer or push comes before; in the past: at once.
  std::optional<steady_time> next_due() const;
  /// Requests that wait.
  size_t size() const {
    return requests_.size();
  }
  /// … of which so many are held by the counters of their own account or user.
  size_t held() const {
    return held_;
  }
  /// Integrations remembered, at most about twice those that wait.
  size_t members() const {
    return members_.size();
  }

private:
  static constexpr size_t lanes = 2;
  struct member;
  using watcher_list = std::list<member*>;

  struct request_entry {
    member* owner = nullptr;
    waiting_id before = 0;
    waiting_id after = 0;
    unsigned cost = 0;
    quota_lane lane{};
  };
  struct fifo {
    waiting_id head = 0;
    waiting_id tail = 0;
  };
  /// One workspace in one lane of one class.
  struct workspace_turn {
    std::deque<member*> ready; ///< May hold parked and empty ones: they go when they are reached.
    unsigned weight = 1;
    uint64_t deficit = 0; ///< Units it may still spend in this round.
    size_t members = 0;   ///< That refer to it.
    bool in_ring = false;
  };
  struct lane_ring {
    std::unordered_map<std::string, workspace_turn> workspaces;
    std::deque<workspace_turn*> ring;
    /// What each of its workspaces was served, in `share_unit`s: the least served class is next.
    uint64_t served = 0;
  };
  struct endpoint_class {
    std::array<lane_ring, lanes> rings;
    uint64_t quantum = 1; ///< Units per round and weight: the dearest request so far.
    bool stopped = false; ///< A counter of the app is against it …
    std::optional<steady_time> retry_due; ///< … until then, if known.
  };
  struct member_key {
    integration_id integration;
    quota_key key;
    friend bool operator==(const member_key&, const member_key&) = default;
  };
  struct member_key_hash {
    size_t operator()(const member_key& of) const noexcept {
      return quota_key_hash{}(of.key) ^ (of.integration.value() * 0x9e3779b97f4a7c15);
    }
  };
  /// One integration in one endpoint class.
  struct member {
    uint64_t serial = 0; ///< Orders those that are due at one time.
    quota_key key;
    std::array<workspace_turn*, lanes> turns{};
    std::array<fifo, lanes> waiting;
    std::array<bool, lanes> in_turn{};
    unsigned person_run = 0;
    size_t requests = 0; ///< That wait, in both lanes.
    bool parked = false;
    std::optional<steady_time> due; ///< Of a parked one, when known.
    uint64_t watched = 0;           ///< The counter that it is parked at.
    watcher_list::iterator watcher;

    bool waits() const {
      return waiting[0].head != 0 || waiting[1].head != 0;
    }
  };
  using parking = std::tuple<steady_time, uint64_t, member*>;

  member& member_of(const waiting_request& request, endpoint_class& kind);
  void append(waiting_id waiting);
  void unlink(const request_entry& entry);
  void list(member& one, size_t lane);
  void park(member& one, const quota_decision& refused, quota_ledger& ledger);
  void unpark(member& one);
  void unpark_due(quota_ledger& ledger, steady_time now);
  void forget_empty();
  std::optional<quota_grant> pop_one(quota_ledger& ledger, steady_time now);
  endpoint_class* next_class(size_t lane);
  member* next_member(endpoint_class& kind, size_t lane);
  static waiting_id head_of(const member& one, size_t lane);
  std::optional<quota_grant> serve(endpoint_class& kind, size_t lane, quota_ledger& ledger,
                                   steady_time now);

  slots<request_entry> requests_;
  std::unordered_map<member_key, member, member_key_hash> members_;
  std::deque<endpoint_class> classes_;   ///< By number; a deque keeps them in place.
  std::array<uint64_t, lanes> served_{}; ///< Of the class served last.
  unsigned person_run_ = 0;
  size_t held_ = 0;
  uint64_t serial_ = 0;
  bool ready_ = false; ///< Something may go that was not tried yet.
  std::set<parking> parked_;
  std::unordered_map<uint64_t, watcher_list> watchers_; ///< By counter.
};

} // namespace nexte
