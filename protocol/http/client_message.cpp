#include "protocol/http/client_message.hpp"

#include "protocol/http/field.hpp"
#include "protocol/http/gzip.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include <algorithm>
#include <array>

namespace nexte {
namespace {

namespace http = boost::beast::http;
namespace urls = boost::urls;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

bool is_transports_own(std::string_view field) {
  constexpr std::array<std::string_view, 9> own
      = {"Host",   "Content-Length",  "Transfer-Encoding", "Connection", "Keep-Alive",
         "Expect", "Accept-Encoding", "Upgrade",           "TE"};
  return std::ranges::any_of(own, [&](auto name) { return equal_ignoring_case(name, field); });
}

bool announces_body(const http_request& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT"
         || request.method == "PATCH";
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

} // namespace

result<url_parts> check(const http_request& request) {
  if (!is_token(request.method) || request.method == "CONNECT")
    return error{ec::refused, "a request's method is not permitted"};
  for (const auto& [name, value] : request.headers)
    if (!is_field(name, value))
      return error{ec::refused, "a request's header field is not permitted by HTTP",
                   "field names are tokens, values hold no line breaks and at most 32 KiB"};
  auto url = parse_url(request.url);
  if (!url)
    return error{ec::refused, url.failure().what, "give https://host/path"};
  return url;
}

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

request_message to_message(const http_request& request, const url_parts& url,
                           std::string_view user_agent) {
  request_message made;
  made.version(11);
  made.method_string(request.method);
  made.target(url.target);
  made.set(http::field::host, url.host_header());
  if (!request.headers.has("User-Agent"))
    made.set(http::field::user_agent, user_agent);
  for (const auto& [name, value] : request.headers)
    if (!is_transports_own(name))
      made.insert(name, value);
  made.set(http::field::accept_encoding, "gzip");
  if (announces_body(request))
    made.content_length(request.body.size());
  made.body() = {request.body.data(), request.body.size()};
  return made;
}

result<http_response> to_response(answered_message& message, size_t body_bytes_max) {
  http_response made{static_cast<int>(message.result_int()), {}};
  for (const auto& field : message)
    made.headers.add(std::string{view(field.name_string())}, std::string{view(field.value())});
  const auto encoding = made.headers.get("Content-Encoding");
  if (encoding.empty() || equal_ignoring_case(encoding, "identity") || message.body().empty()) {
    made.body = std::make_shared<const std::string>(std::move(message.body()));
    return made;
  }
  if (!equal_ignoring_case(encoding, "gzip") && !equal_ignoring_case(encoding, "x-gzip"))
    return error{ec::transport, "the answer has an encoding that was not asked for"};
  auto plain = gunzip(message.body(), body_bytes_max);
  if (!plain) {
    const auto code = plain.failure().code == ec::refused ? ec::refused : ec::transport;
    return error{code, plain.failure().what};
  }
  made.body = std::make_shared<const std::string>(*std::move(plain));
  made.headers.remove("Content-Encoding");
  made.headers.remove("Content-Length"); // it counted the packed bytes
  return made;
}

std::optional<result<std::string>> redirection(const http_request& request, const url_parts& url,
                                               const http_response& response) {
  const auto location = response.headers.get("Location");
  if (!is_redirect(response.status) || location.empty() || !is_safe(request.method))
    return std::nullopt;
  const error elsewhere{ec::refused, "the answer redirects to another host or address",
                        "check the provider's base address"};
  const auto reference = urls::parse_uri_reference({location.data(), location.size()});
  const auto base = urls::parse_uri({request.url.data(), request.url.size()});
  urls::url resolved;
  if (!reference || !base || !urls::resolve(*base, *reference, resolved))
    return elsewhere;
  resolved.remove_fragment();
  std::string target{resolved.buffer().data(), resolved.buffer().size()};
  const auto parts = parse_url(target);
  if (!parts || parts->origin() != url.origin())
    return elsewhere;
  return target;
}

} // namespace nexte
