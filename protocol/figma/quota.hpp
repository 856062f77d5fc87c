// Figma's limits as data, for the seat and plan that may do least.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::figma {

// Endpoint classes. Tier 2 (lists of folders and files, metadata, comments) is the ordinary class.
inline constexpr std::string_view tier1_endpoint = "tier1"; ///< File JSON, images: not for sync.
inline constexpr std::string_view tier3_endpoint = "tier3"; ///< /me.

/// No page shows the use: this one states the limits.
inline constexpr std::string_view quota_dashboard
    = "https://developers.figma.com/docs/rest-api/rate-limits (by seat and plan)";

std::vector<quota_window> quota_windows();

} // namespace nexte::figma
