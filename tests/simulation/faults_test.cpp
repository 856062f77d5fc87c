#include "actors/program/simulate/faults.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::program;

namespace {

fault_mix mix_of(std::string_view text) {
  auto read = fault_mix::parse(text);
  EXPECT_TRUE(read) << read.failure().line();
  return *read;
}

/// When `site` struck in 2,000 opportunities.
std::vector<int> strikes_of(fault_site site, uint64_t seed, const fault_mix& mix) {
  fault_draw drawn{seed, mix};
  std::vector<int> at;
  for (int i = 0; i < 2000; ++i)
    if (drawn.strikes(site))
      at.push_back(i);
  return at;
}

} // namespace

TEST(FaultMix, ReadsAndWritesNames) {
  EXPECT_EQ(mix_of("none").text(), "none");
  EXPECT_EQ(mix_of("mixed").text(), "mixed");
  EXPECT_EQ(mix_of("killed,slow").text(), "slow,killed");
  EXPECT_TRUE(mix_of("killed").has(fault_site::killed));
  EXPECT_FALSE(mix_of("killed").has(fault_site::slow));
}

TEST(FaultMix, NamesTheKnownFaultsForAnUnknownOne) {
  const auto read = fault_mix::parse("slow,earthquake");
  ASSERT_FALSE(read);
  EXPECT_NE(read.failure().line().find("\"earthquake\""), std::string::npos);
  EXPECT_NE(read.failure().line().find("disk_full"), std::string::npos);
}

TEST(FaultDraw, StrikesOnlyWhatIsArmed) {
  EXPECT_FALSE(strikes_of(fault_site::slow, 1, mix_of("slow")).empty());
  EXPECT_TRUE(strikes_of(fault_site::slow, 1, mix_of("killed")).empty());
  EXPECT_TRUE(strikes_of(fault_site::slow, 1, mix_of("none")).empty());
}

TEST(FaultDraw, StrikesAtTheSameTimesWhateverElseIsArmed) {
  // What a shrinker rests on: a fault that is left out does not move the others.
  const auto alone = strikes_of(fault_site::slow, 5, mix_of("slow"));
  EXPECT_EQ(alone, strikes_of(fault_site::slow, 5, mix_of("slow,killed,refused")));
  EXPECT_NE(alone, strikes_of(fault_site::slow, 6, mix_of("slow")));
}

TEST(FaultDraw, ArmsAThirdOfAMixAndWhatIsPinnedOfIt) {
  const auto mixed = mix_of("mixed");
  size_t armed = 0;
  constexpr uint64_t seeds = 300;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    const fault_draw drawn{seed, mixed};
    const auto pinned = mixed.pinned(seed);
    for (size_t at = 0; at < fault_site_count; ++at) {
      const auto site = static_cast<fault_site>(at);
      armed += drawn.armed(site);
      EXPECT_EQ(pinned.has(site), drawn.armed(site));
      EXPECT_EQ((fault_draw{seed, pinned}.armed(site)), drawn.armed(site));
    }
  }
  const auto share = static_cast<double>(armed) / (seeds * fault_site_count);
  EXPECT_NEAR(share, 1.0 / 3, 0.03);
}

TEST(FaultDraw, StrikesNoMoreOnceDisarmed) {
  fault_draw drawn{1, mix_of("slow")};
  drawn.disarm();
  for (int i = 0; i < 2000; ++i)
    EXPECT_FALSE(drawn.strikes(fault_site::slow));
  EXPECT_EQ(drawn.struck()[static_cast<size_t>(fault_site::slow)], 0u);
}
