// `watch`, and what is shown to whoever waits for a sync.
#include "actors/program/commands.hpp"

#include "tests/program/api_transport.hpp"
#include "tests/program/control_fixture.hpp"

#include <deque>
#include <sstream>

using namespace nexte;
using namespace nexte::program;

namespace {

class Watch : public control_fixture {
protected:
  integration_id one = engine.put(1, "acme");
  std::shared_ptr<api_transport> net = std::make_shared<api_transport>(api);
  control_client client{net, {std::string{origin}, secret{"t0ken"}}};
  std::ostringstream out;
  terminal screen;
  std::deque<std::function<void()>> on_pause; ///< What happens at each one.
  std::vector<std::vector<server_event>> told;

  shell with(bool as_json = false) {
    return {client,
            out,
            screen,
            as_json,
            [] { return fake_engine::noon; },
            [this](milliseconds) {
              ASSERT_FALSE(on_pause.empty()) << "it waits for nothing";
              on_pause.front()();
              on_pause.pop_front();
            },
            [this](const event_listener& listener) -> result<void> {
              for (const auto& events : told)
                if (!listener(events))
                  return {};
              return error{ec::transport, "the engine has stopped"};
            }};
  }
  server_event event(std::string name, std::string target) {
    return {"r-1", std::move(name), *call("GET", std::move(target)).body};
  }
  server_event status_event() {
    return event("status", "/v1/integrations/" + one.str());
  }
  std::string shown() {
    return std::exchange(out, {}).str();
  }
  stream_status& contacts() {
    auto& streams = engine.statuses[one].streams;
    if (streams.empty()) {
      streams.emplace_back();
      streams[0].name = "contacts";
    }
    return streams[0];
  }
};

const server_event snapshot{"r-0", "snapshot", R"({"resumed":false})"};

} // namespace

TEST_F(Watch, TellsEachChangeInALineWhereTheScreenCannotBeDrawnOver) {
  auto& status = engine.statuses[one];
  told = {{snapshot}, {status_event()}};
  status.state = "disconnected";
  status.because = "HubSpot no longer accepts the sign-in.";
  status.next_step = "Reconnect.";
  told.push_back({status_event()});
  status = {};
  status.id = one;
  status.workspace = *workspace_id::parse("acme");
  status.provider = "hubspot";
  status.state = "connected";
  status.badge = "green";
  status.because = "You signed in.";
  status.next_step = "Syncs again.";
  const auto ended = watch(with());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.failure().what, "the engine has stopped");
  const auto head = "2026-02-25T12:00:00Z " + one.str() + " acme hubspot ";
  EXPECT_EQ(shown(), head + "connected: You signed in. Syncs again.\n" + head
                         + "disconnected: HubSpot no longer accepts the sign-in. Reconnect.\n");
}

TEST_F(Watch, PassesTheEventsOnForPrograms) {
  told = {{snapshot}, {status_event()}};
  EXPECT_FALSE(watch(with(true)));
  EXPECT_EQ(shown(), R"({"event":"snapshot","data":{"resumed":false}})"
                     "\n{\"event\":\"status\",\"data\":"
                         + status_event().data + "}\n");
}

TEST_F(Watch, DrawsTheTableAnewWorstFirstAndNoLongerThanTheScreen) {
  screen = {false, 120, 8, true};
  for (uint64_t i = 2; i <= 9; ++i)
    engine.put(i, "workspace-" + std::to_string(i), i == 9 ? "disconnected" : "connected");
  contacts().running = true;
  contacts().items_this_run = 1200;
  told = {{snapshot}, {}};
  EXPECT_FALSE(watch(with()));
  const auto text = shown();
  EXPECT_TRUE(text.starts_with("\x1b[2J\x1b[H2026-02-25T12:00:00Z  9 integrations, 8 connected, "
                               "1 disconnected\x1b[K\n"))
      << text;
  const auto red = text.find("workspace-9");
  const auto green = text.find("acme");
  EXPECT_LT(red, green);
  EXPECT_NE(text.find("syncs contacts: 1,200 so far"), text.npos) << text;
  EXPECT_NE(text.find("and 6 more that are no worse\x1b[K\n\x1b[J"), text.npos) << text;
  const auto frames = text.find("\x1b[H", 10);
  EXPECT_NE(frames, text.npos) << "a sign of life draws the times anew";
  EXPECT_EQ(std::ranges::count(text.substr(frames), '\n'), 7) << "the screen has 8 lines";
}

TEST_F(Watch, CountsWhileItSyncs) {
  screen = {false, 120, 0, true};
  contacts().running = true;
  const server_event progress{"r-2", "progress",
                              R"({"integration":")" + one.str()
                                  + R"(","records":4200,"streams":[{"name":"contacts",)"
                                    R"("running":true,"items_this_run":300}]})"};
  told = {{snapshot}, {progress}};
  EXPECT_FALSE(watch(with()));
  const auto text = shown();
  EXPECT_NE(text.find("4,200  syncs contacts: 300 so far"), text.npos) << text;
}

TEST_F(Watch, EndsWhenTheListsCannotBeRead) {
  told = {{snapshot}};
  net->down = true;
  const auto ended = watch(with());
  ASSERT_FALSE(ended);
  EXPECT_NE(ended.failure().what.find("no engine answers"), std::string::npos);
}

TEST_F(Watch, ShowsARefreshUntilEachStreamIsVerifiedAnew) {
  screen = {false, 80, 24, true};
  contacts().verified_at = fake_engine::noon - seconds{60};
  contacts().records = 2000;
  on_pause = {[&] {
                contacts().running = true;
                contacts().items_this_run = 500;
              },
              [&] {
                contacts().running = false;
                contacts().verified_at = fake_engine::noon;
              }};
  ASSERT_TRUE(refresh(with(), one.str(), true));
  EXPECT_EQ(engine.asked.back(), "refresh " + one.str());
  const auto text = shown();
  const auto turn = text.find("contacts              waits for its turn\x1b[K\n");
  const auto quarter
      = text.find("\x1b[1Acontacts              ██████░░░░░░░░░░░░░░░░░░  500 of 2,000\x1b[K\n");
  const auto done
      = text.find("\x1b[1Acontacts              ████████████████████████  2,000 records\x1b[K\n");
  EXPECT_LT(turn, quarter) << text;
  EXPECT_LT(quarter, done) << text;
  EXPECT_TRUE(text.ends_with("Synced completely.\n")) << text;
}

TEST_F(Watch, WaitsWithoutABarWhereTheScreenCannotBeDrawnOver) {
  contacts().verified_at = fake_engine::noon - seconds{60};
  on_pause = {[&] { contacts().verified_at = fake_engine::noon; }};
  ASSERT_TRUE(refresh(with(), one.str(), true));
  EXPECT_EQ(shown(), "Synced completely.\n");
}

TEST_F(Watch, ShowsTheFirstSyncToWhoeverConnects) {
  screen = {false, 80, 24, true};
  engine.put(77, "acme");
  auto& status = engine.statuses[integration_id{77}];
  status.streams.emplace_back();
  status.streams[0].name = "contacts";
  status.streams[0].running = true;
  status.streams[0].items_this_run = 700;
  on_pause = {[&] {
                engine.outcomes.at(0)(connect_outcome{integration_id{77}, false});
              },
              [&] {
                status.streams[0].running = false;
                status.streams[0].verified_at = fake_engine::noon;
              }};
  ASSERT_TRUE(connect(with(), "acme", "hubspot", true));
  const auto text = shown();
  EXPECT_NE(text.find("It syncs now; Ctrl-C leaves it at that.\n"
                      "contacts              700 so far\x1b[K\n"),
            text.npos)
      << text;
}

TEST_F(Watch, EndsAWaitThatAPersonMustEnd) {
  contacts();
  on_pause = {[&] {
    auto& status = engine.statuses[one];
    status.state = "disconnected";
    status.because = "Revoked at HubSpot.";
    status.next_step = "Reconnect.";
  }};
  const auto ended = refresh(with(), one.str(), true);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.failure().line(), "Revoked at HubSpot; Reconnect.");
}

TEST(TakeEvents, LeavesTheBeginOfAnEventAndPassesOverComments) {
  std::string text
      = "retry: 2000\nid: r-1\nevent: snapshot\ndata: {}\n\n: still here\n\nid: r-2\nev";
  std::vector<std::string> names;
  const auto note = [&](const server_event& event) { names.push_back(event.id + event.name); };
  take_events(text, note);
  EXPECT_EQ(names, (std::vector<std::string>{"r-1snapshot"}));
  EXPECT_EQ(text, "id: r-2\nev");
  text += "ent: status\ndata: {\"a\":\"b: c\"}\n\n";
  take_events(text, note);
  EXPECT_EQ(names.back(), "r-2status");
  EXPECT_EQ(text, "");
}
