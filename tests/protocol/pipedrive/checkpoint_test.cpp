#include "protocol/pipedrive/checkpoint.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::pipedrive;

namespace {

checkpoint some() {
  checkpoint at;
  at.at = phase::closing;
  at.cursor = "eyJpZCI6MX0=";
  at.since = wall_time{milliseconds{1'000}};
  at.deleted_since = wall_time{milliseconds{2'000}};
  at.archived_since = wall_time{milliseconds{3'000}};
  at.looked = wall_time{milliseconds{4'000}};
  return at;
}

} // namespace

TEST(PipedriveCheckpoint, IsReadAsItWasWritten) {
  EXPECT_EQ(read_checkpoint(write_checkpoint(some())), some());
  EXPECT_EQ(read_checkpoint(write_checkpoint({})), checkpoint{});
}

TEST(PipedriveCheckpoint, IsTheTextOfItsGrammar) {
  EXPECT_EQ(write_checkpoint(some()),
            R"({"v":1,"phase":"closing","cursor":"eyJpZCI6MX0=","since":1000,"deleted":2000,)"
            R"("archived":3000,"looked":4000})");
}

TEST(PipedriveCheckpoint, FitsFourKilobytesWithTheLongestCursor) {
  auto at = some();
  at.cursor.assign(1024, '"');
  EXPECT_LE(write_checkpoint(at).size(), 4096u);
}

TEST(PipedriveCheckpoint, IsNothingWhereItIsDamagedOrOfAnotherVersion) {
  const auto good = write_checkpoint(some());
  const auto with = [&](std::string_view old, std::string_view fresh) {
    auto text = good;
    return text.replace(text.find(old), old.size(), fresh);
  };
  for (const auto& bad :
       {std::string{}, std::string{"{}"}, good.substr(0, good.size() - 1),
        with("\"v\":1", "\"v\":2"), with("closing", "closed"), with("1000", "-1"),
        with("2000", "null"), with("\"archived\"", "\"archive\""), with("4000", "\"x\"")})
    EXPECT_FALSE(read_checkpoint(bad)) << bad;
}
