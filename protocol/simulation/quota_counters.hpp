// The counters at a simulated provider's door: exact rolling windows, and proof of who kept to
// them.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexte::simulation {

/// At most `limit` requests, or units of them, in any (t - span, t].
struct counter_rule {
  std::string name; ///< The provider's word for it.
  unsigned limit = 0;
  milliseconds span{0};
};

/// What happened at one rule, over all its keys.
struct counter_report {
  unsigned peak = 0;       ///< Most requests or units ever inside one window.
  uint64_t admitted = 0;   ///< Requests let through.
  uint64_t violations = 0; ///< Requests that found the window full.
};

/// Counts per rule and key (the account or app whose counter it is). A refused request does not
/// take room. `now` may stand still but not run backwards.
class quota_counters {
public:
  explicit quota_counters(std::vector<counter_rule> rules) : rules_(std::move(rules)) {}

  /// Counts a request of so many units, or refuses it because its window has no room for them. An
  /// unknown rule admits.
  bool admit(std::string_view rule, const std::string& key, wall_time now, unsigned units = 1);
  /// Requests the window still has room for.
  unsigned remaining(std::string_view rule, const std::string& key, wall_time now);
  counter_report report(std::string_view rule) const;
  /// All violations of all rules: 0 says that no window was ever exceeded.
  uint64_t violations() const;
  /// Forgets peaks and violations; requests already inside a window stay counted.
  void reset_reports();
  const std::vector<counter_rule>& rules() const {
    return rules_;
  }

private:
  const counter_rule* find(std::string_view rule) const;
  std::deque<wall_time>& window(const counter_rule& rule, const std::string& key, wall_time now);

  std::vector<counter_rule> rules_;
  std::map<std::pair<std::string, std::string>, std::deque<wall_time>> windows_;
  std::map<std::string, counter_report, std::less<>> reports_;
};

} // namespace nexte::simulation
