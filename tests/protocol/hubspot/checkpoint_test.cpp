#include "protocol/hubspot/checkpoint.hpp"
#include "protocol/hubspot/page_reader.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::hubspot;

namespace {

checkpoint full_one() {
  checkpoint full;
  full.at = phase::closing;
  full.list_after = "a \"cursor\"";
  full.since = wall_time{milliseconds{1772359200123}};
  full.since_id = "713492963559";
  full.archived_after = "b";
  full.archived_since = wall_time{milliseconds{5}};
  full.archived_began = wall_time{milliseconds{6}};
  return full;
}

} // namespace

TEST(HubspotCheckpoint, ReadsBackAsWritten) {
  EXPECT_EQ(read_checkpoint(write_checkpoint(full_one())), full_one());
  for (const auto at : {phase::list, phase::closing, phase::changes}) {
    checkpoint sparse;
    sparse.at = at;
    EXPECT_EQ(read_checkpoint(write_checkpoint(sparse)), sparse);
  }
}

TEST(HubspotCheckpoint, KeepsItsWrittenForm) { // what stands in stores must stay readable
  EXPECT_EQ(write_checkpoint(full_one()),
            R"({"v":1,"phase":"closing","after":"a \"cursor\"","since":1772359200123,)"
            R"("id":"713492963559","archived":{"after":"b","since":5,"began":6}})");
}

TEST(HubspotCheckpoint, FitsFourKibibytesWithTheLongestCursorOfAPhase) {
  auto longest = full_one();
  longest.list_after.clear(); // the two listings never have a cursor at once
  longest.since_id = std::string(200, '9');
  longest.archived_after = std::string(cursor_bytes_max, '"');
  EXPECT_LE(write_checkpoint(longest).size(), 4096u);
}

TEST(HubspotCheckpoint, RefusesWhatIsDamagedOrNewer) {
  for (const auto* other : {"", "{", "[]", "{}", "null",
                            R"({"v":2,"phase":"list","since":1,"archived":{"since":1,"began":1}})",
                            R"({"phase":"list","since":1,"archived":{"since":1,"began":1}})",
                            R"({"v":1,"phase":"lost","since":1,"archived":{"since":1,"began":1}})",
                            R"({"v":1,"phase":"list","archived":{"since":1,"began":1}})",
                            R"({"v":1,"phase":"list","since":-1,"archived":{"since":1,"began":1}})",
                            R"({"v":1,"phase":"list","since":1,"archived":{"since":1}})",
                            R"({"v":1,"phase":"list","since":1})"})
    EXPECT_FALSE(read_checkpoint(other)) << other;
}
