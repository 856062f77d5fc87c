// Microsoft Graph's limits as data.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::microsoft {

/// Endpoint class of mail, calendar and contacts: Outlook's own limits per mailbox.
inline constexpr std::string_view outlook_endpoint = "outlook";

/// No page shows the use: this one states the limits.
inline constexpr std::string_view quota_dashboard
    = "https://learn.microsoft.com/graph/throttling-limits (the limits)";

std::vector<quota_window> quota_windows();
std::vector<concurrency_cap> concurrency_caps();

} // namespace nexte::microsoft
