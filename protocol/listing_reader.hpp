// Reads a page of records out of a list's answer, as slices of it. Where the members stand is data
// of each provider. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/record.hpp"
#include "protocol/core/record_guard.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nexte {

/// Printable ASCII bytes of a paging cursor: it must fit a checkpoint, escaped. Providers' are some
/// twenty to two hundred bytes.
inline constexpr size_t cursor_bytes_max = 1024;

/// How a list says that no page follows.
enum class listing_end : uint8_t {
  no_cursor,   ///< The cursor, or what holds it, is not there.
  null_cursor, ///< The cursor is null; an answer without any is broken.
};

/// The members that a list's answer is read by. An empty name: there is none.
struct listing_shape {
  std::string_view records;                 ///< The array, at the top.
  std::span<const std::string_view> cursor; ///< The way to it: objects, at last a text. Not empty.
  listing_end end = listing_end::no_cursor;
  std::string_view total;
  // Of a record:
  std::string_view id;
  bool numeric_id = false; ///< Written as a number; else as a text.
  std::string_view modified;
  std::array<std::string_view, 2> gone; ///< Either of them true: `deleted`.
  /// When it went, if the provider tells that apart from `modified`.
  std::string_view gone_at;
};

/// The records of one answer.
struct listed_page {
  /// In the answer's order, as slices of it. `version` is `modified` as written and `modified_at`
  /// the same instant. Where the shape has `gone_at`, it takes their place in a record that is
  /// gone, so that an archiving is newer than the last edit before it; epoch where it says nothing.
  page objects;
  std::optional<std::string> after; ///< Where the next page begins; absent: this was the last.
  std::optional<uint64_t> total;    ///< Of the whole search, where the answer says so.
};

/// Reads an answer by its shape; unknown members are stepped over. The page holds `bytes`.
///
/// A record without readable id or time, with one of these twice, or that `guard` bars, is stepped
/// over (`page::unread`); it is named by its id, or by its place where it has none.
///
/// `malformed`, naming the byte, for what is not JSON, an answer without its array or its end
/// marker, a cursor that is no text or past its limits, a member twice that decides paging, and
/// several records of which none can be read.
/// @pre `bytes` is not null; `shape` outlives the call
result<listed_page> read_listing(std::shared_ptr<const std::string> bytes,
                                 const listing_shape& shape, record_guard& guard);

} // namespace nexte
