// What survives a restart: one LMDB environment behind a facade that shows no LMDB.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/record.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/token.hpp"
#include "storage/two_way.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nexte {

// ---- rows ------------------------------------------------------------------------------------

/// One step of an integration's connection, the last 20 of which are kept.
struct transition_entry {
  wall_time at{};
  std::string state;   ///< "connected", "rate_limited", "disconnected", "reconnecting".
  std::string code;    ///< Why, for programs.
  std::string because; ///< Why, for people.
};

inline constexpr size_t transitions_kept_max = 20;

struct integration_row {
  integration_id id;
  workspace_id workspace;
  std::string provider;
  account_identity account; ///< Empty until the first consent.
  std::string mode = "real_time";
  std::vector<std::string> granted_scopes;
  conflict_rule rule = conflict_rule::last_write_wins;
  wall_time created_at{};
  std::vector<transition_entry> history; ///< Oldest first; the last one is the present state.
  /// The transitions to "disconnected" that nobody here asked for, oldest first: what
  /// "keeps disconnecting" is told from. `history` forgets them too soon.
  std::vector<transition_entry> disconnects;
};

inline constexpr size_t disconnects_kept_max = 10;

/// Where one stream of an integration stands.
struct stream_row {
  std::optional<std::string> checkpoint;
  /// Counts the committed changes of this row; a write names the one it builds on.
  uint64_t sequence = 0;
  uint64_t live_records = 0;
  bool sweeping = false;     ///< A full enumeration has begun and is not complete.
  uint64_t held_deletes = 0; ///< Records the last sweep found absent and the brake kept.
  wall_time synced_at{};     ///< Last run that ended well.
  wall_time verified_at{};   ///< Last run that ended with the provider's end marker.
  wall_time enumerated_at{}; ///< Last complete enumeration.
  wall_time changed_at{};    ///< Last time a record changed.
};

/// A stored record, with copies of its texts.
struct record_row {
  std::string id;
  std::string version;
  wall_time modified_at{};
  bool deleted = false;
  uint64_t sequence = 0; ///< Its entry in the change feed.
  std::string body;
};

/// Far above what a provider shows of one record: a larger one would hold up all the others.
inline constexpr size_t record_body_bytes_max = size_t{8} << 20;

struct error_entry {
  wall_time at{};
  std::string stream; ///< Empty: of the integration as a whole.
  std::string code;
  std::string sentence;
};

inline constexpr size_t errors_kept_max = 1000; ///< Per integration; the oldest go first.

/// One entry of the change feed. A record has one entry: its latest change.
struct change_entry {
  uint64_t sequence = 0;
  integration_id integration;
  std::string stream;
  std::string record;
  bool deleted = false;
};

/// One ongoing problem of one integration: at most one is open per (integration, kind, stream). It
/// is updated rather than repeated, and closed on proved success.
struct incident_row {
  uint64_t id = 0; ///< Given by the store, ascending.
  integration_id integration;
  std::string kind;   ///< e.g. "rate_limited", "mass_delete_held".
  std::string stream; ///< Empty: of the integration as a whole.
  unsigned stage = 0; ///< Rises with age or repetition, by the escalation table.
  wall_time opened_at{};
  wall_time staged_at{};              ///< When it entered its stage.
  std::optional<wall_time> closed_at; ///< Absent: open.
  std::string code;                   ///< Cause, for programs.
  std::string sentence;               ///< Cause, for people.
  std::string next_step;              ///< What to do, or what happens by itself.
  std::vector<std::string> evidence;  ///< Facts that speak for the cause, one sentence each.
};

inline constexpr std::chrono::days incidents_kept{30}; ///< After they were closed.

/// Something the host must be told; kept until acknowledged.
struct notification_row {
  uint64_t id = 0; ///< Given by the store, ascending.
  wall_time at{};
  integration_id integration;
  uint64_t incident = 0; ///< 0: of none.
  std::string kind;      ///< e.g. "disconnected", "rate_limited", "recovered".
  unsigned stage = 0;
  std::string sentence;
  std::string next_step;
};

/// A record that a stream steps over.
struct quarantine_row {
  std::string stream;
  std::string record;
  wall_time at{};
  std::string reason;
  std::string version = {}; ///< The provider's; in another one it is tried again. Empty: unknown.
  bool killed = false;      ///< It broke its connector; else it just cannot be read.
};

inline constexpr size_t quarantined_max = 1000; ///< Per integration; more are `refused`.

// ---- writes ----------------------------------------------------------------------------------

/// Inserts or replaces the row.
struct put_integration {
  integration_row row;
};
/// Seals and stores tokens (`not_found` without the integration's row).
struct put_tokens {
  integration_id id;
  token_set tokens;
};
/// Forgets the tokens and destroys the data key they were sealed with.
struct erase_tokens {
  integration_id id;
};
/// Notes that a refresh token is about to be sent, before it is: after a crash in between, the
/// provider may already have replaced it. `put_tokens` and `erase_tokens` clear the note.
struct note_refresh {
  integration_id id;
  wall_time at{};
};
/// Commits a page with its checkpoint and its feed entries, if the stream still stands at
/// `expected_sequence`; else `conflict`, and nothing of it is stored. What it says of a record with
/// local edits is settled in the same transaction, by `rules`: a version that both sides share is
/// no change, one that only the provider changed is taken, and a conflict is decided, archived and
/// its edit kept (rebased) or dropped. While the edit is in flight the page's version waits for
/// what the push says. A version older than the base, or than a confirmed push, changes nothing.
struct put_page {
  integration_id id;
  std::string stream;
  uint64_t expected_sequence = 0;
  page records;
  two_way_rules rules{}; ///< Needed where the stream can be edited here.
};
/// Records the good end of a run. Same condition as put_page.
struct end_run {
  integration_id id;
  std::string stream;
  uint64_t expected_sequence = 0;
  bool verified = false;
};
struct append_error {
  integration_id id;
  error_entry entry;
};
/// Deletes what the brake held back (see `write_outcome::held_deletes`), as the last sweep found
/// it.
struct release_deletes {
  integration_id id;
  std::string stream;
  two_way_rules rules{}; ///< As in put_page.
};
/// Opens the incident, or replaces the open one of the same integration, kind and stream (its id
/// and `opened_at` stay). `notice`, if any, is appended with the incident's id.
struct put_incident {
  incident_row row;
  std::optional<notification_row> notice;
};
/// Closes the open incident of that key at commit time, if there is one; only then `notice` is
/// appended.
struct close_incident {
  integration_id id;
  std::string kind;
  std::string stream;
  std::optional<notification_row> notice;
};
/// Forgets a notification; `not_found` when there is none of that id.
struct acknowledge {
  uint64_t notification = 0;
};
struct put_quarantine {
  integration_id id;
  quarantine_row row;
};
/// Gives the record another chance.
struct lift_quarantine {
  integration_id id;
  std::string stream;
  std::string record;
};

using store_write
    = std::variant<put_integration, put_tokens, erase_tokens, note_refresh, put_page, end_run,
                   append_error, release_deletes, put_incident, close_incident, acknowledge,
                   put_quarantine, lift_quarantine, put_edit, begin_push, confirm_edit, reject_edit,
                   requeue_edits, drop_edit, restore_conflict>;

/// Why the store takes no such record (`malformed`, with the mend); nullopt: it does. One of them
/// refuses its page.
std::optional<error> refuse_record(std::string_view stream_name, const record_view& item);

/// What a committed write did; zeros where it does not apply.
struct write_outcome {
  uint64_t sequence = 0; ///< The stream's sequence after it (put_page, end_run, release_deletes).
  /// Of the incident (put_incident; close_incident: 0 if none was open), or of the edit.
  uint64_t id = 0;
  uint64_t inserted = 0;
  uint64_t updated = 0;
  uint64_t unchanged = 0;
  uint64_t deleted = 0;
  uint64_t held_deletes = 0; ///< Deletions the brake kept (over half of a stream and over 20).
  uint64_t conflicts = 0;    ///< Decided and archived.
  uint64_t echoes = 0;       ///< Own writes that came back, among `unchanged`.
  uint64_t stopped = 0;      ///< Fields the loop watch stopped (put_edit, restore_conflict).
};

// ---- the store ---------------------------------------------------------------------------------

struct store_options {
  std::filesystem::path directory;             ///< Created with mode 0700 when missing.
  size_t map_bytes_initial = size_t{64} << 20; ///< Grows by doubling.
  size_t map_bytes_max = size_t{1} << 40;
  random_source random = os_random();
  /// The key that the data may still have. If so, opening seals every token anew under the master
  /// key, as one transaction; from then on this one opens nothing. Empty: none.
  secret former_key{};
};

/// `conflict` naming the owner's pid when another process has the directory; `refused` for a key
/// that does not fit the data; `storage` for a damaged, shortened or newer-schema file.
///
/// One thread writes at a time; any thread reads. Every commit is durable when it returns.
class store {
public:
  /// `master_key`: 32 bytes. The directory remembers which key it was made with.
  static result<std::unique_ptr<store>> open(store_options options, const secret& master_key);
  ~store();
  store(const store&) = delete;
  store& operator=(const store&) = delete;

  /// Applies `writes` in order as one durable transaction. Yields one result per write: a write
  /// whose condition fails (`conflict`, `not_found`, `malformed`, `refused`; `storage` for a
  /// damaged row it builds on) leaves no trace and does not stop the others. A failure of the disk
  /// or the map (`storage` of the whole) undoes all of them: nothing was stored, the same writes
  /// may be given again once the cause is mended. Reads fail, too, while
  /// the file cannot be opened again.
  ///
  /// Each commit also removes what is past its time, a bounded number: an empty one, made at least
  /// once a minute, keeps the promise of "purged within the hour". `up` measures the age of
  /// conflicts, see elapsed.hpp.
  result<std::vector<result<write_outcome>>>
  commit(std::span<const store_write> writes, wall_time now, const std::optional<uptime>& up = {});

  result<std::vector<integration_row>> integrations() const;
  result<std::optional<integration_row>> integration(integration_id id) const;
  /// Nullopt when it has none; `storage` when the seal does not hold.
  result<std::optional<token_set>> tokens(integration_id id) const;
  /// A zero row for a stream never written.
  result<stream_row> stream(integration_id id, std::string_view stream_name) const;
  /// Live and deleted records in id order, from the first after `after` (empty: the first).
  /// `storage` naming a record that does not match its checksum; `after` it the others are read.
  result<std::vector<record_row>> records(integration_id id, std::string_view stream_name,
                                          std::string_view after, size_t limit) const;
  /// A local id whose create was confirmed yields the provider's record.
  result<std::optional<record_row>> record(integration_id id, std::string_view stream_name,
                                           std::string_view record_id) const;
  /// Entries with a sequence above `after`, in order.
  result<std::vector<change_entry>> changes(uint64_t after, size_t limit) const;
  /// The newest `limit`, oldest first.
  result<std::vector<error_entry>> errors(integration_id id, size_t limit) const;
  /// When `note_refresh` was last written, if no tokens were since.
  result<std::optional<wall_time>> refresh_noted_at(integration_id id) const;
  /// Open and closed, in id order; of every integration when `id` is absent.
  result<std::vector<incident_row>> incidents(std::optional<integration_id> id) const;
  result<std::optional<incident_row>> incident(uint64_t id) const;
  /// Not acknowledged ones above `after`, oldest first.
  result<std::vector<notification_row>> notifications(uint64_t after, size_t limit) const;
  result<std::vector<quarantine_row>> quarantine(integration_id id) const;

  /// Outbox entries above `after`, oldest first, whatever their state.
  result<std::vector<edit_row>> edits(integration_id id, uint64_t after, size_t limit) const;
  result<edit_counts> count_edits(integration_id id) const;
  result<std::optional<edit_to_push>> edit(integration_id id, uint64_t edit) const;
  /// Newest first.
  result<std::vector<conflict_row>> conflicts(const conflict_filter& filter, size_t limit) const;
  result<std::optional<conflict_row>> conflict(uint64_t id) const;

private:
  class impl;
  explicit store(std::unique_ptr<impl> body);
  std::unique_ptr<impl> impl_;
};

/// Reads a 32-byte master key from a file of mode 0600 (raw 32 bytes, or 64 hex digits and a
/// newline). With `create`, makes one when there is none. `refused` with the mend in the text for a
/// missing, short, or too widely readable file.
result<secret> read_key_file(const std::filesystem::path& path, bool create,
                             const random_source& random = os_random());

} // namespace nexte
