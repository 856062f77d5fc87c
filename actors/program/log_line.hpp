// What is logged, as logfmt: `msg="it stopped" code=transport`. No clock, no file.
#pragma once

#include "storage/store.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace nexte::program {

using log_fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// `msg` and what belongs to it. Values are printable, and quoted where they need it; fields
/// without a value are left out.
std::string log_line(std::string_view message, log_fields fields = {});
/// A notification: who, what, and what to do.
std::string log_line(const notification_row& told);

} // namespace nexte::program
