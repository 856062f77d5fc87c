#include "protocol/control/router.hpp"

#include "protocol/control/problem.hpp"

#include <algorithm>

namespace nexte::control {
namespace {

/// Takes the first segment off a path that begins with a slash.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool is_braced(std::string_view segment) {
  return segment.starts_with('{');
}

struct match {
  size_t fixed = 0; ///< How many segments stand as they are in the template.
  query_parameters names;
};

/// Nullopt when the path is not of that template. The values are still encoded.
std::optional<match> match_path(std::string_view path, std::string_view pattern) {
  match found;
  while (path.starts_with('/') && pattern.starts_with('/')) {
    const auto part = take_segment(path);
    const auto wanted = take_segment(pattern);
    if (!is_braced(wanted)) {
      if (part != wanted)
        return std::nullopt;
      ++found.fixed;
    } else if (part.empty()) {
      return std::nullopt;
    } else {
      found.names.emplace_back(wanted.substr(1, wanted.size() - 2), part);
    }
  }
  if (!path.empty() || !pattern.empty())
    return std::nullopt;
  return found;
}

result<void> decode(query_parameters& values) {
  for (auto& [name, value] : values) {
    auto decoded = percent_decode(value, false);
    if (!decoded || !is_utf8(*decoded))
      return error{ec::malformed, "the path has a broken percent escape"};
    value = *std::move(decoded);
  }
  return {};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

result<void> check_query(const query_parameters& given, const std::vector<std::string>& known) {
  for (auto at = given.begin(); at != given.end(); ++at) {
    if (!std::ranges::count(known, at->first))
      return error{ec::malformed, "there is no parameter \"" + at->first + "\" here",
                   known.empty() ? "leave it out" : "use: " + joined(known)};
    if (std::find_if(given.begin(), at, [&](const auto& p) { return p.first == at->first; }) != at)
      return error{ec::malformed, "the parameter \"" + at->first + "\" comes twice"};
    if (!is_utf8(at->second))
      return error{ec::malformed, "the parameter \"" + at->first + "\" is not UTF-8"};
  }
  return {};
}

} // namespace

void router::handle(http_request request, reply send, stream_reply stream) const {
  const auto url = parse_url(request.url);
  if (!url)
    return send(problem(url.failure()));
  const auto path = url->path();
  const auto method = request.method == "HEAD" ? "GET" : request.method;
  const route* best = nullptr;
  match best_match;
  std::vector<std::string> allowed;
  for (const auto& candidate : routes_) {
    auto found = match_path(path, candidate.path);
    if (!found)
      continue;
    allowed.push_back(candidate.method);
    if (candidate.method == method && (!best || found->fixed > best_match.fixed)) {
      best = &candidate;
      best_match = *std::move(found);
    }
  }
  if (allowed.empty())
    return send(problem({ec::not_found, "there is nothing at " + path}));
  if (!best) {
    auto answer = problem(405, {ec::refused, request.method + " is not allowed at " + path,
                                "use: " + joined(allowed)});
    answer.headers.add("Allow", joined(allowed));
    return send(std::move(answer));
  }
  auto query = parse_query(url->query());
  if (!query)
    return send(problem(query.failure()));
  if (const auto known = check_query(*query, best->query); !known)
    return send(problem(known.failure()));
  if (const auto decoded = decode(best_match.names); !decoded)
    return send(problem(decoded.failure()));
  best->handler(
      {std::move(request), std::move(best_match.names), *std::move(query), std::move(stream)},
      std::move(send));
}

} // namespace nexte::control
