// Texts for people with places to fill in.
#pragma once

#include <string>
#include <string_view>

namespace nexte {

/// `text` with every `mark` (not empty, e.g. "{provider}") replaced by `value`.
inline std::string filled(std::string text, std::string_view mark, std::string_view value) {
  for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + value.size()))
    text.replace(at, mark.size(), value);
  return text;
}

} // namespace nexte
