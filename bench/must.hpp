// For programs that end at the first failure.
#pragma once

#include "protocol/core/error.hpp"

#include <stdexcept>

namespace nexte::bench {

/// The value, or a throw of std::runtime_error with the error's line.
template <class T>
T must(result<T> got) {
  if (!got)
    throw std::runtime_error(got.failure().line());
  return *std::move(got);
}

} // namespace nexte::bench
