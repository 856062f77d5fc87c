#include "protocol/hubspot/checkpoint.hpp"

#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

#include <algorithm>
#include <iterator>

namespace nexte::hubspot {
namespace {

constexpr int64_t version = 1;
constexpr std::string_view phases[] = {"list", "closing", "changes"};

int64_t in_milliseconds(wall_time at) {
  return at.time_since_epoch().count();
}

std::optional<wall_time> time_of(const json::value& in, std::string_view name) {
  const auto* found = in.find(name);
  const auto ms = found ? found->as_int() : std::nullopt;
  if (!ms || *ms < 0)
    return std::nullopt;
  return wall_time{milliseconds{*ms}};
}

void write_cursor(json::writer& out, std::string_view name, const std::string& cursor) {
  if (!cursor.empty())
    out.key(name).value(cursor);
}

} // namespace

std::string write_checkpoint(const checkpoint& from) {
  json::writer out;
  out.begin_object().key("v").value(version);
  out.key("phase").value(phases[static_cast<size_t>(from.at)]);
  write_cursor(out, "after", from.list_after);
  out.key("since").value(in_milliseconds(from.since));
  write_cursor(out, "id", from.since_id);
  out.key("archived").begin_object();
  write_cursor(out, "after", from.archived_after);
  out.key("since").value(in_milliseconds(from.archived_since));
  out.key("began").value(in_milliseconds(from.archived_began));
  return out.end_object().end_object().take();
}

std::optional<checkpoint> read_checkpoint(std::string_view text) {
  const auto tree = json::parse_value(text);
  if (!tree)
    return std::nullopt;
  const auto* v = tree->find("v");
  const auto named = std::ranges::find(phases, tree->string_or_empty("phase"));
  const auto* archived = tree->find("archived");
  if (!v || v->as_int() != version || named == std::end(phases) || !archived)
    return std::nullopt;
  const auto since = time_of(*tree, "since");
  const auto archived_since = time_of(*archived, "since");
  const auto archived_began = time_of(*archived, "began");
  if (!since || !archived_since || !archived_began)
    return std::nullopt;
  checkpoint read;
  read.at = static_cast<phase>(std::distance(std::begin(phases), named));
  read.list_after = tree->string_or_empty("after");
  read.since = *since;
  read.since_id = tree->string_or_empty("id");
  read.archived_after = archived->string_or_empty("after");
  read.archived_since = *archived_since;
  read.archived_began = *archived_began;
  return read;
}

} // namespace nexte::hubspot
