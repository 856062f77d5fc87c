#include "protocol/answers.hpp"

#include "protocol/http/retry_after.hpp"

#include <algorithm>
#include <charconv>

namespace nexte {
namespace {

constexpr size_t envelope_bytes_max = 64 * 1024;

} // namespace

bool may_be_json(const http_response& response) {
  auto type = response.headers.get("Content-Type");
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ')
    type.remove_suffix(1);
  return type.empty() || equal_ignoring_case(type, "application/json")
         || (type.size() > 5 && equal_ignoring_case(type.substr(type.size() - 5), "+json"));
}

json::value read_envelope(const http_response& response) {
  json::limits caps;
  caps.document_bytes_max = envelope_bytes_max;
  auto read = json::parse_value(*response.body, caps);
  return read ? *std::move(read) : json::value{};
}

std::optional<milliseconds> read_retry_after(const http_response& response, wall_time now,
                                             milliseconds most) {
  const auto said = retry_after(response.headers, now);
  if (!said)
    return std::nullopt;
  return std::min(*said, most);
}

std::optional<unsigned> read_number(const http_response& response, std::string_view field) {
  const auto text = response.headers.get(field);
  unsigned value = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failed != std::errc{} || rest != text.data() + text.size())
    return std::nullopt;
  return value;
}

wall_time read_server_time(const http_response& response, wall_time now) {
  return parse_http_date(response.headers.get("Date"), now).value_or(now - clock_doubt);
}

bool refuses_cursor(const http_response& response) {
  return response.status == 400 || response.status == 404 || response.status == 410;
}

error cursor_stands_still(std::string_view provider_title) {
  return {ec::malformed, std::string{provider_title} + "'s list names a page as its own next"};
}

error list_refused(std::string_view provider_title, std::string_view what, std::string_view code) {
  return {ec::refused,
          std::string{provider_title} + " refuses to show " + std::string{what} + " ("
              + std::string{code} + ")",
          "it no longer understands this request: report it to the developer"};
}

} // namespace nexte
