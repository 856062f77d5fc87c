// The layouts of the small rows: what each is as bytes. Records have their own (records.hpp).
#pragma once

#include "storage/codec.hpp"
#include "storage/keys.hpp"
#include "storage/lmdb.hpp"
#include "storage/store.hpp"

namespace nexte {

/// The numbers given last; the next one is one more.
struct counters {
  uint64_t feed = 0;
  uint64_t sweep = 0;
  uint64_t incident = 0;
  uint64_t notification = 0;

  friend bool operator==(const counters&, const counters&) = default;
};

/// The same for two-way sync.
struct two_way_counters {
  uint64_t edit = 0;
  uint64_t conflict = 0;

  friend bool operator==(const two_way_counters&, const two_way_counters&) = default;
};

/// An enumeration of a stream. A live record that stood before it (feed sequence ≤ `since`) and
/// has no mark under `number` was not shown yet. `absent` counts these, so whether a record is
/// missing is known without looking for it.
struct sweep_state {
  uint64_t number = 0; ///< 0: none.
  uint64_t since = 0;
  uint64_t absent = 0;
  uint64_t live = 0; ///< Live records when it began.
};

struct stream_standing {
  stream_row row;
  sweep_state running;
  sweep_state held; ///< The one whose absent records the brake kept.
};

/// The layout that `write` writes and `read` reads. Specialise it for a row whose fields change,
/// and let a migration rewrite the old ones.
template <class Row>
inline constexpr uint8_t layout_of = 1;
template <>
inline constexpr uint8_t layout_of<integration_row> = 2;

void write(field_writer& to, const counters& row);
void read(field_reader& from, counters& row);
void write(field_writer& to, const two_way_counters& row);
void read(field_reader& from, two_way_counters& row);
void write(field_writer& to, const elapsed_row& row);
void read(field_reader& from, elapsed_row& row);
void write(field_writer& to, const integration_row& row);
void read(field_reader& from, integration_row& row);
void write(field_writer& to, const stream_standing& row);
void read(field_reader& from, stream_standing& row);
void write(field_writer& to, const error_entry& row);
void read(field_reader& from, error_entry& row);
void write(field_writer& to, const incident_row& row);
void read(field_reader& from, incident_row& row);
void write(field_writer& to, const notification_row& row);
void read(field_reader& from, notification_row& row);
void write(field_writer& to, const quarantine_row& row);
void read(field_reader& from, quarantine_row& row);
void write(field_writer& to, const integration_id& row);
void read(field_reader& from, integration_id& row);
void write(field_writer& to, const wall_time& row);
void read(field_reader& from, wall_time& row);
void write(field_writer& to, const uint64_t& row);
void read(field_reader& from, uint64_t& row);
void write(field_writer& to, const std::string& row);
void read(field_reader& from, std::string& row);

/// What a damaged row is called to a person: kind and integration, from its key.
error damaged_row(std::string_view row_key);

/// Throws `damage` when the bytes are not those written.
template <class Row>
Row decode_row(std::string_view row_key, std::string_view value) {
  Row row{};
  auto from = open_value(row_key, value, layout_of<Row>);
  if (from)
    read(*from, row);
  if (!from || !from->ok())
    throw damage{damaged_row(row_key)};
  return row;
}

template <class Row>
std::optional<Row> get_row(const lmdb::transaction& txn, MDB_dbi table, std::string_view row_key) {
  const auto value = txn.get(table, row_key);
  if (!value)
    return std::nullopt;
  return decode_row<Row>(row_key, *value);
}

template <class Row>
void put_row(lmdb::transaction& txn, MDB_dbi table, std::string_view row_key, const Row& row) {
  std::string value;
  begin_value(value, layout_of<Row>);
  field_writer to{value};
  write(to, row);
  seal_value(value, row_key);
  txn.put(table, row_key, value);
}

/// Calls `each(key, value)` for the rows whose keys begin with `prefix`, from the first that is not
/// below `from`, in order, until it yields false.
template <class Each>
void for_each_row(const lmdb::transaction& txn, MDB_dbi table, std::string_view prefix,
                  std::string_view from, Each&& each) {
  lmdb::cursor at{txn, table};
  for (bool more = at.seek_from(from); more && at.key().starts_with(prefix); more = at.next())
    if (!each(at.key(), at.value()))
      return;
}

} // namespace nexte
