#include "protocol/hubspot/errors.hpp"

#include "protocol/answers.hpp"

#include <algorithm>
#include <iterator>

namespace nexte::hubspot {
namespace {

constexpr size_t code_bytes_max = 48;
constexpr size_t scopes_max = 16;
constexpr size_t scope_bytes_max = 100;

bool is_scope(std::string_view text) {
  return !text.empty() && text.size() <= scope_bytes_max
         && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

verdict passing(const http_response& response, wall_time now, std::string code,
                std::string sentence, std::optional<milliseconds> at_least = std::nullopt) {
  verdict v;
  v.kind = verdict_kind::transient;
  v.code = std::move(code);
  v.sentence = std::move(sentence);
  v.retry_after = read_retry_after(response, now, retry_after_max);
  if (at_least)
    v.retry_after = std::max(v.retry_after.value_or(*at_least), *at_least);
  return v;
}

// ---- 403 ---------------------------------------------------------------------------------------

void add_scopes(const json::value* listed, std::vector<std::string>& to) {
  if (!listed || !listed->is_array())
    return;
  for (const auto& scope : listed->items)
    if (scope.is_string() && is_scope(scope.text) && to.size() < scopes_max
        && std::ranges::find(to, scope.text) == to.end())
      to.push_back(scope.text);
}

std::vector<std::string> missing_scopes(const json::value& envelope) {
  std::vector<std::string> scopes;
  const auto from = [&scopes](const json::value& holder) {
    const auto* context = holder.find("context");
    if (!context)
      return;
    add_scopes(context->find("requiredGranularScopes"), scopes);
    add_scopes(context->find("requiredScopes"), scopes);
  };
  if (const auto* errors = envelope.find("errors"))
    for (const auto& one : errors->items)
      from(one);
  from(envelope);
  return scopes;
}

verdict scope_missing(const json::value& envelope) {
  verdict v;
  v.kind = verdict_kind::scope_missing;
  v.code = "MISSING_SCOPES";
  v.missing_scopes = missing_scopes(envelope);
  if (v.missing_scopes.empty())
    v.sentence = "HubSpot did not grant a permission that this needs; reconnect and allow all that "
                 "is asked.";
  else
    v.sentence = "HubSpot did not grant the permission " + v.missing_scopes.front()
                 + "; reconnect and allow it.";
  return v;
}

verdict forbidden(std::string code) {
  verdict v;
  v.kind = verdict_kind::forbidden;
  v.sentence = "HubSpot does not let the person who connected see this (" + code
               + "); ask a HubSpot admin of the account to give them access.";
  v.code = std::move(code);
  return v;
}

// ---- 429 ---------------------------------------------------------------------------------------

struct policy {
  std::string_view name;
  milliseconds wait;
  std::string_view sentence;
};

constexpr policy policies[] = {
    {"TEN_SECONDLY_ROLLING", ten_secondly_wait,
     "HubSpot's limit of requests in ten seconds is used up; it is tried again by itself."},
    {"SECONDLY", secondly_wait,
     "HubSpot's limit of requests in a second is used up; it is tried again by itself."},
    {"DAILY", daily_wait,
     "HubSpot's limit of requests for today is used up; it returns at midnight of the HubSpot "
     "account's time zone."},
};

/// By name; where HubSpot names none, by the words of its message ("your ten_secondly_rolling
/// limit"). Null: neither tells.
const policy* policy_of(const json::value& envelope) {
  const auto name = envelope.string_or_empty("policyName");
  const auto named = std::ranges::find(policies, name, &policy::name);
  if (named != std::end(policies))
    return named;
  constexpr std::string_view words[] = {"ten_secondly", "secondly", "daily"}; // as `policies`
  const auto message = envelope.string_or_empty("message");
  for (size_t i = 0; name.empty() && i < std::size(words); ++i)
    if (message.find(words[i]) != message.npos)
      return &policies[i];
  return nullptr;
}

verdict limited(const http_response& response, const json::value& envelope, wall_time now) {
  verdict v;
  v.kind = verdict_kind::limited;
  v.code = "RATE_LIMIT"; // HubSpot writes it as errorType, or RATE_LIMITS as category
  v.sentence = "HubSpot has had too many requests; it is tried again by itself.";
  v.retry_after = read_retry_after(response, now, retry_after_max);
  if (const auto* hit = policy_of(envelope)) {
    v.quota_window = hit->name;
    v.sentence = hit->sentence;
    if (!v.retry_after)
      v.retry_after = hit->wait;
  } else {
    v.quota_window = plain_name(envelope.string_or_empty("policyName"));
  }
  return v;
}

// ------------------------------------------------------------------------------------------------

verdict of_no_json(const http_response& response, wall_time now) {
  const auto status = std::to_string(response.status);
  return passing(response, now, "not_json",
                 "Something between here and HubSpot answered in its place (status " + status
                     + ", not JSON); if it stays, look for a proxy or a network sign-in page.");
}

verdict for_connector(std::string code) {
  verdict v;
  v.kind = verdict_kind::for_connector;
  v.sentence = "HubSpot refused the request (" + code + ").";
  v.code = std::move(code);
  return v;
}

verdict of_client_error(const http_response& response, wall_time now) {
  const auto envelope = read_envelope(response);
  auto code = plain_name(envelope.string_or_empty("category"));
  if (code.empty())
    code = "http_" + std::to_string(response.status);
  switch (response.status) {
    case 401: {
      verdict v;
      v.kind = verdict_kind::token_expired;
      v.code = code;
      v.sentence = "HubSpot no longer accepts the access token; it is renewed by itself.";
      return v;
    }
    case 403:
      return code == "MISSING_SCOPES" ? scope_missing(envelope) : forbidden(std::move(code));
    case 429: return limited(response, envelope, now);
    default: return for_connector(std::move(code));
  }
}

} // namespace

std::string plain_name(std::string_view text) {
  const auto in_name
      = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  if (text.size() > code_bytes_max || !std::ranges::all_of(text, in_name))
    return {};
  return std::string{text};
}

verdict classify(const http_response& response, wall_time now) {
  const int status = response.status;
  const auto http_code = "http_" + std::to_string(status);
  if (status >= 200 && status < 300)
    return may_be_json(response) ? verdict{} : of_no_json(response, now);
  if (status == 423)
    return passing(response, now, http_code,
                   "HubSpot has locked the record for a moment; it is tried again by itself.",
                   locked_wait);
  if (status == 477) {
    auto moving = passing(response, now, http_code,
                          "HubSpot is moving the account to another data centre, which can take up "
                          "to 24 hours; it is tried again by itself.");
    if (!moving.retry_after)
      moving.retry_after = migration_wait;
    return moving;
  }
  if (status >= 500 || status == 408 || status == 425)
    return passing(response, now, http_code,
                   "HubSpot is not available just now (status " + std::to_string(status)
                       + "); it is tried again by itself.");
  if (status == 414)
    return for_connector(http_code);
  // A 429 counts whoever says so; redirects are followed below us, one that is left leads nowhere.
  if (status < 400 || (status != 429 && !may_be_json(response)))
    return of_no_json(response, now);
  return of_client_error(response, now);
}

std::vector<quota_reading> read_quota(const http_response& response) {
  const auto window = [&](std::string name, std::string_view limit, std::string_view remaining) {
    quota_reading reading;
    reading.window = std::move(name);
    reading.limit = read_number(response, limit);
    reading.remaining = read_number(response, remaining);
    return reading;
  };
  std::vector<quota_reading> readings;
  auto burst
      = window("TEN_SECONDLY_ROLLING", "X-HubSpot-RateLimit-Max", "X-HubSpot-RateLimit-Remaining");
  if (const auto interval = read_number(response, "X-HubSpot-RateLimit-Interval-Milliseconds"))
    burst.reset_in = milliseconds{*interval}; // rolling: whole again after its length at the latest
  auto daily = window("DAILY", "X-HubSpot-RateLimit-Daily", "X-HubSpot-RateLimit-Daily-Remaining");
  for (auto* reading : {&burst, &daily})
    if (reading->limit || reading->remaining)
      readings.push_back(std::move(*reading));
  return readings;
}

std::string_view token_error_alias(const json::value& answer) {
  struct alias {
    std::string_view status;
    std::string_view code;
  };
  constexpr alias aliases[] = {
      {"BAD_REFRESH_TOKEN", "invalid_grant"},        {"BAD_AUTH_CODE", "invalid_grant"},
      {"BAD_CLIENT_ID", "invalid_client"},           {"BAD_CLIENT_SECRET", "invalid_client"},
      {"BAD_REDIRECT_URI", "redirect_uri_mismatch"}, {"BAD_HUB", "access_denied"},
  };
  const auto* known = std::ranges::find(aliases, answer.string_or_empty("status"), &alias::status);
  return known == std::end(aliases) ? std::string_view{} : known->code;
}

} // namespace nexte::hubspot
