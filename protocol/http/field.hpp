// What may stand in the head of a message (RFC 9110 section 5). Guards against injection.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace nexte {

/// Beast throws at a field that 16 bits cannot count. A head of at most this size holds none.
inline constexpr size_t head_bytes_ceiling = 64 * 1024;
/// Of one field that we send. Servers take 8 to 16 KiB.
inline constexpr size_t field_bytes_max = 32 * 1024;

/// A method's or a field's name.
inline bool is_token(std::string_view text) {
  constexpr std::string_view tokens = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !text.empty() && text.find_first_not_of(tokens) == text.npos;
}

/// A name that is a token, a value without control characters but the tab, neither too long.
inline bool is_field(std::string_view name, std::string_view value) {
  return is_token(name) && name.size() <= field_bytes_max && value.size() <= field_bytes_max
         && std::ranges::all_of(value, [](char c) {
              const auto byte = static_cast<unsigned char>(c);
              return (byte >= 0x20 && byte != 0x7f) || c == '\t';
            });
}

} // namespace nexte
