#include "protocol/figma/quota.hpp"

namespace nexte::figma {

using namespace std::chrono_literals;

// Requests per user, plan and app (figma.md §5): those of a View or Collab seat, which a Starter
// resource has for everybody. No header field tells of a better seat; a host that knows sets its
// own table.
std::vector<quota_window> quota_windows() {
  return {
      {"TIER_1_MONTH", 6, std::chrono::days{31}, counter_scope::user, std::string{tier1_endpoint},
       quota_unit::request},
      {"TIER_2_MINUTE", 5, 1min, counter_scope::user, "", quota_unit::request},
      {"TIER_3_MINUTE", 10, 1min, counter_scope::user, std::string{tier3_endpoint},
       quota_unit::request},
  };
}

} // namespace nexte::figma
