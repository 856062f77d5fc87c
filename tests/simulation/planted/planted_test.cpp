// The simulation has teeth: whatever classic defect the engine had, some seed would find it, and
// the rule it breaks would be named.
#include "tests/simulation/planted/planted.hpp"

#include "actors/program/scratch_folder.hpp"
#include "actors/program/simulate/simulation.hpp"
#include "tests/simulation/planted/heads.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace nexte;
using namespace nexte::program;

namespace {

/// A defect that so many seeds do not find, the simulation is blind for.
constexpr uint64_t seeds_max = 20;
/// What the issue asks for.
constexpr size_t defects_min = 25;

constexpr const char* readme_file = PLANTED_DIR "/README.md";
constexpr std::string_view begin_mark = "<!-- the defects begin -->\n";
constexpr std::string_view end_mark = "<!-- the defects end -->\n";
constexpr const char* renew = "renew the table: NEXTE_SYNC_RENEW=1 build/dev/bin/planted_tests";

std::string readme() {
  std::ifstream in{readme_file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The seeds that found the defects of this run of the program.
std::map<std::string, uint64_t>& found_by() {
  static std::map<std::string, uint64_t> seeds;
  return seeds;
}

/// The rule that a run of `seed` breaks while `defect` is planted; an empty one: none.
broken_rule run(const planted_defect& with, const std::string& defect, uint64_t seed) {
  const auto folder = scratch_folder::make_in_memory(); // each commit waits for the disk
  EXPECT_TRUE(folder);
  simulation_options options;
  options.seed = seed;
  options.workspaces = with.workspaces;
  options.hours = with.hours;
  options.records = with.records;
  const auto faults = fault_mix::parse(with.faults);
  EXPECT_TRUE(faults) << faults.failure().line();
  options.faults = *faults;
  options.folder = folder->path();
  plant(defect);
  const auto report = run_simulation(options);
  plant({});
  return report.broken.value_or(broken_rule{});
}

/// The table's seed first: it finds the defect at once, for as long as neither engine nor
/// simulation changes what happens after it.
std::vector<uint64_t> seeds_to_try(const std::string& name) {
  const auto listed = seeds_in(readme());
  const auto known = listed.find(name);
  std::vector<uint64_t> seeds;
  if (known != listed.end() && !std::getenv("NEXTE_SYNC_RENEW"))
    seeds.push_back(known->second);
  for (uint64_t seed = 1; seed <= seeds_max; ++seed)
    if (seeds.empty() || seed != seeds.front())
      seeds.push_back(seed);
  return seeds;
}

/// Writes the table with the seeds of this run, where that is asked for.
class Renewal : public ::testing::Environment {
public:
  void TearDown() override {
    auto text = readme();
    const auto begin = text.find(begin_mark);
    const auto end = text.find(end_mark);
    if (!std::getenv("NEXTE_SYNC_RENEW") || begin == text.npos || end == text.npos)
      return;
    const auto from = begin + begin_mark.size();
    text.replace(from, end - from, table_of(planted_defects(PLANTED_DIR), found_by()));
    std::ofstream{readme_file, std::ios::binary} << text;
  }
};
[[maybe_unused]] const auto* renewal = ::testing::AddGlobalTestEnvironment(new Renewal);

} // namespace

class PlantedDefect : public ::testing::TestWithParam<planted_defect> {};

TEST_P(PlantedDefect, IsFoundByTheRuleThatItBreaks) {
  const auto& one = GetParam();
  const auto seeds = seeds_to_try(one.name);
  for (const auto seed : seeds) {
    const auto without = run(one, {}, seed);
    ASSERT_EQ(without.invariant, "") << "without any defect, seed " << seed << ": " << without.says;
    const auto with = run(one, one.name, seed);
    if (with.invariant.empty())
      continue;
    ASSERT_EQ(with.invariant, one.breaks) << "seed " << seed << ": " << with.says;
    found_by()[one.name] = seed;
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), with.says.c_str());
    if (seed != seeds.front() && !std::getenv("NEXTE_SYNC_RENEW"))
      std::printf("not by the first seed tried any more; %s\n", renew);
    return;
  }
  FAIL() << seeds_max << " seeds do not find it: the simulation is blind for \"" << one.title
         << '"';
}

INSTANTIATE_TEST_SUITE_P(, PlantedDefect, ::testing::ValuesIn(planted_defects(PLANTED_DIR)),
                         [](const auto& one) { return one.param.name; });

TEST(PlantedDefects, AreListedWithTheirRules) {
  const auto text = readme();
  const auto defects = planted_defects(PLANTED_DIR);
  EXPECT_GE(defects.size(), defects_min);
  const auto begin = text.find(begin_mark);
  const auto end = text.find(end_mark);
  ASSERT_TRUE(begin != text.npos && end != text.npos && begin < end) << readme_file;
  const auto from = begin + begin_mark.size();
  if (std::getenv("NEXTE_SYNC_RENEW"))
    return;
  EXPECT_EQ(text.substr(from, end - from), table_of(defects, seeds_in(text))) << renew;
  EXPECT_EQ(seeds_in(text).size(), defects.size()) << renew;
}
