// URLs and query strings, through Boost.URL (which does not show here).
#pragma once

#include "protocol/core/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexte {

/// An absolute http or https URL in its parts. No user information, no fragment.
struct url_parts {
  std::string scheme; ///< "https" or "http".
  std::string host;   ///< Lower case; an IPv6 address without brackets.
  uint16_t port = 0;  ///< Explicit, or the scheme's own.
  std::string target; ///< Path and query as sent in a request line; at least "/".

  /// `scheme://host:port`, the port only where it is not the scheme's own; IPv6 in brackets.
  std::string origin() const;
  /// The Host header's value.
  std::string host_header() const;
  std::string path() const;  ///< `target` up to the question mark.
  std::string query() const; ///< After the question mark, or empty.
};

/// `malformed` for relative, non-http(s), with user information, or not RFC 3986.
result<url_parts> parse_url(std::string_view text);

/// True for `localhost`, 127.0.0.0/8 and ::1, as written (no lookup).
bool is_loopback_host(std::string_view host);

/// The segments of a path, decoded; empty ones, and those that cannot be decoded, are left out.
std::vector<std::string> path_segments(std::string_view path);

using query_parameters = std::vector<std::pair<std::string, std::string>>;

/// Decodes `a=b&c=d` (form encoding); `malformed` on a broken escape.
result<query_parameters> parse_query(std::string_view query);
/// Form-encodes in order.
std::string format_query(const query_parameters& parameters);
/// The first value of that name, or null.
const std::string* find_parameter(const query_parameters& parameters, std::string_view name);
/// Appends parameters to a URL, keeping the query it has.
std::string with_query(std::string_view url, const query_parameters& parameters);

} // namespace nexte
