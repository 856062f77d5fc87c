#include "storage/codec.hpp"

#include "storage/checksum.hpp"

namespace nexte {
namespace {

constexpr size_t checksum_bytes = 4;

uint32_t checksum(std::string_view key, std::string_view value) {
  return crc32c(value.substr(checksum_bytes), crc32c(key));
}

} // namespace

void field_writer::u64(uint64_t value) {
  char bytes[8];
  for (char& b : bytes) {
    b = static_cast<char>(value & 0xFF);
    value >>= 8;
  }
  out_.append(bytes, sizeof bytes);
}

void field_writer::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    u8(static_cast<uint8_t>(value | 0x80));
  u8(static_cast<uint8_t>(value));
}

void field_writer::texts(const std::vector<std::string>& values) {
  varint(values.size());
  for (const auto& value : values)
    text(value);
}

std::string_view field_reader::take(uint64_t bytes) {
  if (bytes > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const auto taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

uint8_t field_reader::u8() {
  const auto byte = take(1);
  return byte.empty() ? uint8_t{0} : static_cast<uint8_t>(byte.front());
}

uint64_t field_reader::u64() {
  uint64_t value = 0;
  const auto bytes = take(8);
  for (size_t i = bytes.size(); i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

uint64_t field_reader::varint() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const uint8_t b = u8();
    value |= uint64_t{b & 0x7Fu} << shift;
    if (b < 0x80)
      return value;
  }
  ok_ = false;
  rest_ = {};
  return 0;
}

std::string_view field_reader::text() {
  return take(varint());
}

std::vector<std::string> field_reader::texts() {
  std::vector<std::string> values;
  for (uint64_t left = varint(); ok_ && left > 0; --left)
    values.emplace_back(text());
  return values;
}

void begin_value(std::string& value, uint8_t layout) {
  value.assign(checksum_bytes, '\0');
  value.push_back(static_cast<char>(layout));
}

void seal_value(std::string& value, std::string_view key) {
  uint32_t sum = checksum(key, value);
  for (size_t i = 0; i < checksum_bytes; ++i, sum >>= 8)
    value[i] = static_cast<char>(sum & 0xFF);
}

std::optional<field_reader> open_value(std::string_view key, std::string_view value,
                                       uint8_t layout) {
  if (value.size() <= checksum_bytes)
    return std::nullopt;
  uint32_t stored = 0;
  for (size_t i = checksum_bytes; i-- > 0;)
    stored = stored << 8 | static_cast<unsigned char>(value[i]);
  if (stored != checksum(key, value) || static_cast<uint8_t>(value[checksum_bytes]) != layout)
    return std::nullopt;
  return field_reader{value.substr(checksum_bytes + 1)};
}

} // namespace nexte
