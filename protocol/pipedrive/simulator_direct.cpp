// The simulator's other side: what tests do and see without the wire.
#include "protocol/pipedrive/simulator.hpp"

namespace nexte::simulation {

using namespace pipedrive;

namespace {

written_record written(const schema& type, const pipedrive_simulator::named_values& values) {
  written_record record;
  for (const auto& [name, value] : values)
    record.values.emplace_back(*type.find(name), value);
  return record;
}

} // namespace

std::string pipedrive_simulator::create(std::string_view type, const named_values& values,
                                        wall_time now, size_t account,
                                        std::optional<wall_time> updated_at) {
  const auto& described = *find_schema(type);
  auto record = written(described, values);
  record.updated_at = updated_at;
  return std::to_string(companies_[account].records(described).create(record, now).id);
}

void pipedrive_simulator::edit(std::string_view type, std::string_view id,
                               const named_values& values, wall_time now, size_t account) {
  const auto& described = *find_schema(type);
  companies_[account].records(described).update(*read_id(id), written(described, values), now);
}

void pipedrive_simulator::remove(std::string_view type, std::string_view id, wall_time now,
                                 size_t account) {
  companies_[account].records(*find_schema(type)).remove(*read_id(id), now);
}

void pipedrive_simulator::restore(std::string_view type, std::string_view id, wall_time now,
                                  size_t account) {
  companies_[account].records(*find_schema(type)).restore(*read_id(id), now);
}

void pipedrive_simulator::archive(std::string_view id, bool archived, wall_time now,
                                  size_t account) {
  written_record mark;
  mark.archived = archived;
  companies_[account].records(*find_schema("deals")).update(*read_id(id), mark, now);
}

std::map<std::string, pipedrive_simulator::record_state>
pipedrive_simulator::snapshot(std::string_view type, size_t account) {
  const auto& described = *find_schema(type);
  std::map<std::string, record_state> records;
  companies_[account].records(described).each([&](const kept_record& record) {
    json::writer out;
    write_record(out, described, record);
    records[std::to_string(record.id)] = {format_iso_seconds(record.updated_at), out.take(),
                                          record.deleted_at || record.archived_at};
  });
  return records;
}

std::map<std::string, held_record> pipedrive_simulator::holdings(std::string_view stream,
                                                                 size_t account) {
  std::map<std::string, held_record> held;
  for (const auto& [id, record] : snapshot(stream, account))
    held[id] = {record.version, record.gone};
  return held;
}

issued_tokens pipedrive_simulator::issue_tokens(wall_time now, size_t account,
                                                std::vector<std::string> scopes) {
  return oauth_.issue(account, std::move(scopes), now);
}

uint32_t pipedrive_simulator::served(std::string_view type, std::string_view id, size_t account) {
  const auto& counts = companies_[account].records(*find_schema(type)).served;
  const auto found = counts.find(*read_id(id));
  return found == counts.end() ? 0 : found->second;
}

} // namespace nexte::simulation
