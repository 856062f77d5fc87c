#include "storage/local_edits.hpp"

#include <algorithm>
#include <utility>

namespace nexte {
namespace {

constexpr std::string_view loop_code = "edit_loop";

edit_row entry_of(const local_change& change, integration_id id, const std::string& stream) {
  edit_row row;
  row.id = change.id;
  row.integration = id;
  row.stream = stream;
  row.record = change.record;
  row.kind = change.kind;
  row.fields = change.fields;
  row.revives = change.revives;
  row.edited_at = change.edited_at;
  row.skew = change.skew;
  return row;
}

/// The record with the change: what is revived has the change's fields alone.
record_base wanted_of(const record_copy& view, const local_change& change,
                      const field_shape& shape) {
  edit_row edit;
  edit.kind = change.kind;
  edit.fields = change.fields;
  auto content = content_of(view, shape);
  if (change.revives)
    content.fields.clear();
  return applied(std::move(content), edit);
}

bool is_among(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

record_copy nothing_there() {
  return {{}, {}, true, {}};
}

record_copy gone(record_copy copy) {
  copy.deleted = true;
  return copy;
}

/// A new record as the create made it, whatever stands there now. What was not sent is taken for
/// the provider's own, but where the edits that follow have it too: there it may be somebody's.
record_copy as_sent(record_copy there, const edit_row& create, const std::vector<edit_row>& after,
                    const field_shape& shape) {
  there.deleted = false;
  there.version.clear();
  there.modified_at = {};
  auto sent = create;
  sent.kind = edit_kind::update;
  for (const auto& edit : after)
    for (const auto& [field, change] : edit.fields)
      sent.fields.try_emplace(field, edited_field{std::string{no_value}, change.at});
  return view_of(there, {sent}, shape);
}

/// Two edits of one record that knew nothing of each other, as one: the later has the last word.
edit_row folded(edit_row a, edit_row b) {
  if (b.edited_at < a.edited_at)
    std::swap(a, b);
  if (b.kind != edit_kind::erase)
    b.fields.merge(a.fields);
  return b;
}

std::optional<error> refuse_size(const record_copy& copy) {
  if (copy.body.size() <= edit_bytes_max)
    return std::nullopt;
  return error{ec::refused,
               "the record would have " + std::to_string(copy.body.size()) + " bytes of JSON",
               "one that is edited here may have " + std::to_string(edit_bytes_max)};
}

std::string value_of(const field_map& fields, const std::string& field) {
  const auto found = fields.find(field);
  return found == fields.end() ? std::string{no_value} : found->second;
}

} // namespace

std::optional<error> local_edits::refuse(const local_change& change,
                                         const std::optional<record_copy>& view,
                                         size_t new_entries) const {
  const bool makes = change.kind == edit_kind::create && !change.revives;
  if (makes && view)
    return error{ec::conflict, "record " + change.record + " of " + stream_ + " is there already",
                 "give a create a local id of its own"};
  if (!makes && (!view || (view->deleted && !change.revives)))
    return error{ec::not_found,
                 "there is no live record " + change.record + " in stream " + stream_,
                 "list the stream's records; what was deleted can be created anew"};
  if (view)
    if (auto fields = read_fields(view->body, rules_.shape); !fields)
      return std::move(fields).failure().with_context("record " + change.record);
  const auto counts
      = get_row<edit_counts>(in_.txn, in_.at.rows, key{'w'}.id(id_)).value_or(edit_counts{});
  if (counts.waiting + counts.rejected + new_entries > edits_max)
    return error{ec::refused,
                 "the outbox of integration " + id_.str()
                     + " is full: " + std::to_string(counts.waiting) + " local edits wait and "
                     + std::to_string(counts.rejected) + " were rejected",
                 "reconnect it so that they are pushed, or drop rejected ones"};
  return std::nullopt;
}

/// The fields that would go on with a loop.
std::vector<std::string> local_edits::looping_fields(const local_change& change,
                                                     edited_record& kept,
                                                     const field_map& before) const {
  std::vector<std::string> names;
  const loop_watch watch{kept.turns, in_.passed.total};
  if (change.kind == edit_kind::update)
    for (const auto& [field, to] : change.fields)
      if (watch.would_loop(field, value_of(before, field), to.value, edit_side::local))
        names.push_back(field);
  return names;
}

/// The entry that an earlier stop of the record left, if nobody has dropped it.
std::optional<edit_row> local_edits::stopped_before(const std::string& record) const {
  std::optional<edit_row> found;
  for_each_row(in_.txn, in_.at.edits, key{'u'}.id(id_), key{'u'}.id(id_),
               [&](auto row_key, auto value) {
                 auto row = decode_row<edit_row>(row_key, value);
                 if (row.code == loop_code && row.record == record && row.stream == stream_)
                   found = std::move(row);
                 return !found;
               });
  return found;
}

/// Keeps the stopped fields in one entry of their record, however often the loop goes on.
uint64_t local_edits::put_stopped(const local_change& change, const std::vector<std::string>& names,
                                  std::optional<edit_row> before) {
  auto row = joined(change, before ? &*before : nullptr);
  std::erase_if(row.fields, [&](const auto& field) {
    return !is_among(names, field.first) && !(before && before->fields.contains(field.first));
  });
  if (!before)
    row.id = ++in_.two_way.edit;
  reject(row, {std::string{loop_code},
               "field " + names.front() + " was set back and forth between two values more than "
                   + std::to_string(loop_turns_max)
                   + " times within an hour: an automation there and one here undo each other"});
  stopped_ += names.size();
  return row.id;
}

result<uint64_t> local_edits::add(local_change change) {
  const auto view = writer_.read(change.record);
  auto kept = kept_of(change.record);
  auto rows = get_edits(in_.txn, in_.at, id_, kept.edits);
  const bool joins = !rows.empty() && rows.back().attempts == 0;
  const auto before = view ? content_of(*view, rules_.shape).fields : field_map{};
  const auto looping = looping_fields(change, kept, before);
  auto stopped = looping.empty() ? std::nullopt : stopped_before(change.record);
  const bool stops_anew = !looping.empty() && !stopped;
  if (auto refused = refuse(change, view, (joins ? 0u : 1u) + (stops_anew ? 1u : 0u)))
    return *std::move(refused);
  auto going_on = change;
  std::erase_if(going_on.fields, [&](const auto& field) { return is_among(looping, field.first); });

  if (rows.empty())
    kept.base = view; // of what has no edits the view is the base
  auto entry = joined(going_on, joins ? &rows.back() : nullptr);
  if (joins)
    rows.pop_back();
  std::optional<record_base> below;
  if (kept.base || !rows.empty())
    below = content_of(view_of(kept.base, rows, rules_.shape), rules_.shape);
  const auto wanted = wanted_of(view.value_or(nothing_there()), going_on, rules_.shape);
  const auto left = rephrased(std::move(entry), below, wanted);
  if (left)
    rows.push_back(*left);
  auto shown = rows.empty() && kept.base ? *kept.base : view_of(kept.base, rows, rules_.shape);
  if (rows.empty() && !kept.base)
    shown = gone(*view);
  if (auto refused = refuse_size(shown))
    return *std::move(refused);

  uint64_t number = looping.empty() ? 0 : put_stopped(change, looping, std::move(stopped));
  if (view && is_same_content(*view, shown, rules_.shape) && !change.revives)
    return number;
  if (left && left->id == 0)
    rows.back().id = ++in_.two_way.edit;
  if (left)
    number = rows.back().id;
  if (change.kind == edit_kind::update) {
    loop_watch watch{kept.turns, in_.passed.total};
    for (const auto& [field, to] : going_on.fields)
      watch.note(field, value_of(before, field), to.value, edit_side::local);
    watch.prune();
  }
  writer_.put_edits(change.record, std::move(kept), rows, shown);
  return number;
}

edit_row local_edits::joined(const local_change& change, const edit_row* to) const {
  auto made = entry_of(change, id_, stream_);
  if (!to)
    return made;
  auto entry = *to;
  entry.edited_at = change.edited_at;
  entry.skew = change.skew;
  for (auto& [field, value] : made.fields)
    entry.fields[field] = std::move(value);
  return entry;
}

void local_edits::reject(edit_row row, const rejection& why) {
  row.state = edit_state::rejected;
  row.code = why.code;
  row.sentence = why.sentence;
  put_edit_row(in_, row);
}

void local_edits::withdraw(edit_row row, const std::optional<rejection>& why) {
  auto kept = kept_of(row.record);
  auto left = get_edits(in_.txn, in_.at, id_, kept.edits);
  std::erase_if(left, [&](const edit_row& other) { return other.id == row.id; });
  const bool made_it = row.kind == edit_kind::create && kept.edits.front() == row.id;
  if (made_it) // else it revives a record that an edit before it deletes
    for (const auto& after : std::exchange(left, {})) // there is nothing that they could change
      for (const auto& [field, value] : after.fields)
        row.fields[field] = value;
  if (!why && row.attempts > 0 && kept.base) // nobody knows whether it arrives
    kept.late = {row, in_.passed.total};
  if (!kept.base) {
    const auto view = writer_.read(row.record);
    writer_.put_edits(row.record, std::move(kept), {}, gone(view.value_or(record_copy{})));
  } else if (!left.empty() && left.front().state == edit_state::in_flight) {
    const auto view = view_of(kept.base, left, rules_.shape);
    writer_.put_edits(row.record, std::move(kept), left, view);
  } else {
    const auto base = *kept.base;
    const auto remote = kept.seen.value_or(base);
    writer_.settle_down(row.record, std::move(kept), settle(base, left, remote, rules_, in_.now));
  }
  if (why)
    reject(std::move(row), *why);
}

void local_edits::confirm(edit_row row, const std::string& record, const record_copy& answer) {
  auto kept = kept_of(row.record);
  const auto rows = get_edits(in_.txn, in_.at, id_, kept.edits);
  const auto there = completed(answer, view_of(kept.base, {row}, rules_.shape));
  own_write own{there.modified_at, 0, in_.passed.total};
  if (!record.empty() && record != row.record)
    return move_on(row, {rows.begin() + 1, rows.end()}, record, there, own);
  const auto settled = settle_confirmed(kept.base, rows, there, kept.seen, rules_, in_.now);
  if (kept.base)
    own.before_hash = content_hash(*kept.base, rules_.shape);
  kept.own = own;
  writer_.settle_down(row.record, std::move(kept), settled);
}

/// A create has made a record of another id. The edits behind it build on what was sent: where that
/// is no longer what stands there, somebody there has changed it since an earlier attempt arrived.
void local_edits::move_on(const edit_row& row, std::vector<edit_row> left,
                          const std::string& record, const record_copy& there,
                          const own_write& own) {
  auto kept = kept_of(row.record);
  const auto old = writer_.read(row.record);
  const auto rest = kept.seen ? *kept.seen : kept.base ? *kept.base : gone(old.value_or(there));
  kept.own.reset();
  kept.late.reset();
  kept.turns.clear();
  kept.seen.reset();
  writer_.put_edits(row.record, std::move(kept), {}, rest);
  put_alias(in_, id_, stream_, row.record, record);
  writer_.take({record, there.version, there.modified_at, there.deleted, there.body}, true);
  auto moved = kept_of(record);
  moved.own = own;
  put_edited(in_, key_of(record), moved);
  for (auto& after : left)
    after.record = record;
  auto others = get_edits(in_.txn, in_.at, id_, moved.edits);
  if (left.size() == 1 && others.size() == 1 && others.front().attempts == 0) {
    const auto number = others.front().id;
    left = {folded(std::move(left.front()), std::move(others.front()))};
    left.front().id = number;
    others.clear();
  }
  if (!others.empty())
    return join_behind(left, others);
  if (left.empty())
    return;
  const auto stands = moved.base ? *moved.base : writer_.read(record).value_or(there);
  const bool later = row.attempts > 1 || row.state == edit_state::pending || there.deleted;
  const auto base = later ? as_sent(stands, row, left, rules_.shape) : stands;
  writer_.settle_down(record, std::move(moved), settle(base, left, stands, rules_, in_.now));
}

/// The new record was edited under its own id as well, and that was sent, before anybody knew that
/// it was the same.
void local_edits::join_behind(const std::vector<edit_row>& left,
                              const std::vector<edit_row>& others) {
  for (const auto& after : left) {
    local_change change{after.record, after.kind, after.fields, false, after.edited_at,
                        after.skew,   0}; // its number would be below theirs
    for (const auto& other : others)
      std::erase_if(change.fields, [&](const auto& field) {
        const auto same = other.fields.find(field.first);
        return same != other.fields.end() && same->second.at > field.second.at;
      });
    if (auto added = add(change); !added)
      reject(after, {std::string{to_string(added.failure().code)}, added.failure().line()});
  }
}

void local_edits::requeue(edit_row row) {
  auto kept = kept_of(row.record);
  row.state = edit_state::pending;
  put_edit_row(in_, row);
  if (!kept.seen || !kept.base)
    return;
  const auto settled = settle(*kept.base, get_edits(in_.txn, in_.at, id_, kept.edits), *kept.seen,
                              rules_, in_.now);
  writer_.settle_down(row.record, std::move(kept), settled);
}

result<void> local_edits::hear(std::string_view record, const record_copy& shown) {
  const record_view item{record, shown.version, shown.modified_at, shown.deleted, shown.body};
  if (auto refused = writer_.refuse(item))
    return *std::move(refused);
  if (!item.body.empty() || item.deleted)
    writer_.take(item, true);
  return {};
}

write_outcome local_edits::finish(uint64_t id) {
  writer_.finish(false);
  save_stream(in_, id_, stream_, state_);
  auto done = writer_.outcome;
  done.id = id;
  done.stopped = stopped_;
  return done;
}

} // namespace nexte
