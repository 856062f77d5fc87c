// The actions behind the simulator's `admin`.
#pragma once

#include "protocol/hubspot/simulator.hpp"

#include <string>
#include <string_view>

namespace nexte::simulation {

/// One call of an action, and the actions themselves.
struct hubspot_admin {
  hubspot_simulator& at;
  const json::value& body;
  wall_time now;

  using outcome = result<std::string>; ///< JSON text, or what is wrong with the body.

  outcome revoke();
  outcome expire();
  outcome consent();
  outcome remove_portal();
  outcome forbid();
  outcome limit();
  outcome fail();
  outcome clear_faults();
  outcome edit();
  outcome create();
  outcome archive();
  outcome restore();
  outcome erase();
  outcome token();
  outcome stats();

private:
  /// True where the body has that member as `true`.
  bool is_true(std::string_view name) const;
  struct target {
    hubspot::portal_stream* stream = nullptr;
    hubspot::object_ptr state; ///< Null for `create`.
  };
  result<size_t> account() const;
  result<hubspot::portal_stream*> stream() const;
  result<target> record(bool archived) const;
  result<hubspot::property_values> properties(const hubspot::schema& type) const;
  std::string shown(const hubspot::portal_stream& stream, const hubspot::object& state) const;
  void write_quota(json::writer& out) const;
  void write_served(json::writer& out, bool every_record) const;
};

} // namespace nexte::simulation
