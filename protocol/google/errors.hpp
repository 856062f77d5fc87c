// What the answers of Google's APIs mean. Pure.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>

namespace nexte::google {

/// A daily or anti-abuse limit lasts for hours: it is looked at this often (google.md §2.5, §3.4).
inline constexpr std::chrono::minutes long_wait{30};
/// A longer wait, by field or in words, is cut to this, the longest that can be meant.
inline constexpr std::chrono::hours retry_after_max{24};

/// Reads an API answer by status, then by the reason in its body, of the old form (`errors[]`) or
/// the new one (`details[]`, google.md §1.8).
///
/// Every 401 is `token_expired`: only a refresh tells an old token from a lost grant. A 403 is told
/// by its reason: quota is waited out, a missing scope pauses its stream, what an administrator or
/// the developer has to switch on names them, and what concerns one file is the connector's. An
/// answer that is not JSON comes from something in between. Sentences are ours, never Google's.
verdict classify(const http_response& response, wall_time now);

/// The reason of a refusal: of `errors[]`, else of `details[]`, else the status; empty where the
/// body is none of Google's.
std::string error_reason(const http_response& response);

/// Google itself says that there is no such thing, or not for this account: 404 or 410, by reason.
bool says_not_found(const http_response& response);

/// An RFC 6749 code where the token endpoint's answer has more than `error` to tell (google.md
/// §1.5); empty where it has not.
std::string_view token_error_alias(const json::value& answer);

} // namespace nexte::google
