// What HubSpot's API answers mean. Pure.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::hubspot {

/// Waits that HubSpot's answers imply where they carry no Retry-After (hubspot.md §2, §5).
inline constexpr seconds ten_secondly_wait{10}; ///< The rolling window's whole length.
inline constexpr seconds secondly_wait{1};
/// The daily counter is whole again at midnight of a time zone we do not know: look each hour.
inline constexpr std::chrono::hours daily_wait{1};
inline constexpr seconds locked_wait{2};
inline constexpr std::chrono::minutes migration_wait{15};
/// A longer Retry-After is cut to this, the longest that HubSpot documents (477).
inline constexpr std::chrono::hours retry_after_max{24};

/// Reads an API answer by status, then by the error envelope (hubspot.md §1.4, §2, §5).
///
/// Every 401 is `token_expired`: only a refresh tells an old token from a lost grant. An answer
/// that is not JSON comes from something in between (a proxy, a sign-in page): `transient` whatever
/// its status, but for 414, which HubSpot's edge answers in HTML. The code is HubSpot's category
/// where it is a plain word, else `http_<status>`; sentences are ours, never HubSpot's text.
verdict classify(const http_response& response, wall_time now);

/// A name as HubSpot writes them (`TEN_SECONDLY_ROLLING`), fit to be shown; else empty.
std::string plain_name(std::string_view text);

/// Reads `X-HubSpot-RateLimit-*` (hubspot.md §5); search answers have none.
std::vector<quota_reading> read_quota(const http_response& response);

/// An RFC 6749 code (or one of its extensions) for HubSpot's `status` member at the token endpoint
/// (hubspot.md §1.3); empty when it names none.
std::string_view token_error_alias(const json::value& answer);

} // namespace nexte::hubspot
