// Who goes next: the shares of workspaces, classes and lanes.
#include "tests/support/fair_queue_desk.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace nexte;
using namespace nexte::test;

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

TEST(FairQueue, SharesBetweenWorkspacesWhateverClassTheyAskIn) {
  desk d{{{"APP", 10, 1s, counter_scope::app, "*"}, {"S", 99, 1s, counter_scope::account, "s"}}};
  const auto push = [&](const std::string& workspace, uint16_t endpoint, int count) {
    auto asked = request(workspace, static_cast<uint64_t>(workspace[0]), 1);
    asked.key.endpoint = endpoint;
    for (int i = 0; i < count; ++i)
      d.push(asked, workspace);
  };
  for (const auto* workspace : {"a", "b", "c", "e"})
    push(workspace, 0, 20);
  push("s", 1, 20);
  std::map<char, int> served;
  for (int second = 0; second < 5; ++second)
    for (const char who : d.pop(start + second * 1s))
      ++served[who];
  for (const auto& [who, count] : served)
    EXPECT_EQ(count, 10) << who;
  push("f", 0, 20); // comes late, and gets no more than the others for it
  served.clear();
  for (int second = 5; second < 11; ++second)
    for (const char who : d.pop(start + second * 1s))
      ++served[who];
  for (const auto& [who, count] : served)
    EXPECT_NEAR(count, 10, 2) << who;
}

TEST(FairQueue, GivesAClassThatComesLateNoMoreThanItsShare) {
  desk d{{app(10), {"S", 99, 1s, counter_scope::account, "s"}}};
  for (int i = 0; i < 60; ++i)
    d.push("a", 1);
  for (int second = 0; second < 5; ++second)
    EXPECT_EQ(d.pop(start + second * 1s), "aaaaaaaaaa");
  auto searched = request("s", 2);
  searched.key.endpoint = 1;
  for (int i = 0; i < 10; ++i)
    d.push(searched, "s");
  const auto order = d.pop(start + 5s);
  EXPECT_EQ(std::ranges::count(order, 's'), 5) << order;
}

TEST(FairQueue, PutsAPersonFirstWhateverTheClass) {
  desk d{{app(4), {"S", 99, 1s, counter_scope::account, "s"}}};
  for (int i = 0; i < 4; ++i)
    d.push("a", 1);
  auto searched = request("p", 2, 1, person);
  searched.key.endpoint = 1;
  d.push(searched, "p");
  d.push(searched, "p");
  EXPECT_EQ(d.pop(start), "ppaa");
}

TEST(FairQueue, HurriesARequestIntoThePersonLane) {
  desk d{{app(1)}};
  d.push("a", 1);
  d.push("b", 2);
  const auto late = d.push("c", 3);
  EXPECT_TRUE(d.queue.hurry(late));
  EXPECT_FALSE(d.queue.hurry(late)) << "it is there already";
  EXPECT_EQ(d.pop(start), "c");
  EXPECT_EQ(d.pop(start + 1s), "a");
  EXPECT_EQ(d.pop(start + 2s), "b");
  EXPECT_FALSE(d.queue.hurry(late));
}

TEST(FairQueue, HurriesPastADearRequestOfTheSameAccount) {
  desk d{{account(4)}};
  d.push("a", 1, 2);
  EXPECT_EQ(d.pop(start), "a");
  d.push(request("a", 1, 3), "dear");
  const auto cheap = d.push("a", 1, 1);
  EXPECT_EQ(d.pop(start), "");
  EXPECT_TRUE(d.queue.hurry(cheap));
  EXPECT_EQ(d.pop(start), "a");
  EXPECT_EQ(d.pop(start + 1s), "dear");
}

TEST(FairQueue, TriesAPersonsRequestOnceTheDearOneItLentItsTurnToHurries) {
  desk d{{account(6)}};
  for (int i = 0; i < 4; ++i)
    d.push(request("a", 1, 1, person), "p");
  EXPECT_EQ(d.pop(start), "pppp");
  const auto dear = d.push(request("a", 1, 3), "dear");
  d.push(request("a", 1, 1, person), "p");
  EXPECT_EQ(d.pop(start), "") << "a fifth is of the background, and too dear just now";
  EXPECT_TRUE(d.queue.hurry(dear));
  EXPECT_EQ(d.pop(start), "p");
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
