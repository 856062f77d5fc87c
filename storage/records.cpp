#include "storage/records.hpp"

#include "storage/two_way_rows.hpp"

#include <algorithm>

namespace nexte {
namespace {

constexpr uint8_t record_layout = 1;
constexpr uint8_t feed_layout = 1;
constexpr uint8_t deleted_flag = 1;
constexpr size_t reserved_max = 1024; ///< Rows; a caller's limit may be "all".

record_row row_of(std::string_view record_key, std::string_view value) {
  const record_name name{record_key};
  const auto stored = decode_record(record_key, value);
  if (!stored)
    throw damage{damaged_record(record_key)};
  record_row row;
  row.id = name.record;
  row.version = stored->version;
  row.modified_at = stored->modified_at;
  row.deleted = stored->deleted;
  row.sequence = stored->sequence;
  row.body = stored->body;
  return row;
}

} // namespace

error damaged_record(std::string_view record_key) {
  const record_name name{record_key};
  return {ec::storage,
          "the data file is damaged: record " + std::string{name.record} + " of stream "
              + std::string{name.stream} + " of integration " + name.integration.str()
              + " does not match its checksum",
          "refresh the integration to fetch it anew; all others can still be read"};
}

void encode_record(std::string& value, std::string_view record_key, const stored_record& record) {
  begin_value(value, record_layout);
  field_writer to{value};
  to.u8(record.deleted ? deleted_flag : 0);
  to.u64(record.sequence);
  to.time(record.modified_at);
  to.text(record.version);
  to.rest(record.body);
  seal_value(value, record_key);
}

std::optional<stored_record> decode_record(std::string_view record_key, std::string_view value) {
  auto from = open_value(record_key, value, record_layout);
  if (!from)
    return std::nullopt;
  stored_record record;
  record.deleted = (from->u8() & deleted_flag) != 0;
  record.sequence = from->u64();
  record.modified_at = from->time();
  record.version = from->text();
  record.body = from->rest();
  return from->ok() ? std::optional{record} : std::nullopt;
}

void encode_feed_entry(std::string& value, std::string_view feed_key, std::string_view record_key,
                       bool deleted) {
  begin_value(value, feed_layout);
  field_writer to{value};
  to.u8(deleted ? deleted_flag : 0);
  to.rest(record_key);
  seal_value(value, feed_key);
}

bool is_feed_entry_of(std::string_view value, std::string_view record_key) {
  std::string fields;
  begin_value(fields, feed_layout);
  return value.size() == fields.size() + 1 + record_key.size() && value.ends_with(record_key);
}

std::vector<record_row> read_records(const lmdb::transaction& txn, const tables& at,
                                     integration_id id, std::string_view stream,
                                     std::string_view after, size_t limit) {
  std::vector<record_row> rows;
  rows.reserve(std::min(limit, reserved_max));
  const auto prefix = record_prefix(id, stream);
  auto from = prefix;
  from.rest(after);
  for_each_row(txn, at.records, prefix, from, [&](auto record_key, auto value) {
    if (rows.size() >= limit)
      return false;
    if (record_key != std::string_view{from} || after.empty())
      rows.push_back(row_of(record_key, value));
    return true;
  });
  return rows;
}

std::optional<record_row> read_record(const lmdb::transaction& txn, const tables& at,
                                      integration_id id, std::string_view stream,
                                      std::string_view record_id) {
  auto record_key = record_prefix(id, stream);
  record_key.rest(resolve(txn, at, id, stream, record_id));
  const auto value = txn.get(at.records, record_key);
  if (!value)
    return std::nullopt;
  return row_of(record_key, *value);
}

std::vector<change_entry> read_changes(const lmdb::transaction& txn, const tables& at,
                                       uint64_t after, size_t limit) {
  std::vector<change_entry> entries;
  if (after == ~uint64_t{0})
    return entries;
  entries.reserve(std::min(limit, reserved_max));
  for_each_row(txn, at.feed, {}, key{}.number(after + 1), [&](auto feed_key, auto value) {
    if (entries.size() >= limit)
      return false;
    auto from = open_value(feed_key, value, feed_layout);
    const auto sequence = number_at(feed_key, 0);
    if (!from)
      throw damage{{ec::storage,
                    "the data file is damaged: entry " + std::to_string(sequence)
                        + " of the change feed does not match its checksum",
                    "read on after it, and read the records themselves once"}};
    auto& entry = entries.emplace_back();
    entry.sequence = sequence;
    entry.deleted = (from->u8() & deleted_flag) != 0;
    const record_name name{from->rest()};
    entry.integration = name.integration;
    entry.stream = name.stream;
    entry.record = name.record;
    return true;
  });
  return entries;
}

std::vector<std::string> absent_records(const lmdb::transaction& txn, const tables& at,
                                        std::string_view prefix, const sweep_state& sweep) {
  std::vector<std::string> absent;
  lmdb::cursor marks{txn, at.marks};
  const auto mark_prefix = key{}.number(sweep.number);
  bool marked = marks.seek_from(mark_prefix) && marks.key().starts_with(mark_prefix);
  for_each_row(txn, at.records, prefix, prefix, [&](auto record_key, auto value) {
    const auto record_id = record_key.substr(prefix.size());
    while (marked && marks.key().substr(mark_prefix.size()) < record_id)
      marked = marks.next() && marks.key().starts_with(mark_prefix);
    const bool shown = marked && marks.key().substr(mark_prefix.size()) == record_id;
    const auto stored = decode_record(record_key, value);
    if (!shown && stored && !stored->deleted && stored->sequence <= sweep.since)
      absent.emplace_back(record_id);
    return true;
  });
  return absent;
}

} // namespace nexte
