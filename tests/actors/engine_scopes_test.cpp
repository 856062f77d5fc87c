// Scopes: a stream without its permission pauses alone, and Reconnect asks for what is needed.
#include "protocol/oauth/token_endpoint.hpp"
#include "tests/support/world_view.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;

namespace {

constexpr const char* deals_scope = "crm.objects.deals.read";

class EngineScopes : public virtual_world {
protected:
  size_t calls_to(std::string_view path) {
    size_t count = 0;
    for (const auto& call : net->log())
      count += call.path.find(path) != std::string::npos;
    return count;
  }
  stream_status stream(integration_id id, std::string_view name) {
    for (const auto& one : status(id).streams)
      if (one.name == name)
        return one;
    ADD_FAILURE() << "no stream " << name;
    return {};
  }
  size_t open_incidents(integration_id id, std::string_view kind) {
    const auto panel = status(id);
    return static_cast<size_t>(std::ranges::count(panel.incidents, kind, &incident_row::kind));
  }
};

} // namespace

TEST_F(EngineScopes, PauseTheStreamAloneWhenThePersonUnticksOne) {
  hubspot().oauth().choice.without = {deals_scope};
  boot();
  const auto id = connected();
  advance(1h);
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "connected");
  EXPECT_EQ(panel.missing_scopes, (std::vector<std::string>{deals_scope}));
  EXPECT_EQ(std::ranges::count(panel.granted_scopes, deals_scope), 0);
  const auto deals = stream(id, "deals");
  EXPECT_NE(deals.paused_because.find(deals_scope), std::string::npos);
  EXPECT_NE(deals.paused_because.find("administrator"), std::string::npos);
  EXPECT_EQ(deals.next_sync_at, wall_time{});
  EXPECT_EQ(calls_to("/objects/deals"), 0u) << "what was not granted is not asked for";
  EXPECT_EQ(stream(id, "contacts").records, options.records);
  EXPECT_EQ(stream(id, "companies").records, options.records);
  EXPECT_EQ(open_incidents(id, "scope_missing"), 1u);
  const auto why = ask<explanation>([&](auto done) {
    engine().explain(id, "deals", hubspot().snapshot("deals").begin()->first, done);
  });
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, "scope_missing");
  EXPECT_NE(why->sentence.find(deals_scope), std::string::npos);
}

TEST_F(EngineScopes, AreAskedForAsAWholeByReconnectWhichLiftsThePause) {
  hubspot().oauth().choice.without = {deals_scope};
  boot();
  const auto id = connected();
  advance(1min);
  hubspot().oauth().choice.without.clear();
  const auto asked = parse_query(parse_url(begin_consent(id))->query());
  ASSERT_TRUE(asked);
  const auto scopes = oauth::split_scopes(*find_parameter(*asked, "scope"));
  for (const auto* needed :
       {"crm.objects.contacts.read", "crm.objects.companies.read", deals_scope})
    EXPECT_EQ(std::ranges::count(scopes, needed), 1) << needed;
  consent(id);
  advance(1min);
  EXPECT_TRUE(status(id).missing_scopes.empty());
  EXPECT_TRUE(stream(id, "deals").paused_because.empty());
  EXPECT_EQ(open_incidents(id, "scope_missing"), 0u);
  expect_same_records(engine().data(), id, "deals", hubspot().snapshot("deals"));
}

TEST_F(EngineScopes, StayKnownAcrossAStop) {
  hubspot().oauth().choice.without = {deals_scope};
  boot();
  const auto id = connected();
  advance(1min);
  stop();
  boot();
  net->clear_log();
  advance(1h);
  EXPECT_EQ(status(id).missing_scopes, (std::vector<std::string>{deals_scope}));
  EXPECT_EQ(calls_to("/objects/deals"), 0u);
  EXPECT_EQ(open_incidents(id, "scope_missing"), 1u);
}

TEST_F(EngineScopes, ThatARenewalBringsLiftThePause) {
  hubspot().oauth().choice.without = {deals_scope};
  boot();
  const auto id = connected();
  advance(1min);
  ASSERT_EQ(open_incidents(id, "scope_missing"), 1u);
  net->intercept = [this](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/token") == std::string::npos)
      return std::nullopt;
    const auto answer = hubspot().handle(request, wall_now());
    std::string body{*answer.body};
    const std::string listed = R"("scopes":[)";
    const auto at = body.find(listed);
    EXPECT_NE(at, std::string::npos);
    if (at != std::string::npos)
      body.insert(at + listed.size(), R"("crm.objects.deals.read",)");
    return http_answer{http_response{answer.status, body, "application/json"}};
  };
  advance(31min);
  EXPECT_TRUE(status(id).missing_scopes.empty());
  EXPECT_EQ(open_incidents(id, "scope_missing"), 0u);
}

TEST_F(EngineScopes, CloseTheIncidentOnceAnAdministratorHasAllowedIt) {
  boot();
  const auto id = connected();
  hubspot().admin("forbid", R"({"type":"deals"})", wall_now());
  advance(10min);
  ASSERT_EQ(open_incidents(id, "scope_missing"), 1u);
  hubspot().admin("forbid", R"({"type":"deals","forbidden":false})", wall_now());
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(1min);
  EXPECT_TRUE(stream(id, "deals").verified);
  EXPECT_EQ(open_incidents(id, "scope_missing"), 0u);
}
