// What Notion's API answers mean. Pure.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>

namespace nexte::notion {

/// A refusal that names no wait; the budget's window is a minute (notion.md §5).
inline constexpr seconds limit_wait{10};
/// A longer wait is cut to this: those of a workspace's limit may pass a minute (notion.md §5).
inline constexpr std::chrono::hours retry_after_max{24};

/// Reads an API answer by status, then by the `code` of its envelope (notion.md §1.3, §5), which is
/// also the verdict's.
///
/// Every 401 is `token_expired`: only a refresh tells an old token from a lost grant. 409 and 529
/// pass by themselves. A request that Notion has blocked for good is `forbidden`, though it comes
/// as a 429. A 404 is for the connector: the object may be there and not shared. An answer that is
/// not JSON comes from something in between and is `transient`. Sentences are ours, never Notion's.
verdict classify(const http_response& response, wall_time now);

/// The token endpoint's errors come either as RFC 6749 has them or in the API's envelope
/// (notion.md §1.2).
std::string_view token_error_alias(const json::value& answer);

} // namespace nexte::notion
