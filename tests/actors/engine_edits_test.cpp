// Local edits through the whole engine: durable, pushed, pushed once, whatever happens meanwhile.
#include "tests/support/edit_world.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

using simulation::fault;
using simulation::fault_kind;

class EngineEdits : public edit_world {
protected:
  void begin() {
    boot();
    id = synced();
  }
  void lose_answer(const std::string& path, bool after_acting, uint64_t count = 1) {
    fault lost;
    lost.kind = fault_kind::drop;
    lost.path = path;
    lost.count = count;
    lost.after_acting = after_acting;
    hubspot().faults().arm(lost);
  }
  std::string why_not(const std::string& record, const std::string& fields,
                      const std::string& stream = "contacts") {
    const auto done = try_put(record, fields, stream);
    return done ? "it was taken"
                : std::string{to_string(done.failure().code)} + ": " + done.failure().line();
  }
};

} // namespace

TEST_F(EngineEdits, PushesAnEditAtOnceAndSeesItsEchoAsNoChange) {
  begin();
  const auto record = some();
  const auto receipt = put(record, R"({"firstname":"Zoë","phone":null})");
  EXPECT_EQ(receipt.record, record);
  EXPECT_NE(receipt.edit, 0u);
  EXPECT_EQ(theirs(record, "firstname"), "Zoë") << "no timer was waited for";
  EXPECT_EQ(theirs(record, "phone"), "");
  EXPECT_EQ(pending(), 0u);
  EXPECT_EQ(writes(), 1u);
  const auto changes = engine().data().changes(0, 10'000)->size();
  expect_settled();
  EXPECT_EQ(engine().data().changes(0, 10'000)->size(), changes);
  EXPECT_TRUE(conflicts().empty());
}

TEST_F(EngineEdits, KeepsAnEditWhoseWriteAPortalAnsweredWithAPage) {
  begin();
  const auto record = some();
  const auto other = some(1);
  fault page;
  page.kind = fault_kind::html;
  page.path = "/batch/update";
  hubspot().faults().arm(page);
  page.path = "/batch/archive";
  hubspot().faults().arm(page);
  put(record, R"({"firstname":"Zoë"})");
  erase(other);
  expect_settled();
  EXPECT_EQ(theirs(record, "firstname"), "Zoë");
  EXPECT_TRUE(hubspot().snapshot("contacts").at(other).archived);
  EXPECT_TRUE(conflicts().empty());
}

TEST_F(EngineEdits, GoesOnAfterAnAnswerPastTheClientsLimits) {
  begin();
  net->intercept = [first = true](const http_request& request) mutable {
    const bool strikes = first && request.url.find("/batch/read") != std::string::npos;
    first = first && !strikes;
    return strikes ? std::optional{http_answer{error{ec::refused, "the answer is too large"}, true}}
                   : std::nullopt;
  };
  const auto record = some();
  put(record, R"({"firstname":"Zoë"})");
  expect_settled();
  EXPECT_EQ(theirs(record, "firstname"), "Zoë");
  EXPECT_EQ(told("scope_missing"), 0u);
}

TEST_F(EngineEdits, LeavesFieldsAloneThatItDoesNotKnow) {
  begin();
  const auto record = some();
  edit_there(record, {{"city", "Bergen"}, {"external_id", "x1"}});
  put(record, R"({"firstname":"Zoë"})");
  EXPECT_EQ(theirs(record, "city"), "Bergen");
  EXPECT_EQ(theirs(record, "external_id"), "x1");
  expect_settled();
}

TEST_F(EngineEdits, ShowsAnEditBeforeTheProviderHasIt) {
  begin();
  net->hold = true;
  const auto record = some();
  put(record, R"({"firstname":"Zoë"})");
  EXPECT_EQ(ours(record, "firstname"), "Zoë");
  EXPECT_EQ(pending(), 1u);
  net->hold = false;
  net->release();
  settle();
  EXPECT_EQ(pending(), 0u);
  expect_settled();
}

TEST_F(EngineEdits, MakesARecordThatIsFoundByItsFirstIdForEver) {
  begin();
  const auto before = count_there("companies");
  const auto made = put("", R"({"name":"Nordwind","numberofemployees":12})", "companies");
  EXPECT_EQ(count_there("companies"), before + 1);
  const auto found = row(made.record, "companies");
  ASSERT_TRUE(found);
  EXPECT_NE(found->id, made.record) << "the provider gave it an id of its own";
  EXPECT_EQ(theirs(found->id, "name", "companies"), "Nordwind");
  EXPECT_EQ(theirs(found->id, "numberofemployees", "companies"), "12");
  put(made.record, R"({"name":"Nordwind AS"})", "companies");
  EXPECT_EQ(theirs(found->id, "name", "companies"), "Nordwind AS");
  expect_settled();
}

TEST_F(EngineEdits, DeletesARecordOnBothSides) {
  begin();
  const auto record = some();
  erase(record);
  EXPECT_TRUE(row(record)->deleted);
  EXPECT_TRUE(hubspot().snapshot("contacts").at(record).archived);
  expect_settled();
}

TEST_F(EngineEdits, MakesOneRecordWhereTheAnswerToACreateIsLost) {
  for (const bool acted : {true, false}) {
    if (acted)
      begin();
    const auto before = count_there("deals");
    lose_answer("/batch/upsert", acted, 3);
    put("", R"({"dealname":"Roof","closedate":"2026-12-31"})", "deals");
    advance(5min);
    EXPECT_EQ(count_there("deals"), before + 1) << acted;
    EXPECT_EQ(pending(), 0u);
  }
  expect_settled();
}

TEST_F(EngineEdits, WritesNothingTwiceWhereTheAnswerToAnUpdateIsLost) {
  begin();
  const auto record = some();
  lose_answer("/batch/update", true);
  put(record, R"({"firstname":"Zoë"})");
  advance(1min);
  EXPECT_EQ(pending(), 0u);
  EXPECT_EQ(writes(), 1u) << "it is looked at first, and found done";
  EXPECT_TRUE(conflicts().empty());
  expect_settled();
}

TEST_F(EngineEdits, DoesNotWriteOverWhatWasEditedThereAfterALostAnswer) {
  begin();
  const auto record = some();
  lose_answer("/batch/update", true);
  put(record, R"({"firstname":"Zoë"})");
  edit_there(record, {{"firstname", "Zara"}});
  expect_settled();
  EXPECT_EQ(theirs(record, "firstname"), "Zara");
}

TEST_F(EngineEdits, KeepsAnEditWhileItIsDisconnected) {
  begin();
  const auto record = some();
  EXPECT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
  put(record, R"({"firstname":"Zoë"})");
  const auto made = put("", R"({"email":"new@north.example"})");
  advance(1h);
  EXPECT_EQ(pending(), 2u);
  EXPECT_EQ(ours(record, "firstname"), "Zoë");
  consent(id);
  advance(1min);
  EXPECT_EQ(theirs(record, "firstname"), "Zoë");
  EXPECT_EQ(theirs(row(made.record)->id, "email"), "new@north.example");
  expect_settled();
}

TEST_F(EngineEdits, WaitsWhileItIsPaused) {
  begin();
  const auto record = some();
  set_mode("paused");
  put(record, R"({"firstname":"Zoë"})");
  advance(1h);
  EXPECT_EQ(writes(), 0u);
  set_mode("real_time");
  settle();
  EXPECT_EQ(theirs(record, "firstname"), "Zoë");
  expect_settled();
}

TEST_F(EngineEdits, WaitsOut429sAndOutagesAndARenewedToken) {
  begin();
  const auto record = some();
  fault limit;
  limit.kind = fault_kind::limit;
  limit.path = "/batch/";
  limit.count = 5;
  hubspot().faults().arm(limit);
  put(record, R"({"firstname":"A"})");
  EXPECT_EQ(status(id).state, "rate_limited");
  advance(5min);
  EXPECT_EQ(theirs(record, "firstname"), "A");
  EXPECT_EQ(status(id).state, "connected");
  fault outage;
  outage.path = "/batch/";
  outage.count = 9;
  outage.status = 503;
  hubspot().faults().arm(outage);
  put(record, R"({"firstname":"B"})");
  advance(10min);
  EXPECT_EQ(theirs(record, "firstname"), "B");
  hubspot().admin("expire", "{}", provider_now());
  put(record, R"({"firstname":"C"})");
  advance(1min);
  EXPECT_EQ(theirs(record, "firstname"), "C");
  expect_settled();
  EXPECT_TRUE(conflicts().empty());
}

TEST_F(EngineEdits, GoesOnWhereverItIsStopped) {
  begin();
  const auto record = some();
  for (size_t steps = 0; steps < 24; ++steps) {
    const auto name = "n" + std::to_string(steps);
    const auto before = count_there("companies");
    const auto other = "o" + std::to_string(steps);
    engine().put(id, "contacts", record, R"({"firstname":")" + name + "\"}", {});
    engine().put(id, "companies", "", R"({"name":")" + other + "\"}", {});
    step(steps);
    stop();
    boot();
    advance(1min);
    const auto made = count_there("companies");
    EXPECT_LE(made, before + 1) << steps;
    if (steps > 12) { // by then both were durable
      EXPECT_EQ(theirs(record, "firstname"), name) << steps;
      EXPECT_EQ(made, before + 1) << steps;
    }
  }
  expect_settled();
  EXPECT_TRUE(conflicts().empty());
}

TEST_F(EngineEdits, GoesOnWhicheverAnswerAKilledEngineNeverHeard) {
  begin();
  for (unsigned number = 0; number < 8; ++number) {
    const auto before = count_there("companies");
    unsigned seen = 0;
    net->intercept = [&](const http_request& request) -> std::optional<http_answer> {
      if (request.url.find("companies") != std::string::npos && seen++ == number)
        net->hold = true; // from here on nothing is heard any more
      return std::nullopt;
    };
    put("", R"({"name":"Nordwind"})", "companies");
    stop();
    net->intercept = nullptr;
    net->hold = false;
    net->release();
    boot();
    advance(2min);
    EXPECT_EQ(count_there("companies"), before + 1) << number;
    EXPECT_EQ(pending(), 0u) << number;
  }
  expect_settled();
}

TEST_F(EngineEdits, TellsWhichEditWasRefusedAndWhatToDo) {
  begin();
  const auto record = some(0);
  const auto taken = theirs(some(1), "email");
  const auto before = ours(record, "email");
  put(record, R"({"email":")" + taken + "\"}");
  EXPECT_EQ(ours(record, "email"), before) << "the record is as the provider has it";
  const auto panel = status(id);
  EXPECT_EQ(panel.pending_edits, 0u);
  EXPECT_EQ(panel.rejected_edits, 1u);
  ASSERT_EQ(told("edit_rejected"), 1u);
  const auto& sentence = notifications.back().sentence;
  EXPECT_NE(sentence.find(record), std::string::npos) << sentence;
  EXPECT_NE(sentence.find(some(1)), std::string::npos) << sentence;
  const auto edits = engine().data().edits(id, 0, 10);
  ASSERT_EQ(edits->size(), 1u);
  EXPECT_TRUE(ask<void>([&](auto done) { engine().drop_edit(id, edits->front().id, done); }));
  EXPECT_EQ(status(id).rejected_edits, 0u);
  EXPECT_TRUE(status(id).incidents.empty()) << "nothing is left to be done";
  expect_settled();
}

TEST_F(EngineEdits, WaitForAMissingScopeAndSayWhich) {
  boot();
  id = add();
  hubspot().admin("consent", R"({"without":["crm.objects.contacts.write"]})", provider_now());
  consent(id);
  advance(1min);
  EXPECT_EQ(told("scope_missing"), 0u) << "reading needs no right to write";
  const auto record = some();
  put(record, R"({"firstname":"Zoë"})");
  EXPECT_EQ(told("scope_missing"), 1u);
  EXPECT_EQ(status(id).state, "connected");
  EXPECT_EQ(pending(), 1u);
  const auto panel = status(id);
  EXPECT_NE(panel.streams[0].edits_wait_because.find("crm.objects.contacts.write"),
            std::string::npos);
  put("", R"({"name":"Nordwind"})", "companies");
  EXPECT_EQ(pending(), 1u) << "the others go on";
  hubspot().admin("consent", "{}", provider_now());
  consent(id);
  advance(1min);
  EXPECT_EQ(theirs(record, "firstname"), "Zoë");
  expect_settled();
}

TEST_F(EngineEdits, RefusesWhatIsNoEditAndSaysWhatToDo) {
  begin();
  const auto record = some();
  EXPECT_EQ(why_not(record, "{}", "contact"),
            "not_found: there is no stream \"contact\"; use one of contacts, companies, deals");
  EXPECT_EQ(why_not(record, "{").substr(0, 9), "malformed");
  EXPECT_EQ(why_not(record, "[]").substr(0, 9), "malformed");
  EXPECT_EQ(why_not(record, R"({"hs_object_id":"1"})"),
            "refused: HubSpot sets \"hs_object_id\" by itself; leave it out");
  EXPECT_EQ(why_not(record, R"({"shoe_size":"44"})").substr(0, 44),
            "refused: there is no field \"shoe_size\" here;");
  EXPECT_EQ(why_not("nobody", R"({"firstname":"A"})").substr(0, 9), "not_found");
  EXPECT_EQ(
      why_not(record, R"({"firstname":")" + std::string(edit_bytes_max, 'x') + "\"}").substr(0, 7),
      "refused");
  EXPECT_EQ(writes(), 0u);
  EXPECT_EQ(pending(), 0u);
}
