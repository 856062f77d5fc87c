#include "actors/policy/fair_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr steady_time start{1000h};
constexpr auto person = quota_lane::person;

waiting_request request(const std::string& workspace, uint64_t integration, unsigned cost = 1,
                        quota_lane lane = quota_lane::background) {
  return {*workspace_id::parse(workspace),
          integration_id{integration},
          {integration, integration, 0},
          cost,
          lane,
          1};
}

quota_window app(unsigned limit) {
  return {"APP", limit, 1s, counter_scope::app, "*"};
}
quota_window account(unsigned limit, milliseconds span = 1s) {
  return {"ACCOUNT", limit, span, counter_scope::account, "*"};
}

/// A queue before a ledger; remembers who asked.
struct desk {
  explicit desk(std::vector<quota_window> windows, const std::vector<concurrency_cap>& caps = {})
      : ledger(std::move(windows), caps, start, 0) {}

  waiting_id push(const waiting_request& asked, const std::string& name) {
    const auto id = queue.push(asked);
    names[id] = name;
    return id;
  }
  waiting_id push(const std::string& workspace, uint64_t integration, unsigned cost = 1) {
    return push(request(workspace, integration, cost), workspace);
  }
  /// Grants and answers at once, until nothing more may go; yields the names in order.
  std::string pop(steady_time now, size_t most = 1000) {
    std::string order;
    for (auto granted = queue.pop_ready(ledger, now, most); !granted.empty();
         granted = queue.pop_ready(ledger, now, most - order.size()))
      for (const auto& grant : granted) {
        order += names.at(grant.waiting);
        ledger.answered(grant.grant, now);
      }
    return order;
  }

  quota_ledger ledger;
  fair_queue queue;
  std::map<waiting_id, std::string> names;
};

} // namespace

TEST(FairQueue, ServesAnIntegrationInOrder) {
  desk d{{app(100)}};
  for (const auto* name : {"1", "2", "3"})
    d.push(request("w", 1), name);
  EXPECT_EQ(d.pop(start), "123");
  EXPECT_EQ(d.queue.size(), 0u);
}

TEST(FairQueue, TakesTurnsBetweenWorkspacesNotIntegrations) {
  desk d{{app(8)}};
  for (uint64_t integration = 1; integration <= 10; ++integration)
    d.push("a", integration);
  for (int i = 0; i < 4; ++i)
    d.push("b", 99);
  EXPECT_EQ(d.pop(start), "abababab");
}

TEST(FairQueue, TakesTurnsBetweenTheIntegrationsOfAWorkspace) {
  desk d{{app(100)}};
  for (uint64_t integration : {1u, 1u, 1u, 2u, 3u})
    d.push(request("w", integration), std::to_string(integration));
  EXPECT_EQ(d.pop(start), "12311");
}

TEST(FairQueue, SharesByWeight) {
  desk d{{app(12)}};
  for (int i = 0; i < 20; ++i) {
    auto heavy = request("a", 1);
    heavy.weight = 3;
    d.push(heavy, "a");
    d.push("b", 2);
  }
  const auto order = d.pop(start);
  EXPECT_EQ(std::count(order.begin(), order.end(), 'a'), 9);
  EXPECT_EQ(order.size(), 12u);
}

TEST(FairQueue, SharesByCost) {
  desk d{{app(100)}};
  for (int i = 0; i < 100; ++i) {
    d.push("a", 1, 10);
    d.push("b", 2, 1);
  }
  const auto order = d.pop(start);
  const auto dear = std::count(order.begin(), order.end(), 'a');
  EXPECT_NEAR(static_cast<double>(dear), 5, 1);
  EXPECT_NEAR(static_cast<double>(order.size()) - static_cast<double>(dear), 50, 10);
}

TEST(FairQueue, ParksAnIntegrationWhoseAccountIsSpentAndNoOther) {
  desk d{{app(100), account(1)}};
  d.push("a", 1);
  d.push("a", 1);
  d.push("a", 2);
  d.push("b", 3);
  EXPECT_EQ(d.pop(start), "aba");
  EXPECT_EQ(d.queue.next_due(), start + 1s);
  EXPECT_EQ(d.pop(start + 1s - 1ns), "");
  EXPECT_EQ(d.pop(start + 1s), "a");
  EXPECT_EQ(d.queue.next_due(), std::nullopt);
}

TEST(FairQueue, WaitsForTheAppAsAWhole) {
  desk d{{app(2), account(1)}};
  for (const auto* workspace : {"a", "b", "c"})
    d.push(workspace, static_cast<uint64_t>(*workspace));
  EXPECT_EQ(d.pop(start), "ab");
  EXPECT_EQ(d.queue.next_due(), start + 1s);
  EXPECT_EQ(d.pop(start + 1s), "c");
}

TEST(FairQueue, IsReadyAtOnceWhenAGrantsMaxEndedIt) {
  desk d{{app(100)}};
  d.push("a", 1);
  d.push("b", 2);
  EXPECT_EQ(d.pop(start, 1), "a");
  ASSERT_TRUE(d.queue.next_due());
  EXPECT_LE(*d.queue.next_due(), start);
  EXPECT_EQ(d.pop(start, 1), "b");
}

TEST(FairQueue, GoesOnWhenAnAnswerFreesASlot) {
  desk d{{}, {{"FLIGHT", 1, counter_scope::account, "*"}}};
  d.push("a", 1);
  d.push("a", 1);
  const auto first = d.queue.pop_ready(d.ledger, start);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(d.queue.pop_ready(d.ledger, start + 1s).empty());
  EXPECT_EQ(d.queue.next_due(), std::nullopt) << "only an answer helps";
  d.ledger.answered(first[0].grant, start + 1s);
  EXPECT_EQ(d.pop(start + 1s), "a");
}

TEST(FairQueue, GoesOnWhenAnAnswerTellsWhenTheWindowIsFree) {
  desk d{{account(1)}};
  d.push("a", 1);
  d.push("a", 1);
  const auto first = d.queue.pop_ready(d.ledger, start);
  EXPECT_TRUE(d.queue.pop_ready(d.ledger, start).empty());
  EXPECT_EQ(d.queue.next_due(), std::nullopt);
  d.ledger.answered(first[0].grant, start + 2s);
  EXPECT_EQ(d.pop(start + 2s), "");
  EXPECT_EQ(d.queue.next_due(), start + 3s);
  EXPECT_EQ(d.pop(start + 3s), "a");
}

TEST(FairQueue, GoesOnWhenWhatWasNotSentIsTakenBack) {
  desk d{{account(2, 1h)}};
  for (int i = 0; i < 3; ++i)
    d.push("a", 1);
  const auto first = d.queue.pop_ready(d.ledger, start);
  ASSERT_EQ(first.size(), 2u);
  d.ledger.answered(first[0].grant, start);
  EXPECT_EQ(d.pop(start), "");
  EXPECT_EQ(d.queue.next_due(), start + 1h);
  d.ledger.not_sent(first[1].grant, start + 1s);
  EXPECT_EQ(d.pop(start + 1s), "a") << "an hour early";
}

TEST(FairQueue, KeepsTheOthersOfARefusedAccountWaiting) {
  desk d{{account(10)}};
  for (int i = 0; i < 2; ++i) {
    d.push("a", 1);
    d.push("b", 2);
  }
  const auto first = d.queue.pop_ready(d.ledger, start, 1);
  d.ledger.limited(first[0].grant, "ACCOUNT", 30s, start);
  d.ledger.answered(first[0].grant, start);
  EXPECT_EQ(d.pop(start), "bb");
  EXPECT_EQ(d.pop(start + 30s - 1ns), "");
  EXPECT_EQ(d.pop(start + 30s), "a");
}

TEST(FairQueue, LetsADearRequestWaitForItsWholeCost) {
  desk d{{app(10)}};
  d.push("a", 1, 6);
  EXPECT_EQ(d.pop(start), "a");
  d.push("b", 2, 6);
  for (int i = 0; i < 20; ++i)
    d.push("c", 3, 1);
  EXPECT_EQ(d.pop(start + 500ms), "") << "cheap ones would keep it from ever going";
  EXPECT_EQ(d.pop(start + 1s), "bcccc");
}

TEST(FairQueue, PutsAPersonFirst) {
  desk d{{app(100)}};
  for (int i = 0; i < 3; ++i)
    d.push("a", 1);
  d.push(request("z", 9, 1, person), "P");
  EXPECT_EQ(d.pop(start), "Paaa");
}

TEST(FairQueue, KeepsAFifthForTheBackground) {
  desk d{{app(10)}};
  for (int i = 0; i < 20; ++i) {
    d.push("a", 1);
    d.push(request("z", 9, 1, person), "P");
  }
  EXPECT_EQ(d.pop(start), "PPPPaPPPPa");
}

TEST(FairQueue, KeepsAFifthForTheBackgroundWithinAnAccount) {
  desk d{{app(1000), account(1)}};
  for (int i = 0; i < 20; ++i) {
    d.push("a", 1);
    d.push(request("a", 1, 1, person), "P");
  }
  std::string order;
  for (int second = 0; second < 10; ++second) {
    d.push("other", 2); // whose background would take the fifth turn of the class
    const auto granted = d.pop(start + second * 1s);
    for (const char c : granted)
      if (c == 'a' || c == 'P')
        order += c;
  }
  EXPECT_EQ(order, "PPPPaPPPPa");
}

TEST(FairQueue, ForgetsAWithdrawnRequest) {
  desk d{{app(100)}};
  const auto first = d.push(request("a", 1), "1");
  const auto middle = d.push(request("a", 1), "2");
  d.push(request("a", 1), "3");
  const auto last = d.push(request("a", 1), "4");
  EXPECT_TRUE(d.queue.withdraw(middle));
  EXPECT_FALSE(d.queue.withdraw(middle));
  EXPECT_TRUE(d.queue.withdraw(first));
  EXPECT_TRUE(d.queue.withdraw(last));
  EXPECT_EQ(d.queue.size(), 1u);
  EXPECT_EQ(d.pop(start), "3");
  EXPECT_FALSE(d.queue.withdraw(first));
}

TEST(FairQueue, TriesAnewWhenTheHeadItWaitedForIsWithdrawn) {
  desk d{{account(10, 1h)}};
  d.push("a", 1, 5);
  EXPECT_EQ(d.pop(start), "a");
  const auto dear = d.push("a", 1, 6);
  d.push("a", 1, 1);
  EXPECT_EQ(d.pop(start), "");
  d.queue.withdraw(dear);
  EXPECT_EQ(d.pop(start), "a");
}

TEST(FairQueue, TriesAPersonsRequestWhileADearerOneIsParked) {
  desk d{{account(10, 1h)}};
  d.push("a", 1, 5);
  EXPECT_EQ(d.pop(start), "a");
  d.push("a", 1, 6);
  EXPECT_EQ(d.pop(start), "");
  d.push(request("a", 1, 1, person), "P");
  EXPECT_EQ(d.pop(start), "P");
}

TEST(FairQueue, TakesTurnsBetweenEndpointClasses) {
  desk d{{app(6), {"SEARCH", 100, 1s, counter_scope::app, "search"}}};
  for (int i = 0; i < 10; ++i) {
    d.push("a", 1);
    auto search = request("b", 2);
    search.key.endpoint = d.ledger.endpoint("search");
    d.push(search, "s");
  }
  const auto order = d.pop(start);
  EXPECT_EQ(std::count(order.begin(), order.end(), 's'), 3);
  EXPECT_EQ(order.size(), 6u);
}

TEST(FairQueue, GoesOnInAClassWhileAnotherOneIsStopped) {
  desk d{{{"SEARCH", 1, 1h, counter_scope::app, "search"}, {"APP", 9, 1s, counter_scope::app, ""}}};
  for (int i = 0; i < 3; ++i) {
    d.push("a", 1);
    auto search = request("b", 2);
    search.key.endpoint = d.ledger.endpoint("search");
    d.push(search, "s");
  }
  const auto order = d.pop(start);
  EXPECT_EQ(std::count(order.begin(), order.end(), 'a'), 3);
  EXPECT_EQ(std::count(order.begin(), order.end(), 's'), 1);
  EXPECT_EQ(d.queue.next_due(), start + 1h);
}

TEST(FairQueue, ForgetsIntegrationsThatNoLongerWait) {
  desk d{{}};
  for (uint64_t integration = 1; integration <= 10'000; ++integration)
    d.push("w" + std::to_string(integration), integration);
  EXPECT_EQ(d.queue.pop_ready(d.ledger, start).size(), 10'000u);
  EXPECT_LE(d.queue.members(), 1024u);
}

TEST(FairQueue, IsEvenBetweenEquallyLoadedWorkspaces) {
  desk d{{app(500)}};
  std::map<std::string, double> served;
  for (int w = 0; w < 200; ++w)
    for (int i = 0; i < 1 + w % 7; ++i) // not by how many integrations one has
      for (int n = 0; n < 60; ++n)
        d.push("w" + std::to_string(w), static_cast<uint64_t>(w) * 10 + static_cast<uint64_t>(i));
  for (int second = 0; second < 20; ++second)
    for (const auto& grant : d.queue.pop_ready(d.ledger, start + second * 1s)) {
      served[d.names.at(grant.waiting)] += 1;
      d.ledger.answered(grant.grant, start + second * 1s);
    }
  double sum = 0;
  double squares = 0;
  for (const auto& [workspace, count] : served) {
    sum += count;
    squares += count * count;
  }
  EXPECT_EQ(sum, 10'000);
  EXPECT_GE(sum * sum / (200 * squares), 0.98) << "Jain's index";
}

/// The 99th percentile of what 50 light workspaces wait, each with one request at a time, with a
/// neighbour of 20 busy integrations or without.
static std::chrono::nanoseconds light_wait(bool heavy) {
  desk d{{{"APP", 1, 100ms, counter_scope::app, "*"}}};
  std::map<waiting_id, std::pair<uint64_t, steady_time>> light;
  std::vector<std::chrono::nanoseconds> waits;
  const auto ask = [&](uint64_t w, steady_time now) {
    light[d.push("w" + std::to_string(w), w)] = {w, now};
  };
  for (int i = 0; heavy && i < 2'000; ++i)
    d.push("heavy", static_cast<uint64_t>(1000 + i % 20));
  for (uint64_t w = 0; w < 50; ++w)
    ask(w, start);
  for (auto now = start; now < start + 2min; now += 100ms)
    for (const auto& grant : d.queue.pop_ready(d.ledger, now)) {
      d.ledger.answered(grant.grant, now);
      const auto asked = light.extract(grant.waiting);
      if (asked.empty())
        continue;
      waits.push_back(now - asked.mapped().second);
      ask(asked.mapped().first, now);
    }
  std::ranges::sort(waits);
  return waits[waits.size() * 99 / 100];
}

TEST(FairQueue, SparesLightWorkspacesAHeavyNeighbour) {
  const auto alone = light_wait(false);
  EXPECT_GE(alone, 4s); // they wait for each other
  EXPECT_LE(light_wait(true) * 10, alone * 12);
}
