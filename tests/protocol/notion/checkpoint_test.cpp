#include "protocol/notion/checkpoint.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::notion;

namespace {

checkpoint some() {
  checkpoint at;
  at.at = phase::last_sources;
  at.cursor = "c-1";
  at.sources = {"a", "b"};
  at.row_cursor = "c-2";
  at.rows_from = wall_time{milliseconds{60'000}};
  at.since = wall_time{milliseconds{120'000}};
  at.trashed_since = wall_time{milliseconds{180'000}};
  at.trash_read = wall_time{milliseconds{4'000}};
  return at;
}

} // namespace

TEST(NotionCheckpoint, IsReadAsItWasWritten) {
  EXPECT_EQ(read_checkpoint(write_checkpoint(some())), some());
  EXPECT_EQ(read_checkpoint(write_checkpoint({})), checkpoint{});
}

TEST(NotionCheckpoint, IsTheTextOfItsGrammar) {
  EXPECT_EQ(write_checkpoint(some()),
            R"({"v":1,"phase":"last_sources","cursor":"c-1","sources":["a","b"],)"
            R"("row_cursor":"c-2","rows_from":60000,"since":120000,"trashed":180000,)"
            R"("trash_read":4000})");
}

TEST(NotionCheckpoint, FitsFourKilobytesAtItsLongest) {
  auto at = some();
  at.cursor.assign(own_cursor_bytes_max, '"');
  at.row_cursor = at.cursor;
  at.sources.assign(sources_max, std::string(source_id_bytes_max, '"'));
  at.rows_from = at.since = at.trashed_since = at.trash_read = wall_time::max();
  EXPECT_LE(write_checkpoint(at).size(), 4096u);
}

TEST(NotionCheckpoint, IsNothingWhereItIsDamagedOrOfAnotherVersion) {
  const auto good = write_checkpoint(some());
  const auto with = [&](std::string_view old, std::string_view fresh) {
    auto text = good;
    return text.replace(text.find(old), old.size(), fresh);
  };
  for (const auto& bad :
       {std::string{}, std::string{"{}"}, good.substr(0, good.size() - 1),
        with("\"v\":1", "\"v\":2"), with("last_sources", "first_sources"), with("60000", "-1"),
        with("120000", "null"), with("\"trashed\"", "\"t\""), with("4000", "\"x\"")})
    EXPECT_FALSE(read_checkpoint(bad)) << bad;
}
