// A request on its way into the simulated Graph. Private to the simulator.
#pragma once

#include "protocol/microsoft/simulator.hpp"

namespace nexte::simulation {

struct microsoft_simulator::door {
  const http_request& request;
  microsoft::mailbox& at;
  std::vector<std::string> below; ///< The path below the version.
  query_parameters query;
  bool immutable = false;
  size_t page_items = 10;
};

} // namespace nexte::simulation
