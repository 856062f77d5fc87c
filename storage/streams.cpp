#include "storage/streams.hpp"

#include "storage/records.hpp"

#include <algorithm>

namespace nexte {
namespace {

/// Up to so many absent records are deleted whatever share of the stream they are.
constexpr uint64_t unbraked_deletes_max = 20;
constexpr size_t marks_purged_max = 2000; ///< A commit; some milliseconds.
constexpr size_t version_bytes_max = 4096;

key state_key(integration_id id, std::string_view stream) {
  return key{'s'}.id(id).name(stream);
}

error malformed(std::string what, std::string mend) {
  return {ec::malformed, std::move(what), std::move(mend)};
}

std::optional<error> refuse_name(std::string_view stream) {
  if (!stream.empty() && stream.size() <= stream_name_bytes_max)
    return std::nullopt;
  return malformed("a stream's name has " + std::to_string(stream.size()) + " bytes",
                   "it may have 1 to " + std::to_string(stream_name_bytes_max));
}

std::optional<error> refuse_sequence(std::string_view stream, uint64_t expected, uint64_t stands) {
  if (expected == stands)
    return std::nullopt;
  return error{ec::conflict,
               "stream " + std::string{stream} + " stands at sequence " + std::to_string(stands)
                   + ", not at " + std::to_string(expected),
               "read the stream and go on from its checkpoint"};
}

/// What in a page may not be stored.
std::optional<error> refuse_page(const put_page& write, const stream_state& state) {
  const auto& page = write.records;
  if (page.next_checkpoint && page.next_checkpoint->size() > checkpoint_bytes_max)
    return malformed("a checkpoint of " + write.stream + " has "
                         + std::to_string(page.next_checkpoint->size()) + " bytes",
                     "it may have " + std::to_string(checkpoint_bytes_max));
  for (const auto& item : page.records)
    if (auto refused = refuse_record(write.stream, item))
      return refused;
  if ((page.enumeration == sweep::more || page.enumeration == sweep::last)
      && state.running.number == 0)
    return malformed("a page of " + write.stream + " goes on with an enumeration not begun",
                     "begin it with sweep::first");
  return std::nullopt;
}

/// One stream while a write changes it.
class stream_writer {
public:
  stream_writer(write_context& in, integration_id id, std::string_view stream, stream_state& state)
      : in_(in), state_(state), key_(record_prefix(id, stream)), prefix_(key_.size()) {}

  void take(const record_view& item, bool lagging);
  /// A record was shown and could not be read: what is known of it stays. `record_id` empty: it may
  /// be any of them.
  void pass_over(std::string_view record_id);
  /// Deletes, keeping what is known of it.
  void bury(std::string_view record_id);
  void begin_sweep();
  void finish_sweep();
  void release_held();
  /// Brings the counts in line with the records, after damage made them unsure.
  void finish();

  write_outcome outcome;

private:
  void replace(const stored_record& old, stored_record fresh);
  void heal(stored_record fresh);
  void append_to_feed(bool deleted);
  void store(const stored_record& record);
  void seen(sweep_state& sweep, bool unchanged, const stored_record& old);
  void discard(sweep_state& sweep);
  void recount();
  std::string_view prefix() const {
    return std::string_view{key_}.substr(0, prefix_);
  }
  std::string_view record_id() const {
    return std::string_view{key_}.substr(prefix_);
  }

  write_context& in_;
  stream_state& state_;
  key key_; ///< Of the record at hand.
  const size_t prefix_;
  bool counts_unsure_ = false;
};

/// Whether a lagging source shows an older state than the stored one. A deletion is newer than
/// the state it ended, which is what such a source goes on to show.
bool is_stale(const record_view& item, const stored_record& old) {
  return item.modified_at < old.modified_at
         || (old.deleted && !item.deleted && item.modified_at == old.modified_at);
}

void stream_writer::take(const record_view& item, bool lagging) {
  key_.cut(prefix_).rest(item.id);
  stored_record fresh{item.deleted, in_.given.feed + 1, item.modified_at, item.version, item.body};
  encode_record(in_.value, key_, fresh);
  const auto value = in_.records.insert(key_, in_.value);
  if (!value) {
    append_to_feed(item.deleted);
    ++(item.deleted ? outcome.deleted : outcome.inserted);
    state_.row.live_records += item.deleted ? 0 : 1;
    return;
  }
  const auto old = decode_record(key_, *value);
  if (!old)
    return heal(fresh);
  if (item.deleted) { // a deletion often comes without the rest
    if (fresh.body.empty())
      fresh.body = old->body;
    if (fresh.version.empty())
      fresh.version = old->version;
    if (fresh.modified_at == wall_time{})
      fresh.modified_at = old->modified_at;
  }
  const bool same
      = fresh.deleted == old->deleted && fresh.version == old->version && fresh.body == old->body;
  if (same || (lagging && is_stale(item, *old))) {
    ++outcome.unchanged;
    const stored_record before = *old;
    seen(state_.running, true, before);
    seen(state_.held, true, before);
    return;
  }
  replace(*old, fresh);
}

/// Puts `fresh`, whose texts may lie in the map like those of `old`.
void stream_writer::replace(const stored_record& old, stored_record fresh) {
  fresh.sequence = in_.given.feed + 1;
  encode_record(in_.value, key_, fresh); // copies the texts before anything is written
  const bool was_live = !old.deleted;
  const stored_record before{old.deleted, old.sequence, old.modified_at, {}, {}};
  in_.records.put(key_, in_.value);
  if (in_.feed.seek(key{}.number(before.sequence)))
    in_.feed.erase();
  append_to_feed(fresh.deleted);
  seen(state_.running, false, before);
  seen(state_.held, false, before);
  if (fresh.deleted && was_live) {
    ++outcome.deleted;
    --state_.row.live_records;
  } else if (!fresh.deleted && !was_live) {
    ++outcome.inserted;
    ++state_.row.live_records;
  } else {
    ++outcome.updated;
  }
}

/// Puts `fresh` where damaged bytes stand: the provider's word mends them. Whatever the feed still
/// says of the record goes, though its sequence is not known.
void stream_writer::heal(stored_record fresh) {
  encode_record(in_.value, key_, fresh);
  in_.records.put(key_, in_.value);
  for (bool more = in_.feed.first(); more; more = in_.feed.next())
    if (is_feed_entry_of(in_.feed.value(), key_))
      in_.feed.erase();
  append_to_feed(fresh.deleted);
  ++outcome.updated;
  counts_unsure_ = true;
}

void stream_writer::append_to_feed(bool deleted) {
  const auto feed_key = key{}.number(++in_.given.feed);
  encode_feed_entry(in_.value, feed_key, key_, deleted);
  in_.feed.append(feed_key, in_.value);
}

/// Takes a record off the absent ones of `sweep`, if it is among them. A mark is needed only for an
/// unchanged one: a change gives it a sequence above the sweep's.
void stream_writer::seen(sweep_state& sweep, bool unchanged, const stored_record& old) {
  if (sweep.number == 0 || old.deleted || old.sequence > sweep.since)
    return;
  const auto mark = key{}.number(sweep.number).rest(record_id());
  const bool first_time = unchanged ? !in_.marks.insert(mark, {}) : !in_.marks.seek(mark);
  if (first_time && sweep.absent > 0)
    --sweep.absent;
}

void stream_writer::bury(std::string_view record_id) {
  key_.cut(prefix_).rest(record_id);
  if (!in_.records.seek(key_))
    return;
  const auto old = decode_record(key_, in_.records.value());
  if (!old || old->deleted)
    return;
  stored_record fresh = *old;
  fresh.deleted = true;
  replace(*old, fresh);
}

void stream_writer::pass_over(std::string_view record_id) {
  if (record_id.empty()) { // no record is older than zero: the sweep finds none absent
    state_.running.since = 0;
    state_.running.absent = 0;
    return;
  }
  key_.cut(prefix_).rest(record_id);
  if (!in_.records.seek(key_))
    return;
  const auto old = decode_record(key_, in_.records.value());
  if (!old)
    return;
  const stored_record before{old->deleted, old->sequence, old->modified_at, {}, {}};
  seen(state_.running, true, before);
  seen(state_.held, true, before);
}

void stream_writer::discard(sweep_state& sweep) {
  const auto marks = key{}.number(sweep.number);
  if (in_.marks.seek_from(marks) && in_.marks.key().starts_with(marks))
    put_row(in_.txn, in_.at.rows, key{'m'}.number(sweep.number), sweep.number);
  sweep = {};
}

void stream_writer::begin_sweep() {
  if (state_.running.number != 0)
    discard(state_.running);
  const auto live = state_.row.live_records;
  state_.running = {++in_.given.sweep, in_.given.feed, live, live};
}

void stream_writer::finish_sweep() {
  if (counts_unsure_)
    recount();
  if (state_.held.number != 0)
    discard(state_.held);
  auto done = std::exchange(state_.running, {});
  // Half of what stood before and still stands: records new in this enumeration weigh nothing.
  const auto stood = std::min(done.live, state_.row.live_records);
  if (done.absent > unbraked_deletes_max && done.absent > stood / 2) {
    state_.held = done;
    outcome.held_deletes = done.absent;
  } else {
    if (done.absent > 0)
      for (const auto& id : absent_records(in_.txn, in_.at, prefix(), done))
        bury(id);
    discard(done);
  }
  state_.row.enumerated_at = in_.now;
}

void stream_writer::release_held() {
  auto held = std::exchange(state_.held, {});
  for (const auto& id : absent_records(in_.txn, in_.at, prefix(), held))
    bury(id);
  discard(held);
}

void stream_writer::finish() {
  if (counts_unsure_)
    recount();
  state_.row.sequence += 1;
  outcome.sequence = state_.row.sequence;
  if (outcome.inserted + outcome.updated + outcome.deleted > 0)
    state_.row.changed_at = in_.now;
}

void stream_writer::recount() {
  uint64_t live = 0;
  const std::string all{prefix()};
  for_each_row(in_.txn, in_.at.records, all, all, [&](auto record_key, auto value) {
    const auto stored = decode_record(record_key, value);
    live += stored && !stored->deleted ? 1 : 0;
    return true;
  });
  state_.row.live_records = live;
  for (auto* sweep : {&state_.running, &state_.held})
    if (sweep->number != 0)
      sweep->absent = absent_records(in_.txn, in_.at, all, *sweep).size();
  counts_unsure_ = false;
}

void save(write_context& in, integration_id id, std::string_view stream,
          const stream_state& state) {
  put_row(in.txn, in.at.rows, state_key(id, stream), state);
}

} // namespace

std::optional<error> refuse_record(std::string_view stream_name, const record_view& item) {
  const auto refuse = [&](std::string_view part, size_t bytes, std::string_view mend) {
    return malformed("the " + std::string{part} + " of a record of " + std::string{stream_name}
                         + " has " + std::to_string(bytes) + " bytes",
                     "it may have " + std::string{mend});
  };
  if (item.id.empty() || item.id.size() > record_id_bytes_max)
    return refuse("id", item.id.size(), "1 to " + std::to_string(record_id_bytes_max));
  if (item.version.size() > version_bytes_max)
    return refuse("version", item.version.size(), std::to_string(version_bytes_max));
  if (item.body.size() > record_body_bytes_max)
    return refuse("body", item.body.size(), std::to_string(record_body_bytes_max));
  if (item.body.empty() && !item.deleted)
    return refuse("body", 0, "none only if the record is deleted");
  return std::nullopt;
}

stream_state read_stream(const lmdb::transaction& txn, const tables& at, integration_id id,
                         std::string_view stream) {
  if (refuse_name(stream))
    return {};
  return get_row<stream_state>(txn, at.rows, state_key(id, stream)).value_or(stream_state{});
}

result<write_outcome> apply(write_context& in, const put_page& write) {
  if (auto refused = refuse_name(write.stream))
    return *std::move(refused);
  auto state = read_stream(in.txn, in.at, write.id, write.stream);
  if (auto refused = refuse_sequence(write.stream, write.expected_sequence, state.row.sequence))
    return *std::move(refused);
  if (auto refused = refuse_page(write, state))
    return *std::move(refused);
  const auto& page = write.records;
  stream_writer stream{in, write.id, write.stream, state};
  if (page.enumeration == sweep::first || page.enumeration == sweep::whole)
    stream.begin_sweep();
  for (const auto& item : page.records)
    stream.take(item, page.lagging);
  for (const auto& item : page.unread)
    stream.pass_over(item.id);
  if (page.enumeration == sweep::last || page.enumeration == sweep::whole)
    stream.finish_sweep();
  stream.finish();
  if (page.next_checkpoint)
    state.row.checkpoint = page.next_checkpoint;
  save(in, write.id, write.stream, state);
  return stream.outcome;
}

result<write_outcome> apply(write_context& in, const end_run& write) {
  if (auto refused = refuse_name(write.stream))
    return *std::move(refused);
  auto state = read_stream(in.txn, in.at, write.id, write.stream);
  if (auto refused = refuse_sequence(write.stream, write.expected_sequence, state.row.sequence))
    return *std::move(refused);
  state.row.sequence += 1;
  state.row.synced_at = in.now;
  if (write.verified)
    state.row.verified_at = in.now;
  save(in, write.id, write.stream, state);
  write_outcome outcome;
  outcome.sequence = state.row.sequence;
  return outcome;
}

result<write_outcome> apply(write_context& in, const release_deletes& write) {
  if (auto refused = refuse_name(write.stream))
    return *std::move(refused);
  auto state = read_stream(in.txn, in.at, write.id, write.stream);
  stream_writer stream{in, write.id, write.stream, state};
  if (state.held.number == 0) {
    stream.outcome.sequence = state.row.sequence;
    return stream.outcome;
  }
  stream.release_held();
  stream.finish();
  save(in, write.id, write.stream, state);
  return stream.outcome;
}

void purge_marks(write_context& in) {
  lmdb::cursor ended{in.txn, in.at.rows};
  size_t left = marks_purged_max;
  while (ended.seek_from(key{'m'}) && ended.key().starts_with('m')) {
    const auto marks = key{}.number(number_at(ended.key(), 1));
    for (; in.marks.seek_from(marks) && in.marks.key().starts_with(marks); --left) {
      if (left == 0)
        return;
      in.marks.erase();
    }
    in.txn.erase(in.at.rows, key{'m'}.number(number_at(marks, 0)));
  }
}

} // namespace nexte
