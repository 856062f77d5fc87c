// The clock of waits: it never jumps. No clock is read here.
#pragma once

#include <chrono>

namespace nexte {

/// Steady time; names of such values end in `_due`.
using steady_time = std::chrono::steady_clock::time_point;

} // namespace nexte
