#include "storage/conflict.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

namespace nexte {
namespace {

using field_state = record_version::field_state;

constexpr std::array<std::string_view, 2> rule_names = {"last_write_wins", "merge_fields"};

std::string_view value_in(const field_map& fields, std::string_view field) {
  const auto found = fields.find(field);
  return found == fields.end() ? no_value : std::string_view{found->second};
}

/// By the total order above; of one that is the base's, only time and side count.
bool is_above(const record_base& base, const record_version& a, const record_version& b) {
  const auto rank = [&](const record_version& v) {
    return std::tuple{is_changed(base, v), v.latest(), v.deleted, v.changes, v.life};
  };
  return rank(a) > rank(b);
}

field_state join_field(std::string_view base_value, const field_state& a, const field_state& b) {
  const auto rank = [&](const field_state& s) {
    return std::tuple{s.value != base_value, s.stamp, std::string_view{s.value}};
  };
  return rank(a) < rank(b) ? b : a;
}

record_version join_fields(const record_base& base, const record_version& a,
                           const record_version& b) {
  record_version joined = a;
  const auto rank = [&](const record_version& v) {
    return std::tuple{v.deleted != base.deleted, v.life, v.deleted};
  };
  if (rank(a) < rank(b)) {
    joined.deleted = b.deleted;
    joined.life = b.life;
  }
  for (const auto& [field, state] : b.changes) {
    const auto [mine, added] = joined.changes.emplace(field, state);
    if (!added)
      mine->second = join_field(value_in(base.fields, field), mine->second, state);
  }
  return joined;
}

bool is_same(const record_base& a, const record_base& b) {
  return a.deleted == b.deleted && (a.deleted || a.fields == b.fields);
}

field_map patch_of(const record_version& version) {
  field_map patch;
  for (const auto& [field, state] : version.changes)
    patch.emplace(field, state.value);
  return patch;
}

/// Fields that both sides changed, each to something else.
std::vector<std::string> disputed(const record_base& base, const record_base& local,
                                  const record_base& remote) {
  std::vector<std::string> fields;
  const auto ours = difference(base.fields, local.fields);
  const auto theirs = difference(base.fields, remote.fields);
  for (const auto& [field, value] : ours) {
    const auto other = theirs.find(field);
    if (other != theirs.end() && other->second != value)
      fields.push_back(field);
  }
  return fields;
}

field_map push_of(const record_base& remote, const record_base& winner) {
  if (winner.deleted)
    return {};
  return difference(remote.deleted ? field_map{} : remote.fields, winner.fields);
}

/// What a merge overrode, field by field: the winner with the values that lost.
void judge_fields(const std::vector<std::string>& fields, const record_base& local,
                  const record_base& remote, decision& made) {
  std::set<edit_side> won;
  field_map lost;
  for (const auto& field : fields) {
    const bool ours = value_in(made.winner.fields, field) == value_in(local.fields, field);
    won.insert(ours ? edit_side::local : edit_side::remote);
    lost.emplace(field, value_in(ours ? remote.fields : local.fields, field));
  }
  made.won_by.assign(won.begin(), won.end());
  made.loser = {false, patched(made.winner.fields, lost)};
}

} // namespace

std::string_view to_string(conflict_rule rule) {
  return rule_names[static_cast<size_t>(rule)];
}

std::optional<conflict_rule> parse_conflict_rule(std::string_view text) {
  const auto found = std::ranges::find(rule_names, text);
  if (found == rule_names.end())
    return std::nullopt;
  return static_cast<conflict_rule>(found - rule_names.begin());
}

change_stamp record_version::latest() const {
  auto last = life;
  for (const auto& [field, state] : changes)
    last = std::max(last, state.stamp);
  return last;
}

record_version version_of(const record_base& base, bool deleted, const field_map& fields,
                          change_stamp stamp) {
  record_version version;
  version.deleted = deleted;
  version.life = stamp;
  if (!deleted)
    for (auto& [field, value] : difference(base.fields, fields))
      version.changes.emplace(field, field_state{value, stamp});
  return version;
}

record_base content_of(const record_base& base, const record_version& version) {
  const auto fields = patched(base.fields, patch_of(version));
  const bool edited_since = std::ranges::any_of(version.changes, [&](const auto& change) {
    return change.second.value != value_in(base.fields, change.first)
           && change.second.stamp > version.life;
  });
  return {version.deleted && !edited_since, fields};
}

bool is_changed(const record_base& base, const record_version& version) {
  return version.deleted != base.deleted
         || std::ranges::any_of(version.changes, [&](const auto& change) {
              return change.second.value != value_in(base.fields, change.first);
            });
}

record_version join(const record_base& base, const record_version& a, const record_version& b,
                    conflict_rule rule) {
  if (rule == conflict_rule::merge_fields)
    return join_fields(base, a, b);
  return is_above(base, b, a) ? b : a;
}

decision decide(const record_base& base, const record_version& local, const record_version& remote,
                conflict_rule rule) {
  const auto ours = content_of(base, local);
  const auto theirs = content_of(base, remote);
  decision made;
  made.winner = theirs;
  if (is_same(ours, theirs))
    return made;
  made.verdict = verdict_on_edit::remote;
  if (!is_changed(base, local))
    return made;
  if (!is_changed(base, remote)) {
    made.verdict = verdict_on_edit::local;
    made.winner = ours;
    made.push = push_of(theirs, ours);
    return made;
  }
  const bool both_live = !ours.deleted && !theirs.deleted;
  if (both_live && contains(theirs.fields, patch_of(local)))
    return made;
  made.winner = content_of(base, join(base, local, remote, rule));
  made.push = push_of(theirs, made.winner);
  const auto fields = disputed(base, ours, theirs);
  if (rule == conflict_rule::merge_fields && both_live) {
    made.verdict = fields.empty() ? verdict_on_edit::merged : verdict_on_edit::conflict;
    judge_fields(fields, ours, theirs, made);
    return made;
  }
  made.verdict = verdict_on_edit::conflict;
  // Where one side deleted, the record is as a whole one side's, or gone.
  const bool local_won
      = both_live ? is_same(made.winner, ours) : made.winner.deleted == ours.deleted;
  made.won_by = {local_won ? edit_side::local : edit_side::remote};
  made.loser = local_won ? theirs : ours;
  return made;
}

std::vector<field_difference> differences(const field_map& base, const field_map& winner,
                                          const field_map& loser) {
  std::set<std::string_view> names;
  for (const auto* fields : {&base, &winner, &loser})
    for (const auto& [field, value] : *fields)
      names.insert(field);
  std::vector<field_difference> found;
  for (const auto name : names) {
    const auto b = value_in(base, name);
    const auto w = value_in(winner, name);
    const auto l = value_in(loser, name);
    if (b != w || b != l)
      found.push_back({std::string{name}, std::string{b}, std::string{w}, std::string{l}});
  }
  return found;
}

} // namespace nexte
