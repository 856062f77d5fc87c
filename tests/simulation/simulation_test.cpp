#include "actors/program/scratch_folder.hpp"
#include "actors/program/simulate/simulation.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::program;

namespace {

simulation_report run(uint64_t seed, std::string_view faults, unsigned hours = 3,
                      unsigned workspaces = 4) {
  const auto folder = scratch_folder::make_in_memory(); // each commit waits for the disk
  EXPECT_TRUE(folder);
  simulation_options options;
  options.seed = seed;
  options.workspaces = workspaces;
  options.hours = hours;
  options.faults = *fault_mix::parse(faults);
  options.folder = folder->path();
  options.trace_lines = 100'000;
  return run_simulation(options);
}

std::string told(const simulation_report& report) {
  return report.broken ? report.broken->invariant + ": " + report.broken->says : std::string{};
}

} // namespace

TEST(Simulation, YieldsTheSameEventsForTheSameSeed) {
  for (const uint64_t seed : {1u, 2u, 3u}) {
    const auto one = run(seed, "mixed");
    const auto two = run(seed, "mixed");
    EXPECT_EQ(one.digest, two.digest);
    EXPECT_EQ(one.trace, two.trace);
    EXPECT_GT(one.events, 100u);
  }
}

TEST(Simulation, YieldsOtherEventsForAnotherSeed) {
  EXPECT_NE(run(1, "none").digest, run(2, "none").digest);
}

TEST(Simulation, KeepsEveryRuleWhereNothingFails) {
  for (uint64_t seed = 1; seed <= 4; ++seed)
    EXPECT_EQ(told(run(seed, "none")), "")
        << "nexte-sync simulate --seed " << seed << " --workspaces 4 --hours 3 --faults none";
}

class SimulationUnderFaults : public ::testing::TestWithParam<uint64_t> {};

TEST_P(SimulationUnderFaults, KeepsEveryRule) {
  for (auto seed = GetParam(); seed < GetParam() + 10; ++seed)
    EXPECT_EQ(told(run(seed, "mixed", 6)), "")
        << "nexte-sync simulate --seed " << seed << " --workspaces 4 --hours 6";
}

INSTANTIATE_TEST_SUITE_P(Seeds, SimulationUnderFaults, ::testing::Values(1, 11, 21, 31));
