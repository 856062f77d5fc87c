// The control API: a running engine over HTTP, for shells, hosts and the settings page. What it
// takes and gives is written down in protocol/control/openapi.json.
#pragma once

#include "actors/program/control_routes.hpp"
#include "protocol/control/guard.hpp"

namespace nexte::program {

class control_api {
public:
  /// `runs` outlives this, not the answers that it still owes. `/healthz`, the files of the
  /// page and the begin of a session need no token.
  control_api(engine& runs, known_providers providers, control::guard_options who);
  ~control_api();

  /// Answers once, now or later, on any thread: through `stream` where the body comes bit by bit.
  /// Safe from any thread.
  void handle(http_request request, control::reply send, control::stream_reply stream = {}) const;
  /// The same for a caller in this very process, who needs no token and passes no guard.
  void handle_own(http_request request, control::reply send,
                  control::stream_reply stream = {}) const {
    router_.handle(std::move(request), std::move(send), std::move(stream));
  }
  /// Notes how much of each quota is used; whoever serves the API calls it every
  /// `quota_sample_every`, so that there is something to see when somebody looks.
  void sample_quota() const;
  /// The page's address with a code that opens it once. `origin` is where we listen.
  std::string login_link(std::string_view origin) const;
  const std::vector<control::route>& routes() const {
    return router_.routes();
  }

private:
  api_context with_;
  control::guard guard_;
  control::router router_;
};

} // namespace nexte::program
