// Where Notion's stream stands, as the text that is committed with its records. Pure.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::notion {

// So that a checkpoint stays below 4 KiB, escaped. Notion's ids and cursors are UUIDs.
inline constexpr size_t own_cursor_bytes_max = 400;
inline constexpr size_t source_id_bytes_max = 36;
inline constexpr unsigned sources_max = 25; ///< Named at a time.

/// The phases of the stream: it enumerates what a search shows (`pages`), then the rows of each
/// data source that another search shows (`sources`; `last_sources` once that search is through),
/// closes the enumeration with what changed meanwhile (`closing`), and from then on follows the
/// changes.
enum class phase : uint8_t { pages, sources, last_sources, closing, changes };

/// Written as JSON, at most 4 KiB:
///
///     {"v":1,"phase":"sources","cursor":"<of the search>","sources":["<id>",…],
///      "row_cursor":"<cursor>","rows_from":MS,"since":MS,"trashed":MS,"trash_read":MS}
///
/// A cursor is left out where its list stands at its beginning, and behind it. Times are
/// milliseconds since the epoch, by Notion's clock, which shows minutes.
struct checkpoint {
  phase at = phase::pages;
  std::string cursor;               ///< The search goes on here.
  std::vector<std::string> sources; ///< To be queried yet; the first one is under way.
  std::string row_cursor;           ///< Its query goes on here …
  wall_time rows_from{};            ///< … among the rows created since then.
  /// Changes before it are known, or will be once the enumeration is through.
  wall_time since{};
  wall_time trashed_since{}; ///< The same of what went to the trash.
  wall_time trash_read{};    ///< When the trash was last read to its end.

  friend bool operator==(const checkpoint&, const checkpoint&) = default;
};

std::string write_checkpoint(const checkpoint& from);

/// Nullopt for anything but a checkpoint of this version: a later or damaged one leads to a full
/// enumeration, which loses nothing.
std::optional<checkpoint> read_checkpoint(std::string_view text);

} // namespace nexte::notion
