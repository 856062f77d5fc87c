// HubSpot's limits as data, for a public app.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::hubspot {

std::vector<quota_window> quota_windows();

} // namespace nexte::hubspot
