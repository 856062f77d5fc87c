// Opaque ids of workspaces and integrations.
#pragma once

#include "protocol/core/error.hpp"

#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace nexte {

/// Where randomness comes from: fills `out`. Production uses `os_random()`, tests a seeded one.
using random_source = std::function<void(std::span<uint8_t> out)>;
/// The operating system's generator, through OpenSSL. Safe from any thread.
random_source os_random();

/// One account at one provider, connected to one workspace. Random, never derived from anything;
/// written as 13 characters of `a-z2-7` (base32 of 64 bits, first digit 0..15 → `a`..`p`).
class integration_id {
public:
  constexpr integration_id() = default;
  explicit constexpr integration_id(uint64_t value) : value_(value) {}
  static integration_id make(const random_source& random);
  /// `malformed` for anything but a written id.
  static result<integration_id> parse(std::string_view text);
  std::string str() const;
  constexpr uint64_t value() const {
    return value_;
  }
  friend constexpr auto operator<=>(integration_id, integration_id) = default;

private:
  uint64_t value_ = 0;
};

/// The host's name for a tenant: 1 to 128 bytes of UTF-8 without control characters.
class workspace_id {
public:
  workspace_id() = default;
  /// `malformed` when empty, too long, not UTF-8, or holding a control character.
  static result<workspace_id> parse(std::string_view text);
  const std::string& str() const {
    return text_;
  }
  friend auto operator<=>(const workspace_id&, const workspace_id&) = default;

private:
  explicit workspace_id(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

} // namespace nexte

template <>
struct std::hash<nexte::integration_id> {
  size_t operator()(nexte::integration_id id) const noexcept {
    return std::hash<uint64_t>{}(id.value());
  }
};
