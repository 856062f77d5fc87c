// Simulators behind a real server, plain or over TLS, each below a path of its own.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/simulation/simulator.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::simulation {

struct mount_options {
  std::string address
      = "127.0.0.1";                ///< A literal address; `localhost` is named in the certificate.
  uint16_t port = 0;                ///< 0: the system picks a free one.
  bool tls = false;                 ///< With a certificate made for this mount.
  unsigned threads = 1;             ///< For the wire; the simulators themselves take turns.
  std::function<wall_time()> clock; ///< Empty: the system's.
};

/// Serves `/<provider>/…` by that provider's simulator and `/<provider>/_admin/<action>` by its
/// admin. `/_admin/<action>` is the first one's, `/_admin/<provider>/<action>` that one's; GET of
/// `/_admin` describes all.
class mounted_simulators {
public:
  /// Errors as those of `http_server::start`. @pre the providers differ
  static result<std::unique_ptr<mounted_simulators>>
  start(mount_options options, std::vector<std::unique_ptr<simulator>> simulators);
  /// Stops serving; slow answers that are due later are dropped.
  ~mounted_simulators();

  /// `http[s]://address:port`.
  const std::string& origin() const;
  std::string admin_url() const;
  /// PEM of the authority to trust; empty without TLS.
  const std::string& ca_pem() const;
  wall_time now() const;
  /// Runs `visit` on each simulator while no request is served. Callable from any thread, but not
  /// from inside.
  void each(const std::function<void(simulator&)>& visit);

private:
  class impl;
  explicit mounted_simulators(std::unique_ptr<impl> body);
  std::unique_ptr<impl> impl_;
};

} // namespace nexte::simulation
