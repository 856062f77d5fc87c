#include "protocol/notion/checkpoint.hpp"

#include "protocol/checkpoint_text.hpp"

namespace nexte::notion {
namespace {

constexpr int64_t version = 1;
constexpr std::string_view phases[] = {"pages", "sources", "last_sources", "closing", "changes"};

} // namespace

std::string write_checkpoint(const checkpoint& from) {
  auto out = begin_checkpoint(version, phases[static_cast<size_t>(from.at)]);
  write_cursor(out, "cursor", from.cursor);
  out.key("sources").begin_array();
  for (const auto& id : from.sources)
    out.value(id);
  out.end_array();
  write_cursor(out, "row_cursor", from.row_cursor);
  write_time(out, "rows_from", from.rows_from);
  write_time(out, "since", from.since);
  write_time(out, "trashed", from.trashed_since);
  write_time(out, "trash_read", from.trash_read);
  return out.end_object().take();
}

std::optional<checkpoint> read_checkpoint(std::string_view text) {
  const auto written = read_checkpoint_text(text, version, phases);
  if (!written)
    return std::nullopt;
  const auto& members = written->members;
  const auto rows_from = time_in(members, "rows_from");
  const auto since = time_in(members, "since");
  const auto trashed = time_in(members, "trashed");
  const auto trash_read = time_in(members, "trash_read");
  if (!rows_from || !since || !trashed || !trash_read)
    return std::nullopt;
  checkpoint read;
  read.at = static_cast<phase>(written->phase);
  read.cursor = members.string_or_empty("cursor");
  read.sources = json::texts_of(members.find("sources"));
  read.row_cursor = members.string_or_empty("row_cursor");
  read.rows_from = *rows_from;
  read.since = *since;
  read.trashed_since = *trashed;
  read.trash_read = *trash_read;
  return read;
}

} // namespace nexte::notion
