// Reads an answer that is sent as it comes, such as a stream of events from this computer.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/time.hpp"
#include "protocol/http/message.hpp"

#include <functional>
#include <string_view>

namespace nexte {

/// What is read of an answer that is no 200.
inline constexpr size_t refusal_bytes_max = size_t{64} * 1024;

/// Sends `request` over plain http to loopback and hands each part of a 200's body on as it comes,
/// on this thread, until `on_bytes` returns false or the body ends. Yields the head; the body of
/// another status is in the response. Errors: `refused` for what is no http address on loopback,
/// `transport` when nobody answers, nothing comes for `silence_max`, or the answer breaks off.
result<http_response> read_stream(const http_request& request, milliseconds silence_max,
                                  const std::function<bool(std::string_view)>& on_bytes);

} // namespace nexte
