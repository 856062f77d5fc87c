// Where the stream of calendar events stands, as the text that is committed with its records. Pure.
#pragma once

#include "protocol/google/checkpoint.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace nexte::google {

/// Bytes of a sync token; real ones are some thirty to sixty.
inline constexpr size_t sync_token_bytes_max = 512;
/// A checkpoint may be so long: some 50 calendars fit into it.
inline constexpr size_t calendar_checkpoint_bytes_max = 4096;

/// Written as JSON:
///
///     {"v":1,"phase":"list","tokens":{"<key>":"<sync token>",…},"of":"<key>","cursor":"<cursor>"}
///
/// A key stands for a calendar, whose id may be long (`calendar_key`). `of` and `cursor` are left
/// out where no list stands in its middle.
struct calendar_checkpoint {
  phase at = phase::list;
  std::map<std::string, std::string, std::less<>> tokens; ///< Of the calendars listed so far.
  std::string of;                                         ///< The calendar that is being listed …
  std::string cursor;                                     ///< … and where its list goes on.

  friend bool operator==(const calendar_checkpoint&, const calendar_checkpoint&) = default;
};

/// 11 characters: 66 bits of the id's SHA-256.
std::string calendar_key(std::string_view calendar_id);

std::string write_checkpoint(const calendar_checkpoint& from);

/// Nullopt for anything but a checkpoint of this version: a later or damaged one leads to a full
/// enumeration, which loses nothing.
std::optional<calendar_checkpoint> read_calendar_checkpoint(std::string_view text);

} // namespace nexte::google
