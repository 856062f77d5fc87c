// A request on its way into the simulated Pipedrive. Private to the simulator.
#pragma once

#include "protocol/pipedrive/simulator.hpp"

namespace nexte::simulation {

struct pipedrive_simulator::door {
  const http_request& request;
  pipedrive::company& at;
  const pipedrive::schema* type;      ///< Null where it is no call of an entity.
  const pipedrive::schema* fields_of; ///< Whose field definitions it is about, or null.
  std::vector<std::string> below;     ///< The path below the type.
  query_parameters query;

  bool is_search() const {
    return type && below.size() == 1 && below[0] == "search";
  }
  bool is_archived_list() const {
    return type && type->archives && below.size() == 1 && below[0] == "archived";
  }
  /// In tokens of the company's daily budget (pipedrive.md §2).
  unsigned cost() const;
};

} // namespace nexte::simulation
