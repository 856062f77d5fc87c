// The engine's only door to the network. Beast implements it; tests mount simulators on it.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/http/message.hpp"

#include <functional>

namespace nexte {

/// How a call ended.
struct http_answer {
  result<http_response> response;
  /// The request's bytes may have reached the provider: it may have acted on it although no answer
  /// came. A request that was not sent cost no quota and may be repeated whatever its method.
  bool sent = true;
};

/// Performs HTTP calls.
class transport {
public:
  using done = std::function<void(http_answer)>;
  virtual ~transport() = default;

  /// Sends `request` and calls `on_done` exactly once, on any thread, possibly inside `call`.
  /// Any status is a response; `response` holds an error only when none came whole:
  /// `transport` (connect, TLS, timeout, broken answer), `refused` (URL or host not allowed, answer
  /// past its limits), `cancelled` (the transport is stopping). Callable from any thread.
  virtual void call(http_request request, done on_done) = 0;
};

} // namespace nexte
