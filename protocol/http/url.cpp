// URLs over Boost.URL, which parses by RFC 3986; what HTTP forbids beyond that is refused here.
#include "protocol/http/url.hpp"

#include "protocol/core/text.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace nexte {
namespace {

namespace urls = boost::urls;

constexpr uint16_t https_port = 443;
constexpr uint16_t http_port = 80;

uint16_t port_of(std::string_view scheme) {
  return scheme == "https" ? https_port : http_port;
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  return out;
}

/// Never quotes the text: a callback's URL holds a code.
error malformed(std::string_view reason) {
  return {ec::malformed, "not an absolute http or https URL: " + std::string{reason}};
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

} // namespace

std::string url_parts::host_header() const {
  const auto name = bracketed(host);
  return port == port_of(scheme) ? name : name + ":" + std::to_string(port);
}

std::string url_parts::origin() const {
  return scheme + "://" + host_header();
}

std::string url_parts::path() const {
  return target.substr(0, target.find('?'));
}

std::string url_parts::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string{} : target.substr(mark + 1);
}

result<url_parts> parse_url(std::string_view text) {
  const auto parsed = urls::parse_uri({text.data(), text.size()});
  if (!parsed)
    return malformed("it breaks RFC 3986");
  const urls::url_view& url = *parsed;
  url_parts parts;
  parts.scheme = lower({url.scheme().data(), url.scheme().size()});
  if (parts.scheme != "https" && parts.scheme != "http")
    return malformed("its scheme is another");
  if (!url.has_authority() || url.encoded_host().empty())
    return malformed("it names no host");
  if (url.has_userinfo())
    return malformed("it holds user information");
  if (url.has_fragment())
    return malformed("it has a fragment");
  parts.host = url.host_type() == urls::host_type::ipv6 ? lower(url.host_address())
                                                        : lower(url.host_name());
  if (parts.host.empty())
    parts.host = lower(url.host_address());
  parts.port = port_of(parts.scheme);
  if (url.has_port() && !url.port().empty()) {
    const auto written = url.port(); // Boost 1.81's number of it wraps: 99999 reads as 34463
    const auto* end = written.data() + written.size();
    if (std::from_chars(written.data(), end, parts.port).ec != std::errc{})
      parts.port = 0;
    if (parts.port == 0)
      return malformed("its port is out of range");
  }
  const auto target = url.encoded_target();
  parts.target.assign(target.data(), target.size());
  if (parts.target.empty() || parts.target.front() != '/')
    parts.target.insert(0, "/");
  return parts;
}

bool is_loopback_host(std::string_view host) {
  if (equal_ignoring_case(host, "localhost") || host == "::1")
    return true;
  const auto address = urls::parse_ipv4_address({host.data(), host.size()});
  return address && address->is_loopback();
}

std::vector<std::string> path_segments(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    if (auto decoded = percent_decode(path.substr(0, end), false); decoded && !decoded->empty())
      segments.push_back(*std::move(decoded));
    path.remove_prefix(std::min(path.size(), end + 1));
  }
  return segments;
}

result<query_parameters> parse_query(std::string_view query) {
  query_parameters parameters;
  while (!query.empty()) {
    const auto piece = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), piece.size() + 1));
    if (piece.empty())
      continue;
    const auto mark = piece.find('=');
    auto name = percent_decode(piece.substr(0, mark));
    auto value = percent_decode(mark == piece.npos ? std::string_view{} : piece.substr(mark + 1));
    if (!name || !value)
      return error{ec::malformed, "a query has a broken percent escape"};
    parameters.emplace_back(*std::move(name), *std::move(value));
  }
  return parameters;
}

std::string format_query(const query_parameters& parameters) {
  std::string query;
  for (const auto& [name, value] : parameters) {
    if (!query.empty())
      query += '&';
    query.append(percent_encode(name)).append("=").append(percent_encode(value));
  }
  return query;
}

const std::string* find_parameter(const query_parameters& parameters, std::string_view name) {
  const auto found = std::ranges::find(parameters, name,
                                       [](const auto& p) -> std::string_view { return p.first; });
  return found == parameters.end() ? nullptr : &found->second;
}

std::string with_query(std::string_view url, const query_parameters& parameters) {
  std::string out{url};
  if (parameters.empty())
    return out;
  if (out.find('?') == std::string::npos)
    out += '?';
  else if (out.back() != '?' && out.back() != '&')
    out += '&';
  return out + format_query(parameters);
}

} // namespace nexte
