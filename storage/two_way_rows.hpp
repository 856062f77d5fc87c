// Layouts and places of the two-way rows: outbox entries, what is kept beside an edited record,
// other names of records.
#pragma once

#include "storage/context.hpp"
#include "storage/settlement.hpp"

namespace nexte {

/// Where a conflict is and how old: looked at in each commit, so it is small.
struct conflict_place {
  integration_id integration;
  milliseconds elapsed{0};
};

void write(field_writer& to, const conflict_place& row);
void read(field_reader& from, conflict_place& row);
void write(field_writer& to, const edit_row& row);
void read(field_reader& from, edit_row& row);
void write(field_writer& to, const edited_record& row);
void read(field_reader& from, edited_record& row);
void write(field_writer& to, const conflict_row& row);
void read(field_reader& from, conflict_row& row);
void write(field_writer& to, const edit_counts& row);
void read(field_reader& from, edit_counts& row);

/// What is kept beside the record of that key in `records`.
std::optional<edited_record> read_edited(const lmdb::transaction& txn, const tables& at,
                                         std::string_view record_key);
/// Erases the row of one that says nothing.
void put_edited(write_context& in, std::string_view record_key, const edited_record& row);
/// Calls `each(record key, row)` for the edited records of a stream.
template <class Each>
void for_each_edited(const lmdb::transaction& txn, const tables& at, std::string_view prefix,
                     Each&& each) {
  const auto begin = key{'b'}.rest(prefix);
  for_each_row(txn, at.edited, begin, begin, [&](auto row_key, auto value) {
    return each(row_key.substr(1), decode_row<edited_record>(row_key, value));
  });
}

std::optional<edit_row> get_edit(const lmdb::transaction& txn, const tables& at, integration_id id,
                                 uint64_t edit);
/// The rows of these edits. Throws `damage` when one is missing.
std::vector<edit_row> get_edits(const lmdb::transaction& txn, const tables& at, integration_id id,
                                const std::vector<uint64_t>& edits);
/// These two keep the counts.
void put_edit_row(write_context& in, const edit_row& row);
void erase_edit_row(write_context& in, integration_id id, uint64_t edit);

/// The id that a record has now: a local id, or that of a revived record, leads to another.
std::string resolve(const lmdb::transaction& txn, const tables& at, integration_id id,
                    std::string_view stream, std::string_view record);
void put_alias(write_context& in, integration_id id, std::string_view stream,
               std::string_view record, std::string_view leads_to);

} // namespace nexte
