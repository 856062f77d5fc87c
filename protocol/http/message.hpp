// HTTP requests and responses as values. No I/O.
#pragma once

#include "protocol/core/text.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace nexte {

/// Header fields in order; names compare without case.
class http_headers {
public:
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  void remove(std::string_view name) {
    std::erase_if(fields_, [&](const auto& f) { return equal_ignoring_case(f.first, name); });
  }
  /// Replaces every field of that name.
  void set(std::string_view name, std::string value) {
    remove(name);
    add(std::string{name}, std::move(value));
  }
  /// The first value, or an empty view.
  std::string_view get(std::string_view name) const {
    for (const auto& [key, value] : fields_)
      if (equal_ignoring_case(key, name))
        return value;
    return {};
  }
  bool has(std::string_view name) const {
    for (const auto& field : fields_)
      if (equal_ignoring_case(field.first, name))
        return true;
    return false;
  }
  auto begin() const {
    return fields_.begin();
  }
  auto end() const {
    return fields_.end();
  }
  size_t size() const {
    return fields_.size();
  }

private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// What a request costs at the provider's counters (see quota_window).
struct quota_class {
  std::string endpoint; ///< The endpoint class, e.g. "search"; empty is the ordinary one.
  unsigned cost = 1;    ///< In the window's unit.
};

/// `url` is absolute (https://host[:port]/path?query). The Host, Content-Length, Connection and
/// Accept-Encoding fields are the transport's business; Authorization is added by the integration.
class http_request {
public:
  http_request() = default;
  http_request(std::string verb, std::string target_url, std::string content = {},
               std::string_view content_type = {})
      : method(std::move(verb)), url(std::move(target_url)), body(std::move(content)) {
    if (!content_type.empty())
      headers.add("Content-Type", std::string{content_type});
  }

  std::string method = "GET";
  std::string url;
  http_headers headers;
  std::string body;
  quota_class quota;
  /// May be sent again as it stands when it failed. False for a write that builds on what was read
  /// before: past a wait, or when it may have arrived, it is handed back instead.
  bool repeatable = true;
};

class http_response {
public:
  http_response() : body(std::make_shared<const std::string>()) {}
  http_response(int code, std::string content, std::string_view content_type = {})
      : status(code), body(std::make_shared<const std::string>(std::move(content))) {
    if (!content_type.empty())
      headers.add("Content-Type", std::string{content_type});
  }

  int status = 0; ///< 100 to 599.
  http_headers headers;
  std::shared_ptr<const std::string> body; ///< Decoded (never gzip), never null.
};

// GCC 12 destroys an aggregate temporary in a co_await operand twice.
static_assert(!std::is_aggregate_v<http_request> && !std::is_aggregate_v<http_response>);

} // namespace nexte
