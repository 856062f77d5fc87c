#include "actors/program/commands.hpp"

#include "tests/program/api_transport.hpp"
#include "tests/program/control_fixture.hpp"

#include <algorithm>
#include <sstream>

using namespace nexte;
using namespace nexte::program;

namespace {

class Commands : public control_fixture {
protected:
  integration_id one = engine.put(1, "acme");
  std::shared_ptr<api_transport> net = std::make_shared<api_transport>(api);
  control_client client{net, {std::string{origin}, secret{"t0ken"}}};
  std::ostringstream out;
  unsigned pauses = 0;
  std::function<void()> on_pause = [] {};

  shell with(bool as_json = false) {
    return {client,
            out,
            {},
            as_json,
            [] { return fake_engine::noon + seconds{90}; },
            [this](milliseconds) {
              ++pauses;
              on_pause();
            }};
  }
  std::string shown(const result<void>& done) {
    EXPECT_TRUE(done) << done.failure().line();
    return std::exchange(out, {}).str();
  }
};

} // namespace

TEST_F(Commands, PrintALinkThatOpensThePage) {
  const auto text = shown(login(with()));
  EXPECT_TRUE(text.starts_with(std::string{origin} + "/#login=")) << text;
  EXPECT_NE(text.find("within 10 min; it works once."), text.npos) << text;
  EXPECT_TRUE(shown(login(with(true))).starts_with(R"({"url":"http)"));
}

TEST_F(Commands, ShowAllIntegrationsAsATable) {
  engine.statuses[one].records = 15'000;
  EXPECT_EQ(shown(show_status(with(), "")),
            "ID             WORKSPACE  PROVIDER  ACCOUNT                    STATE        RECORDS"
            "  SYNCED  NEXT STEP\n"
                + one.str()
                + "  acme       hubspot   north.example (147893286)  ● connected   15,000  never   "
                  "Syncs again.\n");
}

TEST_F(Commands, ShowEverythingAboutOne) {
  auto& status = engine.statuses[one];
  stream_status contacts;
  contacts.name = "contacts";
  contacts.running = contacts.full = true;
  contacts.items_this_run = 1200;
  status.streams = {contacts};
  incident_row incident;
  incident.id = 3;
  incident.kind = "rate_limited";
  status.incidents = {incident};
  const auto text = shown(show_status(with(), one.str()));
  for (const auto* part :
       {"state        ● connected", "since        1 min ago", "You signed in. [consented]",
        "full sync, 1,200 items", "rate_limited", "last error   none"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST_F(Commands, ShowNoStreamOfADisconnectedOneAsUpToDate) {
  auto& status = engine.statuses[engine.put(2, "acme", "disconnected")];
  status.because = "HubSpot no longer accepts the sign-in.";
  status.next_step = "Reconnect: sign in at HubSpot again.";
  stream_status contacts;
  contacts.name = "contacts";
  contacts.verified = true;
  contacts.synced_at = fake_engine::noon;
  status.streams = {contacts};
  const auto text = shown(show_status(with(), integration_id{2}.str()));
  EXPECT_EQ(text.find("up to date"), std::string::npos) << text;
  EXPECT_NE(text.find("none  disconnected\n"), std::string::npos) << text;
  EXPECT_NE(text.find("next sync    none\n"), std::string::npos) << text;
  EXPECT_EQ(text.find(status.because), text.rfind(status.because)) << "said once\n" << text;
  EXPECT_NE(text.find(status.next_step), std::string::npos);
}

TEST_F(Commands, ShowWhatIsUnverifiedHeldBackOrToBeMended) {
  auto& status = engine.statuses[one];
  status.warnings = {"This computer's clock is 12 minutes behind HubSpot's."};
  stream_status contacts, deals;
  contacts.name = "contacts";
  deals.name = "deals";
  deals.verified = true;
  deals.held_deletes = 30;
  status.streams = {contacts, deals};
  const auto text = shown(show_status(with(), one.str()));
  EXPECT_NE(text.find("warning      This computer's clock is 12 minutes"), std::string::npos);
  EXPECT_NE(text.find("not verified\n"), std::string::npos) << text;
  EXPECT_NE(text.find("up to date, 30 deletions held back\n"), std::string::npos) << text;
}

TEST_F(Commands, PrintTheApisJsonForPrograms) {
  const auto text = shown(show_status(with(true), one.str()));
  EXPECT_EQ(text, *call("GET", "/v1/integrations/" + one.str()).body + "\n");
  EXPECT_EQ(shown(refresh(with(true), one.str())), "{\"done\":true}\n");
}

TEST_F(Commands, ReadEveryPage) {
  for (uint64_t i = 2; i <= 1200; ++i) { // the list needs no rows
    auto& status = engine.statuses[integration_id{i}] = engine.statuses[one];
    status.id = integration_id{i};
  }
  const auto text = shown(show_status(with(), ""));
  EXPECT_EQ(std::ranges::count(text, '\n'), 1201);
}

TEST_F(Commands, ConnectPrintsTheAddressAndAwaitsTheOutcome) {
  engine.put(77, "acme", "disconnected");
  on_pause = [&] {
    if (pauses == 2)
      engine.outcomes.at(0)(connect_outcome{integration_id{77}, false});
  };
  const auto text = shown(connect(with(), "acme", "hubspot", true));
  EXPECT_NE(text.find("\n  https://provider.example/authorize?state=s\n"), std::string::npos);
  EXPECT_NE(text.find("● connected  " + integration_id{77}.str()), std::string::npos);
  EXPECT_EQ(pauses, 2u);
  EXPECT_EQ(engine.asked.front(), "add acme hubspot");
}

TEST_F(Commands, ConnectDoesNotWaitWhenToldSo) {
  engine.put(77, "acme", "disconnected");
  EXPECT_EQ(shown(connect(with(true), "acme", "hubspot", false)),
            R"({"id":")" + integration_id{77}.str()
                + R"(","authorization_url":"https://provider.example/authorize?state=s"})" + "\n");
  EXPECT_EQ(pauses, 0u);
}

TEST_F(Commands, ReconnectFailsAsTheConsentDid) {
  on_pause = [&] { engine.outcomes.at(0)(error{ec::refused, "refused by you", "try again"}); };
  const auto done = reconnect(with(), one.str(), true);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.failure().line(), "refused by you; try again");
}

TEST_F(Commands, ReconnectEndsWhenANewerAttemptBegins) {
  on_pause = [&] { call("POST", "/v1/integrations/" + one.str() + "/connect"); };
  const auto done = reconnect(with(), one.str(), true);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.failure().code, ec::cancelled);
}

TEST_F(Commands, SayThatAnotherAccountSignedIn) {
  on_pause = [&] { engine.outcomes.at(0)(connect_outcome{integration_id{5}, true}); };
  const auto text = shown(reconnect(with(), one.str(), true));
  EXPECT_NE(text.find("another account"), std::string::npos);
  EXPECT_NE(text.find(integration_id{5}.str()), std::string::npos);
}

TEST_F(Commands, ShowRecordsErrorsIncidentsAndNotifications) {
  EXPECT_EQ(shown(show_records(with(), one.str(), "contacts", {})), "No records.\n");
  EXPECT_EQ(shown(show_errors(with(), one.str())), "No errors.\n");
  EXPECT_EQ(shown(show_incidents(with(), false)), "No open incidents.\n");
  EXPECT_EQ(shown(show_notifications(with())), "No notifications.\n");
  page records;
  record_view record;
  record.id = "501";
  record.modified_at = fake_engine::noon;
  record.body = R"({"id":"501","properties":{"firstname":"Zoë","city":null,"lastname":"Å"}})";
  records.records.push_back(record);
  engine.write({put_page{one, "contacts", 0, std::move(records)},
                append_error{one, {fake_engine::noon, "deals", "http_503", "It was away."}}});
  EXPECT_EQ(shown(show_records(with(), one.str(), "contacts", {})),
            "RECORD  MODIFIED     BODY\n"
            "501     1 min ago    firstname=Zoë, lastname=Å\n");
  EXPECT_EQ(shown(show_errors(with(), one.str())), "WHEN       STREAM  CODE      WHAT\n"
                                                   "1 min ago  deals   http_503  It was away.\n");
  EXPECT_EQ(shown(program::explain(with(), one.str(), "contacts", "9")),
            "It was archived. [archived_at_provider]\n  - The provider said so.\n");
}

TEST_F(Commands, TellWhatToDoWhenNoEngineAnswers) {
  net->down = true;
  const auto done = show_status(with(), "");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.failure().line(), "no engine answers at http://127.0.0.1:8686: connection "
                                   "refused; start one with: nexte-sync serve --config FILE");
}

TEST_F(Commands, PassOnWhatTheEngineRefused) {
  engine.failure = error{ec::unauthorized, "it is disconnected", "reconnect it"};
  const auto done = refresh(with(), one.str());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.failure().line(), "it is disconnected; reconnect it");
}

/// What a person may well type wrong, call by call. An engine that refuses is met by its own tests.
TEST_F(Commands, SayInOneLineWhatIsWrongWithWhatTheyWereGivenAndHowToMendIt) {
  const std::string id = one.str();
  const std::string none = integration_id{999}.str();
  const auto to = with();
  const struct {
    const char* call;
    std::function<result<void>()> run;
    const char* what; ///< Part of the line.
  } cases[] = {
      {"connect", [&] { return connect(to, "acme", "hubspt", false); }, "did you mean \"hubspot\""},
      {"connect", [&] { return connect(to, "", "hubspot", false); }, "workspace"},
      {"reconnect", [&] { return reconnect(to, none, false); }, "`nexte-sync status` lists"},
      {"disconnect", [&] { return disconnect(to, "x/y"); }, "`nexte-sync status` lists"},
      {"status", [&] { return show_status(to, "acme"); }, "`nexte-sync status` lists"},
      {"refresh", [&] { return refresh(to, none); }, "`nexte-sync status` lists"},
      {"refresh", [&] { return refresh(to, none, true); }, "`nexte-sync status` lists"},
      {"mode", [&] { return set_mode(to, none, "hourly"); }, "`nexte-sync status` lists"},
      {"rule", [&] { return set_rule(to, none, "merge_fields"); }, "`nexte-sync status` lists"},
      {"records", [&] { return show_records(to, none, "contacts", {}); },
       "`nexte-sync status` lists"},
      {"records", [&] { return show_records(to, id, "contcts", {}); }, "did you mean \"contacts\""},
      {"explain", [&] { return program::explain(to, id, "contcts", "1"); },
       "did you mean \"contacts\""},
      {"put",
       [&] {
         return program::put(to, id, "contcts", {"1", {"a=b"}, {}});
       },
       "did you mean \"contacts\""},
      {"put",
       [&] {
         return program::put(to, id, "contacts", {"1", {}, {}});
       },
       "FIELD=VALUE"},
      {"put",
       [&] {
         return program::put(to, id, "contacts", {"1", {"firstname"}, {}});
       },
       "FIELD=VALUE"},
      {"put",
       [&] {
         return program::put(to, id, "contacts", {"1", {}, "{"});
       },
       "JSON"},
      {"delete", [&] { return program::erase(to, id, "contcts", "1"); },
       "did you mean \"contacts\""},
      {"edits", [&] { return show_edits(to, none); }, "`nexte-sync status` lists"},
      {"edits", [&] { return program::drop_edit(to, none, 7); }, "`nexte-sync status` lists"},
      {"conflicts",
       [&] {
         return show_conflicts(to, {none, {}, {}, {}});
       },
       "`nexte-sync status` lists"},
      {"errors", [&] { return show_errors(to, none); }, "`nexte-sync status` lists"},
  };
  for (const auto& [call, run, what] : cases) {
    const auto done = run();
    ASSERT_FALSE(done) << call << " took it";
    const auto line = done.failure().line();
    EXPECT_NE(line.find(what), std::string::npos) << call << ": " << line;
    EXPECT_FALSE(done.failure().hint.empty()) << call << ": " << line;
    EXPECT_EQ(line.find('\n'), std::string::npos) << call << ": " << line;
    EXPECT_EQ(out.str(), "") << call;
  }
}
