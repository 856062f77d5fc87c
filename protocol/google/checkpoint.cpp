#include "protocol/google/checkpoint.hpp"

#include "protocol/checkpoint_text.hpp"
#include "protocol/listing_reader.hpp"

#include <algorithm>

namespace nexte::google {
namespace {

constexpr int64_t version = 1;
constexpr std::string_view phases[] = {"list", "closing", "changes"};

/// Left out, or such as was written.
bool is_sound(std::string_view text, size_t most) {
  return text.empty() || is_cursor(text, most);
}

} // namespace

bool is_cursor(std::string_view text, size_t most) {
  return !text.empty() && text.size() <= most
         && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

std::string write_checkpoint(const checkpoint& from) {
  auto out = begin_checkpoint(version, phases[static_cast<size_t>(from.at)]);
  write_cursor(out, "from", from.from);
  write_cursor(out, "until", from.until);
  write_cursor(out, "cursor", from.cursor);
  return out.end_object().take();
}

std::optional<checkpoint> read_checkpoint(std::string_view text) {
  const auto written = read_checkpoint_text(text, version, phases);
  if (!written)
    return std::nullopt;
  checkpoint read;
  read.at = static_cast<phase>(written->phase);
  read.from = written->members.string_or_empty("from");
  read.until = written->members.string_or_empty("until");
  read.cursor = written->members.string_or_empty("cursor");
  if (!is_sound(read.from, place_bytes_max) || !is_sound(read.until, place_bytes_max)
      || !is_sound(read.cursor, cursor_bytes_max) || (read.from.empty() && read.at != phase::list))
    return std::nullopt;
  return read;
}

} // namespace nexte::google
