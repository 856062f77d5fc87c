// A request on its way into the simulated Notion. Private to the simulator.
#pragma once

#include "protocol/json/reader.hpp"
#include "protocol/notion/simulator.hpp"

namespace nexte::simulation {

struct notion_simulator::door {
  const http_request& request;
  notion::workspace& at;
  std::vector<std::string> path; ///< Below /v1; ids as Notion writes them.
  std::string_view version;
  wall_time now;
  json::value body = {}; ///< An object, of a POST or a PATCH.

  bool is_before(std::string_view other) const {
    return version < other;
  }
};

} // namespace nexte::simulation
