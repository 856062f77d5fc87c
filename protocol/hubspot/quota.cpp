#include "protocol/hubspot/quota.hpp"

#include "protocol/hubspot/streams.hpp"

namespace nexte::hubspot {

using namespace std::chrono_literals;

// The names are HubSpot's `policyName`. A public app has no daily limit (hubspot.md §5).
std::vector<quota_window> quota_windows() {
  return {
      // Requests per app and installed account; searches are not among them (hubspot.md §5).
      {"TEN_SECONDLY_ROLLING", 110, 10s, counter_scope::account, "", quota_unit::request},
      // Searches per account, shared with all other apps (hubspot.md §5).
      {"SECONDLY", 5, 1s, counter_scope::account, std::string{search_endpoint},
       quota_unit::request},
  };
}

} // namespace nexte::hubspot
