#include "protocol/checkpoint_text.hpp"

#include <algorithm>

namespace nexte {

json::writer begin_checkpoint(int64_t version, std::string_view phase) {
  json::writer out;
  out.begin_object().key("v").value(version);
  out.key("phase").value(phase);
  return out;
}

void write_time(json::writer& out, std::string_view name, wall_time at) {
  out.key(name).value(static_cast<int64_t>(at.time_since_epoch().count()));
}

void write_cursor(json::writer& out, std::string_view name, const std::string& cursor) {
  if (!cursor.empty())
    out.key(name).value(cursor);
}

std::optional<checkpoint_text> read_checkpoint_text(std::string_view text, int64_t version,
                                                    std::span<const std::string_view> phases) {
  auto tree = json::parse_value(text);
  if (!tree)
    return std::nullopt;
  const auto* v = tree->find("v");
  const auto named = std::ranges::find(phases, tree->string_or_empty("phase"));
  if (!v || v->as_int() != version || named == phases.end())
    return std::nullopt;
  return checkpoint_text{*std::move(tree), static_cast<size_t>(named - phases.begin())};
}

std::optional<wall_time> time_in(const json::value& members, std::string_view name) {
  const auto* found = members.find(name);
  const auto ms = found ? found->as_int() : std::nullopt;
  if (!ms || *ms < 0)
    return std::nullopt;
  return wall_time{milliseconds{*ms}};
}

} // namespace nexte
