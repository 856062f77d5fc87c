// Records: their layout, and reading them.
#pragma once

#include "protocol/core/record.hpp"
#include "storage/rows.hpp"
#include "storage/schema.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte {

// record := checksum layout flags sequence modified version body   (see codec.hpp)
//   flags    := u8     bit 0: deleted
//   sequence := u64    of its entry in the feed
//   modified := time   by the provider's clock
//   version  := text
//   body     := the other bytes, the provider's JSON unchanged
//
// feed entry := checksum layout flags record-key

/// A stored record; its texts live in the map, until the next write.
struct stored_record {
  bool deleted = false;
  uint64_t sequence = 0;
  wall_time modified_at{};
  std::string_view version;
  std::string_view body;
};

void encode_record(std::string& value, std::string_view record_key, const stored_record& record);
/// Nullopt when the bytes are not those written.
std::optional<stored_record> decode_record(std::string_view record_key, std::string_view value);

void encode_feed_entry(std::string& value, std::string_view feed_key, std::string_view record_key,
                       bool deleted);
/// Whether the entry names that record; its checksum is not looked at.
bool is_feed_entry_of(std::string_view value, std::string_view record_key);

/// What a damaged record is called to a person.
error damaged_record(std::string_view record_key);

// Reads; each throws `damage` naming the record that does not match its checksum.

std::vector<record_row> read_records(const lmdb::transaction& txn, const tables& at,
                                     integration_id id, std::string_view stream,
                                     std::string_view after, size_t limit);
std::optional<record_row> read_record(const lmdb::transaction& txn, const tables& at,
                                      integration_id id, std::string_view stream,
                                      std::string_view record_id);
std::vector<change_entry> read_changes(const lmdb::transaction& txn, const tables& at,
                                       uint64_t after, size_t limit);

/// Ids of the live records that stood before `sweep` and were not shown in it, ascending. Damaged
/// ones are left out.
std::vector<std::string> absent_records(const lmdb::transaction& txn, const tables& at,
                                        std::string_view prefix, const sweep_state& sweep);

} // namespace nexte
