// What connectors read off an answer whoever it is from: type, times, counters, refusals. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/time.hpp"
#include "protocol/http/message.hpp"
#include "protocol/json/reader.hpp"

#include <optional>
#include <string_view>

namespace nexte {

/// Taken off our own clock where a provider does not tell its own.
inline constexpr std::chrono::hours clock_doubt{1};

/// `application/json`, `application/problem+json`, or no type at all.
bool may_be_json(const http_response& response);

/// The error envelope in the body; null JSON when it cannot be read. Real ones are a few hundred
/// bytes: nothing is read of one over 64 KiB.
json::value read_envelope(const http_response& response);

/// What `Retry-After` asks for, cut to `most`.
std::optional<milliseconds> read_retry_after(const http_response& response, wall_time now,
                                             milliseconds most);

/// A header field that is a whole number; nullopt for anything else.
std::optional<unsigned> read_number(const http_response& response, std::string_view field);

/// The provider's clock as the answer tells it; without, ours less `clock_doubt`: a change feed
/// that begins too early loses nothing.
wall_time read_server_time(const http_response& response, wall_time now);

/// A paging cursor that is too old or of another list is answered so (400, 404, 410).
bool refuses_cursor(const http_response& response);

/// The list named its own page as the next.
error cursor_stands_still(std::string_view provider_title);

/// A list that the connector asks for is refused, and nobody but its developer can mend it.
error list_refused(std::string_view provider_title, std::string_view what, std::string_view code);

} // namespace nexte
