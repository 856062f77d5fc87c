// The tables and the grammar of their keys. Keys compare as bytes, so numbers are big-endian.
//
//   rows (everything small)            first byte: the kind of row
//     'v'                              schema version
//     'k'                              key check: tells whether a master key fits
//     'c'                              counters
//     'i' integration                  integration
//     't' integration                  sealed tokens
//     'f' integration                  note of a refresh under way
//     's' integration name             stream state
//     'e' integration number           error log, ascending
//     'q' integration name record      quarantined record
//     'p' integration number           incident, by its id
//     'P' number                       incident id → integration
//     'o' integration name name        open incident of kind and stream → id
//     'x' time number                  closed incident by time of closing → integration
//     'n' number                       notification, by its id
//     'm' number                       sweep whose marks are to be removed
//     'd'                              counters of two-way sync
//     'h'                              elapsed time
//     'w' integration                  count of its local edits
//     'l' integration name record      the id that this record has now
//     'z' number                       conflict id → integration, ascending in age
//   records  integration name record   one item of a stream
//   feed     number                    change feed by sequence → record's key
//   marks    number record             shown unchanged in that sweep
//   edits    'u' integration number    outbox
//   edited   'b' integration name record   base and memory of a record that was edited here
//   conflicts 'a' integration number   audit log
//
//   integration, number, time := 8 bytes; name := length (1 byte) bytes; record := the other bytes
//
// Records of one integration lie together: a page of a stream touches few leaves.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/record.hpp"
#include "protocol/core/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace nexte {

inline constexpr size_t stream_name_bytes_max = 64;
inline constexpr size_t incident_kind_bytes_max = 64;
inline constexpr size_t checkpoint_bytes_max = size_t{1} << 20;
/// LMDB as built by Debian (MDB_MAXKEYSIZE).
inline constexpr size_t key_bytes_max = 511;
static_assert(8 + 1 + stream_name_bytes_max + record_id_bytes_max < key_bytes_max);

/// Builds a key piece by piece: `key{'s'}.id(integration).name(stream)`.
class key {
public:
  key() = default;
  explicit key(char kind) : bytes_(1, kind) {}
  key& number(uint64_t value);
  key& id(integration_id value) {
    return number(value.value());
  }
  /// Keeps the order of times before 1970.
  key& time(wall_time at);
  /// @pre at most 255 bytes
  key& name(std::string_view text) {
    bytes_.push_back(static_cast<char>(text.size()));
    return rest(text);
  }
  key& rest(std::string_view text) {
    bytes_.append(text);
    return *this;
  }
  /// Forgets all behind the first `bytes`.
  key& cut(size_t bytes) {
    bytes_.resize(bytes);
    return *this;
  }
  size_t size() const {
    return bytes_.size();
  }
  operator std::string_view() const {
    return bytes_;
  }

private:
  std::string bytes_;
};

/// What all records of a stream begin with.
inline key record_prefix(integration_id id, std::string_view stream) {
  return key{}.id(id).name(stream);
}

/// The number in the 8 bytes at `offset`.
/// @pre they are there
uint64_t number_at(std::string_view key_bytes, size_t offset);
wall_time time_at(std::string_view key_bytes, size_t offset);

/// A record's key, taken apart.
struct record_name {
  integration_id integration;
  std::string_view stream;
  std::string_view record;

  explicit record_name(std::string_view key_bytes);
};

} // namespace nexte
