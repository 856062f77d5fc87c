// The half of stream_writer that meets records with local edits.
#include "storage/conflicts.hpp"
#include "storage/stream_writer.hpp"

#include <algorithm>

namespace nexte {
namespace {

record_copy copy_of(const stored_record& stored) {
  return {std::string{stored.version}, stored.modified_at, stored.deleted,
          std::string{stored.body}};
}

bool is_same(const record_copy& a, const record_copy& b) {
  return a.version == b.version && a.deleted == b.deleted && a.body == b.body;
}

std::string value_of(const field_map& fields, std::string_view field) {
  const auto found = fields.find(field);
  return found == fields.end() ? std::string{no_value} : found->second;
}

} // namespace

std::optional<error> stream_writer::refuse(const record_view& item) {
  stand_at(item.id);
  if (!any_edited_ || !read_edited(in_.txn, in_.at, key_))
    return std::nullopt;
  auto fields = read_fields(item.body, rules_.shape);
  if (fields)
    return std::nullopt;
  return std::move(fields).failure().with_context("record " + std::string{item.id}
                                                  + ", which has local edits");
}

std::optional<record_copy> stream_writer::read(std::string_view record_id) {
  stand_at(record_id);
  if (!in_.records.seek(key_))
    return std::nullopt;
  const auto stored = decode_record(key_, in_.records.value());
  if (!stored)
    throw damage{damaged_record(key_)};
  return copy_of(*stored);
}

void stream_writer::take_edited(const record_view& item, bool lagging, edited_record kept) {
  record_copy shown{std::string{item.version}, item.modified_at, item.deleted,
                    std::string{item.body}};
  if (kept.own && in_.passed.total - kept.own->elapsed >= own_write_kept)
    kept.own.reset();
  if (kept.late && in_.passed.total - kept.late->elapsed >= late_write_kept)
    kept.late.reset();
  if (kept.edits.empty()) {
    const auto view = read(item.id);
    if (view && shown.deleted)
      shown = completed(std::move(shown), *view);
    return take_remembered(shown, lagging, view.value_or(record_copy{}), std::move(kept));
  }
  if (!kept.base) // made here and not there yet: no page can tell of it
    return leave();
  const auto& base = *kept.base;
  if (is_older(shown, lagging, base, kept)) {
    put_edited(in_, key_, kept);
    return leave();
  }
  if (is_same(shown.deleted ? completed(shown, base) : shown, base))
    return leave();
  const auto edits = get_edits(in_.txn, in_.at, id_, kept.edits);
  if (edits.front().state != edit_state::in_flight) {
    const auto settled = settle_with(kept, base, edits, shown);
    return settle_down(item.id, std::move(kept), settled);
  }
  if (has_landed(edits.front(), shown, rules_.shape)) { // before its answer, or instead
    const auto settled = settle_confirmed(base, edits, shown, kept.seen, rules_, in_.now);
    kept.own = {shown.modified_at, content_hash(base, rules_.shape), in_.passed.total};
    return settle_down(item.id, std::move(kept), settled);
  }
  if (!kept.seen || shown.modified_at == wall_time{} || shown.modified_at >= kept.seen->modified_at)
    kept.seen = std::move(shown);
  put_edited(in_, key_, kept);
  leave();
}

/// A write that arrived late is no change of the other side.
settlement stream_writer::settle_with(edited_record& kept, const record_copy& base,
                                      const std::vector<edit_row>& edits,
                                      const record_copy& shown) const {
  if (!kept.late || !has_landed(kept.late->sent, shown, rules_.shape)
      || has_landed(kept.late->sent, base, rules_.shape))
    return settle(base, edits, shown, rules_, in_.now);
  const auto late = kept.late->sent;
  kept.late.reset();
  return settle_late(base, edits, completed(shown, base), late, rules_, in_.now);
}

/// A record without edits, of which a confirmed write or the turns of a field are remembered.
void stream_writer::take_remembered(const record_copy& shown, bool lagging, const record_copy& view,
                                    edited_record kept) {
  if (is_older(shown, lagging, view, kept)) {
    put_edited(in_, key_, kept);
    return leave();
  }
  if (kept.late) {
    const auto settled = settle_with(kept, view, {}, shown);
    if (!settled.edits.empty())
      return settle_down(std::string{record_id()}, std::move(kept), settled);
  }
  const bool awaited = std::exchange(kept.own, std::nullopt).has_value();
  const bool same_content = is_same_content(shown, view, rules_.shape);
  outcome.echoes += awaited && same_content ? 1 : 0;
  note_turns(kept, view, shown);
  put_edited(in_, key_, kept);
  if (is_same(shown, view))
    return leave();
  show(std::string{record_id()}, shown, !(awaited && same_content));
}

/// Whether the provider's side is known to have gone on from what is shown: by its time, or,
/// where a coarse clock gave our own write the time of the state that it replaced, by being that
/// state (which can be told once only: the next time it may be a change back).
bool stream_writer::is_older(const record_copy& shown, bool lagging, const record_copy& than,
                             edited_record& kept) const {
  if (shown.modified_at == wall_time{})
    return false;
  const bool protects = lagging || (!shown.deleted && (kept.own || !kept.edits.empty()));
  if (protects && shown.modified_at < than.modified_at)
    return true;
  if (lagging && than.deleted && !shown.deleted && shown.modified_at == than.modified_at)
    return true;
  if (!kept.own || shown.modified_at != kept.own->modified_at
      || content_hash(shown, rules_.shape) != kept.own->before_hash
      || is_same_content(shown, than, rules_.shape))
    return false;
  kept.own.reset();
  return true;
}

void stream_writer::note_turns(edited_record& kept, const record_copy& from,
                               const record_copy& to) const {
  if (kept.turns.empty())
    return;
  const auto before = from.deleted ? field_map{} : fields_of(from, rules_.shape);
  const auto after = to.deleted ? field_map{} : fields_of(to, rules_.shape);
  loop_watch watch{kept.turns, in_.passed.total};
  std::vector<std::string> fields;
  for (const auto& known : kept.turns)
    fields.push_back(known.field);
  for (const auto& field : fields)
    watch.note(field, value_of(before, field), value_of(after, field), edit_side::remote);
  watch.prune();
}

void stream_writer::settle_down(std::string_view record_id, edited_record kept,
                                const settlement& now_stands) {
  for (const auto& row : now_stands.archived)
    archive(in_, row);
  outcome.conflicts += now_stands.archived.size();
  outcome.echoes += now_stands.echo ? 1 : 0;
  if (const auto old = read(record_id))
    note_turns(kept, *old, now_stands.view);
  kept.base = now_stands.base;
  kept.seen.reset();
  if (now_stands.unanswered)
    kept.late = {*now_stands.unanswered, in_.passed.total};
  put_edits(record_id, std::move(kept), now_stands.edits, now_stands.view);
}

void stream_writer::put_edits(std::string_view record_id, edited_record kept,
                              const std::vector<edit_row>& edits, const record_copy& view) {
  for (const auto edit : kept.edits)
    if (std::ranges::find(edits, edit, &edit_row::id) == edits.end())
      erase_edit_row(in_, id_, edit);
  kept.edits.clear();
  for (auto edit : edits) {
    if (edit.id == 0)
      edit.id = ++in_.two_way.edit;
    put_edit_row(in_, edit);
    kept.edits.push_back(edit.id);
  }
  if (edits.empty())
    kept.base.reset();
  const auto old = read(record_id);
  put_edited(in_, key_, kept);
  show(record_id, view, !old || !is_same_content(*old, view, rules_.shape));
}

void stream_writer::show(std::string_view record_id, const record_copy& view, bool changed) {
  stand_at(record_id);
  const stored_record fresh{view.deleted, in_.given.feed + 1, view.modified_at, view.version,
                            view.body};
  encode_record(in_.value, key_, fresh);
  const auto value = in_.records.insert(key_, in_.value);
  if (!value)
    return inserted(view.deleted);
  const auto old = decode_record(key_, *value);
  if (!old)
    return heal(fresh);
  if (changed)
    return replace(*old, fresh);
  auto quiet = fresh;
  quiet.sequence = old->sequence;
  const stored_record before{old->deleted, old->sequence, old->modified_at, {}, {}};
  encode_record(in_.value, key_, quiet);
  in_.records.put(key_, in_.value);
  leave(before);
}

/// As what stands there says.
void stream_writer::leave() {
  if (!in_.records.seek(key_))
    return;
  if (const auto old = decode_record(key_, in_.records.value()))
    leave(*old);
}

/// What was made here and is not there yet cannot be shown by the provider, and is not absent.
void stream_writer::see_creates() {
  if (!any_edited_ || state_.running.number == 0)
    return;
  std::vector<std::string> made_here;
  for_each_edited(in_.txn, in_.at, prefix(), [&](auto record_key, const edited_record& kept) {
    if (!kept.edits.empty() && (!kept.base || kept.base->deleted))
      made_here.emplace_back(record_key.substr(prefix_));
    return true;
  });
  for (const auto& id : made_here) {
    stand_at(id);
    if (!in_.records.seek(key_))
      continue;
    if (const auto old = decode_record(key_, in_.records.value()))
      seen(state_.running, true, {old->deleted, old->sequence, old->modified_at, {}, {}});
  }
}

} // namespace nexte
