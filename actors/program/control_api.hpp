// The control API: a running engine over HTTP, for shells, hosts and the settings page. What it
// takes and gives is written down in protocol/control/openapi.json.
#pragma once

#include "actors/program/control_routes.hpp"
#include "protocol/control/guard.hpp"

namespace nexte::program {

class control_api {
public:
  /// `runs` outlives this, not the answers that it still owes. `/healthz` needs no token.
  control_api(engine& runs, known_providers providers, control::guard_options who);

  /// Answers once, now or later, on any thread. Safe from any thread.
  void handle(http_request request, control::reply send) const;
  const std::vector<control::route>& routes() const {
    return router_.routes();
  }

private:
  control::guard guard_;
  control::router router_;
};

} // namespace nexte::program
