#include "storage/elapsed.hpp"

#include "tests/storage/support.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

using std::chrono::hours;

uptime up(const char* boot, milliseconds since) {
  return {boot, since};
}

} // namespace

TEST(Elapsed, IsWhatTheMachineMeasuredWhateverTheWallClockSays) {
  auto row = advanced({}, at(1000), up("b1", seconds{5}));
  EXPECT_EQ(row.total, milliseconds{0});
  for (const auto wall : {at(1'000'000'000), at(-5), at(1003)}) {
    row = advanced(row, wall, up("b1", row.up->since_boot + seconds{1}));
    EXPECT_EQ(row.wall_at, wall);
  }
  EXPECT_EQ(row.total, seconds{3});
  row = advanced(row, at(1003), up("b1", hours{100})); // off for long, but not booted anew
  EXPECT_EQ(row.total, hours{100} - seconds{5});
}

TEST(Elapsed, TakesTheWallClockAcrossABootUpToADay) {
  const auto row = advanced({}, at(1000), up("b1", seconds{5}));
  const auto after = [&](wall_time now) { return advanced(row, now, up("b2", seconds{1})).total; };
  EXPECT_EQ(after(at(1060)), seconds{60});
  EXPECT_EQ(after(at(1000) + unmeasured_max - milliseconds{1}), unmeasured_max - milliseconds{1});
  EXPECT_EQ(after(at(1000) + unmeasured_max), unmeasured_max);
  EXPECT_EQ(after(at(1000) + hours{24 * 3650}), unmeasured_max);
  EXPECT_EQ(after(at(900)), milliseconds{0});
}

TEST(Elapsed, NeverFalls) {
  auto row = advanced({}, at(1000), {});
  row = advanced(row, at(1060), {});
  EXPECT_EQ(row.total, seconds{60});
  row = advanced(row, at(10), {});
  EXPECT_EQ(row.total, seconds{60});
  row = advanced(row, at(20), up("b1", seconds{500}));
  EXPECT_EQ(row.total, seconds{70});
  row = advanced(row, at(30), up("b1", seconds{400})); // no such clock: the wall's difference
  EXPECT_EQ(row.total, seconds{80});
}
