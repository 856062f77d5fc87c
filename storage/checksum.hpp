// CRC-32C, the checksum of stored values (LMDB has none).
#pragma once

#include <cstdint>
#include <string_view>

namespace nexte {

/// CRC-32C (Castagnoli) of `bytes`, going on from the checksum of what came before them.
/// RFC 3720 section B.4.
uint32_t crc32c(std::string_view bytes, uint32_t before = 0);

} // namespace nexte
