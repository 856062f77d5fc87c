#include "protocol/google/checkpoint.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::google;

namespace {

checkpoint some() {
  checkpoint at;
  at.at = phase::changes;
  at.from = "4711003";
  at.until = "4711050";
  at.cursor = "0912";
  return at;
}

} // namespace

TEST(GoogleCheckpoint, IsReadAsItWasWritten) {
  EXPECT_EQ(read_checkpoint(write_checkpoint(some())), some());
  EXPECT_EQ(read_checkpoint(write_checkpoint({})), checkpoint{});
}

TEST(GoogleCheckpoint, IsTheTextOfItsGrammar) {
  EXPECT_EQ(write_checkpoint(some()),
            R"({"v":1,"phase":"changes","from":"4711003","until":"4711050","cursor":"0912"})");
  EXPECT_EQ(write_checkpoint({}), R"({"v":1,"phase":"list"})");
}

TEST(GoogleCheckpoint, FitsFourKilobytesWithTheLongestCursors) {
  auto at = some();
  at.from.assign(place_bytes_max, '"');
  at.until = at.from;
  at.cursor.assign(1024, '"');
  const auto text = write_checkpoint(at);
  EXPECT_LE(text.size(), 4096u);
  EXPECT_EQ(read_checkpoint(text), at);
  at.from += '"';
  EXPECT_FALSE(read_checkpoint(write_checkpoint(at)));
}

TEST(GoogleCheckpoint, IsNothingWhereItIsDamagedOrOfAnotherVersion) {
  const auto good = write_checkpoint(some());
  const auto with = [&](std::string_view old, std::string_view fresh) {
    auto text = good;
    return text.replace(text.find(old), old.size(), fresh);
  };
  for (const auto& bad : {std::string{}, std::string{"{}"}, good.substr(0, good.size() - 1),
                          with("\"v\":1", "\"v\":2"), with("changes", "changed"),
                          with("\"from\"", "\"form\""), with("4711003", "a b")})
    EXPECT_FALSE(read_checkpoint(bad)) << bad;
}
