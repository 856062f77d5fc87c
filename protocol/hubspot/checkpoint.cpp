#include "protocol/hubspot/checkpoint.hpp"

#include "protocol/checkpoint_text.hpp"

namespace nexte::hubspot {
namespace {

constexpr int64_t version = 1;
constexpr std::string_view phases[] = {"list", "closing", "changes"};

} // namespace

std::string write_checkpoint(const checkpoint& from) {
  auto out = begin_checkpoint(version, phases[static_cast<size_t>(from.at)]);
  write_cursor(out, "after", from.list_after);
  write_time(out, "since", from.since);
  write_cursor(out, "id", from.since_id);
  out.key("archived").begin_object();
  write_cursor(out, "after", from.archived_after);
  write_time(out, "since", from.archived_since);
  write_time(out, "began", from.archived_began);
  return out.end_object().end_object().take();
}

std::optional<checkpoint> read_checkpoint(std::string_view text) {
  const auto written = read_checkpoint_text(text, version, phases);
  const auto* archived = written ? written->members.find("archived") : nullptr;
  if (!archived)
    return std::nullopt;
  const auto& members = written->members;
  const auto since = time_in(members, "since");
  const auto archived_since = time_in(*archived, "since");
  const auto archived_began = time_in(*archived, "began");
  if (!since || !archived_since || !archived_began)
    return std::nullopt;
  checkpoint read;
  read.at = static_cast<phase>(written->phase);
  read.list_after = members.string_or_empty("after");
  read.since = *since;
  read.since_id = members.string_or_empty("id");
  read.archived_after = archived->string_or_empty("after");
  read.archived_since = *archived_since;
  read.archived_began = *archived_began;
  return read;
}

} // namespace nexte::hubspot
