// What the checkpoints of all connectors are written in: JSON with a version and a phase. Pure.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nexte {

/// Begins `{"v":VERSION,"phase":"…"`; the caller goes on and ends the object.
json::writer begin_checkpoint(int64_t version, std::string_view phase);
/// Milliseconds since the epoch.
void write_time(json::writer& out, std::string_view name, wall_time at);
/// Left out where it is empty: the list stands at its beginning.
void write_cursor(json::writer& out, std::string_view name, const std::string& cursor);

/// The object, if `text` is a checkpoint of that version in one of those phases. Nullopt for a
/// later or damaged one: the connector then enumerates anew, which loses nothing.
struct checkpoint_text {
  json::value members;
  size_t phase = 0; ///< Its place among the phases.
};
std::optional<checkpoint_text> read_checkpoint_text(std::string_view text, int64_t version,
                                                    std::span<const std::string_view> phases);
/// Nullopt when it is missing or before the epoch.
std::optional<wall_time> time_in(const json::value& members, std::string_view name);

} // namespace nexte
