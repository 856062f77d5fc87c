// A virtual world whose records are edited on both sides. GoogleTest fixture.
#pragma once

#include "protocol/json/reader.hpp"
#include "tests/support/world_view.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace nexte::test {

class edit_world : public virtual_world {
protected:
  using values = std::map<std::string, std::string>;

  edit_world() {
    options.records = 30;
    options.search_lag = 1s;
    configure = [](engine_options& settings) { settings.providers[0].poll_every = 60s; };
  }

  /// A connected integration whose first sync is over.
  integration_id synced() {
    const auto made = connected();
    advance(1min);
    net->clear_log();
    return made;
  }

  // ---- our side
  result<edit_receipt> try_put(const std::string& record, const std::string& fields,
                               const std::string& stream = "contacts") {
    return ask<edit_receipt>([&](auto done) { engine().put(id, stream, record, fields, done); });
  }
  edit_receipt put(const std::string& record, const std::string& fields,
                   const std::string& stream = "contacts") {
    auto done = try_put(record, fields, stream);
    EXPECT_TRUE(done) << done.failure().line();
    return done ? *done : edit_receipt{};
  }
  edit_receipt erase(const std::string& record, const std::string& stream = "contacts") {
    auto done = ask<edit_receipt>([&](auto reply) { engine().erase(id, stream, record, reply); });
    EXPECT_TRUE(done) << done.failure().line();
    return done ? *done : edit_receipt{};
  }
  result<edit_receipt> restore(uint64_t conflict) {
    return ask<edit_receipt>([&](auto done) { engine().restore(conflict, done); });
  }
  void set_mode(const std::string& mode) {
    EXPECT_TRUE(ask<void>([&](auto done) { engine().set_mode(id, mode, done); }));
  }
  std::optional<record_row> row(const std::string& record, const std::string& stream = "contacts") {
    const auto found = engine().data().record(id, stream, record);
    EXPECT_TRUE(found) << found.failure().line();
    return found ? *found : std::nullopt;
  }
  /// A property as the host sees it; "(none)" without a record.
  std::string ours(const std::string& record, const std::string& name,
                   const std::string& stream = "contacts") {
    const auto found = row(record, stream);
    if (!found || found->body.empty())
      return "(none)";
    const auto body = json::parse_value(found->body);
    const auto* properties = body ? body->find("properties") : nullptr;
    const auto* value = properties ? properties->find(name) : nullptr;
    return value ? value->text : std::string{};
  }
  std::vector<conflict_row> conflicts() {
    auto rows = engine().data().conflicts({}, 100'000);
    EXPECT_TRUE(rows) << rows.failure().line();
    return rows ? *std::move(rows) : std::vector<conflict_row>{};
  }
  uint64_t pending() {
    return status(id).pending_edits;
  }
  size_t told(std::string_view kind) const {
    return static_cast<size_t>(std::ranges::count(notifications, kind, &notification_row::kind));
  }

  // ---- theirs
  std::string some(size_t number = 0, const std::string& stream = "contacts") {
    std::vector<std::string> live;
    for (const auto& [record, state] : hubspot().snapshot(stream))
      if (!state.archived)
        live.push_back(record);
    return live.at(number);
  }
  void edit_there(const std::string& record, const values& fields,
                  const std::string& stream = "contacts") {
    hubspot().edit(stream, record, fields, provider_now());
  }
  std::string theirs(const std::string& record, const std::string& name,
                     const std::string& stream = "contacts") {
    return hubspot().snapshot(stream).at(record).properties[name];
  }
  size_t count_there(const std::string& stream = "contacts") {
    return hubspot().snapshot(stream).size();
  }
  /// Writes that the provider saw.
  size_t writes() const {
    return static_cast<size_t>(std::ranges::count_if(net->log(), [](const auto& call) {
      return std::ranges::any_of(std::vector<std::string>{"/update", "/upsert", "/archive"},
                                 [&](const auto& end) { return call.path.ends_with(end); });
    }));
  }
  /// Nothing is left to do, both sides are equal, and it stays so.
  void expect_settled() {
    advance(5min);
    EXPECT_EQ(pending(), 0u);
    const auto before = writes();
    advance(10min); // ten cycles
    EXPECT_EQ(writes(), before) << "after edits stop there is silence";
    for (const auto* stream : {"contacts", "companies", "deals"})
      expect_same_records(engine().data(), id, stream, hubspot().snapshot(stream));
  }

  integration_id id;
};

} // namespace nexte::test
