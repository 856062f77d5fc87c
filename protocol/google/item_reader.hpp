// Reads the items of a Google list as slices of the answer; Calendar and Drive share it. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/record.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::google {

/// The members that a list's answer is read by.
struct item_shape {
  std::string_view items;                 ///< The array, at the top.
  std::span<const std::string_view> tops; ///< At the top: cursors and marks.
  /// Of an item: texts, truth values and numbers. "file.id" is the `id` of its object `file`.
  std::span<const std::string_view> wanted;
  std::string_view part; ///< An object of an item that is cut out as well; empty: none.
};

struct item {
  std::string_view text; ///< As it stands in the answer.
  std::string_view part; ///< `item_shape::part` likewise; empty: it is not there.
  /// By place in `wanted`: decoded texts, "true", "false", numbers as written. Empty: not there,
  /// null, or of another kind.
  std::vector<std::string_view> values;
  std::string problem; ///< A member that is wanted stands twice: the item cannot be read.
};

struct item_list {
  page holder;         ///< Holds the answer: the items' texts live as long.
  bool listed = false; ///< The array is there.
  std::vector<item> items;
  /// By place in `item_shape::tops`: texts, "true", "false"; empty: not there.
  std::vector<std::string> tops;
};

/// Reads an answer by its shape; unknown members are stepped over.
///
/// `malformed`, naming the byte, for what is not JSON, an array that is none or holds what is no
/// object, and a member at the top that is no text of 1 to `cursor_bytes_max` printable characters
/// and no truth value, or stands twice. An answer may have no array: `item_list::listed`.
/// @pre `bytes` is not null; `shape` outlives the call
result<item_list> read_items(std::shared_ptr<const std::string> bytes, const item_shape& shape);

} // namespace nexte::google
