#include "tests/support/fair_queue_desk.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace nexte;
using namespace nexte::test;

TEST(FairQueue, ServesAnIntegrationInOrder) {
  desk d{{app(100)}};
  for (const auto* name : {"1", "2", "3"})
    d.push(request("w", 1), name);
  EXPECT_EQ(d.pop(start), "123");
  EXPECT_EQ(d.queue.size(), 0u);
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

TEST(FairQueue, CountsWhatItsOwnAccountHolds) {
  desk d{{account(1, 1min)}};
  d.push("a", 1);
  const auto second = d.push("a", 1);
  d.push("a", 1);
  EXPECT_EQ(d.queue.held(), 0u);
  EXPECT_EQ(d.pop(start), "a");
  EXPECT_EQ(d.queue.held(), 2u);
  d.push("b", 2);
  d.push("a", 1);
  EXPECT_EQ(d.queue.held(), 3u);
  EXPECT_EQ(d.queue.size(), 4u);
  EXPECT_TRUE(d.queue.withdraw(second));
  EXPECT_EQ(d.pop(start), "b");
  EXPECT_EQ(d.queue.held(), 2u);
  EXPECT_EQ(d.pop(start + 1min), "a");
  EXPECT_EQ(d.pop(start + 2min), "a");
  EXPECT_EQ(d.queue.held(), 0u);
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
