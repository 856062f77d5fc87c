#include "protocol/notion/quota.hpp"

namespace nexte::notion {

using namespace std::chrono_literals;

// The limit that all connections of a workspace share is not published: it is learned from its
// refusals (notion.md §5).
std::vector<quota_window> quota_windows() {
  const std::string every{every_endpoint};
  return {
      // Requests per connection; Business and Enterprise have 600. Named as `rate_limit_reason`
      // names it (notion.md §5).
      {"public_api_request_rate_limit", 180, 60s, counter_scope::account, every,
       quota_unit::request},
      // Requests per connection: the older "average of 3 a second" with its bursts, taken over ten
      // seconds (notion.md §5).
      {"average_rate", 30, 10s, counter_scope::account, every, quota_unit::request},
  };
}

} // namespace nexte::notion
