#include "protocol/control/guard.hpp"

#include "protocol/control/problem.hpp"
#include "protocol/http/url.hpp"

#include <algorithm>

namespace nexte::control {
namespace {

bool is_json(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t'))
    type.remove_suffix(1);
  return equal_ignoring_case(type, "application/json");
}

bool writes(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

/// A person follows a link; neither a script nor a frame looks at the answer.
bool is_visit(const http_request& request) {
  return request.method == "GET" && request.headers.get("Sec-Fetch-Mode") == "navigate"
         && request.headers.get("Sec-Fetch-Dest") == "document";
}

} // namespace

std::optional<http_response> guard::refuse(const http_request& request) const {
  const auto at = parse_url(request.url);
  const bool ours = at && at->port == options_.port
                    && (is_loopback_host(at->host) || at->host == options_.address);
  if (!ours)
    return problem(421, {ec::refused, "this is not the address of the control API",
                         "use http://127.0.0.1:" + std::to_string(options_.port)});
  const auto origin = request.headers.get("Origin");
  if (request.headers.has("Origin") && !equal_ignoring_case(origin, at->origin()))
    return problem(403, {ec::refused, "a page of another origin may not use the control API"});
  const bool open = std::ranges::count(options_.open_paths, at->path()) > 0;
  const auto site = request.headers.get("Sec-Fetch-Site");
  if (request.headers.has("Sec-Fetch-Site") && site != "same-origin" && site != "none"
      && !(open && is_visit(request)))
    return problem(403, {ec::refused, "a page of another site may not use the control API"});
  if (!open && !bears_token(request)) {
    auto answer = problem(401, {ec::refused, "the control API needs its token",
                                "send \"Authorization: Bearer …\" with the text of the file "
                                "control.token in the engine's data_dir"});
    answer.headers.add("WWW-Authenticate", "Bearer");
    return answer;
  }
  if (writes(request.method) && !is_json(request.headers.get("Content-Type")))
    return problem(415, {ec::refused, "a write must be JSON",
                         "send \"Content-Type: application/json\", also with an empty body"});
  if (request.body.size() > options_.body_bytes_max)
    return problem(413, {ec::refused, "the body is longer than "
                                          + std::to_string(options_.body_bytes_max) + " bytes"});
  return std::nullopt;
}

bool guard::bears_token(const http_request& request) const {
  const auto given = request.headers.get("Authorization");
  if (!equal_ignoring_case(given.substr(0, bearer_scheme.size()), bearer_scheme))
    return false;
  const auto token = given.substr(bearer_scheme.size());
  return equal_constant_time(token, options_.token.reveal())
         || (options_.accepts && options_.accepts(token));
}

} // namespace nexte::control
