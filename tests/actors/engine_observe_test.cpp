// What a host hears of, so that it need not look at everything all the time.
#include "tests/support/virtual_world.hpp"

#include <set>

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineObserve : public virtual_world {
protected:
  void observe() {
    engine().observe([this](integration_id id) { heard.insert(id); });
  }
  std::set<integration_id> heard;
};

} // namespace

TEST_F(EngineObserve, HearsOfAnIntegrationThatChangesAndOfNoOther) {
  boot();
  const auto one = add("one");
  const auto two = add("two");
  observe();
  consent(one);
  EXPECT_EQ(heard, std::set{one});
  heard.clear();
  ASSERT_TRUE(ask<void>([&](auto done) { engine().set_mode(two, "hourly", done); }));
  EXPECT_EQ(heard, std::set{two});
}

TEST_F(EngineObserve, HearsOfNothingWhereNothingHappens) {
  boot();
  add("one");
  add("two");
  advance(10min); // that they have started well is news, once
  observe();
  advance(6h);
  EXPECT_TRUE(heard.empty());
}

TEST_F(EngineObserve, HearsOfAnIncidentOnceItIsInTheStore) {
  boot();
  const auto id = connected();
  advance(1min);
  size_t seen = 0;
  engine().observe([&](integration_id) {
    if (const auto rows = engine().data().incidents(id))
      seen = rows->size();
  });
  hubspot().admin("revoke", "{}", wall_now());
  advance(10min);
  EXPECT_EQ(status(id).state, "disconnected");
  EXPECT_GT(seen, 0u);
}

TEST_F(EngineObserve, HearsNothingMoreOnceItIsNotWanted) {
  boot();
  const auto id = add();
  observe();
  engine().observe(nullptr);
  consent(id);
  EXPECT_TRUE(heard.empty());
}
