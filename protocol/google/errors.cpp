#include "protocol/google/errors.hpp"

#include "protocol/answers.hpp"
#include "protocol/oauth/token_endpoint.hpp"

#include <algorithm>

namespace nexte::google {
namespace {

constexpr size_t code_bytes_max = 64;

verdict make(verdict_kind kind, std::string code, std::string sentence) {
  verdict v;
  v.kind = kind;
  v.code = std::move(code);
  v.sentence = std::move(sentence);
  return v;
}

verdict passing(const http_response& response, wall_time now, std::string code,
                std::string sentence) {
  auto v = make(verdict_kind::transient, std::move(code), std::move(sentence));
  v.retry_after = read_retry_after(response, now, retry_after_max);
  return v;
}

verdict of_no_json(const http_response& response, wall_time now) {
  return passing(response, now, "not_json",
                 "Something between here and Google answered in its place (status "
                     + std::to_string(response.status)
                     + ", not JSON); if it stays, look for a proxy or a network sign-in page.");
}

/// A reason is one word; anything else is not repeated.
std::string word(std::string_view text) {
  const auto in_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return text.size() <= code_bytes_max && std::ranges::all_of(text, in_word) ? std::string{text}
                                                                             : std::string{};
}

std::string reason_of(const json::value& failure) {
  for (const auto* list : {"errors", "details"})
    if (const auto* found = failure.find(list))
      for (const auto& one : found->items)
        if (auto reason = word(one.string_or_empty("reason")); !reason.empty())
          return reason;
  return word(failure.string_or_empty("status"));
}

/// The old form says "insufficientPermissions", the new one more in its details.
bool names(const json::value& failure, std::string_view reason) {
  const auto* details = failure.find("details");
  return reason_of(failure) == reason
         || (details && std::ranges::any_of(details->items, [&](const auto& one) {
               return one.string_or_empty("reason") == reason;
             }));
}

enum class cause : uint8_t { quota, long_quota, scope, admin, developer, person, connector };

struct known_reason {
  std::string_view reason;
  cause is;
};

// google.md §1.8, §2.5, §3.3, §3.4, §4.3.
constexpr known_reason reasons[] = {
    {"rateLimitExceeded", cause::quota},
    {"userRateLimitExceeded", cause::quota},
    {"RATE_LIMIT_EXCEEDED", cause::quota},
    {"RESOURCE_EXHAUSTED", cause::quota},
    {"sharingRateLimitExceeded", cause::long_quota},
    {"dailyLimitExceeded", cause::long_quota},
    {"quotaExceeded", cause::long_quota},
    {"insufficientPermissions", cause::scope},
    {"ACCESS_TOKEN_SCOPE_INSUFFICIENT", cause::scope},
    {"domainPolicy", cause::admin},
    {"accessNotConfigured", cause::developer},
    {"SERVICE_DISABLED", cause::developer},
    {"forbidden", cause::person},
    {"requiredAccessLevel", cause::person},
    {"appNotAuthorizedToFile", cause::connector},
    {"insufficientFilePermissions", cause::connector},
    {"fileNotDownloadable", cause::connector},
    {"forbiddenForNonOrganizer", cause::connector},
    {"storageQuotaExceeded", cause::connector},
};

/// `User-rate limit exceeded.  Retry after 2026-01-01T12:00:00.000Z`: Gmail says it in words, and
/// in no field (google.md §2.5).
std::optional<milliseconds> wait_in_words(std::string_view message, wall_time now) {
  constexpr std::string_view before = "Retry after ";
  const auto at = message.find(before);
  if (at == std::string_view::npos)
    return std::nullopt;
  message.remove_prefix(at + before.size());
  const auto until = parse_iso_time(message.substr(0, message.find_first_of(" )")));
  if (!until || *until <= now)
    return std::nullopt;
  return std::min<milliseconds>(*until - now, retry_after_max);
}

verdict limited(const http_response& response, const json::value& failure, bool for_long,
                std::string code, wall_time now) {
  auto v = make(verdict_kind::limited, std::move(code),
                for_long ? "A limit that Google keeps for hours is reached; it is tried again by "
                           "itself."
                         : "Google has had too many requests; it is tried again by itself.");
  const auto field = read_retry_after(response, now, retry_after_max);
  const auto words = wait_in_words(failure.string_or_empty("message"), now);
  if (field || words)
    v.retry_after = std::max(field.value_or(milliseconds{0}), words.value_or(milliseconds{0}));
  else if (for_long)
    v.retry_after = long_wait;
  return v;
}

/// `WWW-Authenticate: Bearer …, error="insufficient_scope", scope="…"` names what would suffice.
std::vector<std::string> acceptable_scopes(const http_response& response) {
  constexpr std::string_view member = "scope=\"";
  const auto field = response.headers.get("WWW-Authenticate");
  const auto at = field.rfind(member);
  if (at == std::string_view::npos)
    return {};
  const auto rest = field.substr(at + member.size());
  return oauth::split_scopes(rest.substr(0, rest.find('"')));
}

verdict scope_missing(const http_response& response, std::string code) {
  auto v = make(verdict_kind::scope_missing, std::move(code),
                "Google did not grant a permission that this needs; reconnect and tick every box "
                "of Google's page.");
  v.missing_scopes = acceptable_scopes(response);
  return v;
}

verdict of_forbidden(const http_response& response, const json::value& failure, wall_time now) {
  auto reason = reason_of(failure);
  if (reason.empty())
    reason = "http_403";
  if (names(failure, "SERVICE_DISABLED")) // the status alone would say "PERMISSION_DENIED"
    reason = "SERVICE_DISABLED";
  else if (names(failure, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
           || response.headers.get("WWW-Authenticate").find("insufficient_scope")
                  != std::string_view::npos)
    reason = "ACCESS_TOKEN_SCOPE_INSUFFICIENT";
  const auto* known = std::ranges::find(reasons, std::string_view{reason}, &known_reason::reason);
  switch (known == std::end(reasons) ? cause::person : known->is) {
    case cause::quota: return limited(response, failure, false, std::move(reason), now);
    case cause::long_quota: return limited(response, failure, true, std::move(reason), now);
    case cause::scope: return scope_missing(response, std::move(reason));
    case cause::admin:
      return make(verdict_kind::forbidden, std::move(reason),
                  "The administrators of your Google Workspace have switched this off for apps; "
                  "ask one to allow it in the Admin console under Security, API controls.");
    case cause::developer:
      return make(verdict_kind::forbidden, std::move(reason),
                  "The app's project at Google has not switched this API on, so reconnecting does "
                  "not help; report it to the developer.");
    case cause::connector: {
      auto sentence = "Google refused this one item (" + reason + ").";
      return make(verdict_kind::for_connector, std::move(reason), std::move(sentence));
    }
    case cause::person: break;
  }
  return make(verdict_kind::forbidden, std::move(reason),
              "Google does not let the person who connected see this; ask its owner or your "
              "Workspace administrator to give them access.");
}

} // namespace

std::string error_reason(const http_response& response) {
  const auto envelope = read_envelope(response);
  const auto* failure = envelope.find("error");
  return failure ? reason_of(*failure) : std::string{};
}

bool says_not_found(const http_response& response) {
  if (response.status != 404 && response.status != 410)
    return false;
  const auto reason = error_reason(response);
  return reason == "notFound" || reason == "NOT_FOUND" || reason == "deleted";
}

verdict classify(const http_response& response, wall_time now) {
  const int status = response.status;
  auto code = "http_" + std::to_string(status);
  const bool json = may_be_json(response);
  if (status >= 200 && status < 300)
    return json || status == 204 ? verdict{} : of_no_json(response, now);
  const auto envelope = read_envelope(response);
  const auto* found = envelope.find("error");
  const json::value nothing;
  const auto& failure = found ? *found : nothing;
  if (status == 429) {
    const auto reason = reason_of(failure);
    const bool for_long = reason == "dailyLimitExceeded" || reason == "quotaExceeded";
    return limited(response, failure, for_long, reason.empty() ? code : reason, now);
  }
  if (status >= 500 || status == 408 || status == 423 || status == 425)
    return passing(response, now, std::move(code),
                   "Google is not available just now (status " + std::to_string(status)
                       + "); it is tried again by itself.");
  if (status < 300 || status >= 400 ? !json : status != 304)
    return of_no_json(response, now);
  switch (status) {
    case 401:
      return make(verdict_kind::token_expired, std::move(code),
                  "Google no longer accepts the access token; it is renewed by itself.");
    case 403: return of_forbidden(response, failure, now);
    default: {
      const auto reason = reason_of(failure);
      if (!reason.empty())
        code += "_" + reason;
      auto sentence = "Google refused the request (" + code + ").";
      return make(verdict_kind::for_connector, std::move(code), std::move(sentence));
    }
  }
}

std::string_view token_error_alias(const json::value& answer) {
  if (answer.string_or_empty("error_subtype") == "invalid_rapt")
    return "invalid_rapt";
  const auto code = answer.string_or_empty("error");
  if (code == "internal_failure")
    return "server_error";
  return {};
}

} // namespace nexte::google
