// What became of the edits that people made on our side.
#include "actors/program/simulate/watch.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace nexte::program {
namespace {

/// The audit log, whole.
result<std::vector<conflict_row>> audit_log(const store& data) {
  constexpr size_t page = 256;
  std::vector<conflict_row> all;
  conflict_filter from;
  for (;;) {
    auto rows = data.conflicts(from, page);
    if (!rows)
      return rows;
    const bool last = rows->size() < page;
    if (!rows->empty())
      from.before = rows->back().id;
    std::ranges::move(*rows, std::back_inserter(all));
    if (last)
      return all;
  }
}

std::string describe(const taken_edit& edit) {
  return "edit " + std::to_string(edit.number) + " of " + edit.integration.str() + " " + edit.stream
         + " " + edit.record;
}

} // namespace

void watch::compare_edits() {
  const auto log = audit_log(world_.running().data());
  if (!log)
    return rules_.broken(invariant::no_edit_lost, log.failure().line());
  std::set<std::tuple<integration_id, std::string, std::string, std::string, std::string>> kept;
  for (const auto& row : *log)
    if (!kept.insert({row.integration, row.stream, row.record, row.loser.version + row.loser.body,
                      row.winner.version + row.winner.body})
             .second)
      rules_.broken(invariant::loser_kept_once, "conflict " + std::to_string(row.id) + " of "
                                                    + row.integration.str() + " " + row.stream + " "
                                                    + row.record + " is in the audit log twice");
  std::set<record_key> later; // records that were edited again, seen from the end
  for (auto edit = edits_.rbegin(); edit != edits_.rend(); ++edit) {
    const bool last = later.insert({edit->integration, edit->stream, edit->record}).second;
    if (edit->number == 0 || !last || world_.net().marks.contains(edit->number))
      continue;
    const auto mark = mark_of(edit->number);
    if (std::ranges::none_of(*log,
                             [&](const conflict_row& row) {
                               return row.integration == edit->integration
                                      && row.loser.body.find(mark) != std::string::npos;
                             })
        && !is_rejected(*edit))
      rules_.broken(invariant::no_edit_lost, describe(*edit) + " never reached the provider");
  }
  for (const auto& [id, from] : homes_)
    if (const auto waiting = world_.running().data().count_edits(id);
        waiting && waiting->waiting > 0)
      rules_.broken(invariant::edits_arrive,
                    id.str() + " still has " + std::to_string(waiting->waiting) + " edits to push",
                    std::string{from.provider->provider()} + "#" + std::to_string(from.account));
  look_for_twins();
}

/// The provider will never have it: a person was told.
bool watch::is_rejected(const taken_edit& edit) const {
  constexpr size_t many = 10'000;
  const auto rows = world_.running().data().edits(edit.integration, 0, many);
  const auto mark = mark_of(edit.number);
  return rows && std::ranges::any_of(*rows, [&](const edit_row& row) {
           return row.state == edit_state::rejected
                  && std::ranges::any_of(row.fields, [&](const auto& field) {
                       return field.second.value.find(mark) != std::string::npos;
                     });
         });
}

void watch::look_for_twins() {
  std::map<std::tuple<std::string, std::string, size_t>, std::map<std::string, size_t>> live;
  for (const auto& edit : edits_) {
    const auto known = homes_.find(edit.integration);
    if (!edit.creates || known == homes_.end())
      continue;
    const auto& from = known->second;
    const auto [at, is_new]
        = live.try_emplace({std::string{from.provider->provider()}, edit.stream, from.account});
    if (is_new)
      for (const auto& theirs : from.seen->records(edit.stream, from.account))
        at->second[theirs.text] += theirs.live ? 1 : 0;
    if (const auto twins = at->second.find(mark_of(edit.number));
        twins != at->second.end() && twins->second > 1)
      rules_.broken(invariant::one_object_per_create,
                    describe(edit) + " made " + std::to_string(twins->second) + " records");
  }
}

} // namespace nexte::program
