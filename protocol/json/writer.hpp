// Writes JSON text. Strings are escaped by RFC 8259; invalid UTF-8 becomes U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nexte::json {

class value;

/// Appends to a growing text; commas are its business. Use: `begin_object().key("a").value(1)
/// .end_object()`, then `take()`.
class writer {
public:
  writer& begin_object();
  writer& end_object();
  writer& begin_array();
  writer& end_array();
  writer& key(std::string_view name);
  writer& value(std::string_view text);
  writer& value(const char* text) {
    return value(std::string_view{text});
  }
  writer& value(const std::string& text) {
    return value(std::string_view{text});
  }
  writer& value(bool truth);
  writer& value(int64_t number);
  writer& value(uint64_t number);
  writer& value(int number) {
    return value(static_cast<int64_t>(number));
  }
  writer& value(unsigned number) {
    return value(static_cast<uint64_t>(number));
  }
  writer& value(double number); ///< Not finite: null.
  writer& null();
  /// Inserts JSON text as it stands. @pre `text` is one valid value
  writer& raw(std::string_view text);
  std::string take();

private:
  void separate();
  std::string text_;
  bool first_ = true; ///< No comma before the next element.
};

/// A tree as JSON text.
std::string to_text(const value& tree);

/// `text` as a JSON string, quotes included.
std::string quoted(std::string_view text);

} // namespace nexte::json
