// Microsoft Graph's limits as data.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::microsoft {

/// Endpoint class of mail, calendar and contacts: Outlook's own limits per mailbox.
inline constexpr std::string_view outlook_endpoint = "outlook";

std::vector<quota_window> quota_windows();
std::vector<concurrency_cap> concurrency_caps();

} // namespace nexte::microsoft
