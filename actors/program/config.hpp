// The configuration file: JSON with comments. Every key has a default but the client ids.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/time.hpp"
#include "protocol/provider.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::program {

using known_providers = std::span<const provider_description* const>;

/// Where a server listens.
struct listen_address {
  std::string address = "127.0.0.1"; ///< Literal; an IPv6 one without brackets.
  uint16_t port = 0;                 ///< 0: the system picks a free one.
};

/// Reads `ADDR:PORT` or `[ADDR6]:PORT`; `localhost` is 127.0.0.1. `refused` with an example.
result<listen_address> parse_listen(std::string_view text);

/// One provider of the file. Empty texts: the provider's own.
struct provider_config {
  std::string name; ///< "hubspot"
  std::string client_id;
  std::filesystem::path client_secret_file;
  std::string api_base;
  std::string authorize_url;
  std::string token_url;
  std::string revoke_url;
  std::string redirect = "loopback"; ///< Or the host's https address.
  std::filesystem::path ca_file;     ///< Empty: the system's roots.
  bool allow_insecure_loopback = false;
  seconds poll_every{300};          ///< `poll_seconds`, 1 to 3600.
  std::vector<std::string> streams; ///< Empty: all.
};

struct config {
  std::filesystem::path data_dir = "/var/lib/nexte-sync";
  std::filesystem::path key_file;        ///< Empty: `key` in data_dir, made at the first start.
  std::filesystem::path former_key_file; ///< The one before it, when the key changes. Empty: none.
  listen_address control{"127.0.0.1", 8686};
  unsigned worker_threads = 2; ///< 1 to 64.
  std::vector<provider_config> providers;
};

/// Reads the text of a file. `known` are the providers it may name. Relative paths in it start at
/// `folder`. `malformed` where it is no JSON, `refused` for an unknown key (naming the nearest
/// known one), a wrong type, a value out of range, an address that is not https: the text names the
/// key by its path and says how to mend it.
result<config> parse_config(std::string_view text, known_providers known,
                            const std::filesystem::path& folder);

/// Reads a file; errors begin with its path. Opens none of the files that it names.
result<config> load_config(const std::filesystem::path& path, known_providers known);

} // namespace nexte::program
