// The wait that an answer asks for in its header fields.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/http/message.hpp"

#include <optional>

namespace nexte {

/// The longest wait of the Retry-After fields that can be read, counted from receipt. There should
/// be one (RFC 9110 section 10.2.3), but a proxy may add its own to the provider's. Never negative;
/// nullopt: none asks for anything.
std::optional<milliseconds> retry_after(const http_headers& headers, wall_time now);

} // namespace nexte
