// What the whole engine spends, counted at the simulator's door.
#include "tests/support/virtual_world.hpp"

#include <algorithm>

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
