// What the engine is compared with: the same pages over the same TLS into the same kind of LMDB
// file, by a plain loop. No actors, no limiter, no store of ours.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace nexte::bench {

struct bare_loop_options {
  uint16_t port = 0; ///< Of a contact_server on 127.0.0.1.
  std::string ca_pem;
  std::filesystem::path directory; ///< Empty, exists.
  unsigned pages_per_commit = 1;   ///< Each commit is durable.
  bool overlap = false;            ///< Fetches and parses on a second thread meanwhile.
};

/// Reads every page, parses it by SAX and writes per record its body under its id and an entry in
/// a feed, per commit the cursor. Yields the records written. Throws std::exception on any failure.
uint64_t run_bare_loop(const bare_loop_options& options);

} // namespace nexte::bench
