// The one JSON reader of the program: RapidJSON behind limits, as events or as a small tree.
#pragma once

#include "protocol/core/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexte::json {

struct limits {
  size_t depth_max = 64; ///< Open containers; `value` trees are destroyed recursively.
  size_t document_bytes_max = 64 * 1024 * 1024;
  size_t number_bytes_max = 400;
};

/// Receives a document as events, in order. `offset` is the byte position of the value's first
/// character in the input (for a string, of its quote), `end` the position one past its last, so
/// that a value can be cut out as it stands. Returning false stops the parse (which then reports
/// `malformed`, "stopped").
class events {
public:
  virtual ~events() = default;
  virtual bool on_null(size_t offset) = 0;
  virtual bool on_bool(bool value, size_t offset) = 0;
  virtual bool on_number(std::string_view text, size_t offset) = 0; ///< As written.
  virtual bool on_string(std::string_view text, size_t offset)
      = 0; ///< Decoded; lives for the call.
  virtual bool on_key(std::string_view name) = 0;
  virtual bool on_object_begin(size_t offset) = 0;
  virtual bool on_object_end(size_t end) = 0;
  virtual bool on_array_begin(size_t offset) = 0;
  virtual bool on_array_end(size_t end) = 0;
};

/// Parses the whole of `text`: `malformed` for anything RFC 8259 forbids, invalid UTF-8, a lone
/// surrogate, trailing bytes, a number past the range of a double, or a limit. The error names the
/// byte and the reason, never the content. A leading byte order mark is skipped (RFC 8259 section
/// 8.1 permits it, and servers do send it); offsets count it. Duplicate keys are the receiver's to
/// refuse. Never throws, never recurses.
result<void> parse(std::string_view text, events& to, const limits& caps = {});

/// Comments allowed (`//` and `/* */`), for configuration files.
result<void> parse_with_comments(std::string_view text, events& to, const limits& caps = {});

/// A document as a tree, for small ones: error bodies, tokens, configuration. A duplicate key
/// anywhere is `malformed`.
class value {
public:
  enum class kind : uint8_t { null, boolean, number, string, array, object };
  using member = std::pair<std::string, value>;

  value() noexcept; ///< Null. Out of line: `member` is complete only there.

  kind type = kind::null;
  bool truth = false;          ///< kind::boolean
  std::string text;            ///< kind::string decoded; kind::number as written
  std::vector<value> items;    ///< kind::array
  std::vector<member> members; ///< kind::object, in order

  /// The member of that name, or null (also when this is no object).
  const value* find(std::string_view name) const;
  /// The member's decoded text if it is a string; else an empty view.
  std::string_view string_or_empty(std::string_view name) const;
  /// An integer written as a number without fraction or exponent, or as a string of digits.
  std::optional<int64_t> as_int() const;
  bool is_object() const {
    return type == kind::object;
  }
  bool is_array() const {
    return type == kind::array;
  }
  bool is_string() const {
    return type == kind::string;
  }
};

/// The texts of an array; other items, and what is no array, are left out.
std::vector<std::string> texts_of(const value* list);

result<value> parse_value(std::string_view text, const limits& caps = {});
result<value> parse_value_with_comments(std::string_view text, const limits& caps = {});

} // namespace nexte::json
