// Who may use the control API. A web page open in a browser on this machine can reach loopback
// too, so a token alone is not enough. Pure.
#pragma once

#include "protocol/core/secret.hpp"
#include "protocol/http/message.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::control {

/// How an Authorization field begins that bears a token; compared without case.
inline constexpr std::string_view bearer_scheme = "bearer ";

struct guard_options {
  std::string address;                 ///< Where the API listens, as written.
  uint16_t port = 0;                   ///< … and its port.
  secret token;                        ///< What a caller must bear.
  std::vector<std::string> open_paths; ///< Need no token; all other checks hold.
  size_t body_bytes_max = 1024 * 1024;
  std::function<bool(std::string_view)> accepts
      = nullptr; ///< Whether another token will do; null: none.
};

/// Checks a request in this order:
/// - its Host is loopback or our own address, and our port: else 421. A name that an attacker
///   points at 127.0.0.1 (DNS rebinding) is neither.
/// - Origin, where a browser sent one, is the one that Host names, and Sec-Fetch-Site is
///   `same-origin` or `none`: else 403. A link elsewhere may lead to an open path, though: such a
///   visit carries nothing and its answer is seen by the person alone.
/// - it bears the token: else 401, with WWW-Authenticate.
/// - a POST, PUT or PATCH is `application/json`, which no HTML form can send: else 415.
/// - its body is within the limit: else 413.
class guard {
public:
  /// @pre the token is not empty
  explicit guard(guard_options options) : options_(std::move(options)) {}
  /// The answer to a request that may not pass; nullopt: it may. Safe from any thread.
  std::optional<http_response> refuse(const http_request& request) const;

private:
  bool bears_token(const http_request& request) const;
  guard_options options_;
};

} // namespace nexte::control
