// Google's limits as data: Gmail, Calendar and Drive are counted apart.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::google {

// Endpoint classes. Calendar has the tightest limits, so it is the ordinary class: a call that
// names none is counted there.
inline constexpr std::string_view gmail_endpoint = "gmail";
inline constexpr std::string_view drive_endpoint = "drive";

// What Gmail's methods cost, in quota units, for projects since 2026-05-01 (google.md §2.5). Older
// projects pay a quarter at most and have more than twice the units: these figures hold for both.
inline constexpr unsigned messages_list_units = 5;
inline constexpr unsigned messages_get_units = 20;
inline constexpr unsigned history_list_units = 2;
inline constexpr unsigned get_profile_units = 1;

/// <https://docs.cloud.google.com/identity-platform/docs/quota-management>, read 2026-11-24
inline constexpr std::string_view quota_dashboard
    = "https://console.cloud.google.com/apis (choose the API, then Quotas)";

std::vector<quota_window> quota_windows();

} // namespace nexte::google
