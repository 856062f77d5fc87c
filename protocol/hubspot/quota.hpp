// HubSpot's limits as data, for a public app.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::hubspot {

/// No page shows the use of a public app's burst limit (hubspot.md §5): this one lists what else
/// calls.
inline constexpr std::string_view quota_dashboard
    = "https://app.hubspot.com (Settings, Integrations, connected apps)";

std::vector<quota_window> quota_windows();

} // namespace nexte::hubspot
