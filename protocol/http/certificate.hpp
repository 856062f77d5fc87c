// Throw-away certificates for servers on this machine: simulators, the demo, tests.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/time.hpp"
#include "protocol/http/server.hpp"

#include <string>
#include <vector>

namespace nexte {

/// A server's certificate and the PEM text of the authority that signed it.
struct throwaway_certificate {
  server_certificate server;
  std::string ca_pem;
};

/// Makes an authority, forgets its key, and keeps one server certificate signed by it (EC P-256)
/// for `names`: host names (also `*.a.example`) and literal IP addresses. Both are valid from
/// `not_before_at` to `not_after_at`, cut to seconds. `refused` for no name or one that is neither.
result<throwaway_certificate> make_throwaway_certificate(const std::vector<std::string>& names,
                                                         wall_time not_before_at,
                                                         wall_time not_after_at);

} // namespace nexte
