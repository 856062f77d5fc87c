// What the whole engine spends, counted at the simulator's door.
#include "tests/support/virtual_world.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <stdexcept>

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineQuota : public virtual_world {
protected:
  /// One window that HubSpot's header fields say nothing about.
  EngineQuota() {
    configure = [](engine_options& settings) {
      settings.providers[0].quota = {{"HOUR", 8, 1h, counter_scope::account, "*"}};
    };
  }
  size_t crm_calls() {
    return static_cast<size_t>(std::ranges::count_if(
        net->log(), [](const auto& call) { return call.path.find("/crm/") != std::string::npos; }));
  }
};

} // namespace

TEST_F(EngineQuota, SpendsTheWholeOfAWindowWhereNobodyCalledBefore) {
  boot();
  connected();
  advance(1min);
  EXPECT_EQ(crm_calls(), 8u);
}

TEST_F(EngineQuota, TakesHalfOfAWindowAsSpentByAFormerProcess) {
  boot();
  connected();
  advance(1min);
  stop();
  const auto before = crm_calls();
  boot();
  advance(59min); // past a poll, before the first hour of this process is over
  EXPECT_EQ(crm_calls() - before, 4u);
}

TEST_F(EngineQuota, SendsNothingOnceTheLimiterIsGone) {
  boot();
  const auto id = connected();
  caf::anon_send_exit(engine().limiter("hubspot"), caf::exit_reason::kill);
  settle();
  const auto before = crm_calls();
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(3h);
  EXPECT_EQ(crm_calls(), before);
}

TEST_F(EngineQuota, CountsWhatADeadConnectorHasInFlightUntilItsAnswer) {
  configure = [](engine_options& settings) {
    settings.providers[0].quota = {{"W", 3, 10s, counter_scope::account, "*", quota_unit::request}};
  };
  boot();
  const auto id = connected();
  advance(10min);
  stop();
  boot(); // so that the dead one's calls have the first numbers, as its successor's
  advance(11s);
  net->clear_log();
  net->hold = true;
  int calls = 0;
  net->intercept = [&](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/crm/") != std::string::npos && ++calls == 3)
      throw std::runtime_error{"a planted defect"};
    return std::nullopt;
  };
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  EXPECT_EQ(crm_calls(), 2u);
  advance(5s);
  EXPECT_EQ(status(id).restarts, 1u);
  EXPECT_EQ(crm_calls(), 3u) << "what was never sent is free at once";
  net->hold = false;
  net->release(); // nobody is there to hear the first two but the limiter
  advance(10s - 1ms);
  EXPECT_EQ(crm_calls(), 3u);
  advance(1ms);
  EXPECT_EQ(crm_calls(), 6u);
  for (const auto& line : log)
    EXPECT_EQ(line.find("twice"), std::string::npos) << line;
}

TEST_F(EngineQuota, LearnsALowerLimitFromTheFirstAnswers) {
  configure = [](engine_options&) {};
  options.quota_scale = 0.2; // 22 in ten seconds where our table says 110
  options.records = 2000;
  boot();
  const auto id = connected();
  advance(5min);
  EXPECT_EQ(status(id).records, 3 * options.records);
  const auto burst = hubspot().quota().report("TEN_SECONDLY_ROLLING");
  EXPECT_EQ(burst.violations, 0u);
  EXPECT_GT(burst.peak, 11u) << "and uses it";
}

TEST_F(EngineQuota, RefusesATableThatHoldsEverythingOrHasTwoOfOneName) {
  provider_settings settings;
  settings.name = "hubspot";
  settings.client_id = "id";
  const auto refusal_of = [&settings](std::vector<quota_window> windows) {
    settings.quota = std::move(windows);
    const auto made = make_provider_context(settings, find_provider(settings.name));
    return made ? std::string{} : made.failure().line();
  };
  const auto window = [](std::string name, unsigned limit, milliseconds span) {
    return quota_window{std::move(name), limit, span, counter_scope::account, "*"};
  };
  const auto says = [&](std::vector<quota_window> windows, std::string_view what) {
    return refusal_of(std::move(windows)).find(what) != std::string::npos;
  };
  EXPECT_EQ(refusal_of({window("A", 1, 1s), window("B", 1, 1s)}), "");
  EXPECT_TRUE(says({window("A", 0, 1s)}, "\"A\" lets nothing through"));
  EXPECT_TRUE(says({window("A", 1, 0s)}, "\"A\" lets nothing through"));
  EXPECT_TRUE(says({window("A", 1, 1s), window("A", 2, 2s)}, "no name of its own"));
  EXPECT_TRUE(says({window("", 1, 1s)}, "no name of its own"));
}
