// Why an integration's actor ended, as it travels in CAF's exit reason.
#pragma once

#include <caf/error.hpp>

#include <string>

namespace nexte {

struct crash {
  std::string why; ///< For people.
  std::string stream;
  std::string record; ///< Which it was reading; empty: none, or not known.
  std::string version;
  bool hung = false; ///< It did not break, it stopped to move.
};

caf::error crash_reason(const crash& what);
/// `reason` of whatever origin.
crash read_crash(const caf::error& reason);

} // namespace nexte
