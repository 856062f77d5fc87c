// One simulated HubSpot account ("portal"): who it is, and its records.
#pragma once

#include "protocol/hubspot/simulator_objects.hpp"
#include "protocol/simulation/simulator.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

namespace nexte::simulation::hubspot {

/// The records of one type and how often each was in an answer.
struct portal_stream {
  portal_stream(const schema& type, milliseconds search_lag) : store(type, search_lag) {}
  object_store store;
  std::unordered_map<uint64_t, uint32_t> served;
};

class portal {
public:
  /// Portal number `index` of a simulator with these options.
  portal(size_t index, const simulator_options& options);

  /// Filled from the data set on first use.
  portal_stream& stream(const schema& type);

  uint64_t hub_id = 0;
  uint64_t user_id = 0;
  std::string domain; ///< "north.example"
  std::string login;  ///< Whom `login_hint` selects.
  std::string name;
  std::string time_zone;
  bool gone = false;                    ///< Deleted: refreshes answer BAD_HUB.
  std::set<std::string_view> forbidden; ///< Types that the person may not see.

private:
  simulator_options options_;
  std::array<std::unique_ptr<portal_stream>, 3> streams_;
};

} // namespace nexte::simulation::hubspot
