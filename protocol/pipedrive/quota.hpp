// Pipedrive's limits as data, for an OAuth app on the smallest plan.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::pipedrive {

/// Endpoint class of searches.
inline constexpr std::string_view search_endpoint = "search";

// What a v2 call costs, in tokens of the company's daily budget (pipedrive.md §2).
inline constexpr unsigned list_tokens = 10;
inline constexpr unsigned archived_list_tokens = 20;
inline constexpr unsigned read_tokens = 1;
inline constexpr unsigned create_tokens = 5;
inline constexpr unsigned update_tokens = 5;
inline constexpr unsigned delete_tokens = 3;
inline constexpr unsigned search_tokens = 20;
inline constexpr unsigned v1_read_tokens = 2; // pipedrive.md §5
// v1 calls without a v2 twin (pipedrive.md §3.3, §4).
inline constexpr unsigned recents_tokens = 20;
inline constexpr unsigned changelog_tokens = 20;

/// <https://intercom.help/pipedrive/en/articles/12313457>, read 2026-11-24
inline constexpr std::string_view quota_dashboard
    = "https://app.pipedrive.com (Company settings, Usage)";

std::vector<quota_window> quota_windows();

} // namespace nexte::pipedrive
