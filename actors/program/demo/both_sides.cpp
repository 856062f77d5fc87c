#include "actors/program/demo/both_sides.hpp"

#include "protocol/json/writer.hpp"

#include <algorithm>
#include <utility>

namespace nexte::program {
namespace {

constexpr seconds settle_max{60};
constexpr std::string_view stream_name = "contacts";
constexpr std::string_view field = "jobtitle";
constexpr std::string_view value_there = "Navigator";
constexpr std::string_view value_here = "Captain";

result<void> set_mode(demo_world& world, const customer& who, const std::string& mode) {
  return wait_for<void>([&](auto done) { world.running().set_mode(who.id, mode, done); });
}

/// What a person there does; without a value they only look. Yields the contact as it stands.
result<json::value> at_contact(demo_world& world, const customer& who, const std::string& record,
                               std::string_view value) {
  json::writer body;
  body.begin_object().key("type").value(stream_name).key("account").value(who.account);
  body.key("id").value(record).key("properties").begin_object();
  if (!value.empty())
    body.key(field).value(value);
  body.end_object().end_object();
  return world.at_provider("edit", body.take());
}

result<std::string> live_contact(demo_world& world, const customer& who) {
  const auto rows = world.running().data().records(who.id, std::string{stream_name}, {}, 100);
  if (!rows)
    return rows.failure();
  const auto found = std::ranges::find(*rows, false, &record_row::deleted);
  if (found == rows->end())
    return error{ec::bug, "there is no live contact to edit"};
  return found->id;
}

result<std::optional<conflict_row>> decided(demo_world& world, const customer& who,
                                            const std::string& record) {
  conflict_filter filter;
  filter.integration = who.id;
  filter.record = record;
  const auto rows = world.running().data().conflicts(filter, 1);
  if (!rows)
    return rows.failure();
  return rows->empty() ? std::nullopt : std::optional{rows->front()};
}

/// The edits, while neither side sees the other's.
result<void> edit_unseen(demo_world& world, const customer& who, const std::string& record) {
  if (auto paused = set_mode(world, who, "paused"); !paused)
    return paused;
  if (auto there = at_contact(world, who, record, value_there); !there)
    return std::move(there).failure();
  bool looked = false; // a moment later, so that the times tell which came first
  if (auto later = world.wait_until("a moment", settle_max,
                                    [&]() -> result<bool> { return std::exchange(looked, true); });
      !later)
    return later;
  json::writer fields;
  fields.begin_object().key(field).value(value_here).end_object();
  const auto here = wait_for<edit_receipt>([&](auto done) {
    world.running().put(who.id, std::string{stream_name}, record, fields.take(), done);
  });
  if (!here)
    return here.failure();
  return set_mode(world, who, "real_time");
}

} // namespace

result<std::string> both_sides_edit(demo_world& world) {
  const auto& who = world.customers().front();
  const auto record = live_contact(world, who);
  if (!record)
    return record.failure();
  if (auto edited = edit_unseen(world, who, *record); !edited)
    return std::move(edited).failure();
  std::optional<conflict_row> conflict;
  const auto settled = world.wait_until("both sides equal", settle_max, [&]() -> result<bool> {
    const auto status = world.status(who.id);
    if (!status)
      return status.failure();
    auto found = decided(world, who, *record);
    if (!found)
      return std::move(found).failure();
    conflict = *std::move(found);
    return conflict && status->pending_edits == 0;
  });
  if (!settled)
    return settled.failure();
  const auto there = at_contact(world, who, *record, {});
  if (!there)
    return there.failure();
  const auto* properties = there->find("properties");
  const std::string stands{properties ? properties->string_or_empty(field) : std::string_view{}};
  if (stands != value_here)
    return error{ec::bug, "the provider has \"" + stands + "\", not the later edit"};
  const auto& lost = conflict->loser.body;
  if (conflict->won != conflict_winner::local || lost.find(value_there) == std::string::npos)
    return error{ec::bug, "the audit log does not hold the edit that lost"};
  return "contact " + *record + " was edited there (" + std::string{value_there}
         + ") and then here (" + std::string{value_here}
         + "): the later edit stands on both sides, the other is conflict "
         + std::to_string(conflict->id) + " of the audit log";
}

} // namespace nexte::program
