// How a storage operation ends early inside this room. Every such failure aborts a transaction, so
// it unwinds the stack to the facade, which turns it into an `error`; none leaves the room.
#pragma once

#include "protocol/core/error.hpp"

#include <exception>
#include <utility>

namespace nexte {

/// LMDB or the operating system refused: the whole transaction is void.
class disk_failure : public std::exception {
public:
  /// `code`: an errno (positive) or an LMDB code (negative).
  explicit disk_failure(int code) : code_(code) {}
  int code() const {
    return code_;
  }
  const char* what() const noexcept override {
    return "disk_failure";
  }

private:
  int code_;
};

/// Stored bytes are not what was written. Thrown before the write at hand touched anything, so
/// that only this write fails.
class damage : public std::exception {
public:
  explicit damage(error why) : why_(std::move(why)) {}
  const error& why() const {
    return why_;
  }
  const char* what() const noexcept override {
    return "damage";
  }

private:
  error why_;
};

} // namespace nexte
