#include "protocol/microsoft/errors.hpp"

#include "protocol/answers.hpp"
#include "protocol/core/text.hpp"

#include <algorithm>

namespace nexte::microsoft {
namespace {

constexpr size_t code_bytes_max = 64;

verdict make(verdict_kind kind, std::string code, std::string sentence) {
  verdict v;
  v.kind = kind;
  v.code = std::move(code);
  v.sentence = std::move(sentence);
  return v;
}

verdict passing(const http_response& response, wall_time now, verdict_kind kind, std::string code,
                std::string sentence) {
  auto v = make(kind, std::move(code), std::move(sentence));
  v.retry_after = read_retry_after(response, now, retry_after_max);
  return v;
}

bool is_one_of(std::string_view code, std::span<const std::string_view> among) {
  return std::ranges::any_of(
      among, [code](std::string_view known) { return equal_ignoring_case(code, known); });
}

/// Entra wants more than the token shows (microsoft.md §1.7).
bool is_claims_challenge(const http_response& response) {
  return response.headers.get("WWW-Authenticate").find("insufficient_claims")
         != std::string_view::npos;
}

verdict of_challenge() {
  return make(verdict_kind::token_expired, "insufficient_claims",
              "Microsoft's Conditional Access asks for a new sign-in; reconnect, and if it comes "
              "back, ask your Entra administrator which sign-in policy applies to the app.");
}

verdict of_no_json(const http_response& response, wall_time now) {
  return passing(response, now, verdict_kind::transient, "not_json",
                 "Something between here and Microsoft 365 answered in its place (status "
                     + std::to_string(response.status)
                     + ", not JSON); if it stays, look for a proxy or a network sign-in page.");
}

verdict of_forbidden(const http_response& response) {
  const auto code = error_code(response);
  constexpr std::string_view lacking[]
      = {"ErrorAccessDenied", "accessDenied", "Authorization_RequestDenied"};
  if (is_claims_challenge(response) || equal_ignoring_case(code, "insufficient_claims"))
    return of_challenge();
  if (is_one_of(code, lacking))
    return make(verdict_kind::scope_missing, code,
                "Microsoft 365 did not grant a permission that this needs; reconnect and allow all "
                "that is asked. If it stays, ask your Entra administrator to consent to the app, "
                "and whether a policy keeps apps out of the mailbox.");
  return make(verdict_kind::forbidden, code.empty() ? "http_403" : code,
              "Microsoft 365 does not let the person who connected see this; ask your Microsoft "
              "365 administrator to give them access.");
}

verdict of_not_found(const http_response& response) {
  auto code = error_code(response);
  constexpr std::string_view no_mailbox[]
      = {"MailboxNotEnabledForRESTAPI", "MailboxNotSupportedForRESTAPI", "extensionError"};
  if (is_one_of(code, no_mailbox))
    return make(verdict_kind::forbidden, code,
                "This account has no mailbox that Microsoft Graph reaches: it lacks an Exchange "
                "Online licence, or the mailbox is on a server of the organisation; ask your "
                "Microsoft 365 administrator.");
  auto sentence = "Microsoft 365 shows no such thing (" + (code.empty() ? "http_404" : code) + ").";
  return make(verdict_kind::for_connector, code.empty() ? "http_404" : std::move(code),
              std::move(sentence));
}

} // namespace

std::string error_code(const http_response& response) {
  const auto envelope = read_envelope(response);
  const auto* error = envelope.find("error");
  const auto code = error ? error->string_or_empty("code") : std::string_view{};
  const auto in_code = [](char c) { return c > ' ' && c <= '~'; };
  if (code.size() > code_bytes_max || !std::ranges::all_of(code, in_code))
    return {};
  return std::string{code};
}

verdict classify(const http_response& response, wall_time now) {
  const int status = response.status;
  const bool json = may_be_json(response);
  auto code = "http_" + std::to_string(status);
  if (status >= 200 && status < 300)
    return json ? verdict{} : of_no_json(response, now);
  if (status == 429)
    return passing(response, now, verdict_kind::limited, std::move(code),
                   "Microsoft 365 has had too many requests; it is tried again by itself.");
  if (status >= 500 || status == 408 || status == 423 || status == 425)
    return passing(response, now, verdict_kind::transient, std::move(code),
                   "Microsoft 365 is not available just now (status " + std::to_string(status)
                       + "); it is tried again by itself.");
  if (status == 401 && is_claims_challenge(response))
    return of_challenge();
  if (status < 400 || !json)
    return of_no_json(response, now);
  switch (status) {
    case 401:
      return make(verdict_kind::token_expired, std::move(code),
                  "Microsoft 365 no longer accepts the access token; it is renewed by itself.");
    case 403: return of_forbidden(response);
    case 404: return of_not_found(response);
    default: {
      auto said = error_code(response);
      if (said.empty())
        said = std::move(code);
      auto sentence = "Microsoft 365 refused the request (" + said + ").";
      return make(verdict_kind::for_connector, std::move(said), std::move(sentence));
    }
  }
}

bool is_item_gone(const http_response& response) {
  return response.status == 404 && equal_ignoring_case(error_code(response), "ErrorItemNotFound");
}

bool is_link_expired(const http_response& response) {
  return refuses_cursor(response);
}

std::string_view token_error_alias(const json::value& answer) {
  struct known_number {
    int64_t number;
    std::string_view code;
  };
  // microsoft.md §1.5. What is not here is told by the OAuth error alone.
  static constexpr known_number numbers[] = {
      {65001, "consent_required"},
      {90093, "admin_consent_required"},
      {90094, "admin_consent_required"},
      {90095, "admin_consent_required"},
      {50105, "admin_consent_required"},
      {53000, "admin_policy_enforced"},
      {53001, "admin_policy_enforced"},
      {53002, "admin_policy_enforced"},
      {53003, "admin_policy_enforced"},
      {530032, "admin_policy_enforced"},
      {530034, "admin_policy_enforced"},
      {530035, "admin_policy_enforced"},
      {50173, "AADSTS50173"},
      {50132, "AADSTS50132"},
      {50133, "AADSTS50133"},
      {50055, "AADSTS50055"},
      {50144, "AADSTS50144"},
      {700082, "AADSTS700082"},
      {70043, "AADSTS70043"},
      {70044, "AADSTS70044"},
      {50072, "AADSTS50072"},
      {50074, "AADSTS50074"},
      {50076, "AADSTS50076"},
      {50078, "AADSTS50078"},
      {50079, "AADSTS50079"},
      {50158, "AADSTS50158"},
      {53011, "AADSTS53011"},
      {50196, "slow_down"}, // too many of the same: a wait mends it, a sign-in does not
  };
  constexpr std::string_view lost[]
      = {"invalid_grant", "interaction_required", "consent_required", "login_required"};
  constexpr std::string_view asking_consent = "consent_required";
  constexpr std::string_view expired = "user_password_expired";
  const auto error = answer.string_or_empty("error");
  if (equal_ignoring_case(error, expired) || answer.string_or_empty("suberror") == expired)
    return expired;
  if (!is_one_of(error, lost))
    return {};
  const auto* codes = answer.find("error_codes");
  if (codes && codes->is_array())
    for (const auto& code : codes->items) {
      const auto number = code.as_int();
      const auto* known = std::ranges::find(numbers, number.value_or(0), &known_number::number);
      if (known != std::end(numbers))
        return known->code;
    }
  if (answer.string_or_empty("suberror") == asking_consent)
    return asking_consent;
  return {};
}

} // namespace nexte::microsoft
