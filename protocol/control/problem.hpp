// Errors as the control API writes them: application/problem+json, RFC 9457.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/http/message.hpp"

namespace nexte::control {

/// The status an error is answered with. `unauthorized` speaks of the provider, not of the caller
/// of this API: it is a 409 (the integration is in no state for that), never a 401.
int status_of(ec code);

/// Members: title, status, detail (what happened), hint (what to do; where there is one) and code
/// (the error's, for programs).
http_response problem(int status, const error& failure);
http_response problem(const error& failure);

/// Reads a problem back. Other bodies give the status alone, with a code by its class.
error read_problem(const http_response& response);

} // namespace nexte::control
