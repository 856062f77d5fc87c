// The actions behind the simulator's `admin`.
#pragma once

#include "protocol/hubspot/simulator.hpp"
#include "protocol/simulation/admin.hpp"

#include <string>
#include <string_view>

namespace nexte::simulation {

/// One call of an action, and the actions that only HubSpot has.
class hubspot_admin : public admin_call {
public:
  hubspot_admin(hubspot_simulator& simulator, const json::value& content, wall_time time)
      : admin_call(simulator.oauth_, simulator.faults_, content, time), at_(simulator) {}

  outcome remove_portal();
  outcome forbid();
  outcome limit();
  outcome edit();
  outcome create();
  outcome archive();
  outcome restore();
  outcome erase();
  outcome stats();

private:
  struct target {
    hubspot::portal_stream* stream = nullptr;
    hubspot::object_ptr state; ///< Null for `create`.
  };
  result<hubspot::portal_stream*> stream() const;
  result<target> record(bool archived) const;
  result<hubspot::property_values> properties(const hubspot::schema& type) const;
  std::string shown(const hubspot::portal_stream& stream, const hubspot::object& state) const;
  void write_served(json::writer& out, bool every_record) const;

  hubspot_simulator& at_;
};

} // namespace nexte::simulation
