// Connect, Reconnect and Disconnect: how a sign-in ends, and what it may not touch.
#include "tests/support/world_view.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineConsent : public virtual_world {
protected:
  /// Where the consent screen of `authorization_url` sends the browser, with `answer` added.
  static std::string callback(const std::string& authorization_url, query_parameters answer) {
    const auto asked = parse_query(parse_url(authorization_url)->query());
    answer.emplace_back("state", *find_parameter(*asked, "state"));
    return with_query(*find_parameter(*asked, "redirect_uri"), answer);
  }
  void refuse(const std::string& authorization_url) {
    EXPECT_TRUE(listeners->hit(callback(authorization_url, {{"error", "access_denied"}})));
    settle();
  }
  result<void> disconnect(integration_id id) {
    return ask<void>([&](auto done) { engine().disconnect(id, done); });
  }
  bool logged(std::string_view part) {
    for (const auto& line : log)
      if (line.find(part) != std::string::npos)
        return true;
    return false;
  }
};

} // namespace

TEST_F(EngineConsent, StaysConnectedWhenAnotherConsentIsRefused) {
  boot();
  const auto id = connected();
  advance(1min);
  const auto before = status(id);
  const auto url = begin_consent(id);
  EXPECT_EQ(status(id).code, before.code) << "the old sign-in goes on meanwhile";
  refuse(url);
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "connected");
  EXPECT_EQ(panel.code, before.code);
  EXPECT_EQ(panel.because, before.because);
  ASSERT_TRUE(panel.last_error);
  EXPECT_EQ(panel.last_error->code, "access_denied");
  net->clear_log();
  advance(10min);
  EXPECT_FALSE(net->log().empty());
}

TEST_F(EngineConsent, TakesNoAnswerWithAnotherStateForItsOwn) {
  boot();
  const auto id = add();
  const auto url = begin_consent(id);
  const auto asked = parse_query(parse_url(url)->query());
  const auto strange = with_query(*find_parameter(*asked, "redirect_uri"),
                                  {{"error", "access_denied"}, {"state", "another"}});
  EXPECT_FALSE(listeners->hit(strange));
  settle();
  EXPECT_EQ(status(id).state, "reconnecting");
  EXPECT_TRUE(outcomes.empty());
  EXPECT_TRUE(follow_consent(*net, *listeners, url));
  settle();
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineConsent, IsInterruptedByAStopThoughRefusedTokensLieInTheVault) {
  boot();
  const auto id = connected();
  advance(1min);
  hubspot().admin("revoke", "{}", wall_now());
  advance(35min);
  ASSERT_EQ(status(id).state, "disconnected");
  begin_consent(id);
  ASSERT_EQ(status(id).state, "reconnecting");
  stop();
  net->clear_log();
  boot();
  advance(10min);
  EXPECT_EQ(status(id).state, "disconnected");
  EXPECT_EQ(status(id).code, "consent_interrupted");
  EXPECT_TRUE(net->log().empty()) << "tokens that were refused are not tried again";
}

TEST_F(EngineConsent, ReturnsToTheIntegrationThatHasTheAccountAlready) {
  boot();
  const auto first = connected();
  const auto login = hubspot().oauth().accounts()[0].login;
  const auto second = add();
  ASSERT_NE(second, first);
  consent(second, login);
  ASSERT_EQ(outcomes.size(), 2u);
  ASSERT_TRUE(outcomes[1]);
  EXPECT_EQ(outcomes[1]->id, first);
  EXPECT_TRUE(outcomes[1]->other_account);
  EXPECT_EQ(status(first).state, "connected");
  EXPECT_EQ(status(second).state, "disconnected");
  EXPECT_EQ(status(second).code, "other_account");
  EXPECT_NE(status(second).because.find("another account"), std::string::npos);
}

TEST_F(EngineConsent, KeepsTheSameAccountApartInTwoWorkspaces) {
  boot();
  const auto here = connected("acme");
  const auto there = connected("globex");
  advance(1min);
  EXPECT_NE(here, there);
  EXPECT_EQ(status(here).account.id, status(there).account.id);
  EXPECT_EQ(status(here).records, 3 * options.records);
  EXPECT_EQ(status(there).records, 3 * options.records);
  EXPECT_TRUE(disconnect(here));
  advance(1min);
  EXPECT_EQ(status(there).state, "connected");
}

TEST_F(EngineConsent, StopsAtOnceInTheMiddleOfASync) {
  options.records = 2000;
  boot();
  const auto id = add();
  consent(id);
  net->hold = true;
  advance(1ms);
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  ASSERT_GT(net->held(), 0u);
  const auto records = status(id).records;
  EXPECT_TRUE(disconnect(id));
  net->clear_log();
  net->hold = false;
  net->release();
  advance(1h);
  EXPECT_TRUE(net->log().empty());
  EXPECT_EQ(status(id).records, records) << "what was fetched stays, what was on its way does not";
  for (const auto& stream : status(id).streams)
    EXPECT_FALSE(stream.running) << stream.name;
}

TEST_F(EngineConsent, DisconnectsThoughTheProviderCannotRevoke) {
  boot();
  const auto id = connected();
  advance(1min);
  net->intercept = [](const http_request&) -> std::optional<http_answer> {
    return http_answer{http_response{503, "busy", "text/plain"}};
  };
  EXPECT_TRUE(disconnect(id));
  EXPECT_EQ(status(id).state, "disconnected");
  EXPECT_EQ(status(id).code, "disconnected_by_person");
  EXPECT_FALSE(*engine().data().tokens(id));
  EXPECT_TRUE(logged("503 to the revocation"));
  EXPECT_TRUE(status(id).incidents.empty());
}

TEST_F(EngineConsent, IsVoidWhenAPersonDisconnectsMeanwhile) {
  boot();
  const auto id = connected();
  const auto url = begin_consent(id);
  EXPECT_TRUE(disconnect(id));
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_FALSE(outcomes[1]);
  EXPECT_FALSE(follow_consent(*net, *listeners, url));
  settle();
  EXPECT_EQ(status(id).state, "disconnected");
  EXPECT_EQ(status(id).code, "disconnected_by_person");
  EXPECT_FALSE(*engine().data().tokens(id));
}

TEST_F(EngineConsent, TellsThatNoPortCanBeOpened) {
  boot();
  const auto id = add();
  listeners->refuse = true;
  const auto url = ask<std::string>([&](auto done) { engine().connect(id, done, {}); });
  ASSERT_FALSE(url);
  EXPECT_FALSE(url.failure().line().empty());
  EXPECT_EQ(status(id).state, "disconnected");
  EXPECT_EQ(status(id).code, "callback_refused");
}

TEST_F(EngineConsent, HearsTheCallbackThroughAServersOwnAddress) {
  options.redirect_uris = {"https://host.test/oauth"};
  configure = [](engine_options& settings) {
    settings.providers[0].redirect = "https://host.test/oauth";
  };
  boot();
  const auto id = add();
  const auto url = begin_consent(id);
  const auto lost = ask<connect_outcome>(
      [&](auto done) { engine().deliver_callback("code=c&state=of-nobody", done); });
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.failure().code, ec::not_found);
  std::string location;
  net->call(http_request{"GET", url}, [&](http_answer answer) {
    ASSERT_TRUE(answer.response);
    location = std::string{answer.response->headers.get("Location")};
  });
  const auto heard = ask<connect_outcome>(
      [&](auto done) { engine().deliver_callback(location.substr(location.find('?') + 1), done); });
  ASSERT_TRUE(heard) << heard.failure().line();
  EXPECT_EQ(heard->id, id);
  EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineConsent, TellsABrowserThatInsistsOnHttps) {
  boot();
  const auto id = add();
  begin_consent(id);
  listeners->spoke_tls = true;
  advance(5min - 1ms);
  EXPECT_EQ(status(id).state, "reconnecting") << "it may still try in the clear";
  advance(1ms);
  EXPECT_EQ(status(id).state, "disconnected");
  EXPECT_EQ(status(id).code, "callback_tls");
  EXPECT_NE(status(id).because.find("https-only mode"), std::string::npos);
}

TEST_F(EngineConsent, TellsThatTheBrowserCameBackButTheCodeWasNotExchanged) {
  boot();
  const auto id = add();
  const auto url = begin_consent(id);
  std::string location;
  net->call(http_request{"GET", url}, [&](http_answer answer) {
    location = std::string{answer.response->headers.get("Location")};
  });
  net->hold = true; // the token endpoint never answers
  EXPECT_TRUE(listeners->hit(location));
  advance(5min - 1ms);
  EXPECT_EQ(status(id).state, "reconnecting");
  advance(1ms);
  EXPECT_EQ(status(id).state, "disconnected");
  EXPECT_EQ(status(id).code, "exchange_timeout");
}

TEST_F(EngineConsent, IsVoidAtWhateverMomentAPersonDisconnects) {
  for (int steps = 0; steps < 80; ++steps) {
    boot();
    const auto id = add("after " + std::to_string(steps));
    const auto url = begin_consent(id);
    EXPECT_TRUE(follow_consent(*net, *listeners, url));
    auto& sched = dynamic_cast<caf::scheduler::test_coordinator&>(engine().system().scheduler());
    for (int step = 0; step < steps && sched.has_job(); ++step)
      sched.run_once();
    EXPECT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
    advance(1min);
    EXPECT_EQ(status(id).state, "disconnected") << steps;
    const auto kept = engine().data().tokens(id);
    EXPECT_TRUE(kept && !*kept) << steps;
    stop();
  }
}
