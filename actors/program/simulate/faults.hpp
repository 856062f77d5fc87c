// What can go wrong in a simulation: fault sites as data, each with chance of its own.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/simulation/seeded_random.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::program {

enum class fault_site : uint8_t {
  // The network, per call.
  refused,
  reset_before,
  reset_after,
  cut_body,
  slow,
  stalled,
  delivered_twice,
  // HTTP, per call.
  server_error,
  unavailable,
  limited_seconds,
  limited_date,
  limited_bare,
  limited_garbage,
  login_page,
  wrong_type,
  broken_json,
  oversized,
  redirected,
  // The provider, per refresh.
  rotation_lost,
  // The provider, per look.
  outage,
  revoked,
  scope_withdrawn,
  expired,
  clock_skewed,
  // This machine, per look.
  killed,
  disk_full,
  wall_jumped,
  suspended,
  // Our own defects, per call.
  connector_throws,
  never_answered,
};
inline constexpr size_t fault_site_count = 30;

struct site_description {
  std::string_view name;
  std::string_view does;
  unsigned one_in = 1; ///< Where armed, it strikes one in so many opportunities.
};

/// In the order of `fault_site`.
std::span<const site_description, fault_site_count> fault_sites();

/// Which sites a run may arm.
class fault_mix {
public:
  /// "none", "mixed" (all), or names separated by commas. `refused` names the nearest.
  static result<fault_mix> parse(std::string_view text);
  bool has(fault_site site) const {
    return sites_[static_cast<size_t>(site)];
  }
  void drop(fault_site site) {
    sites_[static_cast<size_t>(site)] = false;
  }
  /// What a run of `seed` arms of it, named one by one.
  fault_mix pinned(uint64_t seed) const;
  /// As `parse` reads it.
  std::string text() const;

private:
  std::array<bool, fault_site_count> sites_{};
  bool each_armed_ = false; ///< Named one by one: all of them are armed in every run.
  friend class fault_draw;
};

/// The faults of one run. A site draws from a sequence of its own, so that leaving one out changes
/// nothing about when the others strike: what a shrinker needs.
class fault_draw {
public:
  fault_draw(uint64_t seed, const fault_mix& mix);

  /// Whether `site` strikes this time; counted.
  bool strikes(fault_site site);
  /// 0 to `bound` - 1, of the site's own sequence.
  uint64_t below(fault_site site, uint64_t bound) {
    return chance_[static_cast<size_t>(site)].below(bound);
  }
  bool armed(fault_site site) const {
    return armed_[static_cast<size_t>(site)];
  }
  /// From now on nothing goes wrong.
  void disarm() {
    armed_.fill(false);
  }
  /// How often each site struck.
  const std::array<uint64_t, fault_site_count>& struck() const {
    return struck_;
  }

private:
  std::vector<simulation::seeded_random> chance_;
  std::array<bool, fault_site_count> armed_{};
  std::array<uint64_t, fault_site_count> struck_{};
};

} // namespace nexte::program
