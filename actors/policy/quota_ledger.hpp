// Who may spend quota now: the counters of one provider, by window and key. No CAF, no clock, no
// I/O.
#pragma once

#include "actors/policy/quota_counter.hpp"
#include "actors/policy/slots.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace nexte {

/// Whose counters a request spends from. Accounts and users are the caller's numbers for the
/// provider's own (a hash of the account's id will do: two that collide merely share a counter).
struct quota_key {
  uint64_t account = 0;
  uint64_t user = 0;
  uint16_t endpoint = 0; ///< From `quota_ledger::endpoint`.

  friend bool operator==(const quota_key&, const quota_key&) = default;
};

struct quota_key_hash {
  size_t operator()(const quota_key& key) const noexcept {
    uint64_t mixed = key.account * 0x9e3779b97f4a7c15 ^ key.user * 0xc2b2ae3d27d4eb4f
                     ^ (uint64_t{key.endpoint} << 48);
    mixed = (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93;
    return static_cast<size_t>(mixed ^ (mixed >> 32));
  }
};

/// Permission for one request; 0 is none.
using grant_id = uint64_t;

/// What `take` says.
struct quota_decision {
  grant_id grant = 0; ///< 0: refused.
  /// When refused: the earliest time at which it is worth asking again; nullopt: not before an
  /// answer, see `watch`.
  std::optional<steady_time> retry_due;
  uint64_t counter = 0;  ///< When refused: which counter decided.
  bool app_wide = false; ///< When refused: it is one of the app; others were not asked.
};

/// How the tightest window of a key stands.
struct quota_usage {
  unsigned used = 0; ///< Units
  unsigned limit = 0;
  milliseconds span{0};                ///< Of that window.
  std::optional<steady_time> back_due; ///< When a unit may be spent; absent: now, or not known.
};

/// Tickets older than this are taken as answered: their owner must have died.
inline constexpr std::chrono::minutes grant_life_max{15};
/// Counters and keys without use are forgotten by `forget_idle`.
inline constexpr std::chrono::minutes key_idle_max{10};
/// An outage announced for longer (RFC 9110 section 10.2.3) is looked at after so long all the
/// same.
inline constexpr std::chrono::hours outage_wait_max{1};
/// After a start, this part of a window is taken as spent by a former process, until one span
/// after the start or until the provider tells otherwise. At least one unit is left.
inline constexpr unsigned spent_before_start_percent = 50;

/// Counts what is spent at one provider, as `quota_counter` describes. One thread at a time; `now`
/// never goes backwards from call to call. Every operation takes constant time, but for what it
/// lets go (each unit leaves once).
///
/// A request spends from every window and cap whose endpoint class is its own or "*". A class that
/// no window names counts as the ordinary one.
class quota_ledger {
public:
  /// `spent_percent`: see `spent_before_start_percent`; 0 for a provider never called before.
  quota_ledger(std::vector<quota_window> windows, const std::vector<concurrency_cap>& caps,
               steady_time now, unsigned spent_percent = spent_before_start_percent);
  quota_ledger(const quota_ledger&) = delete;
  quota_ledger& operator=(const quota_ledger&) = delete;

  /// The number of an endpoint class for `quota_key`.
  uint16_t endpoint(std::string_view name) const;
  /// Endpoint classes are numbered from 0 (the ordinary one) to below this.
  size_t endpoints() const {
    return endpoints_.size();
  }

  /// Grants `cost` units of `key`, if no counter is against it.
  quota_decision take(const quota_key& key, unsigned cost, steady_time now);
  /// When `take` would say yes, as far as is known: `now` for now, nullopt for "not before an
  /// answer".
  std::optional<steady_time> next_at(const quota_key& key, unsigned cost, steady_time now);

  /// The request was answered, or its connection is gone: its units leave one span from now. A
  /// grant that is not open (answered twice, lapsed) is ignored.
  void answered(grant_id grant, steady_time now);
  /// The request never left this process: its units are taken back.
  void not_sent(grant_id grant, steady_time now);

  /// The provider refused this request for quota: nothing goes from that counter for `wait`.
  /// `window` as the provider named it; unknown or empty: the narrowest counter of the request.
  /// Call before `answered`.
  void limited(grant_id grant, std::string_view window, milliseconds wait, steady_time now);
  /// The provider serves nobody for `wait`, it says: nothing of this request's key goes meanwhile,
  /// whoever asks, but for a look after `outage_wait_max`. Call before `answered`.
  void out_of_service(grant_id grant, milliseconds wait, steady_time now);
  /// What the answer's header fields said. Call before `answered`; a window that the request does
  /// not spend from is ignored.
  void observe(grant_id grant, const quota_reading& reading, steady_time now);

  quota_usage usage(const quota_key& key, steady_time now);

  /// Asks that `counter` appear in `take_woken` once when something waiting for it may go earlier
  /// than it was told: an answer without `retry_due`, units taken back, a slot free.
  void watch(uint64_t counter, bool every_answer);
  std::vector<uint64_t> take_woken() {
    return std::exchange(woken_, {});
  }

  /// Bounds memory; to be called about once a minute. Lapses grants past `grant_life_max`.
  void forget_idle(steady_time now);
  /// Keys remembered.
  size_t keys() const {
    return routes_.size();
  }
  bool open(grant_id grant) {
    return grants_.find(grant) != nullptr;
  }
  /// Grants not yet answered.
  size_t open_grants() const {
    return grants_.size();
  }

private:
  enum class watched : uint8_t { no, release, answer };
  struct shared_counter : quota_counter {
    shared_counter(const quota_window& rule, uint64_t serial) : quota_counter(rule), id(serial) {}
    uint64_t id;
    unsigned routes = 0; ///< That refer to it.
    watched wanted = watched::no;
  };
  struct counter_key {
    uint32_t rule;
    uint64_t owner;
    friend bool operator==(const counter_key&, const counter_key&) = default;
  };
  struct counter_key_hash {
    size_t operator()(const counter_key& key) const noexcept {
      return quota_key_hash{}({key.owner, key.rule, 0});
    }
  };
  /// A key's counters: the app's first, then from the widest to the narrowest.
  struct route {
    std::vector<shared_counter*> counters;
    unsigned open = 0; ///< Grants not yet answered.
    steady_time used_at{};
    steady_time blocked_until{}; ///< By an outage, or a refusal of no counter in particular.
  };
  struct open_grant {
    route* way = nullptr;
    unsigned cost = 0;
    steady_time granted_at{};
  };

  route& route_of(const quota_key& key, steady_time now);
  shared_counter& counter_of(uint32_t rule, const quota_key& key, steady_time now);
  quota_decision refusal(const route& way, unsigned cost, steady_time now) const;
  shared_counter* find_counter(const route& way, std::string_view window, bool or_narrowest) const;
  void wake(shared_counter& counter, watched reason);
  void close(open_grant grant, bool sent, steady_time now);

  std::vector<quota_window> rules_; ///< Windows, then caps as windows of span zero.
  std::vector<std::string> endpoints_;
  steady_time started_at_;
  unsigned spent_percent_;
  uint64_t counter_serial_ = 0;
  std::unordered_map<counter_key, shared_counter, counter_key_hash> counters_;
  std::unordered_map<uint64_t, shared_counter*> by_id_;
  std::unordered_map<quota_key, route, quota_key_hash> routes_;
  slots<open_grant> grants_;
  std::vector<uint64_t> woken_;
};

} // namespace nexte
