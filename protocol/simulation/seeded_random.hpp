// A small deterministic generator for simulations. Never for secrets of a real person.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/text.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace nexte::simulation {

/// splitmix64: same seed, same sequence, on every machine.
/// https://prng.di.unimi.it/splitmix64.c, read 2026-11-24.
class seeded_random {
public:
  explicit seeded_random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    return mix(state_ += 0x9E3779B97F4A7C15u);
  }
  /// 0 to `bound` - 1. @pre bound > 0
  uint64_t below(uint64_t bound) {
    return next() % bound;
  }
  /// True once in `n` draws, on average.
  bool one_in(uint64_t n) {
    return below(n) == 0;
  }
  /// A bijection that scatters neighbouring numbers.
  static constexpr uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

private:
  uint64_t state_;
};

/// A UUID of version 4 (RFC 9562).
inline std::string random_uuid(seeded_random& random) {
  uint8_t bytes[16];
  for (auto& byte : bytes)
    byte = static_cast<uint8_t>(random.next());
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | 0x40); // the version
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80); // the variant
  auto text = hex(bytes);
  for (const size_t at : {20u, 16u, 12u, 8u})
    text.insert(at, "-");
  return text;
}

/// The generator as the port that the rest of the program takes. Not thread-safe.
inline random_source seeded_source(uint64_t seed) {
  return [random = std::make_shared<seeded_random>(seed)](std::span<uint8_t> out) {
    for (auto& byte : out)
      byte = static_cast<uint8_t>(random->next());
  };
}

} // namespace nexte::simulation
