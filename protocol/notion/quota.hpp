// Notion's limits as data.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::notion {

std::vector<quota_window> quota_windows();

} // namespace nexte::notion
