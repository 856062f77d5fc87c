#include "protocol/http/retry_after.hpp"

#include <algorithm>

namespace nexte {

std::optional<milliseconds> retry_after(const http_headers& headers, wall_time now) {
  std::optional<milliseconds> longest;
  for (const auto& [name, value] : headers)
    if (equal_ignoring_case(name, "Retry-After"))
      longest = std::max(longest, parse_retry_after(value, headers.get("Date"), now));
  return longest;
}

} // namespace nexte
