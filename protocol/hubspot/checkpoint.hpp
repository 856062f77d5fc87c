// Where a HubSpot stream stands, as the text that is committed with its records. Pure.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexte::hubspot {

/// The phases of a stream: it enumerates (`list`), closes the enumeration with what changed
/// meanwhile (`closing`), and from then on looks for changes (`changes`).
enum class phase : uint8_t { list, closing, changes };

/// Written as JSON, at most 4 KiB:
///
///     {"v":1,"phase":"list","after":"<cursor>","since":MS,
///      "archived":{"after":"<cursor>","since":MS,"began":MS}}
///
/// Cursors are left out where a listing stands at its beginning, `id` where no millisecond is being
/// drained. Times are milliseconds since the epoch, by HubSpot's clock.
struct checkpoint {
  phase at = phase::list;
  std::string list_after; ///< The enumeration goes on here.
  /// Changes before it are known, or will be once the enumeration is through.
  wall_time since{};
  /// Of the objects last modified in the millisecond `since` those up to this id are known.
  std::string since_id;
  std::string archived_after; ///< The round through the archived objects goes on here.
  wall_time archived_since{}; ///< What was archived before is known.
  wall_time archived_began{}; ///< When that round began.

  friend bool operator==(const checkpoint&, const checkpoint&) = default;
};

std::string write_checkpoint(const checkpoint& from);

/// Nullopt for anything but a checkpoint of this version: a later or damaged one leads to a full
/// enumeration, which loses nothing.
std::optional<checkpoint> read_checkpoint(std::string_view text);

} // namespace nexte::hubspot
