// What is Notion's own; what all lists share is tested with HubSpot's.
#include "protocol/notion/page_reader.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::notion;

namespace {

constexpr std::string_view live
    = R"({"object":"page","id":"35261e8c-e0a3-80c8-bf92-f6fb2d4a6e04",)"
      R"("last_edited_time":"2026-04-30T11:25:00.000Z","in_trash":false,"is_archived":false,)"
      R"("properties":{"title":{"id":"title","in_trash":true}}})";

result<results_page> read(std::string text) {
  record_guard guard;
  return read_page(std::make_shared<const std::string>(std::move(text)), guard);
}

std::string list_of(std::string_view records, std::string_view more = R"(,"next_cursor":null)") {
  return R"({"object":"list","results":[)" + std::string{records} + "]" + std::string{more} + "}";
}

} // namespace

TEST(NotionPage, CutsEachRecordOutAsItStands) {
  const auto got = read(list_of(std::string{live} + ", " + std::string{live}));
  ASSERT_TRUE(got) << got.failure().line();
  ASSERT_EQ(got->list.objects.records.size(), 2u);
  for (const auto& record : got->list.objects.records) {
    EXPECT_EQ(record.id, "35261e8c-e0a3-80c8-bf92-f6fb2d4a6e04");
    EXPECT_EQ(record.version, "2026-04-30T11:25:00.000Z");
    EXPECT_EQ(record.modified_at, parse_iso_time("2026-04-30T11:25:00Z"));
    EXPECT_FALSE(record.deleted);
    EXPECT_EQ(record.body, live);
  }
  EXPECT_FALSE(got->list.after);
  EXPECT_FALSE(got->cut_short);
}

TEST(NotionPage, TakesTrashedAndArchivedForGone) {
  const auto got = read(
      list_of(R"({"id":"1","last_edited_time":"2026-03-01T00:00:00.000Z","in_trash":true},)"
              R"({"id":"2","last_edited_time":"2026-03-01T00:00:00.000Z","is_archived":true},)"
              R"({"id":"3","last_edited_time":"2026-03-01T00:00:00.000Z","in_trash":false})"));
  ASSERT_TRUE(got);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(got->list.objects.records[i].deleted, i < 2) << i;
}

TEST(NotionPage, EndsOnlyWhereTheCursorIsNull) {
  EXPECT_EQ(read(list_of("", R"(,"next_cursor":"2f1-a","has_more":true)"))->list.after, "2f1-a");
  for (const auto* broken : {"", R"(,"next_cursor":1)", R"(,"next_cursor":{})"})
    EXPECT_FALSE(read(list_of("", broken))) << broken;
}

TEST(NotionPage, SeesWhereNotionEndedTheListItself) {
  const auto cut = [](std::string_view more) { return read(list_of(live, more))->cut_short; };
  EXPECT_TRUE(cut(R"(,"next_cursor":null,"request_status":{"type":"incomplete",)"
                  R"("incomplete_reason":"query_result_limit_reached"})"));
  EXPECT_FALSE(cut(R"(,"next_cursor":null,"request_status":{"type":"complete"})"));
  EXPECT_FALSE(cut(R"(,"next_cursor":null,"request_status":null)"));
  EXPECT_FALSE(cut(R"(,"next_cursor":null,"request_status":[{"type":"incomplete"}])"));
  EXPECT_FALSE(cut(R"(,"next_cursor":null,"x":{"type":"incomplete"},"request_status":{})"));
  const auto in_a_page = read(list_of(R"({"id":"1","last_edited_time":"2026-03-01T00:00:00.000Z",)"
                                      R"("properties":{"request_status":{"type":"incomplete"}}})"));
  EXPECT_FALSE(in_a_page->cut_short);
}

TEST(NotionPage, StepsOverAPartialObject) {
  const auto got = read(list_of(std::string{live} + R"(,{"object":"page","id":"2"})"));
  ASSERT_TRUE(got);
  ASSERT_EQ(got->list.objects.unread.size(), 1u);
  EXPECT_EQ(got->list.objects.unread[0].id, "2");
}
