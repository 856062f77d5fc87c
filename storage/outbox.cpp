#include "storage/outbox.hpp"

#include "storage/conflicts.hpp"
#include "storage/local_edits.hpp"
#include "storage/records.hpp"

namespace nexte {
namespace {

error no_edit(integration_id id, uint64_t edit) {
  return {ec::not_found, "integration " + id.str() + " has no local edit " + std::to_string(edit),
          "it may be pushed, dropped or have lost a conflict; list the outbox and the conflicts"};
}

error edit_stands(const edit_row& row, std::string mend) {
  return {ec::conflict,
          "local edit " + std::to_string(row.id) + " of record " + row.record + " is "
              + std::string{to_string(row.state)},
          std::move(mend)};
}

std::optional<error> refuse_record(std::string_view record, edit_kind kind) {
  if (kind == edit_kind::create && !is_local_id(record))
    return error{ec::malformed, "a create does not have a local id", "make one with make_local_id"};
  if (!record.empty() && record.size() <= record_id_bytes_max)
    return std::nullopt;
  return error{ec::malformed, "a record's id has " + std::to_string(record.size()) + " bytes",
               "it may have 1 to " + std::to_string(record_id_bytes_max)};
}

/// The fields of a host's edit, each changed now.
result<local_change> change_of(const put_edit& write) {
  local_change change;
  change.kind = write.kind;
  change.edited_at = write.edited_at;
  change.skew = write.rules.skew;
  if (write.kind == edit_kind::erase)
    return change;
  auto patch = read_patch(write.fields, write.rules.shape);
  if (!patch)
    return std::move(patch).failure();
  for (auto& [field, value] : *patch)
    change.fields[field] = {std::move(value), write.edited_at + write.rules.skew};
  return change;
}

/// What makes the loser of the record as it stands; nullopt when it is that already.
std::optional<local_change> change_to(const record_copy& loser,
                                      const std::optional<record_copy>& view,
                                      const restore_conflict& write) {
  local_change change;
  change.edited_at = write.edited_at;
  change.skew = write.rules.skew;
  const bool live = view && !view->deleted;
  if (loser.deleted) {
    change.kind = edit_kind::erase;
    return live ? std::optional{change} : std::nullopt;
  }
  const auto& shape = write.rules.shape;
  const auto fields = fields_of(loser, shape);
  change.kind = live ? edit_kind::update : edit_kind::create;
  change.revives = !live;
  for (const auto& [field, value] : live ? difference(fields_of(*view, shape), fields) : fields)
    change.fields[field] = {value, write.edited_at + write.rules.skew};
  return live && change.fields.empty() ? std::nullopt : std::optional{change};
}

} // namespace

result<write_outcome> apply(write_context& in, const put_edit& write) {
  if (auto refused = refuse_name(write.stream))
    return *std::move(refused);
  if (auto refused = refuse_record(write.record, write.kind))
    return *std::move(refused);
  auto change = change_of(write);
  if (!change)
    return std::move(change).failure();
  local_edits edits{in, write.id, write.stream, write.rules};
  change->record = edits.resolve(write.record);
  auto added = edits.add(*std::move(change));
  if (!added)
    return std::move(added).failure();
  return edits.finish(*added);
}

result<write_outcome> apply(write_context& in, const begin_push& write) {
  auto row = get_edit(in.txn, in.at, write.id, write.edit);
  if (!row)
    return no_edit(write.id, write.edit);
  const auto kept
      = read_edited(in.txn, in.at, record_prefix(write.id, row->stream).rest(row->record));
  if (row->state != edit_state::pending)
    return edit_stands(*row, "push one that is pending");
  if (!kept || kept->edits.empty() || kept->edits.front() != row->id)
    return edit_stands(*row, "push the one before it first");
  row->state = edit_state::in_flight;
  if (row->attempts++ == 0)
    row->first_sent_at = in.now;
  put_edit_row(in, *row);
  write_outcome outcome;
  outcome.id = row->id;
  return outcome;
}

result<write_outcome> apply(write_context& in, const confirm_edit& write) {
  if (auto refused = refuse_name(write.stream))
    return *std::move(refused);
  if (auto refused = refuse_record(write.record, edit_kind::update))
    return *std::move(refused);
  if (auto fields = read_fields(write.answer.body, write.rules.shape); !fields)
    return std::move(fields).failure().with_context("the answer for record " + write.record);
  local_edits edits{in, write.id, write.stream, write.rules};
  auto row = get_edit(in.txn, in.at, write.id, write.edit);
  if (row && row->state == edit_state::pending && row->attempts == 0)
    return edit_stands(*row, "note its push before it is sent");
  if (row && row->state != edit_state::rejected) {
    edits.confirm(*std::move(row), write.record, write.answer);
    return edits.finish(write.edit);
  }
  auto heard = edits.hear(edits.resolve(write.record), write.answer);
  if (!heard)
    return std::move(heard).failure();
  return edits.finish();
}

result<write_outcome> apply(write_context& in, const reject_edit& write) {
  auto row = get_edit(in.txn, in.at, write.id, write.edit);
  if (!row)
    return no_edit(write.id, write.edit);
  if (row->state == edit_state::rejected)
    return edit_stands(*row, "drop it, or edit the record anew");
  local_edits edits{in, write.id, row->stream, write.rules};
  edits.withdraw(*std::move(row), rejection{write.code, write.sentence});
  return edits.finish(write.edit);
}

result<write_outcome> apply(write_context& in, const requeue_edits& write) {
  if (auto refused = refuse_name(write.stream))
    return *std::move(refused);
  std::vector<edit_row> rows;
  if (write.edit == 0)
    rows = read_edits(in.txn, in.at, write.id, 0, edits_max);
  else if (auto row = get_edit(in.txn, in.at, write.id, write.edit))
    rows.push_back(*std::move(row));
  local_edits edits{in, write.id, write.stream, write.rules};
  uint64_t requeued = 0;
  for (auto& row : rows) {
    if (row.stream != write.stream || row.state != edit_state::in_flight)
      continue;
    edits.requeue(std::move(row));
    ++requeued;
  }
  if (requeued == 0)
    return write_outcome{};
  auto outcome = edits.finish(write.edit);
  outcome.updated = requeued;
  return outcome;
}

result<write_outcome> apply(write_context& in, const drop_edit& write) {
  auto row = get_edit(in.txn, in.at, write.id, write.edit);
  if (!row)
    return no_edit(write.id, write.edit);
  if (row->state == edit_state::in_flight)
    return edit_stands(*row, "wait for the answer, and edit the record again");
  if (row->state == edit_state::rejected) {
    erase_edit_row(in, write.id, write.edit);
    return write_outcome{};
  }
  local_edits edits{in, write.id, row->stream, write.rules};
  edits.withdraw(*std::move(row), std::nullopt);
  return edits.finish(write.edit);
}

result<write_outcome> apply(write_context& in, const restore_conflict& write) {
  auto row = read_conflict(in.txn, in.at, write.conflict);
  if (!row)
    return error{ec::not_found, "there is no conflict " + std::to_string(write.conflict),
                 "the audit log keeps them for 30 days; list it"};
  if (row->restored_at)
    return error{ec::conflict,
                 "conflict " + std::to_string(write.conflict) + " was restored at "
                     + format_iso_time(*row->restored_at),
                 "edit the record itself to change it again"};
  local_edits edits{in, row->integration, row->stream, write.rules};
  const auto record = edits.resolve(row->record);
  auto change = change_to(row->loser, edits.view(record), write);
  uint64_t edit = 0;
  if (change) {
    change->record = record;
    auto added = edits.add(*std::move(change));
    if (!added)
      return std::move(added).failure();
    edit = *added;
  }
  row->restored_at = write.edited_at;
  row->restored_as = edit;
  replace_conflict(in, *row);
  return edits.finish(edit);
}

std::vector<edit_row> read_edits(const lmdb::transaction& txn, const tables& at, integration_id id,
                                 uint64_t after, size_t limit) {
  std::vector<edit_row> rows;
  const auto prefix = key{'u'}.id(id);
  if (after == ~uint64_t{0})
    return rows;
  for_each_row(txn, at.edits, prefix, key{prefix}.number(after + 1), [&](auto row_key, auto value) {
    if (rows.size() >= limit)
      return false;
    rows.push_back(decode_row<edit_row>(row_key, value));
    return true;
  });
  return rows;
}

edit_counts read_edit_counts(const lmdb::transaction& txn, const tables& at, integration_id id) {
  return get_row<edit_counts>(txn, at.rows, key{'w'}.id(id)).value_or(edit_counts{});
}

std::optional<edit_to_push> read_edit(const lmdb::transaction& txn, const tables& at,
                                      integration_id id, uint64_t edit) {
  auto row = get_edit(txn, at, id, edit);
  if (!row)
    return std::nullopt;
  edit_to_push found;
  const auto record_key = record_prefix(id, row->stream).rest(row->record);
  if (auto kept = read_edited(txn, at, record_key))
    found.base = std::move(kept->base);
  if (auto view = read_record(txn, at, id, row->stream, row->record))
    found.view = {view->version, view->modified_at, view->deleted, view->body};
  found.edit = *std::move(row);
  return found;
}

} // namespace nexte
