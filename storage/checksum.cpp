#include "storage/checksum.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace nexte {
namespace {

constexpr uint32_t polynomial = 0x82F63B78; // reversed
constexpr size_t lanes = 8;                 // bytes a step

using lookup = std::array<std::array<uint32_t, 256>, lanes>;

/// `tables[k][b]`: what byte `b` adds when `k` further bytes follow it in the same step.
constexpr lookup make_tables() {
  lookup tables{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t crc = b;
    for (int bit = 0; bit < 8; ++bit)
      crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
    tables[0][b] = crc;
  }
  for (size_t k = 1; k < lanes; ++k)
    for (size_t b = 0; b < 256; ++b)
      tables[k][b] = tables[k - 1][b] >> 8 ^ tables[0][tables[k - 1][b] & 0xFF];
  return tables;
}

constexpr lookup tables = make_tables();
static_assert(std::endian::native == std::endian::little, "the step below reads little-endian");

} // namespace

uint32_t crc32c(std::string_view bytes, uint32_t before) {
  uint32_t crc = ~before;
  while (bytes.size() >= lanes) {
    uint64_t step = 0;
    std::memcpy(&step, bytes.data(), lanes);
    step ^= crc;
    crc = 0;
    for (size_t k = 0; k < lanes; ++k)
      crc ^= tables[lanes - 1 - k][step >> (8 * k) & 0xFF];
    bytes.remove_prefix(lanes);
  }
  for (const char c : bytes)
    crc = crc >> 8 ^ tables[0][(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

} // namespace nexte
