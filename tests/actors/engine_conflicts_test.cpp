// Edited on both sides: one decision, both sides equal, what lost is kept and can be restored.
#include "tests/support/edit_world.hpp"

#include <set>

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineConflicts : public edit_world {
protected:
  void begin() {
    boot();
    id = synced();
    record = some();
  }
  /// Lets both sides edit unseen by each other, and then see.
  void apart(const std::function<void()>& edits) {
    set_mode("paused");
    edits();
    advance(1min);
    set_mode("real_time");
    advance(3min);
  }
  void expect_both(const std::string& name, const std::string& value) {
    EXPECT_EQ(theirs(record, name), value);
    EXPECT_EQ(ours(record, name), value);
  }

  std::string record;
};

} // namespace

TEST_F(EngineConflicts, LetsTheLaterChangeWinThere) {
  begin();
  apart([&] {
    put(record, R"({"firstname":"Ours"})");
    advance(5s);
    edit_there(record, {{"firstname", "Theirs"}});
  });
  expect_both("firstname", "Theirs");
  ASSERT_EQ(conflicts().size(), 1u);
  const auto lost = conflicts().front();
  EXPECT_EQ(lost.won, conflict_winner::remote);
  EXPECT_EQ(lost.record, record);
  EXPECT_NE(lost.loser.body.find("Ours"), std::string::npos);
  EXPECT_NE(lost.winner.body.find("Theirs"), std::string::npos);
  EXPECT_EQ(told("conflict_archived"), 1u);
  expect_settled();
}

TEST_F(EngineConflicts, LetsTheLaterChangeWinHere) {
  begin();
  apart([&] {
    edit_there(record, {{"firstname", "Theirs"}, {"lastname", "There"}});
    advance(5s);
    put(record, R"({"firstname":"Ours"})");
  });
  expect_both("firstname", "Ours");
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(conflicts().front().won, conflict_winner::local);
  EXPECT_NE(conflicts().front().loser.body.find("Theirs"), std::string::npos);
  expect_settled();
  EXPECT_EQ(conflicts().size(), 1u);
}

TEST_F(EngineConflicts, LetTheProviderWinATie) {
  begin();
  apart([&] {
    put(record, R"({"firstname":"Ours"})");
    edit_there(record, {{"firstname", "Theirs"}});
  });
  expect_both("firstname", "Theirs");
  EXPECT_EQ(conflicts().size(), 1u);
  expect_settled();
}

TEST_F(EngineConflicts, AreNoneWhereBothSidesSayTheSame) {
  begin();
  apart([&] {
    put(record, R"({"firstname":"Same"})");
    advance(1s);
    edit_there(record, {{"firstname", "Same"}});
  });
  expect_both("firstname", "Same");
  EXPECT_TRUE(conflicts().empty());
  EXPECT_EQ(writes(), 0u);
  expect_settled();
}

TEST_F(EngineConflicts, CompareTimesByOneClock) {
  for (const milliseconds skew : {milliseconds{1h}, milliseconds{-1h}}) {
    provider_skew = skew;
    if (skew > 0ms) {
      begin();
    } else {
      advance(10min); // the new skew is measured
      record = some(1);
    }
    advance(10min);
    apart([&] {
      edit_there(record, {{"firstname", "Earlier"}});
      advance(10s);
      put(record, R"({"firstname":"Later"})");
    });
    expect_both("firstname", "Later");
    apart([&] {
      put(record, R"({"lastname":"Earlier"})");
      advance(10s);
      edit_there(record, {{"lastname", "Later"}});
    });
    expect_both("lastname", "Later");
  }
}

TEST_F(EngineConflicts, SettleADeletionAgainstAnEditByTime) {
  begin();
  apart([&] { // the edit is later: the record lives on, under whatever id
    hubspot().archive("contacts", record, provider_now());
    advance(5s);
    put(record, R"({"firstname":"Alive"})");
  });
  EXPECT_EQ(ours(record, "firstname"), "Alive");
  EXPECT_EQ(theirs(row(record)->id, "firstname"), "Alive");
  const auto other = some(3);
  apart([&] { // the deletion is later
    put(other, R"({"firstname":"Dead"})");
    advance(5s);
    hubspot().archive("contacts", other, provider_now());
  });
  EXPECT_TRUE(row(other)->deleted);
  const auto third = some(5);
  apart([&] { // deleted here, edited there later
    erase(third);
    advance(5s);
    edit_there(third, {{"firstname", "Back"}});
  });
  EXPECT_FALSE(row(third)->deleted);
  EXPECT_EQ(ours(third, "firstname"), "Back");
  const auto fourth = some(6);
  apart([&] { // edited there, deleted here later
    edit_there(fourth, {{"firstname", "Gone"}});
    advance(5s);
    erase(fourth);
  });
  EXPECT_TRUE(hubspot().snapshot("contacts").at(fourth).archived);
  EXPECT_EQ(conflicts().size(), 4u);
  expect_settled();
}

TEST_F(EngineConflicts, KeepFieldsOfBothSidesUnderMergeFields) {
  begin();
  EXPECT_TRUE(ask<void>([&](auto done) { engine().set_conflict_rule(id, "merge_fields", done); }));
  EXPECT_EQ(status(id).conflict_rule, "merge_fields");
  EXPECT_FALSE(ask<void>([&](auto done) { engine().set_conflict_rule(id, "coin", done); }));
  apart([&] {
    put(record, R"({"firstname":"Ours","jobtitle":"Smith"})");
    advance(5s);
    edit_there(record, {{"firstname", "Theirs"}, {"phone", "123"}});
  });
  expect_both("firstname", "Theirs");
  expect_both("jobtitle", "Smith");
  expect_both("phone", "123");
  EXPECT_EQ(conflicts().size(), 1u);
  expect_settled();
}

TEST_F(EngineConflicts, RestoreWritesTheLoserForwardOnce) {
  begin();
  apart([&] {
    put(record, R"({"firstname":"Ours"})");
    advance(5s);
    edit_there(record, {{"firstname", "Theirs"}});
  });
  const auto lost = conflicts().front().id;
  const auto done = restore(lost);
  ASSERT_TRUE(done) << done.failure().line();
  EXPECT_EQ(done->record, record);
  expect_settled();
  expect_both("firstname", "Ours");
  EXPECT_TRUE(conflicts().front().restored_at);
  const auto again = restore(lost);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.failure().code, ec::conflict);
  EXPECT_EQ(restore(999).failure().code, ec::not_found);
}

TEST_F(EngineConflicts, AreOneNotificationHoweverManyThereAre) {
  configure = [](engine_options& settings) { settings.providers[0].poll_every = 5min; };
  begin();
  apart([&] {
    for (size_t i = 0; i < 20; ++i) {
      put(some(i), R"({"firstname":"Ours"})");
      edit_there(some(i), {{"firstname", "Theirs"}});
    }
  });
  EXPECT_EQ(conflicts().size(), 20u);
  EXPECT_EQ(told("conflict_archived"), 1u);
  advance(2h);
  EXPECT_TRUE(status(id).incidents.empty()) << "an hour without one ends it";
  EXPECT_EQ(told("recovered"), 0u);
}

TEST_F(EngineConflicts, OfDeletionsThatAPersonReleasesAreTold) {
  options.records = 40;
  boot();
  id = add();
  hubspot().admin("consent", R"({"without":["crm.objects.contacts.write"]})", provider_now());
  consent(id);
  advance(1min);
  put(some(3), R"({"firstname":"Ours"})"); // waits for the right to write
  for (size_t left = 30; left > 0; --left)
    hubspot().admin("erase", R"({"type":"contacts","id":")" + some(0) + "\"}", provider_now());
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(10s);
  ASSERT_EQ(told("mass_delete_held"), 1u);
  EXPECT_TRUE(conflicts().empty());
  for (const auto& incident : status(id).incidents)
    if (incident.kind == "mass_delete_held") {
      EXPECT_TRUE(ask<void>([&](auto done) { engine().release(incident.id, done); }));
    }
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_NE(conflicts().front().loser.body.find("Ours"), std::string::npos);
  EXPECT_EQ(told("conflict_archived"), 1u);
  EXPECT_EQ(pending(), 0u);
}

TEST_F(EngineConflicts, EndInEqualSidesAfterAStorm) {
  options.records = 12;
  begin();
  std::set<std::string> ours_made;
  for (int second = 0; second < 120; ++second) {
    const auto which = some(static_cast<size_t>(second % 12));
    const auto value = "o" + std::to_string(second);
    put(which, R"({"firstname":")" + value + "\"}");
    ours_made.insert(value);
    if (second % 3 != 0)
      edit_there(some(static_cast<size_t>(second * 7 % 12)),
                 {{"firstname", "t" + std::to_string(second)}});
    advance(1s);
    if (second % 37 == 36) {
      stop();
      boot();
    }
  }
  expect_settled();
  std::map<std::string, int> lost;
  for (const auto& conflict : conflicts()) {
    const auto body = json::parse_value(conflict.loser.body);
    ++lost[std::string{body->find("properties")->string_or_empty("firstname")}];
  }
  for (const auto& [value, times] : lost)
    EXPECT_EQ(times, 1) << value << " is in the audit log more than once";
  EXPECT_EQ(status(id).rejected_edits, 0u);
}
