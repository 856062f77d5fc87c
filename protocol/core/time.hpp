// Clock values and the written forms of time that providers use. No clock is read here.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace nexte {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// UTC wall-clock time in milliseconds; names of such values end in `_at`.
using wall_time = std::chrono::sys_time<milliseconds>;
/// A clock that only goes forward, for waits; names of such values end in `_due`.
using steady_time = std::chrono::steady_clock::time_point;

/// Parses RFC 3339 / ISO 8601 as APIs write it: `2026-02-25T16:23:49.023Z`, any number of
/// fraction digits (cut to ms), `Z` or `±hh:mm`; a bare date is midnight UTC.
std::optional<wall_time> parse_iso_time(std::string_view text);

/// `2026-02-25T16:23:49.023Z`, always three fraction digits.
std::string format_iso_time(wall_time at);

/// `2026-02-25T16:23:49Z`, cut to the second.
std::string format_iso_seconds(wall_time at);

/// Parses the three forms of RFC 9110 section 5.6.7 (IMF-fixdate, RFC 850, asctime).
/// `now` decides the century of a two-digit year.
std::optional<wall_time> parse_http_date(std::string_view text, wall_time now);

/// IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string format_http_date(wall_time at);

/// The wait a `Retry-After` value asks for, counted from receipt. Seconds (a fraction is rounded
/// up) or a date, which is read against `date` (the answer's own Date header) when given, else
/// against `now`. Never negative; nullopt when unreadable. RFC 9110 section 10.2.3.
std::optional<milliseconds> parse_retry_after(std::string_view value, std::string_view date,
                                              wall_time now);

} // namespace nexte
