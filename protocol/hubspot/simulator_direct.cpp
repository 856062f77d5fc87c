// The simulator's other side: what tests do and see without the wire.
#include "protocol/hubspot/simulator.hpp"

#include <charconv>

namespace nexte::simulation {

using namespace hubspot;

namespace {

uint64_t to_number(std::string_view id) {
  uint64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  return number;
}

} // namespace

std::string hubspot_simulator::create(std::string_view type, const named_values& values,
                                      wall_time now, size_t account) {
  const auto& described = *find_schema(type);
  property_values wanted;
  for (const auto& [name, value] : values)
    wanted.emplace_back(*described.find(name), value);
  const auto made = portals_[account].stream(described).store.create(wanted, now, "CRM_UI");
  return std::to_string(made->id);
}

void hubspot_simulator::edit(std::string_view type, std::string_view id, const named_values& values,
                             wall_time now, size_t account, bool silent) {
  const auto& described = *find_schema(type);
  property_values wanted;
  for (const auto& [name, value] : values)
    wanted.emplace_back(*described.find(name), value);
  portals_[account].stream(described).store.update(to_number(id), wanted, now, "CRM_UI", silent);
}

void hubspot_simulator::archive(std::string_view type, std::string_view id, wall_time now,
                                size_t account) {
  portals_[account].stream(*find_schema(type)).store.archive(to_number(id), now);
}

void hubspot_simulator::restore(std::string_view type, std::string_view id, wall_time now,
                                size_t account) {
  portals_[account].stream(*find_schema(type)).store.restore(to_number(id), now);
}

std::map<std::string, hubspot_simulator::record_state>
hubspot_simulator::snapshot(std::string_view type, size_t account) {
  const auto& store = portals_[account].stream(*find_schema(type)).store;
  const auto& described = store.type();
  std::map<std::string, record_state> records;
  for (const bool archived : {false, true})
    for (const auto& state : store.list(archived, 0, SIZE_MAX).first) {
      auto& record = records[std::to_string(state->id)];
      record.version = format_instant(state->modified_at);
      record.archived = archived;
      for (uint16_t i = 0; i < described.properties.size(); ++i)
        if (auto value = value_of(described, *state, i); !value.empty())
          record.properties[std::string{described.properties[i].name}] = std::move(value);
    }
  return records;
}

std::map<std::string, held_record> hubspot_simulator::holdings(std::string_view stream,
                                                               size_t account) {
  std::map<std::string, held_record> held;
  for (const auto& [id, record] : snapshot(stream, account))
    held[id] = {record.version, record.archived};
  return held;
}

issued_tokens hubspot_simulator::issue_tokens(wall_time now, size_t account,
                                              std::vector<std::string> scopes) {
  return oauth_.issue(account, std::move(scopes), now);
}

uint32_t hubspot_simulator::served(std::string_view type, std::string_view id, size_t account) {
  const auto& counts = portals_[account].stream(*find_schema(type)).served;
  const auto found = counts.find(to_number(id));
  return found == counts.end() ? 0 : found->second;
}

} // namespace nexte::simulation
