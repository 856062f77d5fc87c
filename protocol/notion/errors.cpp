#include "protocol/notion/errors.hpp"

#include "protocol/answers.hpp"

#include <algorithm>
#include <charconv>

namespace nexte::notion {
namespace {

constexpr std::string_view connection_budget = "public_api_request_rate_limit";
constexpr std::string_view blocked = "public_api_request_blocked";
constexpr size_t code_bytes_max = 64;

verdict make(verdict_kind kind, std::string code, std::string sentence) {
  verdict v;
  v.kind = kind;
  v.code = std::move(code);
  v.sentence = std::move(sentence);
  return v;
}

/// `object_not_found`: a code as Notion writes them; else `http_404`.
std::string code_of(const http_response& response, const json::value& envelope) {
  const auto code = envelope.string_or_empty("code");
  const auto in_code = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (code.empty() || code.size() > code_bytes_max || !std::ranges::all_of(code, in_code))
    return "http_" + std::to_string(response.status);
  return std::string{code};
}

verdict passing(const http_response& response, wall_time now, std::string code,
                std::string sentence) {
  auto v = make(verdict_kind::transient, std::move(code), std::move(sentence));
  v.retry_after = read_retry_after(response, now, retry_after_max);
  return v;
}

/// The field, else what the body repeats of it, a number in a text (notion.md §5).
milliseconds wait_of(const http_response& response, const json::value* more, wall_time now) {
  if (const auto said = read_retry_after(response, now, retry_after_max))
    return *said;
  const auto text = more ? more->string_or_empty("retry_after") : std::string_view{};
  unsigned wait = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), wait);
  if (text.empty() || failed != std::errc{} || rest != text.data() + text.size())
    return limit_wait;
  return std::min<milliseconds>(seconds{wait}, retry_after_max);
}

verdict limited(const http_response& response, const json::value& envelope, wall_time now) {
  const auto* more = envelope.find("additional_data");
  const auto reason = more ? more->string_or_empty("rate_limit_reason") : std::string_view{};
  if (reason == blocked)
    return make(verdict_kind::forbidden, std::string{blocked},
                "Notion has blocked this app's requests; report it to the developer, who has to "
                "ask Notion's support, then press Refresh.");
  auto v = make(verdict_kind::limited, code_of(response, envelope),
                response.status == 529
                    ? "Notion is overloaded just now; it is tried again by itself."
                    : "Notion has had too many requests; it is tried again by itself.");
  if (reason == connection_budget)
    v.quota_window = connection_budget;
  v.retry_after = wait_of(response, more, now);
  return v;
}

verdict of_forbidden(std::string code) {
  if (code == "restricted_resource")
    return make(verdict_kind::forbidden, std::move(code),
                "Notion has not given this app the capability to read content; whoever manages "
                "the integration at Notion must switch on \"Read content\" in its settings, then "
                "reconnect.");
  return make(verdict_kind::forbidden, std::move(code),
              "Notion does not let this app read; ask an owner of the workspace to allow the "
              "connection in its settings, then reconnect.");
}

verdict of_no_json(const http_response& response, wall_time now) {
  return passing(response, now, "not_json",
                 "Something between here and Notion answered in its place (status "
                     + std::to_string(response.status)
                     + ", not JSON); if it stays, look for a proxy or a network sign-in page.");
}

} // namespace

verdict classify(const http_response& response, wall_time now) {
  const int status = response.status;
  const bool json = may_be_json(response);
  if (status >= 200 && status < 300)
    return json ? verdict{} : of_no_json(response, now);
  const auto envelope = read_envelope(response);
  auto code = code_of(response, envelope);
  if (status == 429 || status == 529)
    return limited(response, envelope, now);
  if (status >= 500 || status == 408 || status == 423 || status == 425)
    return passing(response, now, std::move(code),
                   "Notion is not available just now (status " + std::to_string(status)
                       + "); it is tried again by itself.");
  if (status < 400 || !json)
    return of_no_json(response, now);
  switch (status) {
    case 401:
      return make(verdict_kind::token_expired, std::move(code),
                  "Notion no longer accepts the access token; it is renewed by itself.");
    case 403: return of_forbidden(std::move(code));
    case 409:
      return passing(response, now, std::move(code),
                     "Somebody edited the same at Notion just now; it is tried again by itself.");
    default: {
      auto sentence = "Notion refused the request (" + code + ").";
      return make(verdict_kind::for_connector, std::move(code), std::move(sentence));
    }
  }
}

std::string_view token_error_alias(const json::value& answer) {
  if (!answer.string_or_empty("error").empty())
    return {};
  const auto code = answer.string_or_empty("code");
  if (code == "unauthorized") // the app's own credentials: nothing else is shown here
    return "invalid_client";
  if (code == "missing_version" || code == "invalid_json" || code == "invalid_request_url")
    return "invalid_request";
  return code;
}

} // namespace nexte::notion
