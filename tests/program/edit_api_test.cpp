// Editing by the control API and the shell, and the audit log of conflicts.
#include "actors/program/commands.hpp"
#include "tests/program/api_transport.hpp"
#include "tests/program/control_fixture.hpp"
#include "tests/support/edited_store.hpp"

#include <algorithm>
#include <sstream>

using namespace nexte;
using namespace nexte::program;

namespace {

class EditApi : public control_fixture {
protected:
  integration_id one = engine.put(1, "acme");
  std::string at_one = "/v1/integrations/" + one.str();
  std::string contacts = at_one + "/records/contacts";
  control_client client{std::make_shared<api_transport>(api),
                        {std::string{origin}, secret{"t0ken"}}};
  std::ostringstream out;

  shell with(bool as_json = false) {
    return {client,
            out,
            {},
            as_json,
            [] { return fake_engine::noon + seconds{90}; },
            [](milliseconds) {}};
  }
  std::string shown(const result<void>& done) {
    EXPECT_TRUE(done) << done.failure().line();
    return std::exchange(out, {}).str();
  }
  std::string wrong(const result<void>& done) {
    EXPECT_FALSE(done);
    return done ? std::string{} : done.failure().line();
  }
  void edit_both_sides() {
    engine.write(nexte::test::conflict_and_edit(one, fake_engine::noon));
  }
};

} // namespace

TEST_F(EditApi, TakesEditsAndSaysWhereTheyGo) {
  const auto made = call("POST", contacts, R"({"firstname":"Zoë"})");
  EXPECT_EQ(made.status, 202);
  EXPECT_EQ(*made.body, R"({"record":"local:1","edit":5})");
  EXPECT_EQ(call("PUT", contacts + "/501", R"({"phone":null})").status, 202);
  EXPECT_EQ(call("DELETE", contacts + "/a%2Fb").status, 202);
  EXPECT_EQ(call("DELETE", at_one + "/edits/7").status, 204);
  EXPECT_EQ(call("PUT", at_one + "/conflict_rule", R"({"rule":"merge_fields"})").status, 204);
  EXPECT_EQ(call("POST", "/v1/conflicts/3/restore").status, 202);
  const auto id = one.str();
  EXPECT_EQ(engine.asked,
            (std::vector<std::string>{"put " + id + R"( contacts  {"firstname":"Zoë"})",
                                      "put " + id + R"( contacts 501 {"phone":null})",
                                      "erase " + id + " contacts a/b", "drop " + id + " 7",
                                      "rule " + id + " merge_fields", "restore 3"}));
}

TEST_F(EditApi, SaysWhatIsWrongWithAnEdit) {
  const std::string shape = R"(; send the fields to set, as {"field": "value"}; null clears one)";
  EXPECT_EQ(problem("POST", contacts, "[]"), "400 the body is no object" + shape);
  EXPECT_EQ(problem("POST", contacts, "{").substr(0, 25), "400 the body is no JSON: ");
  EXPECT_EQ(problem("POST", at_one + "/records/contact", "{}"),
            "404 hubspot has no stream \"contact\"; did you mean \"contacts\"?");
  EXPECT_EQ(problem("DELETE", at_one + "/edits/x"), "404 \"x\" is no number");
  EXPECT_EQ(problem("GET", "/v1/conflicts/4").substr(0, 25), "404 there is no conflict ");
  EXPECT_EQ(problem("GET", "/v1/conflicts?limit=0").substr(0, 3), "400");
  EXPECT_TRUE(engine.asked.empty());
  engine.failure = error{ec::refused, "the provider sets \"id\" by itself", "leave it out"};
  EXPECT_EQ(problem("PUT", contacts + "/1", R"({"id":1})"),
            "422 the provider sets \"id\" by itself; leave it out");
}

TEST_F(EditApi, ShowsTheOutboxAndTheAuditLog) {
  edit_both_sides();
  const auto edits = get(at_one + "/edits");
  ASSERT_EQ(edits.find("edits")->items.size(), 1u);
  const auto& edit = edits.find("edits")->items[0];
  EXPECT_EQ(edit.string_or_empty("record"), "502");
  EXPECT_EQ(edit.string_or_empty("state"), "pending");
  EXPECT_EQ(edit.find("fields")->string_or_empty("firstname"), "Waits");

  const auto log = get("/v1/conflicts?integration=" + one.str() + "&stream=contacts&record=501");
  ASSERT_EQ(log.find("conflicts")->items.size(), 1u);
  const auto& conflict = log.find("conflicts")->items[0];
  EXPECT_EQ(conflict.string_or_empty("won"), "remote");
  EXPECT_EQ(conflict.find("loser")->find("body")->find("properties")->string_or_empty("firstname"),
            "Ours");
  EXPECT_TRUE(get("/v1/conflicts?record=502").find("conflicts")->items.empty());
  const auto number = std::to_string(*conflict.find("id")->as_int());
  EXPECT_EQ(get("/v1/conflicts/" + number).string_or_empty("record"), "501");
}

TEST_F(EditApi, PutsWhatAPersonTypes) {
  EXPECT_EQ(shown(put(with(), one.str(), "contacts", {"501", {"firstname=Zoë", "phone="}, ""})),
            "Changed 501 here; it is sent to the provider as edit 5.\n");
  EXPECT_EQ(engine.asked.back(),
            "put " + one.str() + R"( contacts 501 {"firstname":"Zoë","phone":null})");
  EXPECT_EQ(shown(put(with(), one.str(), "contacts", {"", {"a=b=c"}, R"({"n":1})"})),
            "Made local:1 here; it is sent to the provider as edit 5.\n");
  EXPECT_EQ(engine.asked.back(), "put " + one.str() + R"( contacts  {"n":1,"a":"b=c"})");
  EXPECT_EQ(shown(erase(with(true), one.str(), "contacts", "501")),
            "{\"record\":\"501\",\"edit\":6}\n");
  EXPECT_EQ(shown(set_rule(with(), one.str(), "merge_fields")),
            "Conflicts are settled by merge_fields from now on.\n");
  EXPECT_EQ(shown(restore(with(), 3)),
            "Restored 101 here; it is sent to the provider as edit 7.\n");
}

TEST_F(EditApi, NamesWhatAPersonTypedWrongly) {
  const auto typed
      = [&](record_edit edit) { return wrong(put(with(), one.str(), "contacts", edit)); };
  EXPECT_EQ(typed({"501", {"firstname"}, ""}),
            "\"firstname\" is no FIELD=VALUE; write it as firstname=Zoë; an empty value clears the "
            "field");
  EXPECT_EQ(typed({"501", {"a=1", "a=2"}, ""}), "\"a\" is given twice; leave one of them out");
  EXPECT_EQ(typed({"501", {}, ""}), "there is nothing to change; give FIELD=VALUE or --fields");
  EXPECT_EQ(typed({"501", {}, "[]"}).substr(0, 26), "--fields is no JSON object");
  EXPECT_EQ(typed({"501", {}, "{"}).substr(0, 19), "--fields is no JSON");
  EXPECT_TRUE(engine.asked.empty());
}

TEST_F(EditApi, ShowsConflictsAsATableAndAsJsonLines) {
  EXPECT_EQ(shown(show_conflicts(with(), {})), "No conflicts in the last 30 days.\n");
  EXPECT_EQ(shown(show_edits(with(), one.str())), "No edits wait.\n");
  edit_both_sides();
  const auto table = shown(show_conflicts(with(), {one.str(), "contacts", "", ""}));
  for (const auto* part : {"501", "remote", "firstname: Theirs (lost: Ours)", "phone: – (lost: 1)"})
    EXPECT_NE(table.find(part), std::string::npos) << part << "\n" << table;
  const auto what_if = shown(show_conflicts(with(), {"", "", "", "merge_fields"}));
  EXPECT_NE(what_if.find("still a conflict; kept from both: phone; the later one of: firstname"),
            std::string::npos)
      << what_if;
  EXPECT_NE(what_if.find("Under merge_fields 0 of 1 would have been no conflict.\n"),
            std::string::npos)
      << what_if;
  const auto lines = shown(show_conflicts(with(true), {}));
  EXPECT_EQ(std::ranges::count(lines, '\n'), 1);
  EXPECT_EQ(json::parse_value(lines)->string_or_empty("record"), "501");
  const auto edits = shown(show_edits(with(), one.str()));
  EXPECT_NE(edits.find(R"({"firstname":"Waits"})"), std::string::npos) << edits;
}
