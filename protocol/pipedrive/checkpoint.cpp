#include "protocol/pipedrive/checkpoint.hpp"

#include "protocol/checkpoint_text.hpp"

namespace nexte::pipedrive {
namespace {

constexpr int64_t version = 1;
constexpr std::string_view phases[] = {"list", "closing", "changes"};

} // namespace

std::string write_checkpoint(const checkpoint& from) {
  auto out = begin_checkpoint(version, phases[static_cast<size_t>(from.at)]);
  write_cursor(out, "cursor", from.cursor);
  write_time(out, "since", from.since);
  write_time(out, "deleted", from.deleted_since);
  write_time(out, "archived", from.archived_since);
  write_time(out, "looked", from.looked);
  return out.end_object().take();
}

std::optional<checkpoint> read_checkpoint(std::string_view text) {
  const auto written = read_checkpoint_text(text, version, phases);
  if (!written)
    return std::nullopt;
  const auto since = time_in(written->members, "since");
  const auto deleted = time_in(written->members, "deleted");
  const auto archived = time_in(written->members, "archived");
  const auto looked = time_in(written->members, "looked");
  if (!since || !deleted || !archived || !looked)
    return std::nullopt;
  checkpoint read;
  read.at = static_cast<phase>(written->phase);
  read.cursor = written->members.string_or_empty("cursor");
  read.since = *since;
  read.deleted_since = *deleted;
  read.archived_since = *archived;
  read.looked = *looked;
  return read;
}

} // namespace nexte::pipedrive
