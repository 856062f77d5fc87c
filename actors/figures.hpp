// What an operator measures of a running engine, as plain values.
#pragma once

#include <cstdint>
#include <vector>

namespace nexte {

/// How often values fell where. `counts[i]` are those of at most `bounds[i]` and above the bound
/// before; the last of `counts`, one more than bounds, is of all larger ones.
struct distribution_figures {
  std::vector<double> bounds; ///< Ascending.
  std::vector<uint64_t> counts;
  double sum = 0;
};

/// Since the engine started.
struct engine_figures {
  distribution_figures cycle_seconds;      ///< Runs of a stream that ended well, from their begin.
  distribution_figures lateness_seconds;   ///< From when a poll was due until it began.
  distribution_figures grant_wait_seconds; ///< From asking for quota until it was granted.
  distribution_figures commit_writes;      ///< Writes gathered into one transaction.
  uint64_t restarts = 0;                   ///< Of connectors that failed.
  uint64_t requests_waiting = 0;           ///< For quota, now.
  uint64_t writes_waiting = 0;             ///< For the store, now.
  uint64_t store_bytes = 0;                ///< Size of the store's file.
};

} // namespace nexte
