// What may stand in the head of a message (RFC 9110 section 5). Guards against injection.
#pragma once

#include <algorithm>
#include <string_view>

namespace nexte {

/// A method's or a field's name.
inline bool is_token(std::string_view text) {
  constexpr std::string_view tokens = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !text.empty() && text.find_first_not_of(tokens) == text.npos;
}

/// No control character but the tab.
inline bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
  });
}

} // namespace nexte
