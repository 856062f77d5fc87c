// Reads Graph's answers: a page of a delta, and one item. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/record.hpp"
#include "protocol/core/record_guard.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::microsoft {

/// Bytes of a link below the API's address. Graph's are some hundred bytes.
inline constexpr size_t link_bytes_max = 2048;

/// One entry of a delta, or one item.
struct item {
  /// `version` is the changeKey, empty where the entry has none; `modified_at` epoch likewise.
  /// `deleted`: the entry says that the item left the collection (`@removed`).
  record_view record;
  /// All of it, and not only what changed (microsoft.md §3.3). An occurrence of a series is as
  /// whole as it comes: the rest is its master's (microsoft.md §4.2).
  bool whole = false;
  std::string_view folder; ///< `parentFolderId`; empty: not said.
};

struct delta_page {
  page texts; ///< Holds what the entries point into, and names what was stepped over.
  std::vector<item> items;
  std::string link;   ///< Where it goes on: below the API's address, beginning with a slash.
  bool ended = false; ///< The link is the delta link: nothing is left to be read now.
};

/// Reads an answer of a delta. An entry without readable id or with a member of the wrong type, or
/// that `guard` bars, is stepped over and named.
///
/// `malformed` for what is not JSON, an answer without its array or without exactly one of the two
/// links, a link that is not below `api_base` (a token would be sent there), and several entries
/// of which none can be read.
/// @pre `bytes` is not null
result<delta_page> read_delta(std::shared_ptr<const std::string> bytes, std::string_view api_base,
                              record_guard& guard);

/// Reads an answer that is one item; its texts are kept by `into`. Nullopt: it was stepped over,
/// and `into` names it. `malformed` for what is no object with an id.
result<std::optional<item>> read_item(const std::string& text, page& into, record_guard& guard);

/// The part of a link below `api_base`; nullopt where it leads elsewhere.
std::optional<std::string> link_below(std::string_view api_base, std::string_view link);

} // namespace nexte::microsoft
