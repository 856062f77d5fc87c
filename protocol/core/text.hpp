// Small encodings: base32, base64, hex, percent. No allocation tricks, no locale.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nexte {

/// RFC 4648 section 5 without padding (PKCE, state values).
std::string base64url(std::span<const uint8_t> bytes);
/// RFC 4648 section 4 with padding (HTTP Basic).
std::string base64(std::string_view bytes);
/// Reads what `base64` writes; nullopt for anything else.
std::optional<std::string> unbase64(std::string_view text);
/// Lower-case hex, two digits a byte.
std::string hex(std::span<const uint8_t> bytes);
std::optional<std::string> unhex(std::string_view text);

/// Percent-encodes everything but RFC 3986 unreserved characters; fit for a query value, a path
/// segment and `application/x-www-form-urlencoded` (a space becomes `%20`).
std::string percent_encode(std::string_view text);
/// Decodes %XX (and `+` as space when `form`); nullopt on a broken escape.
std::optional<std::string> percent_decode(std::string_view text, bool form = true);

/// Compares in a time that depends on the lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);

/// ASCII case-insensitive equality (header names, schemes).
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// True for well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

} // namespace nexte
