// What is Pipedrive's own; what all lists share is tested with HubSpot's.
#include "protocol/pipedrive/page_reader.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::pipedrive;

namespace {

constexpr std::string_view live
    = R"({"id":12,"name":"Ada","org_id":7,"update_time":"2026-03-12T10:04:17Z","is_deleted":false,)"
      R"("custom_fields":{"id":9}})";

result<listed_page> read(std::string text) {
  record_guard guard;
  return read_page(std::make_shared<const std::string>(std::move(text)), guard);
}

result<listed_page> read_records(std::string_view records) {
  return read(R"({"success":true,"data":[)" + std::string{records}
              + R"(],"additional_data":{"next_cursor":null}})");
}

} // namespace

TEST(PipedrivePage, CutsEachRecordOutAsItStands) {
  const auto got = read_records(std::string{live} + ", " + std::string{live});
  ASSERT_TRUE(got) << got.failure().line();
  ASSERT_EQ(got->objects.records.size(), 2u);
  for (const auto& record : got->objects.records) {
    EXPECT_EQ(record.id, "12");
    EXPECT_EQ(record.version, "2026-03-12T10:04:17Z");
    EXPECT_EQ(record.modified_at, parse_iso_time("2026-03-12T10:04:17Z"));
    EXPECT_FALSE(record.deleted);
    EXPECT_EQ(record.body, live);
  }
  EXPECT_FALSE(got->after);
}

TEST(PipedrivePage, TakesDeletedAndArchivedForGone) {
  const auto got = read_records(
      R"({"id":1,"update_time":"2026-03-01T00:00:00Z","is_deleted":true,"is_archived":false},)"
      R"({"id":2,"update_time":"2026-03-01T00:00:00Z","is_deleted":false,"is_archived":true},)"
      R"({"id":3,"update_time":"2026-03-01T00:00:00Z","is_archived":true,"is_deleted":false},)"
      R"({"id":4,"update_time":"2026-03-01T00:00:00Z","is_deleted":false,"is_archived":false})");
  ASSERT_TRUE(got);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_EQ(got->objects.records[i].deleted, i < 3) << i;
  EXPECT_EQ(got->objects.records[0].version, "2026-03-01T00:00:00Z");
}

TEST(PipedrivePage, EndsOnlyWhereTheCursorIsNull) {
  const auto more = read(R"({"data":[],"additional_data":{"next_cursor":"a+\/="}})");
  ASSERT_TRUE(more);
  EXPECT_EQ(more->after, "a+/=");
  for (const auto* broken :
       {R"({"data":[]})", R"({"data":[],"additional_data":null})",
        R"({"data":[],"additional_data":{}})", R"({"data":[],"additional_data":{"next_cursor":1}})",
        R"({"data":[],"additional_data":{"next_cursor":{}}})"})
    EXPECT_FALSE(read(broken)) << broken;
  EXPECT_EQ(read(R"({"data":[]})").failure().what,
            "the answer does not say whether another page follows");
}

TEST(PipedrivePage, TakesWholeNumbersForIds) {
  for (const auto* id : {"\"12\"", "-1", "1.5", "1e3", "null", "[]"}) {
    const auto got
        = read_records(R"({"update_time":"2026-03-01T00:00:00Z","id":)" + std::string{id} + "}");
    ASSERT_TRUE(got) << id; // stepped over
    EXPECT_EQ(got->objects.unread.size(), 1u) << id;
  }
  EXPECT_TRUE(read_records(R"({"update_time":"2026-03-01T00:00:00Z","id":9007199254740993})"));
}

TEST(PipedrivePage, RefusesAnAnswerWithoutRecords) {
  for (const auto* none : {R"({"data":null,"additional_data":{"next_cursor":null}})",
                           R"({"success":false,"error":"x"})", "[]", ""})
    EXPECT_FALSE(read(none)) << none;
}
