#include "protocol/pipedrive/errors.hpp"

#include "protocol/answers.hpp"

#include <algorithm>

namespace nexte::pipedrive {
namespace {

constexpr std::string_view daily_tokens = "DAILY_TOKENS";
constexpr std::string_view burst = "BURST";
constexpr std::string_view daily_remaining = "x-daily-ratelimit-token-remaining";
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

/// `feature_capping_deals_limit`: what a plan does not allow, as Pipedrive writes it; else empty.
std::string plan_limit(const json::value& envelope) {
  const auto code = envelope.string_or_empty("code");
  const auto in_code = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (!code.starts_with("feature_capping") || code.size() > code_bytes_max
      || !std::ranges::all_of(code, in_code))
    return {};
  return std::string{code};
}

/// Until the next midnight of the server, by its own clock; nullopt where it does not tell it.
std::optional<milliseconds> until_midnight(const http_response& response) {
  // What a century is only matters to forms of a date that nobody writes any more.
  const auto server = parse_http_date(response.headers.get("Date"), wall_time{});
  if (!server)
    return std::nullopt;
  return std::chrono::floor<std::chrono::days>(*server) + std::chrono::days{1} - *server;
}

verdict limited(const http_response& response, wall_time now) {
  const auto envelope = read_envelope(response);
  if (read_number(response, daily_remaining) == 0u
      || envelope.string_or_empty("error").find("daily") != std::string_view::npos) {
    auto v = make(verdict_kind::limited, std::string{daily_tokens},
                  "The company's daily budget for Pipedrive's API is spent, by all its apps "
                  "together; it returns at midnight.");
    v.quota_window = daily_tokens;
    v.retry_after
        = std::min<milliseconds>(until_midnight(response).value_or(daily_wait), daily_wait);
    return v;
  }
  auto v = make(verdict_kind::limited, "http_429",
                "Pipedrive has had too many requests; it is tried again by itself.");
  if (read_number(response, "x-ratelimit-remaining") == 0u)
    v.quota_window = burst;
  const auto reset = read_number(response, "x-ratelimit-reset");
  v.retry_after = std::max<milliseconds>(
      read_retry_after(response, now, retry_after_max).value_or(burst_wait),
      std::min<milliseconds>(seconds{reset.value_or(0)}, retry_after_max));
  return v;
}

verdict barred() {
  auto v
      = make(verdict_kind::limited, "cloudflare",
             "Pipedrive bars this computer for a while, for too many requests; it is tried again "
             "by itself.");
  v.retry_after = barred_wait;
  return v;
}

verdict of_forbidden(const http_response& response) {
  const auto envelope = read_envelope(response);
  if (auto code = plan_limit(envelope); !code.empty())
    return make(verdict_kind::for_connector, code,
                "The company's plan at Pipedrive does not allow this (" + code + ").");
  if (envelope.string_or_empty("error") == "Scope and URL mismatch")
    return make(
        verdict_kind::scope_missing, "SCOPE_MISMATCH",
        "Pipedrive did not grant a permission that this needs; reconnect and allow all that "
        "is asked.");
  return make(verdict_kind::forbidden, "http_403",
              "Pipedrive does not let the person who connected see this; ask a Pipedrive admin of "
              "the company to give them access.");
}

verdict of_no_json(const http_response& response, wall_time now) {
  return passing(response, now, "not_json",
                 "Something between here and Pipedrive answered in its place (status "
                     + std::to_string(response.status)
                     + ", not JSON); if it stays, look for a proxy or a network sign-in page.");
}

} // namespace

verdict classify(const http_response& response, wall_time now) {
  const int status = response.status;
  const bool json = may_be_json(response);
  auto code = "http_" + std::to_string(status);
  if (status >= 200 && status < 300)
    return json ? verdict{} : of_no_json(response, now);
  if (status == 429)
    return limited(response, now);
  if (status >= 500 || status == 408 || status == 423 || status == 425)
    return passing(response, now, std::move(code),
                   "Pipedrive is not available just now (status " + std::to_string(status)
                       + "); it is tried again by itself.");
  if (status == 403 && !json)
    return barred();
  if (status < 400 || !json)
    return of_no_json(response, now);
  switch (status) {
    case 401:
      return make(verdict_kind::token_expired, std::move(code),
                  "Pipedrive no longer accepts the access token; it is renewed by itself.");
    case 402:
      return make(
          verdict_kind::forbidden, std::move(code),
          "The company's Pipedrive account is not active; ask its owner to renew the plan.");
    case 403: return of_forbidden(response);
    default: {
      auto sentence = "Pipedrive refused the request (" + code + ").";
      return make(verdict_kind::for_connector, std::move(code), std::move(sentence));
    }
  }
}

std::vector<quota_reading> read_quota(const http_response& response) {
  quota_reading rolling;
  rolling.window = burst;
  rolling.limit = read_number(response, "x-ratelimit-limit");
  rolling.remaining = read_number(response, "x-ratelimit-remaining");
  if (const auto reset = read_number(response, "x-ratelimit-reset"))
    rolling.reset_in = seconds{*reset};
  quota_reading daily;
  daily.window = daily_tokens;
  daily.limit = read_number(response, "x-daily-ratelimit-token-limit");
  daily.remaining = read_number(response, daily_remaining);
  daily.reset_in = until_midnight(response);
  std::vector<quota_reading> readings;
  for (auto* reading : {&rolling, &daily})
    if (reading->limit || reading->remaining)
      readings.push_back(std::move(*reading));
  return readings;
}

std::string_view token_error_alias(const json::value& answer) {
  struct alias {
    std::string_view begins;
    std::string_view code;
  };
  constexpr alias aliases[] = {
      {"Invalid grant", "invalid_grant"},
      {"Invalid client", "invalid_client"},
      {"Invalid request", "invalid_request"},
      {"Missing parameter", "invalid_request"},
      {"Unsupported grant type", "unsupported_grant_type"},
  };
  if (answer.string_or_empty("error").find("invalid_grant") != std::string_view::npos)
    return "invalid_grant";
  for (const auto* said : {"message", "error", "error_description"})
    for (const auto& known : aliases)
      if (answer.string_or_empty(said).starts_with(known.begins))
        return known.code;
  return {};
}

} // namespace nexte::pipedrive
