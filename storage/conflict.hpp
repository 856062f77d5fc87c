// Who wins when both sides changed a record. Pure: no LMDB, no clock.
//
// A version of a record is judged against the base, what both sides last agreed on. Versions form
// a lattice over that base: `join` is commutative, associative and idempotent, so both sides name
// the same winner in whatever order versions arrive.
//
// last_write_wins orders whole versions, merge_fields orders each field (and the record's life) by
//   1. changed against the base: a change beats none
//   2. time, by the provider's clock (ours is corrected by the measured skew)
//   3. side: at the same time the provider's side wins
//   4. content, as bytes: two changes of one side in one tick of a coarse clock
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/json/fields.hpp"

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte {

enum class conflict_rule : uint8_t {
  last_write_wins, ///< The later version wins as a whole.
  merge_fields,    ///< Fields changed on one side stay; the later value of one changed on both.
};
/// "last_write_wins", "merge_fields".
std::string_view to_string(conflict_rule rule);
std::optional<conflict_rule> parse_conflict_rule(std::string_view text);

enum class edit_side : uint8_t { local, remote };

/// When a change was made, by the provider's clock, and where.
struct change_stamp {
  wall_time at{};
  edit_side side = edit_side::local;
  friend auto operator<=>(const change_stamp&, const change_stamp&) = default;
};

/// A record as one side, or the join of some, has it. Values and stamps of fields that are the
/// base's do not count; `no_value` stands for a field that the base has and this one has not.
struct record_version {
  struct field_state {
    std::string value; ///< Canonical JSON or `no_value`.
    change_stamp stamp;
    friend auto operator<=>(const field_state&, const field_state&) = default;
  };
  bool deleted = false;
  change_stamp life; ///< Of the deletion, or of being live again.
  std::map<std::string, field_state, std::less<>> changes; ///< Against the base.
  friend bool operator==(const record_version&, const record_version&) = default;

  /// The latest stamp in it; that of the base for one without a change.
  change_stamp latest() const;
};

/// What both sides last agreed on.
struct record_base {
  bool deleted = false;
  field_map fields;
};

/// A version that changed everything it changed at once.
record_version version_of(const record_base& base, bool deleted, const field_map& fields,
                          change_stamp stamp);
/// The record that a version says: gone, or the base's fields with the changes.
record_base content_of(const record_base& base, const record_version& version);
bool is_changed(const record_base& base, const record_version& version);

record_version join(const record_base& base, const record_version& a, const record_version& b,
                    conflict_rule rule);

enum class verdict_on_edit : uint8_t {
  agreed,   ///< Both say the same: nothing is left to do.
  remote,   ///< Only the provider's side changed, or it has all the local changes too.
  local,    ///< Only the local side changed: to be pushed as it is.
  merged,   ///< Both changed, nothing both (merge_fields): no conflict, and to be pushed.
  conflict, ///< Both changed: `winner` stands, what it is not is to be archived.
};

struct decision {
  verdict_on_edit verdict = verdict_on_edit::agreed;
  record_base winner;            ///< What both sides hold in the end.
  record_base loser;             ///< conflict: what the winner overrode, to be restored from.
  std::vector<edit_side> won_by; ///< conflict: the sides that won something; both in a merge.
  field_map push;                ///< The patch that makes the winner of the remote side.
};

/// The three-way decision.
decision decide(const record_base& base, const record_version& local, const record_version& remote,
                conflict_rule rule);

/// One field of an archived conflict; canonical JSON, `no_value` for none.
struct field_difference {
  std::string field;
  std::string base;
  std::string winner;
  std::string loser;
  friend bool operator==(const field_difference&, const field_difference&) = default;
};
/// The fields in which the three are not all the same, by name.
std::vector<field_difference> differences(const field_map& base, const field_map& winner,
                                          const field_map& loser);

} // namespace nexte
