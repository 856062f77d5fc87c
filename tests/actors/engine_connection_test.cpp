// The four states as a person sees them: since when, why, what next; and the last 20 transitions.
#include "tests/support/virtual_world.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineConnection : public virtual_world {
protected:
  EngineConnection() {
    options.records = 25;
  }
  /// From now on the API, not the token endpoint, answers this.
  void answer_with(http_answer instead) {
    net->intercept = [instead](const http_request& request) -> std::optional<http_answer> {
      if (request.url.find("/objects/") == std::string::npos)
        return std::nullopt;
      return instead;
    };
  }
  /// What every state owes, whichever it is.
  void expect_state(integration_id id, std::string_view state, std::string_view badge,
                    wall_time since, std::string_view code) {
    const auto panel = status(id);
    EXPECT_EQ(panel.state, state);
    EXPECT_EQ(panel.badge, badge);
    EXPECT_EQ(panel.since, since) << state;
    EXPECT_EQ(panel.code, code);
    EXPECT_FALSE(panel.because.empty()) << state;
    EXPECT_FALSE(panel.next_step.empty()) << state;
    ASSERT_FALSE(panel.history.empty());
    EXPECT_EQ(panel.history.back().state, state);
    EXPECT_EQ(panel.history.back().at, since);
  }
  void refuse_consent(integration_id id) {
    const auto asked = parse_query(parse_url(begin_consent(id))->query());
    EXPECT_TRUE(listeners->hit(
        with_query(*find_parameter(*asked, "redirect_uri"),
                   {{"error", "access_denied"}, {"state", *find_parameter(*asked, "state")}})));
    settle();
  }
};

bool same(const transition_entry& a, const transition_entry& b) {
  return a.at == b.at && a.state == b.state && a.code == b.code && a.because == b.because;
}

} // namespace

TEST_F(EngineConnection, SaysInEveryStateSinceWhenWhyAndWhatNext) {
  boot();
  auto since = wall_now();
  const auto id = add();
  advance(1s);
  expect_state(id, "disconnected", "red", since, "not_connected");
  EXPECT_FALSE(status(id).next_step_at) << "a person must act";

  since = wall_now();
  begin_consent(id);
  advance(1s);
  expect_state(id, "reconnecting", "amber", since, "consent_open");

  since = wall_now();
  consent(id);
  advance(20min);
  expect_state(id, "connected", "green", since, "connected");
  EXPECT_GT(status(id).next_step_at, wall_now());

  answer_with({http_response{429, R"({"errorType":"RATE_LIMIT"})", "application/json"}});
  since = *status(id).next_step_at;
  advance(6min);
  expect_state(id, "rate_limited", "amber", since, "rate_limited");
  EXPECT_GT(status(id).next_step_at, wall_now());
  EXPECT_LE(status(id).next_step_at, wall_now() + 32s) << "a wait with a known end";

  answer_with({error{ec::transport, "no route to host"}, false});
  advance(3min);
  EXPECT_EQ(status(id).state, "reconnecting");
  EXPECT_EQ(status(id).code, "network");
  EXPECT_FALSE(status(id).next_step.empty());
  EXPECT_GT(status(id).next_step_at, wall_now());

  net->intercept = {};
  advance(1min);
  EXPECT_EQ(status(id).state, "connected");
  EXPECT_EQ(status(id).code, "recovered");

  since = wall_now();
  hubspot().admin("revoke", "{}", wall_now());
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(1s);
  expect_state(id, "disconnected", "red", since, "invalid_grant");
  EXPECT_FALSE(status(id).next_step_at);
  EXPECT_NE(status(id).next_step.find("econnect"), std::string::npos) << "says what, and to whom";
}

TEST_F(EngineConnection, KeepsTheLastTwentyTransitionsAcrossAStop) {
  boot();
  const auto id = add();
  for (int i = 0; i < 9; ++i) {
    advance(1s);
    refuse_consent(id);
  }
  begin_consent(id);
  auto history = status(id).history;
  ASSERT_EQ(history.size(), 20u);
  EXPECT_EQ(history.front().code, "not_connected");
  advance(5min); // … given up: the 21st
  const auto latest = status(id).history;
  ASSERT_EQ(latest.size(), 20u);
  EXPECT_TRUE(std::ranges::equal(history.begin() + 1, history.end(), latest.begin(),
                                 latest.end() - 1, same));
  EXPECT_EQ(latest.back().code, "callback_missing");
  stop();
  boot();
  EXPECT_TRUE(std::ranges::equal(status(id).history, latest, same));
}

TEST_F(EngineConnection, KeepsOneTransitionForManyRefusalsOfOneKind) {
  boot();
  const auto id = connected();
  advance(20min);
  const auto before = status(id).history.size();
  answer_with({http_response{429, R"({"errorType":"RATE_LIMIT"})", "application/json"}});
  advance(1h);
  EXPECT_EQ(status(id).history.size(), before + 1);
}
