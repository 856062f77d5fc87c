#include "protocol/simulation/catalog.hpp"

#include "protocol/provider.hpp"
#include "protocol/simulation/fault_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace nexte;
using namespace nexte::simulation;

TEST(Catalog, MakesAllOrThoseNamed) {
  const auto all = make_simulators({}, {.records = 0});
  ASSERT_TRUE(all);
  EXPECT_FALSE(all->empty());
  for (const auto* provider : providers()) // each has its simulator
    EXPECT_EQ(std::ranges::count(*all, provider->name, &simulator::provider), 1);
  const auto one = make_simulators({"hubspot"}, {.records = 0});
  ASSERT_TRUE(one);
  EXPECT_EQ(one->at(0)->provider(), "hubspot");
  const auto unknown = make_simulators({"hubspot", "pigeonpost"}, {});
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.failure().line().find("pigeonpost"), std::string::npos);
  EXPECT_NE(unknown.failure().hint.find("hubspot"), std::string::npos);
  EXPECT_FALSE(make_simulators({"hubspot", "hubspot"}, {}));
}

TEST(Catalog, LetsOnlyObservedProvidersTakePartInWholeSimulations) {
  const auto all = make_simulators({}, {.records = 0});
  ASSERT_TRUE(all);
  size_t taking_part = 0;
  for (const auto& one : *all)
    if (takes_part(one->provider())) {
      ++taking_part;
      EXPECT_NE(one->observed(), nullptr) << one->provider();
    }
  EXPECT_GT(taking_part, 0u);
  EXPECT_FALSE(takes_part("pigeonpost"));
}

TEST(Catalog, ArmsAFaultPlanWholeOrNotAtAll) {
  const auto made = make_simulators({"hubspot"}, {.records = 0});
  auto& faults = made->at(0)->faults();
  EXPECT_TRUE(arm_faults(R"([ // two of them
    {"provider":"hubspot","status":503}, {"kind":"drop","count":3}])",
                         *made, {}));
  EXPECT_EQ(faults.armed(), 2u);
  for (const auto* plan :
       {"{}", "[", R"([{"status":503},{"statsu":503}])", R"([{"provider":"pigeonpost"}])"})
    EXPECT_FALSE(arm_faults(plan, *made, {})) << plan;
  EXPECT_EQ(faults.armed(), 2u);
}
