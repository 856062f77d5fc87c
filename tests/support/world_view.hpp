// Compares what the engine has with what the provider has.
#pragma once

#include "protocol/json/reader.hpp"
#include "tests/support/virtual_world.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace nexte::test {

/// Each live record of the provider is here in its version, with the properties that its body
/// shows; each archived one is deleted or was never seen; nothing else is here.
inline void expect_same_records(
    const store& data, integration_id id, const std::string& stream,
    const std::map<std::string, simulation::hubspot_simulator::record_state>& theirs) {
  const auto ours = data.records(id, stream, {}, ~size_t{0});
  ASSERT_TRUE(ours) << ours.failure().line();
  std::map<std::string, record_row> by_id;
  for (const auto& row : *ours)
    by_id.emplace(row.id, row);
  for (const auto& [record, state] : theirs) {
    const auto at = by_id.find(record);
    if (at == by_id.end()) {
      EXPECT_TRUE(state.archived) << stream << " " << record << " is missing";
      continue;
    }
    EXPECT_EQ(at->second.deleted, state.archived) << stream << " " << record;
    if (!state.archived) {
      EXPECT_EQ(at->second.version, state.version) << stream << " " << record;
      const auto body = json::parse_value(at->second.body);
      ASSERT_TRUE(body) << stream << " " << record;
      const auto* properties = body->find("properties");
      ASSERT_TRUE(properties) << stream << " " << record;
      for (const auto& [name, value] : properties->members) {
        const auto there = state.properties.find(name);
        EXPECT_EQ(value.text, there == state.properties.end() ? std::string{} : there->second)
            << stream << " " << record << " " << name;
      }
    }
    by_id.erase(at);
  }
  for (const auto& [record, row] : by_id)
    EXPECT_TRUE(row.deleted) << stream << " " << record << " is not at the provider";
}

/// Each live record of the provider is here in its version; nothing else is.
inline void expect_same_holdings(const store& data, integration_id id, const std::string& stream,
                                 const std::map<std::string, simulation::held_record>& theirs) {
  const auto ours = data.records(id, stream, {}, ~size_t{0});
  ASSERT_TRUE(ours) << ours.failure().line();
  std::map<std::string, std::string> live_here;
  for (const auto& row : *ours)
    if (!row.deleted)
      live_here.emplace(row.id, row.version);
  std::map<std::string, std::string> live_there;
  for (const auto& [record, held] : theirs)
    if (!held.gone)
      live_there.emplace(record, held.version);
  EXPECT_EQ(live_here, live_there) << stream;
}

} // namespace nexte::test
