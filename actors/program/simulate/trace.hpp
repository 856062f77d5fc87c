// What happened in a simulation, in order.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::program {

/// Every event goes into the digest; the texts are kept where somebody will read them.
class trace {
public:
  /// `keep`: how many of the newest lines stay.
  explicit trace(size_t keep) : keep_(keep) {}

  void add(milliseconds at, std::string_view line);
  /// The same for the same events.
  std::string digest() const;
  uint64_t events() const {
    return events_;
  }
  /// What is kept, oldest first.
  std::vector<std::string> lines() const;

private:
  size_t keep_;
  std::vector<std::string> ring_;
  uint64_t events_ = 0;
  uint64_t hash_ = 0xCBF29CE484222325u; ///< FNV-1a, RFC draft-eastlake-fnv.
};

} // namespace nexte::program
