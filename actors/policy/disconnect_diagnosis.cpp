#include "actors/policy/disconnect_diagnosis.hpp"

#include "actors/policy/text_marks.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace nexte {
namespace {

/// `{provider}` stands for its title.
struct cause_row {
  std::string_view code;
  std::string_view sentence;
  std::string_view next_step;
};

constexpr cause_row causes[] = {
    {"admin_policy", "An administrator of your organisation restricts this app at {provider}.",
     "Ask your IT admin to trust the app in the Workspace admin console (Security, API controls), "
     "then press Reconnect."},
    {"session_control", "Your organisation limits how long a sign-in at {provider} lasts.",
     "Ask your IT admin to exempt the app from the session control of the Workspace admin console; "
     "until then press Reconnect each time."},
    {"consent_missing", "What this app may do was not, or no longer, consented to at {provider}.",
     "Press Reconnect and accept every permission that {provider} lists."},
    {"admin_consent_missing", "An administrator has to consent to this app at {provider} first.",
     "Ask your Entra admin to grant admin consent for the app, or to assign you to it, then press "
     "Reconnect."},
    {"sign_in_policy",
     "A sign-in policy of your organisation ends the sign-in (conditional access "
     "or sign-in frequency).",
     "Ask your Entra admin which policy applies to this app; until it is changed press Reconnect "
     "each time."},
    {"password_changed",
     "The password of the account was changed or reset, which ends its "
     "sign-ins at {provider}.",
     "Press Reconnect once the password is final. If nobody changed it, tell your IT admin."},
    {"token_unused", "The sign-in was not used for so long that {provider} let it expire.",
     "Press Reconnect, and keep this program running at least once a month."},
    {"refresh_token_cap",
     "The account is signed in to this app in too many places: {provider} ends "
     "the oldest sign-in.",
     "Remove installations and test connections of this account that are not needed, then press "
     "Reconnect."},
    {"user_revoked",
     "The access of this app is removed at {provider}, by a person or by another "
     "copy of this program.",
     "Look who removes the app in the account's settings at {provider}, and whether a second copy "
     "of this program uses the same data; then press Reconnect."},
    {"callback_intercepted",
     "Something on this computer keeps the browser's answer from this "
     "program.",
     "Allow this program to receive connections on 127.0.0.1 in the antivirus, firewall or proxy, "
     "then press Reconnect."},
};
constexpr cause_row unknown_cause{
    "unknown_cause", "{provider} ends the sign-in and does not say why.",
    "Press Reconnect. If it happens again, contact support and attach the error log of this "
    "integration."};

struct known_code {
  std::string_view code;
  std::string_view cause;
};

// Google's codes: google.md §1.4, §1.5. Entra's numbers choose the text only: microsoft.md §1.5.
constexpr known_code known_codes[] = {
    {"admin_policy_enforced", "admin_policy"},
    {"access_not_configured", "admin_policy"},
    {"org_internal", "admin_policy"},
    {"invalid_rapt", "session_control"},
    {"consent_required", "consent_missing"},
    {"AADSTS65001", "consent_missing"},
    {"AADSTS65004", "consent_missing"},
    {"admin_consent_required", "admin_consent_missing"},
    {"AADSTS90093", "admin_consent_missing"},
    {"AADSTS90094", "admin_consent_missing"},
    {"AADSTS90095", "admin_consent_missing"},
    {"AADSTS50105", "admin_consent_missing"},
    {"interaction_required", "sign_in_policy"},
    {"AADSTS70043", "sign_in_policy"},
    {"AADSTS70044", "sign_in_policy"},
    {"AADSTS50072", "sign_in_policy"},
    {"AADSTS50074", "sign_in_policy"},
    {"AADSTS50076", "sign_in_policy"},
    {"AADSTS50078", "sign_in_policy"},
    {"AADSTS50079", "sign_in_policy"},
    {"AADSTS50158", "sign_in_policy"},
    {"AADSTS53000", "sign_in_policy"},
    {"AADSTS53001", "sign_in_policy"},
    {"AADSTS53002", "sign_in_policy"},
    {"AADSTS53003", "sign_in_policy"},
    {"AADSTS53011", "sign_in_policy"},
    {"AADSTS530032", "sign_in_policy"},
    {"AADSTS530034", "sign_in_policy"},
    {"AADSTS530035", "sign_in_policy"},
    {"user_password_expired", "password_changed"},
    {"AADSTS50173", "password_changed"},
    {"AADSTS50132", "password_changed"},
    {"AADSTS50133", "password_changed"},
    {"AADSTS50055", "password_changed"},
    {"AADSTS50144", "password_changed"},
    {"AADSTS700082", "token_unused"},
    {"access_denied", "user_revoked"},
    {"callback_missing", "callback_intercepted"},
    {"callback_refused", "callback_intercepted"},
    {"callback_tls", "callback_intercepted"},
};

bool is_recent(wall_time at, wall_time now) {
  return at - now <= disconnects_window && now - at <= disconnects_window;
}

/// How long the connection that ended with `end` had been up; nullopt when that is forgotten.
std::optional<milliseconds> life_before(const integration_row& row, const transition_entry& end) {
  std::optional<milliseconds> life;
  for (const auto& entry : row.history)
    if (entry.state == "connected" && entry.at <= end.at)
      life = end.at - entry.at;
  return life;
}

std::string_view cause_of(const integration_row& row, const transition_entry& end) {
  const auto* known = std::ranges::find(known_codes, end.code, &known_code::code);
  if (known != std::end(known_codes))
    return known->cause;
  if (end.code != "invalid_grant")
    return unknown_cause.code;
  // A bare invalid_grant may mean any end of a grant. Of Google's the cap is the one that repeats
  // itself soon after each sign-in.
  const auto life = row.provider == "google" ? life_before(row, end) : std::nullopt;
  return life && *life <= capped_life_max ? "refresh_token_cap" : "user_revoked";
}

/// "2026-11-20 09:12 UTC: the sign-in ended with invalid_grant."
std::string fact(const transition_entry& end) {
  auto at = format_iso_time(end.at).substr(0, std::size("2026-11-20T09:12") - 1);
  at[10] = ' ';
  return at + " UTC: the sign-in ended with " + end.code + ".";
}

} // namespace

std::optional<disconnect_diagnosis>
diagnose_disconnects(const integration_row& row, std::string_view provider_title, wall_time now) {
  std::vector<transition_entry> ends;
  std::ranges::copy_if(row.disconnects, std::back_inserter(ends),
                       [now](const auto& end) { return is_recent(end.at, now); });
  const auto disconnects = ends.size();
  if (disconnects < disconnects_min)
    return std::nullopt;
  for (const auto& entry : row.history) // consents that the browser never brought back
    if (is_recent(entry.at, now) && entry.code.starts_with("callback_"))
      ends.push_back(entry);
  std::ranges::stable_sort(ends, {}, &transition_entry::at);

  std::map<std::string_view, size_t> votes;
  for (const auto& end : ends)
    ++votes[cause_of(row, end)];
  std::string_view winner;
  for (const auto& end : ends)
    if (const auto cause = cause_of(row, end); winner.empty() || votes[cause] >= votes[winner])
      winner = cause;
  const auto* known = std::ranges::find(causes, winner, &cause_row::code);
  const auto& cause = known != std::end(causes) ? *known : unknown_cause;

  constexpr std::string_view provider = "{provider}";
  disconnect_diagnosis found;
  found.code = cause.code;
  found.sentence = filled(std::string{cause.sentence}, provider, provider_title);
  found.next_step = filled(std::string{cause.next_step}, provider, provider_title);
  found.evidence.push_back(std::to_string(disconnects) + " disconnects within 7 days.");
  for (const auto& end : ends)
    if (cause_of(row, end) == winner)
      found.evidence.push_back(fact(end));
  return found;
}

} // namespace nexte
