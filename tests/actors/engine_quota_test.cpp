// What the whole engine spends, counted at the simulator's door.
#include "tests/support/virtual_world.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

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
  /// The connector dies of its call number `which`; to the first one `answer` comes.
  void throw_at_call(int which, std::optional<http_response> answer = std::nullopt) {
    net->intercept = [which, answer, calls = 0](
                         const http_request& request) mutable -> std::optional<http_answer> {
      if (request.url.find("/crm/") == std::string::npos)
        return std::nullopt;
      if (++calls == which)
        throw std::runtime_error{"a planted defect"};
      if (calls == 1 && answer)
        return http_answer{*answer, true};
      return std::nullopt;
    };
  }
  static http_response out_of_service(const std::string& retry_after) {
    http_response answer{503, ""};
    answer.headers.set("Retry-After", retry_after);
    return answer;
  }
  /// Calls of the ordinary counter.
  size_t lists() {
    return crm_calls()
           - static_cast<size_t>(std::ranges::count_if(
               net->log(), [](const auto& call) { return call.path.ends_with("/search"); }));
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

TEST_F(EngineQuota, FreesInTimeWhatADeadConnectorDidNotLiveToRead) {
  configure = [](engine_options& settings) {
    settings.providers[0].quota = {{"W", 3, 10s, counter_scope::account, "*", quota_unit::request}};
  };
  boot();
  const auto id = connected();
  advance(10min);
  net->clear_log();
  throw_at_call(3); // with the answers to the first two in its mailbox
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(10s - 1ms);
  EXPECT_EQ(status(id).restarts, 1u);
  EXPECT_EQ(crm_calls(), 3u);
  advance(1ms);
  EXPECT_EQ(crm_calls(), 5u);
}

TEST_F(EngineQuota, WaitsOutAnOutageOfWhichADeadConnectorDidNotLiveToRead) {
  configure = [](engine_options&) {};
  boot();
  const auto id = connected();
  advance(10min);
  net->clear_log();
  throw_at_call(3, out_of_service("90"));
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  EXPECT_EQ(lists(), 2u);
  advance(90s - 1ms);
  EXPECT_EQ(status(id).restarts, 1u);
  EXPECT_EQ(lists(), 2u) << "nor does a new start look before";
  advance(1ms);
  EXPECT_GT(lists(), 2u);
}

TEST_F(EngineQuota, WaitsOutAnOutageThroughARestart) {
  configure = [](engine_options&) {};
  options.records = 10; // a page
  boot();
  const auto id = connected();
  advance(10min);
  int lists = 0;
  bool dead = false;
  net->intercept = [&](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/objects/contacts?") != std::string::npos && ++lists == 1)
      return http_answer{out_of_service("1000"), true};
    if (lists == 1 && request.url.find("/search") != std::string::npos
        && !std::exchange(dead, true))
      throw std::runtime_error{"a planted defect"};
    return std::nullopt;
  };
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(1000s - 1ms);
  EXPECT_EQ(status(id).restarts, 1u);
  EXPECT_EQ(lists, 1);
  advance(1ms);
  EXPECT_EQ(lists, 2);
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
