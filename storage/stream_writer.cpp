#include "storage/stream_writer.hpp"

#include <algorithm>

namespace nexte {
namespace {

/// Up to so many absent records are deleted whatever share of the stream they are.
constexpr uint64_t unbraked_deletes_max = 20;

/// Whether a lagging source shows an older state than the stored one. A deletion is newer than
/// the state it ended, which is what such a source goes on to show.
bool is_stale(const record_view& item, const stored_record& old) {
  return item.modified_at < old.modified_at
         || (old.deleted && !item.deleted && item.modified_at == old.modified_at);
}

} // namespace

stream_writer::stream_writer(write_context& in, integration_id id, std::string_view stream,
                             stream_standing& state, const two_way_rules& rules)
    : in_(in),
      state_(state),
      rules_(rules),
      id_(id),
      key_(record_prefix(id, stream)),
      prefix_(key_.size()) {
  for_each_edited(in.txn, in.at, key_, [&](auto, const auto&) { return !(any_edited_ = true); });
}

void stream_writer::take(const record_view& item, bool lagging) {
  stand_at(item.id);
  if (any_edited_)
    if (auto kept = read_edited(in_.txn, in_.at, key_))
      return take_edited(item, lagging, *std::move(kept));
  stored_record fresh{item.deleted, in_.given.feed + 1, item.modified_at, item.version, item.body};
  encode_record(in_.value, key_, fresh);
  const auto value = in_.records.insert(key_, in_.value);
  if (!value)
    return inserted(item.deleted);
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
  if (same || (lagging && is_stale(item, *old)))
    return leave(*old);
  replace(*old, fresh);
}

void stream_writer::inserted(bool deleted) {
  append_to_feed(deleted);
  ++(deleted ? outcome.deleted : outcome.inserted);
  state_.row.live_records += deleted ? 0 : 1;
}

/// What was shown changes nothing.
void stream_writer::leave(const stored_record& old) {
  ++outcome.unchanged;
  const stored_record before{old.deleted, old.sequence, old.modified_at, {}, {}};
  seen(state_.running, true, before);
  seen(state_.held, true, before);
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
  stand_at(record_id);
  if (!in_.records.seek(key_))
    return;
  const auto old = decode_record(key_, in_.records.value());
  if (!old || old->deleted)
    return;
  if (auto kept = any_edited_ ? read_edited(in_.txn, in_.at, key_) : std::nullopt;
      kept && !kept->edits.empty())
    return take_edited({record_id, {}, {}, true, {}}, false, *std::move(kept));
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
  stand_at(record_id);
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
  see_creates();
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

void stream_writer::finish(bool next_sequence) {
  if (counts_unsure_)
    recount();
  state_.row.sequence += next_sequence ? 1 : 0;
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

} // namespace nexte
