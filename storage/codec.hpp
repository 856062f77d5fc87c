// How values are laid out as bytes, and how they are sealed with a checksum.
//
//   value   := checksum layout field*
//   checksum:= u32           CRC-32C of key, layout and fields
//   layout  := u8            of this kind of value; a reader refuses one it does not know
//   field   := u8 | u64 | time | text | texts
//   u32,u64 := little-endian
//   time    := u64           milliseconds since 1970, two's complement
//   text    := varint bytes  length first (LEB128)
//   texts   := varint text*  count first
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte {

/// Appends fields to a text that the caller owns (and reuses).
class field_writer {
public:
  explicit field_writer(std::string& out) : out_(out) {}
  void u8(uint8_t value) {
    out_.push_back(static_cast<char>(value));
  }
  void u64(uint64_t value);
  void varint(uint64_t value);
  void time(wall_time at) {
    u64(static_cast<uint64_t>(at.time_since_epoch().count()));
  }
  void text(std::string_view value) {
    varint(value.size());
    out_.append(value);
  }
  void texts(const std::vector<std::string>& values);
  /// Without its length: the last field.
  void rest(std::string_view value) {
    out_.append(value);
  }

private:
  std::string& out_;
};

/// Takes fields from the front; a short or broken one makes it fail for good and yield zeros.
class field_reader {
public:
  explicit field_reader(std::string_view in) : rest_(in) {}
  bool ok() const {
    return ok_;
  }
  uint8_t u8();
  uint64_t u64();
  uint64_t varint();
  wall_time time() {
    return wall_time{milliseconds{static_cast<int64_t>(u64())}};
  }
  std::string_view text();
  std::vector<std::string> texts();
  std::string_view rest() const {
    return rest_;
  }

private:
  std::string_view take(uint64_t bytes);
  std::string_view rest_;
  bool ok_ = true;
};

/// Empties `value` and leaves room for the seal; fields are appended next.
void begin_value(std::string& value, uint8_t layout);
/// Fills in the checksum.
/// @pre `value` began with begin_value
void seal_value(std::string& value, std::string_view key);
/// The fields of a sealed value; nullopt when checksum or layout do not fit.
std::optional<field_reader> open_value(std::string_view key, std::string_view value,
                                       uint8_t layout);

} // namespace nexte
