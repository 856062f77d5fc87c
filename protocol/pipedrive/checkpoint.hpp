// Where a Pipedrive stream stands, as the text that is committed with its records. Pure.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexte::pipedrive {

/// The phases of a stream: it enumerates (`list`), closes the enumeration with what changed
/// meanwhile (`closing`), and from then on follows the changes.
enum class phase : uint8_t { list, closing, changes };

/// Written as JSON, at most 4 KiB:
///
///     {"v":1,"phase":"list","cursor":"<cursor>","since":MS,
///      "deleted":MS,"archived":MS,"looked":MS}
///
/// The cursor is left out where the list stands at its beginning, and behind it. Times are
/// milliseconds since the epoch, by Pipedrive's clock, which ticks in seconds.
struct checkpoint {
  phase at = phase::list;
  std::string cursor; ///< The enumeration goes on here.
  /// Changes before it are known, or will be once the enumeration is through.
  wall_time since{};
  wall_time deleted_since{};  ///< The same of deletions, where a list tells them …
  wall_time archived_since{}; ///< … and of archivings.
  wall_time looked{};         ///< When those two lists were last asked.

  friend bool operator==(const checkpoint&, const checkpoint&) = default;
};

std::string write_checkpoint(const checkpoint& from);

/// Nullopt for anything but a checkpoint of this version: a later or damaged one leads to a full
/// enumeration, which loses nothing.
std::optional<checkpoint> read_checkpoint(std::string_view text);

} // namespace nexte::pipedrive
