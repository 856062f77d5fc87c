#include "protocol/core/ids.hpp"

#include "protocol/core/text.hpp"

#include <openssl/rand.h>

#include <cstdlib>

namespace nexte {
namespace {

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr size_t digits = 13; // 13 × 5 bits ≥ 64 bits

} // namespace

random_source os_random() {
  return [](std::span<uint8_t> out) {
    // Without randomness no id, state or key can be made: nothing sensible can follow.
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
      std::abort();
  };
}

integration_id integration_id::make(const random_source& random) {
  uint8_t bytes[8];
  random(bytes);
  uint64_t value = 0;
  for (const uint8_t b : bytes)
    value = value << 8 | b;
  return integration_id{value};
}

result<integration_id> integration_id::parse(std::string_view text) {
  uint64_t value = 0;
  bool good = text.size() == digits && text[0] >= 'a' && text[0] <= 'p';
  for (size_t i = 0; good && i < digits; ++i) {
    const auto digit = alphabet.find(text[i]);
    good = digit != alphabet.npos;
    value = value << 5 | digit;
  }
  if (!good)
    return error{ec::malformed, "not an integration id",
                 "an id is 13 characters of a-z and 2-7, as `nexte-sync status` prints it"};
  return integration_id{value};
}

std::string integration_id::str() const {
  std::string out(digits, 'a');
  uint64_t rest = value_;
  for (size_t i = digits; i-- > 0; rest >>= 5)
    out[i] = alphabet[rest & 31];
  return out;
}

result<workspace_id> workspace_id::parse(std::string_view text) {
  const error refused{ec::malformed, "not a workspace id",
                      "a workspace id is 1 to 128 bytes of UTF-8 without control characters"};
  if (text.empty() || text.size() > 128 || !is_utf8(text))
    return refused;
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      return refused;
  return workspace_id{std::string{text}};
}

} // namespace nexte
