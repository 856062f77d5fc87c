// The defect that is planted in this program, if one is.
#pragma once

#include <string>
#include <string_view>

namespace nexte {

/// From now on the engine has the defect of `NAME.patch`; empty: none. Not while it runs.
void plant(std::string name);
/// Whether that defect is planted. Patched sources ask it where they differ.
bool planted(std::string_view name);

} // namespace nexte
