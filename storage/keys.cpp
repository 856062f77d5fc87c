#include "storage/keys.hpp"

namespace nexte {
namespace {

constexpr uint64_t sign = uint64_t{1} << 63;

} // namespace

key& key::number(uint64_t value) {
  char bytes[8];
  for (size_t i = sizeof bytes; i-- > 0; value >>= 8)
    bytes[i] = static_cast<char>(value & 0xFF);
  bytes_.append(bytes, sizeof bytes);
  return *this;
}

key& key::time(wall_time at) {
  return number(static_cast<uint64_t>(at.time_since_epoch().count()) ^ sign);
}

uint64_t number_at(std::string_view key_bytes, size_t offset) {
  uint64_t value = 0;
  for (const char c : key_bytes.substr(offset, 8))
    value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

wall_time time_at(std::string_view key_bytes, size_t offset) {
  return wall_time{milliseconds{static_cast<int64_t>(number_at(key_bytes, offset) ^ sign)}};
}

record_name::record_name(std::string_view key_bytes) : integration(number_at(key_bytes, 0)) {
  const auto length = static_cast<unsigned char>(key_bytes[8]);
  stream = key_bytes.substr(9, length);
  record = key_bytes.substr(9 + size_t{length});
}

} // namespace nexte
