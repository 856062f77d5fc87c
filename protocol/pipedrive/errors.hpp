// What Pipedrive's API answers mean. Pure.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::pipedrive {

/// The rolling window's whole length, where a 429 says nothing else (pipedrive.md §5).
inline constexpr seconds burst_wait{2};
/// The daily budget is whole again at midnight; until then it is looked at each hour, for what the
/// answer says of it is not always meaningful (pipedrive.md §5).
inline constexpr std::chrono::hours daily_wait{1};
/// Cloudflare bars those who hammer on for tens of minutes (pipedrive.md §1.4).
inline constexpr std::chrono::minutes barred_wait{30};
/// A longer Retry-After is cut to this, the longest that can be meant.
inline constexpr std::chrono::hours retry_after_max{24};

/// Reads an API answer by status, then by the error body (pipedrive.md §1.4, §5).
///
/// Every 401 is `token_expired`: only a refresh tells an old token from a lost grant. A page of
/// Cloudflare's with 403 is a limit; any other answer that is not JSON comes from something in
/// between and is `transient`. A limit of the plan that refuses a write is for the connector, which
/// wrote. Pipedrive does not say which scope is missing. Sentences are ours, never Pipedrive's.
verdict classify(const http_response& response, wall_time now);

/// Reads `x-ratelimit-*` and `x-daily-ratelimit-token-*` (pipedrive.md §5). The day ends at the
/// server's midnight; should its clock be of another zone, the next answer's fields correct it.
std::vector<quota_reading> read_quota(const http_response& response);

/// An RFC 6749 code for what the token endpoint says in words (pipedrive.md §1.3); empty when it
/// says none of them.
std::string_view token_error_alias(const json::value& answer);

} // namespace nexte::pipedrive
