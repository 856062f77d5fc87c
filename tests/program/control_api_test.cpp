#include "tests/program/control_fixture.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::program;

namespace {

class ControlApi : public control_fixture {
protected:
  integration_id one = engine.put(1, "acme");
  std::string at_one = "/v1/integrations/" + one.str();

  void put_records(size_t count) {
    page records;
    for (size_t i = 0; i < count; ++i) {
      const auto id = std::to_string(1000 + i);
      record_view record;
      record.id = records.keep(id);
      record.version = "v1";
      record.modified_at = fake_engine::noon;
      record.body = records.keep(R"({"id":")" + id + R"(","properties":{"city":"Köln"}})");
      records.records.push_back(record);
    }
    engine.write({put_page{one, "contacts", 0, std::move(records)}});
  }
};

} // namespace

TEST_F(ControlApi, IsWhatTheOpenApiFileSays) {
  std::map<std::string, std::set<std::string>> served;
  for (const auto& route : api.routes())
    served[route.method + " " + route.path] = {route.query.begin(), route.query.end()};
  EXPECT_EQ(served, document.operations());
}

TEST_F(ControlApi, NeedsItsTokenButForTheHealthOfTheEngine) {
  EXPECT_EQ(send({"GET", "http://127.0.0.1:8686/v1/integrations"}).status, 401);
  EXPECT_EQ(send({"GET", "http://127.0.0.1:8686/healthz"}).status, 200);
}

TEST_F(ControlApi, ListsIntegrationsInIdOrderPageByPage) {
  const auto two = engine.put(2, "acme");
  const auto three = engine.put(3, "other");
  std::vector<std::string> ids;
  const auto all = get("/v1/integrations");
  for (const auto& each : all.find("integrations")->items)
    ids.emplace_back(each.string_or_empty("id"));
  EXPECT_EQ(ids, (std::vector{one.str(), two.str(), three.str()}));

  const auto first = get("/v1/integrations?limit=2");
  EXPECT_EQ(first.find("integrations")->items.size(), 2u);
  EXPECT_EQ(first.string_or_empty("next"), two.str());
  const auto second = get("/v1/integrations?limit=2&after=" + two.str());
  EXPECT_EQ(second.find("integrations")->items.size(), 1u);
  EXPECT_EQ(second.find("next")->type, json::value::kind::null);
  EXPECT_EQ(get("/v1/integrations?limit=3").find("next")->type, json::value::kind::null);

  EXPECT_EQ(get("/v1/integrations?workspace=acme").find("integrations")->items.size(), 2u);
  EXPECT_EQ(get("/v1/integrations?workspace=").find("integrations")->items.size(), 3u);
}

TEST_F(ControlApi, BoundsThePage) {
  for (const auto* limit : {"0", "1001", "-1", "x", ""})
    EXPECT_EQ(problem("GET", "/v1/integrations?limit=" + std::string{limit}),
              "400 limit is \"" + std::string{limit} + "\"; use a whole number from 1 to 1000");
  EXPECT_EQ(call("GET", "/v1/integrations?limit=1000").status, 200);
  EXPECT_EQ(problem("GET", "/v1/changes?after=x"),
            "400 after is \"x\"; use the number under \"next\" in the answer before");
}

TEST_F(ControlApi, ShowsEverythingOfAnIntegration) {
  auto& status = engine.statuses[one];
  stream_status contacts;
  contacts.name = "contacts";
  contacts.records = 3;
  contacts.verified_at = fake_engine::noon;
  contacts.changed_at = fake_engine::noon;
  contacts.next_sync_at = fake_engine::noon + seconds{300};
  auto deals = contacts;
  deals.verified_at = {};
  deals.changed_at = fake_engine::noon + seconds{1};
  deals.next_sync_at = {};
  status.streams = {contacts, deals};
  status.warnings = {"The clock is wrong."};
  status.clock_skew = milliseconds{-720'000};
  status.last_error = {fake_engine::noon, "deals", "http_503", "The provider was away."};
  status.incidents = {incident_row{}};
  status.quarantine = {{"deals", "7", fake_engine::noon, "It could not be read."}};
  const auto shown = get(at_one);
  EXPECT_EQ(shown.string_or_empty("state"), "connected");
  EXPECT_EQ(shown.find("account")->string_or_empty("name"), "north.example");
  EXPECT_EQ(shown.find("last_error")->string_or_empty("code"), "http_503");
  EXPECT_EQ(shown.find("warnings")->items.at(0).text, "The clock is wrong.");
  EXPECT_EQ(shown.find("clock_skew_ms")->as_int(), -720'000);
  EXPECT_EQ(shown.find("verified_at")->type, json::value::kind::null); // deals never were
  EXPECT_EQ(shown.string_or_empty("changed_at"), "2026-02-25T12:00:01.000Z");
  EXPECT_EQ(shown.string_or_empty("next_sync_at"), "2026-02-25T12:05:00.000Z");
  EXPECT_EQ(shown.find("next_step_at")->type, json::value::kind::null);
}

TEST_F(ControlApi, AddsAnIntegration) {
  const auto added = call("POST", "/v1/integrations", R"({"workspace":"w","provider":"hubspot"})");
  EXPECT_EQ(added.status, 201);
  EXPECT_EQ(*added.body, R"({"id":")" + integration_id{77}.str() + R"("})");
  EXPECT_EQ(engine.asked.back(), "add w hubspot");
}

TEST_F(ControlApi, SaysWhatIsWrongWithABody) {
  const auto trouble
      = [&](std::string body) { return problem("POST", "/v1/integrations", std::move(body)); };
  const std::string shape = R"(; send {"workspace": "…", "provider": "…"})";
  EXPECT_EQ(trouble("[]"), "400 the body is no object" + shape);
  EXPECT_EQ(trouble(R"({"workspace":"w"})"), "400 the body has no text \"provider\"" + shape);
  EXPECT_EQ(trouble(R"({"workspace":1,"provider":"hubspot"})"),
            "400 the body has no text \"workspace\"" + shape);
  EXPECT_EQ(trouble(R"({"workspace":"w","provider":"hubspot","x":"y"})"),
            "400 the body has an unknown member \"x\"" + shape);
  EXPECT_EQ(trouble(R"({"workspace":"w","provider":"hupspot"})"),
            "422 there is no provider \"hupspot\"; did you mean \"hubspot\"?");
  EXPECT_EQ(trouble(R"({"workspace":"","provider":"hubspot"})").substr(0, 3), "400");
  EXPECT_EQ(trouble("{").substr(0, 3), "400");
  EXPECT_TRUE(engine.asked.empty());
}

TEST_F(ControlApi, KeepsTheOutcomeOfTheLastConsent) {
  EXPECT_EQ(problem("GET", at_one + "/connect").substr(0, 3), "404");
  const auto begun = call("POST", at_one + "/connect");
  EXPECT_EQ(begun.status, 200);
  EXPECT_EQ(*begun.body,
            R"({"authorization_url":"https://provider.example/authorize?state=s","attempt":1})");
  EXPECT_EQ(get(at_one + "/connect").string_or_empty("outcome"), "pending");
  engine.outcomes.at(0)(connect_outcome{integration_id{5}, true});
  const auto ended = get(at_one + "/connect");
  EXPECT_EQ(ended.string_or_empty("outcome"), "connected");
  EXPECT_EQ(ended.string_or_empty("integration"), integration_id{5}.str());
  EXPECT_TRUE(ended.find("other_account")->truth);
}

TEST_F(ControlApi, ForgetsAConsentThatANewerOneEnded) {
  call("POST", at_one + "/connect");
  call("POST", at_one + "/connect");
  engine.outcomes.at(0)(error{ec::cancelled, "a newer attempt began"});
  EXPECT_EQ(get(at_one + "/connect").string_or_empty("outcome"), "pending");
  engine.outcomes.at(1)(error{ec::refused, "the consent was refused", "try again"});
  const auto ended = get(at_one + "/connect");
  EXPECT_EQ(ended.find("attempt")->as_int(), 2);
  EXPECT_EQ(ended.find("problem")->string_or_empty("hint"), "try again");
}

TEST_F(ControlApi, EndsAConsentThatCouldNotBegin) {
  engine.failure = error{ec::refused, "no port"};
  EXPECT_EQ(problem("POST", at_one + "/connect"), "422 no port");
  engine.failure.reset();
  EXPECT_EQ(get(at_one + "/connect").string_or_empty("outcome"), "failed");
}

TEST_F(ControlApi, CommandsTheEngine) {
  EXPECT_EQ(call("POST", at_one + "/disconnect").status, 204);
  EXPECT_EQ(call("POST", at_one + "/refresh").status, 202);
  EXPECT_EQ(call("PUT", at_one + "/mode", R"({"mode":"hourly"})").status, 204);
  EXPECT_EQ(call("POST", "/v1/incidents/7/release").status, 204);
  EXPECT_EQ(call("POST", "/v1/notifications/8/ack").status, 204);
  EXPECT_EQ(call("POST", "/v1/callbacks", R"({"query":"code=c&state=s"})").status, 200);
  EXPECT_EQ(engine.asked,
            (std::vector<std::string>{"disconnect " + one.str(), "refresh " + one.str(),
                                      "mode " + one.str() + " hourly", "release 7", "acknowledge 8",
                                      "callback code=c&state=s"}));
}

TEST_F(ControlApi, PassesOnWhatTheEngineRefuses) {
  engine.failure = error{ec::unauthorized, "it is disconnected", "reconnect it"};
  EXPECT_EQ(problem("POST", at_one + "/refresh"), "409 it is disconnected; reconnect it");
  engine.failure = error{ec::not_found, "there is no incident 7"};
  EXPECT_EQ(problem("POST", "/v1/incidents/7/release"), "404 there is no incident 7");
  engine.failure = error{ec::cancelled, "the engine is stopping"};
  EXPECT_EQ(problem("GET", "/v1/integrations"), "503 the engine is stopping");
}

TEST_F(ControlApi, KnowsNoIntegrationButThoseThereAre) {
  const auto unknown = integration_id{99}.str();
  for (const auto& id : {unknown, std::string{"nonsense"}}) {
    const auto at = "/v1/integrations/" + id;
    const auto missing = "404 there is no integration \"" + id
                         + "\"; `nexte-sync status` lists those that are there";
    for (const auto* path : {"", "/connect", "/errors", "/history", "/records/contacts",
                             "/records/contacts/1", "/explain/contacts/1"})
      EXPECT_EQ(problem("GET", at + path), missing) << path;
    for (const auto* path : {"/connect", "/disconnect", "/refresh"})
      EXPECT_EQ(problem("POST", at + path), missing) << path;
    EXPECT_EQ(problem("PUT", at + "/mode", R"({"mode":"paused"})"), missing);
  }
  EXPECT_TRUE(engine.asked.empty());
}

TEST_F(ControlApi, ShowsRecordsPageByPageWithTheirBodiesAsTheyCame) {
  put_records(120);
  const auto first = get(at_one + "/records/contacts");
  EXPECT_EQ(first.find("records")->items.size(), 100u);
  EXPECT_EQ(first.string_or_empty("next"), "1099");
  const auto second = get(at_one + "/records/contacts?after=1099");
  EXPECT_EQ(second.find("records")->items.size(), 20u);
  EXPECT_EQ(second.find("next")->type, json::value::kind::null);
  const auto record = get(at_one + "/records/contacts/1000");
  EXPECT_EQ(record.string_or_empty("version"), "v1");
  EXPECT_EQ(record.find("body")->find("properties")->string_or_empty("city"), "Köln");
  EXPECT_EQ(problem("GET", at_one + "/records/contacts/1"),
            "404 there is no record \"1\" in contacts; `nexte-sync explain` tells why");
}

TEST_F(ControlApi, ShowsADeletedRecordAsSuch) {
  put_records(1);
  page gone;
  record_view record;
  record.id = "1000";
  record.deleted = true;
  gone.records.push_back(record);
  engine.write({put_page{one, "contacts", 1, std::move(gone)}});
  EXPECT_TRUE(get(at_one + "/records/contacts/1000").find("deleted")->truth);
}

TEST_F(ControlApi, NamesTheNearestStream) {
  EXPECT_EQ(problem("GET", at_one + "/records/contact"),
            "404 hubspot has no stream \"contact\"; did you mean \"contacts\"?");
  EXPECT_EQ(problem("GET", at_one + "/explain/dels/1"),
            "404 hubspot has no stream \"dels\"; did you mean \"deals\"?");
}

TEST_F(ControlApi, ExplainsARecordWhoseIdHoldsAnything) {
  EXPECT_EQ(get(at_one + "/explain/contacts/a%2Fb").string_or_empty("code"),
            "archived_at_provider");
  EXPECT_EQ(engine.asked.back(), "explain contacts a/b");
}

TEST_F(ControlApi, FeedsChangesAfterTheSequenceSeenLast) {
  put_records(3);
  const auto all = get("/v1/changes");
  ASSERT_EQ(all.find("changes")->items.size(), 3u);
  const auto last = *all.find("next")->as_int();
  EXPECT_EQ(last, all.find("changes")->items.back().find("sequence")->as_int());
  const auto none = get("/v1/changes?after=" + std::to_string(last));
  EXPECT_TRUE(none.find("changes")->items.empty());
  EXPECT_EQ(none.find("next")->as_int(), last);
  EXPECT_EQ(get("/v1/changes?limit=2").find("changes")->items.size(), 2u);
}

TEST_F(ControlApi, ExportsTheErrorLogAsJsonLines) {
  EXPECT_EQ(*call("GET", at_one + "/errors").body, "");
  engine.write({append_error{one, {fake_engine::noon, "deals", "http_503", "It was \"away\"."}},
                append_error{one, {fake_engine::noon, "", "dns", "No such host."}}});
  const auto log = call("GET", at_one + "/errors");
  EXPECT_EQ(std::ranges::count(*log.body, '\n'), 2);
  EXPECT_TRUE(log.body->starts_with(R"({"at":"2026-02-25T12:00:00.000Z","stream":"deals")"));
}

TEST_F(ControlApi, ShowsTheHistory) {
  const auto shown = get(at_one + "/history");
  ASSERT_EQ(shown.find("history")->items.size(), 1u);
  EXPECT_EQ(shown.find("history")->items[0].string_or_empty("code"), "consented");
}

TEST_F(ControlApi, FiltersIncidents) {
  const auto two = engine.put(2, "acme");
  const auto incident = [](integration_id id, std::string kind) {
    incident_row row;
    row.integration = id;
    row.kind = std::move(kind);
    row.opened_at = fake_engine::noon;
    return put_incident{row, std::nullopt};
  };
  engine.write({incident(one, "rate_limited"), incident(one, "disconnected"),
                incident(two, "disconnected"), close_incident{one, "rate_limited", "", {}}});
  const auto count = [&](const std::string& query) {
    return get("/v1/incidents" + query).find("incidents")->items.size();
  };
  EXPECT_EQ(count(""), 3u);
  EXPECT_EQ(count("?open=true"), 2u);
  EXPECT_EQ(count("?open=false"), 1u);
  EXPECT_EQ(count("?integration=" + two.str()), 1u);
  const auto first = get("/v1/incidents?limit=1");
  const auto next = *first.find("next")->as_int();
  EXPECT_EQ(count("?after=" + std::to_string(next)), 2u);
  EXPECT_EQ(problem("GET", "/v1/incidents?open=yes"), "400 open is \"yes\"; use true or false");
  EXPECT_EQ(problem("GET", "/v1/incidents?integration=x").substr(0, 3), "404");
  EXPECT_EQ(problem("POST", "/v1/incidents/x/release"), "404 \"x\" is no number");
}

TEST_F(ControlApi, ShowsNotificationsUntilTheLast) {
  for (int i = 0; i < 3; ++i) {
    incident_row row;
    row.integration = one;
    row.kind = "disconnected";
    row.stage = static_cast<unsigned>(i);
    notification_row notice;
    notice.integration = one;
    notice.kind = "disconnected";
    engine.write({put_incident{row, notice}});
  }
  const auto first = get("/v1/notifications?limit=2");
  EXPECT_EQ(first.find("notifications")->items.size(), 2u);
  const auto next = *first.find("next")->as_int();
  const auto second = get("/v1/notifications?limit=2&after=" + std::to_string(next));
  EXPECT_EQ(second.find("notifications")->items.size(), 1u);
  EXPECT_EQ(second.find("next")->type, json::value::kind::null);
}
