#include "protocol/pipedrive/quota.hpp"

namespace nexte::pipedrive {

using namespace std::chrono_literals;

// Larger plans have more, and say so in their header fields: the ledger climbs to what they say.
std::vector<quota_window> quota_windows() {
  const std::string every{every_endpoint};
  return {
      // Tokens per company, shared with all its apps: 30,000 times plan (Lite: 1) times seats (1),
      // reset at the server's midnight (pipedrive.md §5).
      {"DAILY_TOKENS", 30'000, 24h, counter_scope::account, every, quota_unit::cost, true},
      // Requests per access token: an OAuth app on Lite (pipedrive.md §5).
      {"BURST", 80, 2s, counter_scope::user, every, quota_unit::request},
      // Searches, on every plan (pipedrive.md §5).
      {"SEARCH", 10, 2s, counter_scope::user, std::string{search_endpoint}, quota_unit::request},
  };
}

} // namespace nexte::pipedrive
