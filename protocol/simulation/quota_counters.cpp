#include "protocol/simulation/quota_counters.hpp"

#include <algorithm>

namespace nexte::simulation {

bool quota_counters::admit(std::string_view rule, const std::string& key, wall_time now,
                           unsigned units) {
  const auto* counted = find(rule);
  if (!counted)
    return true;
  auto& hits = window(*counted, key, now);
  auto& report = reports_[counted->name];
  if (hits.size() + units > counted->limit) {
    ++report.violations;
    return false;
  }
  hits.insert(hits.end(), units, now);
  ++report.admitted;
  report.peak = std::max(report.peak, static_cast<unsigned>(hits.size()));
  return true;
}

unsigned quota_counters::remaining(std::string_view rule, const std::string& key, wall_time now) {
  const auto* counted = find(rule);
  if (!counted)
    return 0;
  const auto used = window(*counted, key, now).size();
  return used >= counted->limit ? 0 : counted->limit - static_cast<unsigned>(used);
}

counter_report quota_counters::report(std::string_view rule) const {
  const auto found = reports_.find(rule);
  return found == reports_.end() ? counter_report{} : found->second;
}

uint64_t quota_counters::violations() const {
  uint64_t sum = 0;
  for (const auto& [name, report] : reports_)
    sum += report.violations;
  return sum;
}

void quota_counters::reset_reports() {
  reports_.clear();
}

const counter_rule* quota_counters::find(std::string_view rule) const {
  const auto found = std::ranges::find(rules_, rule, &counter_rule::name);
  return found == rules_.end() ? nullptr : &*found;
}

std::deque<wall_time>& quota_counters::window(const counter_rule& rule, const std::string& key,
                                              wall_time now) {
  auto& hits = windows_[{rule.name, key}];
  while (!hits.empty() && hits.front() <= now - rule.span)
    hits.pop_front();
  return hits;
}

} // namespace nexte::simulation
