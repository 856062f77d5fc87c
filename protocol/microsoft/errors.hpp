// What the answers of Microsoft Graph and of Entra's token endpoint mean. Pure.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::microsoft {

/// A longer Retry-After is cut to this, the longest that can be meant.
inline constexpr std::chrono::hours retry_after_max{24};

/// `error.code` of an answer, which programs branch on without regard to case (microsoft.md §2);
/// empty where there is none.
std::string error_code(const http_response& response);

/// Reads an API answer by status, then by the error's code (microsoft.md §1.7, §7).
///
/// Every 401 is `token_expired`, a claims challenge too: only a refresh tells what Entra wants, and
/// without one the answer is the person's. Outlook's refusal for a lacking permission is
/// `scope_missing`; a mailbox that the API does not reach is `forbidden`. A throttled call is told
/// by its status alone. An answer that is not JSON comes from something in between and is
/// `transient`. Sentences are ours, never Microsoft's.
verdict classify(const http_response& response, wall_time now);

/// The item is not there: proof, where other 404s are none (microsoft.md §3.4).
bool is_item_gone(const http_response& response);

/// A delta's link is too old, or of another mailbox state: 410, `syncStateNotFound` and its like,
/// and whatever else refuses it as no request of ours would be (microsoft.md §3.3).
bool is_link_expired(const http_response& response);

/// What Entra's refusal comes down to (microsoft.md §1.5): the OAuth error decides whether the
/// grant is lost; where it is, the AADSTS number, as "AADSTS50173", only says more, or names the
/// one who must act ("admin_consent_required", "admin_policy_enforced"). Empty: the standard error
/// says it all.
std::string_view token_error_alias(const json::value& answer);

} // namespace nexte::microsoft
