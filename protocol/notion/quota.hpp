// Notion's limits as data.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::notion {

/// No page shows the use: this one states the limits.
inline constexpr std::string_view quota_dashboard
    = "https://developers.notion.com/reference/request-limits (the limits)";

std::vector<quota_window> quota_windows();

} // namespace nexte::notion
