// Several providers in one engine, each with its own ways.
#include "protocol/notion/simulator.hpp"
#include "protocol/pipedrive/simulator.hpp"
#include "tests/support/world_view.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineProviders : public virtual_world {
protected:
  simulation::pipedrive_simulator& pipedrive() {
    if (!pipedrive_)
      pipedrive_ = &dynamic_cast<simulation::pipedrive_simulator&>(add_provider("pipedrive"));
    return *pipedrive_;
  }
  void expect_same(integration_id id, simulation::simulator& there, size_t account = 0) {
    for (const auto& stream : find_provider(there.provider())->streams)
      expect_same_holdings(engine().data(), id, stream.name, there.holdings(stream.name, account));
  }
  /// Paths of the calls so far that begin so.
  size_t calls_below(std::string_view path) const {
    size_t sum = 0;
    for (const auto& call : net->log())
      sum += call.path.starts_with(path);
    return sum;
  }

private:
  simulation::pipedrive_simulator* pipedrive_ = nullptr;
};

} // namespace

TEST_F(EngineProviders, AreKeptInSyncBesideEachOther) {
  options.records = 600;
  hubspot();
  pipedrive();
  boot();
  const auto contacts = connected("acme", "hubspot");
  const auto persons = connected("acme", "pipedrive");
  EXPECT_EQ(status(persons).account.name, "North Sales");
  advance(10min);
  expect_same(contacts, hubspot());
  expect_same(persons, pipedrive());
  pipedrive().edit("persons", "7", {{"name", "\"Ada\""}}, wall_now());
  pipedrive().create("organizations", {{"name", "\"New\""}}, wall_now());
  pipedrive().remove("deals", "8", wall_now());
  pipedrive().archive("9", true, wall_now());
  hubspot().create("deals", {{"dealname", "new"}}, wall_now());
  advance(5min + 1s);
  EXPECT_EQ((*engine().data().record(persons, "persons", "7"))->version,
            pipedrive().snapshot("persons").at("7").version);
  advance(35min);
  expect_same(contacts, hubspot());
  expect_same(persons, pipedrive());
  EXPECT_EQ(status(persons).state, "connected");
  EXPECT_EQ(pipedrive().quota().violations(), 0u);
}

TEST_F(EngineProviders, AreReachedWhereTheTokenSaysAndSoAfterARestart) {
  pipedrive();
  boot();
  const auto id = connected("acme", "pipedrive");
  advance(10min);
  EXPECT_GT(calls_below("/north-sales/api/v2/"), 0u);
  EXPECT_EQ(calls_below("/api/"), 0u);
  stop();
  net->clear_log();
  boot();
  advance(10min);
  EXPECT_GT(calls_below("/north-sales/api/v2/"), 0u);
  expect_same(id, pipedrive());
}

TEST_F(EngineProviders, FollowARenamedCompanyFromTheNextTokenOn) {
  pipedrive();
  boot();
  const auto id = connected("acme", "pipedrive");
  advance(10min);
  pipedrive().admin("rename", R"({"domain":"north-and-sons"})", wall_now());
  pipedrive().edit("persons", "7", {{"name", "\"Ada\""}}, wall_now());
  advance(75min); // past the life of a token
  EXPECT_GT(calls_below("/north-and-sons/api/v2/"), 0u);
  expect_same(id, pipedrive());
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineProviders, SendNoTokenToAForeignAddress) {
  pipedrive();
  bool lied = false;
  net->intercept = [&](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/oauth/token") == std::string::npos)
      return std::nullopt;
    auto answer = pipedrive().handle(request, wall_now());
    auto body = *answer.body;
    const std::string_view own = "https://pipedrive.test/north-sales";
    if (const auto at = body.find(own); at != std::string::npos) {
      body.replace(at, own.size(), "https://evil.example");
      lied = true;
    }
    return http_answer{http_response{answer.status, body, "application/json"}};
  };
  boot();
  const auto id = add("acme", "pipedrive");
  consent(id);
  advance(10min);
  EXPECT_TRUE(lied);
  for (const auto& call : net->log())
    EXPECT_EQ(call.path.find("evil"), std::string::npos);
  ASSERT_FALSE(outcomes.empty());
  EXPECT_FALSE(outcomes.back()); // nobody answers at the common address
}

TEST_F(EngineProviders, PauseTheStreamsAloneWhoseScopesTheAppLost) {
  pipedrive();
  pipedrive().admin("consent", R"({"without":["deals:full"]})", wall_now());
  boot();
  const auto id = connected("acme", "pipedrive");
  advance(10min);
  const auto seen = status(id);
  EXPECT_EQ(seen.state, "connected");
  for (const auto& stream : seen.streams)
    EXPECT_EQ(stream.verified, stream.name != "deals") << stream.name;
}

TEST_F(EngineProviders, WaitForMidnightWhereTheDailyBudgetIsSpent) {
  pipedrive();
  boot();
  const auto id = connected("acme", "pipedrive");
  advance(10min);
  pipedrive().admin("budget", R"({"remaining":0})", wall_now());
  pipedrive().edit("persons", "7", {{"name", "\"Ada\""}}, wall_now());
  advance(30min);
  EXPECT_EQ(status(id).state, "rate_limited");
  advance(16h); // it was nine in the morning
  EXPECT_EQ(status(id).state, "connected");
  expect_same(id, pipedrive());
}

TEST_F(EngineProviders, SeeASecondEditThatSharesTheTimeOfTheFirst) {
  auto& notion = dynamic_cast<simulation::notion_simulator&>(add_provider("notion"));
  boot();
  const auto id = connected("acme", "notion");
  advance(10min);
  auto& there = notion.workspace_at(0);
  const auto page = notion.holdings("pages", 0).begin()->first;
  const auto first_at = wall_now();
  const auto edit = [&](const std::string& title, milliseconds later) {
    simulation::notion::page_changes made;
    made.title = title;
    there.change(page, made, there.owner_id, first_at + later);
  };
  const auto stored = [&] { return *engine().data().record(id, "pages", page); };
  edit("first", 0ms);
  advance(5min + 1s);
  const auto seen = stored();
  EXPECT_NE(seen->body.find("first"), std::string::npos);
  edit("second", 1s); // within the minute, which is all of a time that Notion shows
  advance(5min + 1s);
  EXPECT_NE(stored()->body.find("second"), std::string::npos);
  EXPECT_EQ(stored()->version, seen->version);
}

TEST_F(EngineProviders, RenewATokenWhoseEndNobodyTold) {
  auto& notion = add_provider("notion");
  boot();
  const auto id = connected("acme", "notion");
  advance(3h); // tokens live one
  EXPECT_EQ(status(id).state, "connected");
  expect_same(id, notion);
  EXPECT_EQ(calls_below("/v1/oauth/token"), 1u + 2u);
}

TEST_F(EngineProviders, TellWhoGivesBackACapability) {
  auto& notion = add_provider("notion");
  boot();
  const auto id = connected("acme", "notion");
  advance(10min);
  notion.admin("restrict", R"({"capability":"read"})", wall_now());
  advance(10min);
  const auto paused = status(id).streams.front();
  EXPECT_NE(paused.paused_because.find("\"Read content\""), std::string::npos);
  notion.admin("restrict", R"({"capability":"read","restricted":false})", wall_now());
  ASSERT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(10min);
  EXPECT_TRUE(status(id).streams.front().verified);
}
