#include "actors/policy/escalation.hpp"

#include "actors/policy/text_marks.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace nexte {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr minutes at_once{0};

constexpr escalation_row table[] = {
    // The ages of rate_limited are the contract's: 15 min, 1 h, 4 h.
    {"rate_limited", at_once, "rate_limited", "Too many requests",
     "Resolves by itself, usually in 5 to 15 minutes."},
    {"rate_limited", minutes{15}, "rate_limited", "Too many requests for 15 minutes",
     "It is still tried by itself. To ask {provider} less often, switch this integration to hourly "
     "mode."},
    {"rate_limited", hours{1}, "rate_limited", "Too many requests for an hour",
     "Look where the quota of {provider} goes: {dashboard}. Hourly mode needs less of it."},
    {"rate_limited", hours{4}, "rate_limited", "Too many requests for 4 hours",
     "Contact support and attach the error log of this integration."},

    {"disconnected", at_once, "disconnected", "Disconnected",
     "Press Reconnect and sign in to {provider}. Your data stays; sync goes on where it stopped."},

    {"scope_missing", at_once, "scope_missing", "A permission is missing",
     "Press Reconnect and allow it at {provider}. What does not need it is synced on."},

    {"connector_failing", at_once, "connector_failing", "The connector fails",
     "It is tried again every 30 minutes, or at once when you press Refresh."},
    {"connector_failing", hours{4}, "connector_failing", "The connector fails for 4 hours",
     "Contact support and attach the error log of this integration."},

    {"mass_delete_held", at_once, "mass_delete_held", "A mass deletion is held back",
     "Look at {provider} whether these records were deleted on purpose. If so, release the "
     "deletion; if not, restore them there."},

    // Its next step comes with the diagnosis; this one is for want of it.
    {"keeps_disconnecting", at_once, "keeps_disconnecting", "It keeps disconnecting",
     "Press Reconnect. If it happens again, contact support and attach the error log."},

    {"stalled", at_once, "stalled", "Connected, but nothing comes in",
     "Press Refresh to read everything from {provider} anew."},
    {"stalled", hours{1}, "stalled", "Nothing came in for an hour",
     "Look whether {provider} has an outage. Sync is tried on by itself."},
    {"stalled", hours{4}, "stalled", "Nothing came in for 4 hours",
     "Contact support and attach the error log of this integration."},

    {"unreachable", at_once, "unreachable", "The provider cannot be reached",
     "It is tried again by itself. Look whether {provider} has an outage and whether this computer "
     "is online."},
    {"unreachable", hours{4}, "unreachable", "The provider cannot be reached for 4 hours",
     "Contact support and attach the error log of this integration."},

    {"write_scope_missing", at_once, "scope_missing", "Edits cannot be sent",
     "Press Reconnect and allow it at {provider}. Edits wait here meanwhile; reading goes on."},

    {"push_failing", at_once, "connector_failing", "Edits are not accepted",
     "They wait here and are tried again by themselves. Look whether {provider} has an outage."},
    {"push_failing", hours{4}, "connector_failing", "Edits are not accepted for 4 hours",
     "Contact support and attach the error log of this integration."},

    {"edit_rejected", at_once, "edit_rejected", "An edit was refused",
     "Correct the record here and save it again, or drop the edit."},

    {"edit_loop", at_once, "edit_rejected", "An edit goes back and forth",
     "Look what else changes this record at {provider} (a workflow, another app) and stop one of "
     "the two; then edit the record again."},

    {"conflict_archived", at_once, "conflict_archived", "Edited on both sides",
     "If the other version is the right one, look it up among the conflicts and restore it."},

    {"quarantined", at_once, "quarantined", "A record is stepped over",
     "Everything else is synced. Change the record at {provider}, then press Refresh to try it "
     "again."},
};

std::string next_step(const escalation_row& row, const provider_words& provider) {
  const std::string where
      = provider.quota_dashboard.empty() ? "its administration pages" : provider.quota_dashboard;
  return filled(filled(std::string{row.next_step}, "{dashboard}", where), "{provider}",
                provider.title);
}

} // namespace

std::span<const escalation_row> escalation_table() {
  return table;
}

escalation escalate(std::string_view kind, const provider_words& provider, wall_time opened_at,
                    wall_time now, unsigned stage_before) {
  const auto of_kind = [kind](const escalation_row& row) { return row.kind == kind; };
  const auto* first = std::ranges::find_if(table, of_kind);
  if (first == std::end(table))
    return {stage_before, kind, kind, {}, std::nullopt};
  const auto* last = std::find_if_not(first, std::end(table), of_kind) - 1;
  const auto* at = first + std::min<ptrdiff_t>(stage_before, last - first);
  while (at != last && now - opened_at >= at[1].from_age)
    ++at;
  escalation stands;
  stands.stage = static_cast<unsigned>(at - first);
  stands.notification = at->notification;
  stands.title = at->title;
  stands.next_step = next_step(*at, provider);
  if (at != last)
    stands.next_stage_at = opened_at + at[1].from_age;
  return stands;
}

} // namespace nexte
