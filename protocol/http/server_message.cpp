#include "protocol/http/server_message.hpp"

#include "protocol/http/field.hpp"
#include "protocol/http/gzip.hpp"
#include "protocol/http/url.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace nexte {
namespace {

namespace http = boost::beast::http;

constexpr size_t packed_from_bytes = 1025; // "over 1 KiB"
constexpr int status_min = 200;            // an interim answer would leave the client waiting
constexpr int status_max = 599;
constexpr unsigned http_1_1 = 11; // as Beast writes versions

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

bool is_servers_own(std::string_view field) {
  constexpr std::array<std::string_view, 5> own
      = {"Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade"};
  return std::ranges::any_of(own, [&](auto name) { return equal_ignoring_case(name, field); });
}

bool forbids_body(int status) {
  return status == 204 || status == 304;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == text.npos ? std::string_view{}
                            : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// `q=0`, `q=0.0`, …
bool is_refused(std::string_view parameters) {
  const auto mark = parameters.find("q=");
  return mark != parameters.npos
         && trim(parameters.substr(mark + 2)).find_first_not_of("0.") == parameters.npos;
}

} // namespace

result<http_request> to_request(parsed_request& request, std::string_view scheme) {
  if (request.count(http::field::host) != 1)
    return error{ec::malformed, "the request needs one Host field"};
  if (!request.target().starts_with('/'))
    return error{ec::malformed, "the request's target must be a path"};
  http_request made;
  made.method = view(request.method_string());
  made.url.append(scheme).append("://").append(view(request[http::field::host]));
  made.url += view(request.target());
  const auto url = parse_url(made.url);
  if (!url || url->target != view(request.target())) // a Host may hold the start of a path
    return error{ec::malformed, "the request's Host and target make no URL"};
  for (const auto& field : request)
    made.headers.add(std::string{view(field.name_string())}, std::string{view(field.value())});
  made.body = std::move(request.body());
  return made;
}

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const auto item = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(accept_encoding.size(), item.size() + 1));
    const auto mark = std::min(item.find(';'), item.size());
    if (equal_ignoring_case(trim(item.substr(0, mark)), "gzip"))
      return !is_refused(item.substr(mark));
  }
  return false;
}

void pack(http_response& response) {
  if (response.body->size() < packed_from_bytes || response.headers.has("Content-Encoding"))
    return;
  response.body = std::make_shared<const std::string>(gzip(*response.body));
  response.headers.set("Content-Encoding", "gzip");
  response.headers.add("Vary", "Accept-Encoding");
}

namespace {

/// Everything of a head that says nothing of the body.
result<void> fill_head(http::response_header<>& made, const http_response& response,
                       const answer_form& form, wall_time now) {
  if (response.status < status_min || response.status > status_max)
    return error{ec::malformed, "a response has no valid status"};
  made.version(form.version);
  made.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers) {
    if (!is_field(name, value))
      return error{ec::malformed, "a response has a field that HTTP does not permit"};
    if (!is_servers_own(name))
      made.insert(name, value);
  }
  if (!response.headers.has("Date"))
    made.set(http::field::date, format_http_date(now));
  return {};
}

bool has_chunks(const answer_form& form) {
  return form.version >= http_1_1;
}

} // namespace

result<answer_message> to_answer(const http_response& response, const answer_form& form,
                                 wall_time now) {
  answer_message made;
  if (auto filled = fill_head(made, response, form, now); !filled)
    return std::move(filled).failure();
  made.keep_alive(form.keep_alive);
  if (forbids_body(response.status))
    return made;
  made.content_length(response.body->size());
  if (!form.head_only)
    made.body() = {response.body->data(), response.body->size()};
  return made;
}

result<std::string> to_stream_head(const http_response& response, const answer_form& form,
                                   wall_time now) {
  http::response<http::empty_body> made;
  if (auto filled = fill_head(made, response, form, now); !filled)
    return std::move(filled).failure();
  made.keep_alive(false);
  if (has_chunks(form))
    made.chunked(true);
  std::ostringstream text;
  text << made.base();
  return std::move(text).str();
}

std::string to_chunk(std::string_view bytes, const answer_form& form) {
  if (bytes.empty() || !has_chunks(form))
    return std::string{bytes};
  std::array<char, 2 * sizeof(size_t)> digits{};
  const auto [end, failed]
      = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16);
  std::string chunk{digits.data(), end};
  return chunk.append("\r\n").append(bytes).append("\r\n");
}

std::string_view last_chunk(const answer_form& form) {
  return has_chunks(form) ? "0\r\n\r\n" : "";
}

} // namespace nexte
