// The engine as a host starts it, from consent to the durable end of the first sync.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace nexte::bench {

struct engine_sync_options {
  uint16_t port = 0; ///< Of a contact_server on 127.0.0.1.
  std::string ca_pem;
  std::filesystem::path directory; ///< Empty, exists.
  unsigned workspaces = 1;         ///< Each connects an account of its own, all at once.
};

/// Starts an engine with one stream, connects every workspace, waits until each first sync is
/// durable and proved whole, and stops the engine. Yields the live records in the store. Throws
/// std::exception on any failure.
uint64_t run_engine_sync(const engine_sync_options& options);

} // namespace nexte::bench
