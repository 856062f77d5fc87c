// A person's browser without sockets, for tests whose simulators answer at once.
#pragma once

#include "protocol/http/transport.hpp"
#include "protocol/http/url.hpp"
#include "protocol/simulation/virtual_listeners.hpp"

#include <optional>
#include <string>

namespace nexte::test {

using simulation::virtual_listeners;

/// Opens an authorization URL at the simulator and goes where it is redirected to. Yields whether
/// a listener took the callback. @pre the simulator consents by itself and answers at once
inline bool follow_consent(transport& net, virtual_listeners& listeners,
                           const std::string& authorization_url) {
  std::optional<std::string> location;
  net.call(http_request{"GET", authorization_url}, [&](http_answer answer) {
    if (answer.response && answer.response->status / 100 == 3)
      location = answer.response->headers.get("Location");
  });
  return location && listeners.hit(*location);
}

} // namespace nexte::test
