// Records that break their connector, or that cannot be read, and what becomes of all the others.
#include "protocol/hubspot/page_reader.hpp"
#include "tests/support/world_view.hpp"

#include <stdexcept>

using namespace nexte;
using namespace nexte::test;

namespace {

bool bears_poison = false; ///< The connector of these tests was mended.

/// A connector that reads contacts in one page and does not bear some.
task<bool> pull_fragile(stream_io& io, pull_request request) {
  http_request list{"GET",
                    request.api_base + "/crm/v3/objects/contacts?limit=100&properties=firstname"};
  auto answer = co_await io.fetch(std::move(list));
  if (!answer)
    co_return std::move(answer).failure();
  auto read = hubspot::read_object_page(answer->body, io.guard());
  if (!read)
    co_return std::move(read).failure();
  for (const auto& contact : read->objects.records) {
    EXPECT_TRUE(io.guard().enter(contact.id, contact.version));
    if (!bears_poison && contact.body.find("poison") != contact.body.npos)
      throw std::runtime_error{"no cure for poison"};
  }
  io.guard().leave();
  read->objects.enumeration = sweep::whole;
  auto emitted = co_await io.emit(std::move(read->objects));
  if (!emitted)
    co_return std::move(emitted).failure();
  co_return true;
}

const provider_description* find_fragile(std::string_view name) {
  static const provider_description fragile = [] {
    auto copy = *find_provider("hubspot");
    copy.streams.front().pull = pull_fragile;
    return copy;
  }();
  return name == "hubspot" ? &fragile : nullptr;
}

class EngineQuarantine : public virtual_world {
protected:
  EngineQuarantine() {
    options.records = 20;
    bears_poison = false;
  }
  void boot_fragile() {
    find = find_fragile;
    boot();
  }
  std::string some_contact(size_t which = 7) {
    for (const auto& [id, state] : hubspot().snapshot("contacts"))
      if (!state.archived && which-- == 0)
        return id;
    return {};
  }
  void name(const std::string& contact, const std::string& first_name) {
    hubspot().edit("contacts", contact, {{"firstname", first_name}}, wall_now());
  }
  std::string stored_body(integration_id id, const std::string& contact) {
    const auto row = engine().data().record(id, "contacts", contact);
    return row && *row && !(*row)->deleted ? (*row)->body : std::string{};
  }
  bool is_stored_as(integration_id id, const std::string& contact, const std::string& first_name) {
    return stored_body(id, contact).find(first_name) != std::string::npos;
  }
  size_t told(std::string_view kind) {
    size_t count = 0;
    for (const auto& one : notifications)
      count += one.kind == kind;
    return count;
  }
  size_t open_incidents(integration_id id, std::string_view kind) {
    size_t count = 0;
    for (const auto& one : status(id).incidents)
      count += one.kind == kind;
    return count;
  }
  /// From now on answers about contacts show `was` as `is`.
  void garble(std::string was, std::string is) {
    net->intercept = [this, was = std::move(was), is = std::move(is)](
                         const http_request& request) -> std::optional<http_answer> {
      if (request.url.find("/objects/contacts") == std::string::npos)
        return std::nullopt;
      auto answer = hubspot().handle(request, wall_now());
      auto body = *answer.body;
      for (auto at = body.find(was); at != body.npos; at = body.find(was, at + is.size()))
        body.replace(at, was.size(), is);
      answer.body = std::make_shared<const std::string>(std::move(body));
      return http_answer{std::move(answer)};
    };
  }
  std::vector<error_entry> errors(integration_id id) {
    auto all = engine().data().errors(id, errors_kept_max);
    EXPECT_TRUE(all);
    return all ? *std::move(all) : std::vector<error_entry>{};
  }
};

} // namespace

TEST_F(EngineQuarantine, StepsOverARecordThatBreaksItsConnectorTwice) {
  boot_fragile();
  const auto id = connected();
  advance(1min);
  const auto poison = some_contact(7);
  const auto other = some_contact(12); // stands behind it on the page
  name(poison, "poison");
  name(other, "Zoë");
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  ASSERT_EQ(log.size(), 1u);
  EXPECT_NE(log[0].find("while it read record " + poison + " of contacts"), std::string::npos);
  advance(1s - 1ms);
  EXPECT_TRUE(status(id).quarantine.empty()) << "once may be chance";
  EXPECT_FALSE(is_stored_as(id, other, "Zoë"));
  advance(1ms);
  ASSERT_EQ(log.size(), 2u);
  advance(2s);
  const auto panel = status(id);
  ASSERT_EQ(panel.quarantine.size(), 1u);
  EXPECT_EQ(panel.quarantine[0].stream, "contacts");
  EXPECT_EQ(panel.quarantine[0].record, poison);
  EXPECT_NE(panel.quarantine[0].reason.find("no cure for poison"), std::string::npos);
  EXPECT_TRUE(is_stored_as(id, other, "Zoë")) << "the stream goes on";
  EXPECT_NE(stored_body(id, poison), "") << "its older copy stays";
  EXPECT_FALSE(is_stored_as(id, poison, "poison"));
  EXPECT_EQ(open_incidents(id, "quarantined"), 1u);

  advance(3h);
  EXPECT_EQ(status(id).restarts, 2u);
  EXPECT_EQ(status(id).state, "connected");
  EXPECT_EQ(told("quarantined"), 1u);
  EXPECT_NE(stored_body(id, poison), "") << "nor does a later sweep delete it";
  const auto why
      = ask<explanation>([&](auto done) { engine().explain(id, "contacts", poison, done); });
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, "quarantined");
}

TEST_F(EngineQuarantine, TriesARecordAgainInItsNewVersion) {
  boot_fragile();
  const auto id = connected();
  advance(1min);
  const auto poison = some_contact();
  name(poison, "poison");
  advance(10min);
  ASSERT_EQ(status(id).quarantine.size(), 1u);
  name(poison, "Ada");
  advance(5min);
  EXPECT_TRUE(status(id).quarantine.empty());
  EXPECT_TRUE(is_stored_as(id, poison, "Ada"));
  EXPECT_EQ(open_incidents(id, "quarantined"), 0u);
  EXPECT_EQ(status(id).restarts, 2u);
}

TEST_F(EngineQuarantine, GivesARecordAnotherChanceAtRefresh) {
  boot_fragile();
  const auto id = connected();
  advance(1min);
  const auto poison = some_contact();
  name(poison, "poison");
  advance(10min);
  ASSERT_EQ(status(id).quarantine.size(), 1u);
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(1min);
  EXPECT_EQ(status(id).restarts, 4u) << "it had two";
  ASSERT_EQ(status(id).quarantine.size(), 1u);
  EXPECT_EQ(told("quarantined"), 1u) << "one incident";

  bears_poison = true;
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(1min);
  EXPECT_TRUE(status(id).quarantine.empty());
  EXPECT_TRUE(is_stored_as(id, poison, "poison"));
  EXPECT_EQ(open_incidents(id, "quarantined"), 0u);
}

TEST_F(EngineQuarantine, StillStepsOverItAfterAStop) {
  boot_fragile();
  const auto id = connected();
  advance(1min);
  name(some_contact(), "poison");
  advance(10min);
  stop();
  boot();
  advance(1h);
  EXPECT_EQ(status(id).restarts, 0u);
  EXPECT_EQ(status(id).quarantine.size(), 1u);
}

TEST_F(EngineQuarantine, StoresAllOthersOfAPageWithARecordThatCannotBeRead) {
  options.records = 250;
  boot();
  const auto id = add();
  const auto bad = some_contact();
  garble(R"("id":")" + bad + R"(","properties")",
         R"("id":")" + bad + R"(","updatedAt":7,"properties")");
  consent(id);
  advance(1min);
  const auto panel = status(id);
  EXPECT_EQ(panel.records, 3 * options.records - 1);
  EXPECT_EQ(panel.restarts, 0u);
  for (const auto& stream : panel.streams)
    EXPECT_TRUE(stream.verified) << stream.name;
  ASSERT_EQ(panel.quarantine.size(), 1u);
  EXPECT_EQ(panel.quarantine[0].record, bad);
  ASSERT_TRUE(panel.last_error);
  EXPECT_EQ(panel.last_error->code, "unreadable_record");
  EXPECT_NE(panel.last_error->sentence.find("Record " + bad + " of Contacts"), std::string::npos);
  EXPECT_EQ(told("quarantined"), 1u);
  advance(1h);
  EXPECT_EQ(errors(id).size(), 1u) << "told once";

  net->intercept = {};
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(1min);
  EXPECT_TRUE(status(id).quarantine.empty());
  EXPECT_EQ(status(id).records, 3 * options.records);
  EXPECT_TRUE(status(id).incidents.empty());
}

TEST_F(EngineQuarantine, KeepsTheOlderCopyOfARecordThatCannotBeReadAnyMore) {
  boot();
  const auto id = connected();
  advance(1min);
  const auto bad = some_contact();
  garble(R"("id":")" + bad + R"(","properties")",
         R"("id":")" + bad + R"(","updatedAt":7,"properties")");
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(1min);
  EXPECT_EQ(status(id).quarantine.size(), 1u);
  EXPECT_NE(stored_body(id, bad), "");
  EXPECT_EQ(status(id).records, 3 * options.records);
}

TEST_F(EngineQuarantine, DeletesNothingWhileARecordWithoutIdMayBeAnyOfThem) {
  boot();
  const auto id = connected();
  advance(1min);
  const auto bad = some_contact();
  garble(R"("id":")" + bad + R"(","properties")", R"("id":"","properties")");
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(1min);
  EXPECT_NE(stored_body(id, bad), "");
  EXPECT_EQ(status(id).records, 3 * options.records);
  EXPECT_TRUE(status(id).quarantine.empty()) << "nobody knows its name";
  ASSERT_FALSE(errors(id).empty());
  EXPECT_NE(errors(id).back().sentence.find("is not of 1 to 200 bytes"), std::string::npos);
}

TEST_F(EngineQuarantine, TellsAStreamWhoseEveryRecordChangedItsShape) {
  boot();
  const auto id = add();
  garble(R"("updatedAt")", R"("changedAt")");
  consent(id);
  advance(1min);
  EXPECT_TRUE(status(id).quarantine.empty());
  EXPECT_EQ(open_incidents(id, "connector_failing"), 1u);
}
