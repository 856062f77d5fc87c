#include "storage/two_way_rows.hpp"

namespace nexte {
namespace {

constexpr size_t aliases_followed_max = 16; ///< A record revived so often.

key edit_key(integration_id id, uint64_t edit) {
  return key{'u'}.id(id).number(edit);
}
key edited_key(std::string_view record_key) {
  return key{'b'}.rest(record_key);
}
key alias_key(integration_id id, std::string_view stream, std::string_view record) {
  return key{'l'}.id(id).name(stream).rest(record);
}

void write_length(field_writer& to, milliseconds length) {
  to.u64(static_cast<uint64_t>(length.count()));
}
milliseconds read_length(field_reader& from) {
  return milliseconds{static_cast<int64_t>(from.u64())};
}

/// A number below `count`; a higher one is no value of that enumeration.
template <class Enum>
Enum read_enum(field_reader& from, Enum last) {
  const auto number = from.u8();
  return number <= static_cast<uint8_t>(last) ? static_cast<Enum>(number) : last;
}

void write_copy(field_writer& to, const record_copy& copy) {
  to.text(copy.version);
  to.time(copy.modified_at);
  to.u8(copy.deleted ? 1 : 0);
  to.text(copy.body);
}

record_copy read_copy(field_reader& from) {
  record_copy copy;
  copy.version = from.text();
  copy.modified_at = from.time();
  copy.deleted = from.u8() != 0;
  copy.body = from.text();
  return copy;
}

void write_optional(field_writer& to, const std::optional<record_copy>& copy) {
  to.u8(copy ? 1 : 0);
  if (copy)
    write_copy(to, *copy);
}

std::optional<record_copy> read_optional(field_reader& from) {
  if (from.u8() == 0)
    return std::nullopt;
  return read_copy(from);
}

void count(write_context& in, integration_id id, const std::optional<edit_row>& before,
           const edit_row* after) {
  const auto row_key = key{'w'}.id(id);
  auto counts = get_row<edit_counts>(in.txn, in.at.rows, row_key).value_or(edit_counts{});
  const auto of = [&](const edit_row& row) -> uint64_t& {
    return row.state == edit_state::rejected ? counts.rejected : counts.waiting;
  };
  if (before)
    --of(*before);
  if (after)
    ++of(*after);
  put_row(in.txn, in.at.rows, row_key, counts);
}

} // namespace

void write(field_writer& to, const edit_row& row) {
  to.u64(row.id);
  to.u64(row.integration.value());
  to.text(row.stream);
  to.text(row.record);
  to.u8(static_cast<uint8_t>(row.kind));
  to.varint(row.fields.size());
  for (const auto& [field, change] : row.fields) {
    to.text(field);
    to.text(change.value);
    to.time(change.at);
  }
  to.u8(row.revives ? 1 : 0);
  to.time(row.edited_at);
  write_length(to, row.skew);
  to.u8(static_cast<uint8_t>(row.state));
  to.varint(row.attempts);
  to.time(row.first_sent_at);
  to.text(row.code);
  to.text(row.sentence);
}

void read(field_reader& from, edit_row& row) {
  row.id = from.u64();
  row.integration = integration_id{from.u64()};
  row.stream = from.text();
  row.record = from.text();
  row.kind = read_enum(from, edit_kind::erase);
  for (uint64_t left = from.varint(); from.ok() && left > 0; --left) {
    auto& change = row.fields[std::string{from.text()}];
    change.value = from.text();
    change.at = from.time();
  }
  row.revives = from.u8() != 0;
  row.edited_at = from.time();
  row.skew = read_length(from);
  row.state = read_enum(from, edit_state::rejected);
  row.attempts = static_cast<unsigned>(from.varint());
  row.first_sent_at = from.time();
  row.code = from.text();
  row.sentence = from.text();
}

void write(field_writer& to, const edited_record& row) {
  write_optional(to, row.base);
  to.varint(row.edits.size());
  for (const auto edit : row.edits)
    to.u64(edit);
  write_optional(to, row.seen);
  to.u8(row.own ? 1 : 0);
  if (row.own) {
    to.time(row.own->modified_at);
    to.u64(row.own->before_hash);
    write_length(to, row.own->elapsed);
  }
  to.u8(row.late ? 1 : 0);
  if (row.late) {
    write(to, row.late->sent);
    write_length(to, row.late->elapsed);
  }
  to.varint(row.turns.size());
  for (const auto& known : row.turns) {
    to.text(known.field);
    to.u64(known.before);
    to.u8(static_cast<uint8_t>(known.last));
    write_length(to, known.changed);
    to.varint(known.turns.size());
    for (const auto turn : known.turns)
      write_length(to, turn);
  }
}

void read(field_reader& from, edited_record& row) {
  row.base = read_optional(from);
  for (uint64_t left = from.varint(); from.ok() && left > 0; --left)
    row.edits.push_back(from.u64());
  row.seen = read_optional(from);
  if (from.u8() != 0) {
    auto& own = row.own.emplace();
    own.modified_at = from.time();
    own.before_hash = from.u64();
    own.elapsed = read_length(from);
  }
  if (from.u8() != 0) {
    auto& late = row.late.emplace();
    read(from, late.sent);
    late.elapsed = read_length(from);
  }
  for (uint64_t left = from.varint(); from.ok() && left > 0; --left) {
    auto& known = row.turns.emplace_back();
    known.field = from.text();
    known.before = from.u64();
    known.last = read_enum(from, edit_side::remote);
    known.changed = read_length(from);
    for (uint64_t turns = from.varint(); from.ok() && turns > 0; --turns)
      known.turns.push_back(read_length(from));
  }
}

void write(field_writer& to, const conflict_row& row) {
  to.u64(row.id);
  to.u64(row.integration.value());
  to.text(row.stream);
  to.text(row.record);
  to.u8(static_cast<uint8_t>(row.rule));
  to.u8(static_cast<uint8_t>(row.won));
  for (const auto* copy : {&row.base, &row.winner, &row.loser})
    write_copy(to, *copy);
  to.varint(row.differences.size());
  for (const auto& found : row.differences)
    for (const auto* text : {&found.field, &found.base, &found.winner, &found.loser})
      to.text(*text);
  to.time(row.local_at);
  to.time(row.remote_at);
  write_length(to, row.skew);
  to.time(row.at);
  write_length(to, row.elapsed);
  to.u8(row.restored_at ? 1 : 0);
  to.time(row.restored_at.value_or(wall_time{}));
  to.u64(row.restored_as);
}

void read(field_reader& from, conflict_row& row) {
  row.id = from.u64();
  row.integration = integration_id{from.u64()};
  row.stream = from.text();
  row.record = from.text();
  row.rule = read_enum(from, conflict_rule::merge_fields);
  row.won = read_enum(from, conflict_winner::both);
  for (auto* copy : {&row.base, &row.winner, &row.loser})
    *copy = read_copy(from);
  for (uint64_t left = from.varint(); from.ok() && left > 0; --left) {
    auto& found = row.differences.emplace_back();
    for (auto* text : {&found.field, &found.base, &found.winner, &found.loser})
      *text = from.text();
  }
  row.local_at = from.time();
  row.remote_at = from.time();
  row.skew = read_length(from);
  row.at = from.time();
  row.elapsed = read_length(from);
  const bool restored = from.u8() != 0;
  const auto restored_at = from.time();
  if (restored)
    row.restored_at = restored_at;
  row.restored_as = from.u64();
}

void write(field_writer& to, const conflict_place& row) {
  to.u64(row.integration.value());
  write_length(to, row.elapsed);
}

void read(field_reader& from, conflict_place& row) {
  row.integration = integration_id{from.u64()};
  row.elapsed = read_length(from);
}

void write(field_writer& to, const edit_counts& row) {
  to.varint(row.waiting);
  to.varint(row.rejected);
}

void read(field_reader& from, edit_counts& row) {
  row.waiting = from.varint();
  row.rejected = from.varint();
}

std::optional<edited_record> read_edited(const lmdb::transaction& txn, const tables& at,
                                         std::string_view record_key) {
  return get_row<edited_record>(txn, at.edited, edited_key(record_key));
}

void put_edited(write_context& in, std::string_view record_key, const edited_record& row) {
  if (row.is_empty())
    in.txn.erase(in.at.edited, edited_key(record_key));
  else
    put_row(in.txn, in.at.edited, edited_key(record_key), row);
}

std::optional<edit_row> get_edit(const lmdb::transaction& txn, const tables& at, integration_id id,
                                 uint64_t edit) {
  return get_row<edit_row>(txn, at.edits, edit_key(id, edit));
}

std::vector<edit_row> get_edits(const lmdb::transaction& txn, const tables& at, integration_id id,
                                const std::vector<uint64_t>& edits) {
  std::vector<edit_row> rows;
  for (const auto edit : edits) {
    auto row = get_edit(txn, at, id, edit);
    if (!row)
      throw damage{damaged_row(edit_key(id, edit))};
    rows.push_back(*std::move(row));
  }
  return rows;
}

void put_edit_row(write_context& in, const edit_row& row) {
  count(in, row.integration, get_edit(in.txn, in.at, row.integration, row.id), &row);
  put_row(in.txn, in.at.edits, edit_key(row.integration, row.id), row);
}

void erase_edit_row(write_context& in, integration_id id, uint64_t edit) {
  const auto row = get_edit(in.txn, in.at, id, edit);
  if (!row)
    return;
  count(in, id, row, nullptr);
  in.txn.erase(in.at.edits, edit_key(id, edit));
}

std::string resolve(const lmdb::transaction& txn, const tables& at, integration_id id,
                    std::string_view stream, std::string_view record) {
  std::string now{record};
  for (size_t left = aliases_followed_max; left > 0; --left) {
    auto next = get_row<std::string>(txn, at.rows, alias_key(id, stream, now));
    if (!next)
      break;
    now = *std::move(next);
  }
  return now;
}

void put_alias(write_context& in, integration_id id, std::string_view stream,
               std::string_view record, std::string_view leads_to) {
  put_row(in.txn, in.at.rows, alias_key(id, stream, record), std::string{leads_to});
}

} // namespace nexte
