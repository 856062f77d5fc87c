// Values under small numbered handles that are never mistaken for an older value's.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace nexte {

/// A vector of reused places. A handle is place + 1 in the low and the place's generation in the
/// high 32 bits, so 0 is none, and a stale handle finds nothing (until 2^32 reuses of its place).
template <class T>
class slots {
public:
  using handle = uint64_t;

  handle insert(T value) {
    if (free_.empty()) {
      free_.push_back(static_cast<uint32_t>(places_.size()));
      places_.emplace_back();
    }
    const auto at = free_.back();
    free_.pop_back();
    places_[at].value = std::move(value);
    places_[at].taken = true;
    return uint64_t{places_[at].generation} << 32 | (at + 1);
  }
  /// Null when `handle` is not one of a present value. Valid until the next insert.
  T* find(handle which) {
    const auto at = static_cast<uint32_t>(which) - 1;
    const bool present = at < places_.size() && places_[at].taken
                         && places_[at].generation == static_cast<uint32_t>(which >> 32);
    return present ? &places_[at].value : nullptr;
  }
  /// @pre `find(which)`
  T erase(handle which) {
    const auto at = static_cast<uint32_t>(which) - 1;
    places_[at].taken = false;
    ++places_[at].generation;
    free_.push_back(at);
    return std::exchange(places_[at].value, T{});
  }
  size_t size() const {
    return places_.size() - free_.size();
  }
  /// Calls `visit(handle, value)` for each; it must not insert or erase.
  template <class Visit>
  void each(Visit visit) {
    for (uint32_t at = 0; at < places_.size(); ++at)
      if (places_[at].taken)
        visit(uint64_t{places_[at].generation} << 32 | (at + 1), places_[at].value);
  }

private:
  struct place {
    T value{};
    uint32_t generation = 0;
    bool taken = false;
  };
  std::vector<place> places_;
  std::vector<uint32_t> free_;
};

} // namespace nexte
