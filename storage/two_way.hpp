// Rows and writes of two-way sync: the outbox, the base copies, the audit log. Part of store.hpp.
//
// The life of a local edit, per record:
//
//   put_edit ──► pending ──begin_push──► in_flight ──confirm_edit──► gone (base = the answer)
//                  ▲  │                     │  │
//                  │  └── a page brings     │  └────reject_edit────► rejected (view = the base)
//                  │      the other side:   │
//                  │      agreed or lost ─► gone      requeue_edits (no answer, or a restart)
//                  └──────────────────────── ◄────────┘
//
// A record has at most two edits under way: one that was sent, and one that gathers what came
// after. The record's row is the view: it shows all of them at once. While there are any, `edited`
// keeps the base: what both sides last agreed on, with the provider's version of it.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/push.hpp"
#include "storage/conflict.hpp"
#include "storage/elapsed.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nexte {

/// How a stream's two sides are settled.
struct two_way_rules {
  field_shape shape;
  conflict_rule rule = conflict_rule::last_write_wins;
  milliseconds skew{0}; ///< Provider's clock minus ours, as last measured (Date header).
};

// ---- rows ------------------------------------------------------------------------------------

std::string_view to_string(edit_kind kind); ///< "create", "update", "delete".

enum class edit_state : uint8_t {
  pending,   ///< To be pushed.
  in_flight, ///< A push of it has begun; whether it arrived is not known.
  rejected,  ///< Will not be pushed: kept so that a person can mend or drop it.
};
std::string_view to_string(edit_state state);

/// A field changed by an edit.
struct edited_field {
  std::string value; ///< Canonical JSON; `no_value`: cleared.
  wall_time at{};    ///< By the provider's clock (ours + skew).
  friend bool operator==(const edited_field&, const edited_field&) = default;
};

/// One entry of the outbox.
struct edit_row {
  uint64_t id = 0; ///< Given by the store, ascending: the order of the outbox.
  integration_id integration;
  std::string stream;
  /// The provider's id; of a create the local one ("local:…"), which is also its client token: the
  /// same in every attempt, so that a connector can give it to the provider, or look by it whether
  /// an attempt arrived. A create that revives has the id of the record that is gone.
  std::string record;
  edit_kind kind = edit_kind::update;
  /// create, update: what to write, as `write_patch` gives it. Empty for erase.
  std::map<std::string, edited_field, std::less<>> fields;
  /// create: the provider deleted the record and this side's later edit won. The connector
  /// restores it there, or makes a new one, whose id `confirm_edit` tells.
  bool revives = false;
  wall_time edited_at{}; ///< Our clock, of the latest change in it.
  milliseconds skew{0};  ///< As measured then.
  edit_state state = edit_state::pending;
  unsigned attempts = 0; ///< Pushes begun. Above 0 in `pending`: an earlier one may have arrived.
  wall_time first_sent_at{}; ///< Our clock, of the first attempt; epoch before it.
  std::string code;     ///< rejected: why, for programs. "edit_loop": stopped by the loop watch.
  std::string sentence; ///< rejected: why, for people.
};

/// Entries an integration may have, rejected ones included; more are `refused`.
inline constexpr size_t edits_max = 10'000;

struct edit_counts {
  uint64_t waiting = 0; ///< Pending and in flight.
  uint64_t rejected = 0;
  friend bool operator==(const edit_counts&, const edit_counts&) = default;
};

/// A record's copy: the base of its edits, or one side of a conflict.
struct record_copy {
  std::string version; ///< The provider's, empty when it has none.
  wall_time modified_at{};
  bool deleted = false;
  std::string body;
  friend bool operator==(const record_copy&, const record_copy&) = default;
};

/// What a push needs: the edit, the base it builds on (whose version is the provider's condition,
/// and whose fields read-compare-write compares with), and the record as the host sees it.
struct edit_to_push {
  edit_row edit;
  std::optional<record_copy> base; ///< Absent for a create that does not revive.
  record_copy view;
};

enum class conflict_winner : uint8_t { local, remote, both };
std::string_view to_string(conflict_winner winner);

/// One entry of the audit log: a conflict and what was decided.
struct conflict_row {
  uint64_t id = 0; ///< Given by the store, ascending.
  integration_id integration;
  std::string stream;
  std::string record;
  conflict_rule rule = conflict_rule::last_write_wins;
  conflict_winner won = conflict_winner::remote; ///< both: merge_fields, fields won on each side.
  record_copy base;
  record_copy winner;
  record_copy loser; ///< `both`: the winner with the values that lost in their fields' place.
  std::vector<field_difference> differences;
  wall_time local_at{};                 ///< Our clock.
  wall_time remote_at{};                ///< The provider's.
  milliseconds skew{0};                 ///< Added to `local_at` before the two were compared.
  wall_time at{};                       ///< When it was decided.
  milliseconds elapsed{0};              ///< The store's elapsed time then: its age is told by it.
  std::optional<wall_time> restored_at; ///< The loser was written forward.
  uint64_t restored_as = 0;             ///< The edit that did; 0 where nothing was left to change.
};

inline constexpr std::chrono::days conflicts_kept{30}; ///< Of elapsed time.
inline constexpr size_t conflicts_purged_max = 5000;   ///< A commit.

/// Which conflicts to read; an empty or absent member lets all pass.
struct conflict_filter {
  std::optional<integration_id> integration;
  std::string stream;
  std::string record;
  uint64_t before = 0; ///< Only ids below; 0: from the newest on. For the next page, the last id.
};

/// How an archived conflict would have ended under merge_fields.
struct merge_preview {
  bool conflict = false;            ///< Still one.
  std::vector<std::string> kept;    ///< Fields of the loser that would have stayed.
  std::vector<std::string> decided; ///< Fields changed on both sides: the later one wins.
};
/// Pure; of the row's differences and deletions alone.
merge_preview preview_merge(const conflict_row& row);

/// A local id, "local:" and a ULID (48 bits of time, 80 random ones, 26 characters).
std::string make_local_id(wall_time at, const random_source& random);
bool is_local_id(std::string_view record);

/// A field that both sides in turn set back more often than so within `loop_span` of elapsed time
/// is stopped: the edit that would go on with it is stored as rejected, with code "edit_loop".
inline constexpr unsigned loop_turns_max = 6;
inline constexpr std::chrono::hours loop_span{1};

// ---- writes ----------------------------------------------------------------------------------

/// A local edit; durable, in the view and in the change feed when the commit returns. Several
/// edits of a record become one entry until a push of it has begun, then one following it.
/// `write_outcome::id`: the entry (0 when the view says so already, or when deleting what was never
/// sent). `write_outcome::stopped`: fields the loop watch stopped, in an entry of their own that is
/// rejected with "edit_loop" (`id` is that one's when nothing else was left).
/// `not_found`: no such live record; `malformed`, `refused`: the fields (see read_patch), an outbox
/// that is full, a record that would pass `edit_bytes_max`.
struct put_edit {
  integration_id id;
  std::string stream;
  std::string record; ///< create: of `make_local_id`. Else the provider's id or a local one.
  edit_kind kind = edit_kind::update;
  std::string fields; ///< JSON as `read_patch` takes it; ignored for erase.
  wall_time edited_at{};
  two_way_rules rules{};
};

/// Notes that a push is about to be sent, before it is. `conflict` unless the entry is pending and
/// the first of its record.
struct begin_push {
  integration_id id;
  uint64_t edit = 0;
};

/// The provider has the edit; `answer` is the record as it answered (or as it was read after). The
/// entry goes, the answer becomes the base, edits that follow build on it. Versions that a page
/// brought while it was in flight are settled now (`write_outcome::conflicts`). An entry that is
/// gone already (its echo was seen first, or it lost) is no error: the answer is then what a page
/// would bring; so it is for `edit` 0, with which a push tells what it read before it writes. An
/// answer without a body (erase, or a bare 204) leaves the base with the patch. A create: `record`
/// is the provider's id; the local id, or that of a revived record, becomes deleted in the feed,
/// and resolves to `record` from now on.
struct confirm_edit {
  integration_id id;
  std::string stream;
  uint64_t edit = 0;
  std::string record; ///< The provider's id.
  record_copy answer;
  two_way_rules rules{};
};

/// The provider refused the edit for good: the view goes back to the base (and edits that follow
/// on it; those of a refused create are refused with it), the entry stays as rejected. Settles like
/// confirm_edit. `not_found`: no such entry; `conflict`: it is rejected already.
struct reject_edit {
  integration_id id;
  uint64_t edit = 0;
  std::string code;
  std::string sentence;
  two_way_rules rules{};
};

/// Back to pending: one edit whose push got no answer, or all of the stream that are in flight
/// (`edit` 0), before the first push after a start. Settles like confirm_edit.
/// `write_outcome::updated` counts them; an edit that is not in flight is no error.
struct requeue_edits {
  integration_id id;
  std::string stream;
  uint64_t edit = 0;
  two_way_rules rules{};
};

/// Forgets an edit that is pending or rejected; the view of a pending one goes back. `not_found`;
/// `conflict` while in flight.
struct drop_edit {
  integration_id id;
  uint64_t edit = 0;
  two_way_rules rules{};
};

/// Writes the losing version forward as a new edit made at `edited_at`: `write_outcome::id` is its
/// entry, 0 where the record is so already. `not_found`: no such conflict (or past its 30 days);
/// `conflict`: restored already; else as put_edit.
struct restore_conflict {
  uint64_t conflict = 0;
  wall_time edited_at{};
  two_way_rules rules{};
};

} // namespace nexte
