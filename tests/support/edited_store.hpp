// Writes that leave one conflict in a store, and one edit in its outbox.
#pragma once

#include "protocol/provider.hpp"
#include "storage/store.hpp"

#include <string>
#include <vector>

namespace nexte::test {

inline two_way_rules rules_of(const std::string& provider, const std::string& stream) {
  return {find_provider(provider)->stream(stream)->fields, conflict_rule::last_write_wins,
          milliseconds{0}};
}

inline store_write page_of(integration_id id, const std::string& stream, uint64_t sequence,
                           const std::string& record, const std::string& properties, wall_time at,
                           const two_way_rules& rules) {
  page records;
  record_view view;
  view.id = records.keep(record);
  view.version = records.keep(format_iso_time(at));
  view.modified_at = at;
  view.body = records.keep(R"({"id":")" + record + R"(","properties":)" + properties + "}");
  records.records.push_back(view);
  return put_page{id, stream, sequence, std::move(records), rules};
}

/// Contact 501 was edited here, then there: "Theirs" won, "Ours" lost. Contact 502 waits with an
/// edit.
inline std::vector<store_write> conflict_and_edit(integration_id id, wall_time at) {
  const auto rules = rules_of("hubspot", "contacts");
  const auto edit = [&](const std::string& record, const std::string& fields, wall_time when) {
    return put_edit{id, "contacts", record, edit_kind::update, fields, when, rules};
  };
  std::vector<store_write> writes;
  writes.push_back(page_of(id, "contacts", 0, "501", R"({"firstname":"Base"})", at, rules));
  writes.push_back(page_of(id, "contacts", 1, "502", R"({"firstname":"Base"})", at, rules));
  writes.push_back(edit("501", R"({"firstname":"Ours","phone":"1"})", at + seconds{10}));
  writes.push_back(
      page_of(id, "contacts", 2, "501", R"({"firstname":"Theirs"})", at + seconds{20}, rules));
  writes.push_back(edit("502", R"({"firstname":"Waits"})", at + seconds{30}));
  return writes;
}

} // namespace nexte::test
