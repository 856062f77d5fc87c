#include "protocol/hubspot/page_reader.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::hubspot;

namespace {

constexpr std::string_view live
    = R"({"id":"713492963559","properties":{"email":"a@b.c","jobtitle":null,"id":"7"},)"
      R"("createdAt":"2026-02-25T16:23:49.023Z","updatedAt":"2026-03-12T10:04:17.969Z",)"
      R"("archived":false,"url":"https://app-eu1.hubspot.com/contacts/1/record/0-1/7"})";

result<object_page> read(std::string text) {
  record_guard guard;
  return read_object_page(std::make_shared<const std::string>(std::move(text)), guard);
}

result<object_page> read_objects(std::string_view objects) {
  return read(R"({"results":[)" + std::string{objects} + "]}");
}

std::string refusal_of(std::string text) {
  const auto got = read(std::move(text));
  EXPECT_FALSE(got);
  if (got)
    return {};
  EXPECT_EQ(got.failure().code, ec::malformed);
  return got.failure().what;
}

/// Why the one object that cannot be read is stepped over.
std::string unread_reason(std::string_view objects) {
  const auto got = read_objects(objects);
  EXPECT_TRUE(got);
  if (!got || got->objects.unread.size() != 1)
    return {};
  return got->objects.unread[0].reason;
}

} // namespace

TEST(HubspotPage, CutsEachObjectOutAsItStands) {
  const auto got = read_objects(std::string{live} + " ,\n " + std::string{live});
  ASSERT_TRUE(got);
  ASSERT_EQ(got->objects.records.size(), 2u);
  for (const auto& object : got->objects.records) {
    EXPECT_EQ(object.id, "713492963559");
    EXPECT_EQ(object.version, "2026-03-12T10:04:17.969Z");
    EXPECT_EQ(object.modified_at, parse_iso_time("2026-03-12T10:04:17.969Z"));
    EXPECT_FALSE(object.deleted);
    EXPECT_EQ(object.body, live);
  }
  EXPECT_FALSE(got->after);
  EXPECT_FALSE(got->total);
}

TEST(HubspotPage, KeepsTheBytesThatItsRecordsPointInto) {
  auto got = read_objects(live);
  ASSERT_TRUE(got);
  const page kept = std::move(got->objects);
  EXPECT_GT(kept.payload_bytes(), live.size());
  EXPECT_EQ(kept.records[0].body, live);
}

TEST(HubspotPage, ReadsPagingAndTotalWhereverTheyStand) {
  const auto got = read(R"({"paging":{"prev":{"after":"1"},"next":{"link":"x","after":"MTAw=\/"}},)"
                        R"("total":10001,"results":[]})");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->after, "MTAw=/");
  EXPECT_EQ(got->total, 10001u);
  for (const auto* last :
       {R"({"results":[]})", R"({"results":[],"paging":null})", R"({"results":[],"paging":{}})",
        R"({"results":[],"paging":{"next":null}})"}) {
    const auto ended = read(last);
    ASSERT_TRUE(ended) << last;
    EXPECT_FALSE(ended->after);
  }
}

TEST(HubspotPage, DatesAnArchivedObjectByItsArchiving) {
  const auto got = read_objects(R"({"id":"5","archived":true,"updatedAt":"2026-03-01T00:00:00Z",)"
                                R"("archivedAt":"2026-03-02T00:00:00.001Z"})");
  ASSERT_TRUE(got);
  const auto& object = got->objects.records[0];
  EXPECT_TRUE(object.deleted);
  EXPECT_EQ(object.version, "2026-03-02T00:00:00.001Z");
  EXPECT_EQ(object.modified_at, parse_iso_time("2026-03-02T00:00:00.001Z"));
}

TEST(HubspotPage, LeavesAnUndatedArchivingUndated) {
  const auto got = read_objects(R"({"id":"5","archived":true,"updatedAt":"2026-03-01T00:00:00Z"})");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->objects.records[0].version, "2026-03-01T00:00:00Z");
  EXPECT_EQ(got->objects.records[0].modified_at, wall_time{});
}

TEST(HubspotPage, IgnoresArchivedAtOfALiveObject) {
  const auto got = read_objects(R"({"id":"5","archived":false,"updatedAt":"2026-03-01T00:00:00Z",)"
                                R"("archivedAt":null})");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->objects.records[0].version, "2026-03-01T00:00:00Z");
}

TEST(HubspotPage, DecodesAnEscapedId) {
  const auto got = read_objects(R"({"id":"1\u0032","updatedAt":"2026-03-01T00:00:00Z"})");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->objects.records[0].id, "12");
}

TEST(HubspotPage, StepsOverAnObjectThatItCannotReadAndNamesIt) {
  const std::string good = R"({"id":"1","updatedAt":"2026-03-01T00:00:00Z"},)";
  EXPECT_EQ(unread_reason(good + R"({"updatedAt":"2026-03-01T00:00:00Z"})"),
            "byte 58 of the answer: object number 2 of the page has no id");
  EXPECT_EQ(unread_reason(R"({"id":"17"})"),
            "byte 12 of the answer: object 17 has no time of its last change");
  EXPECT_EQ(unread_reason(R"({"id":"17","updatedAt":"yesterday"})"),
            "byte 35 of the answer: the member \"updatedAt\" of object 17 is not a time");
  EXPECT_EQ(unread_reason(R"({"id":17})"),
            "byte 18 of the answer: the member \"id\" of object number 1 of the page is of the "
            "wrong type");
  EXPECT_EQ(unread_reason(R"({"id":"17","updatedAt":{"at":[1]}})"),
            "byte 35 of the answer: the member \"updatedAt\" of object 17 is of the wrong type");
}

TEST(HubspotPage, ReadsWhatStandsAroundAnObjectThatItCannotRead) {
  const auto got = read_objects(std::string{live} + R"(,{"id":"17","updatedAt":"yesterday"},)"
                                + std::string{live});
  ASSERT_TRUE(got);
  ASSERT_EQ(got->objects.records.size(), 2u);
  EXPECT_EQ(got->objects.records[1].body, live);
  ASSERT_EQ(got->objects.unread.size(), 1u);
  EXPECT_EQ(got->objects.unread[0].id, "17");
  EXPECT_EQ(got->objects.unread[0].version, "yesterday");
}

TEST(HubspotPage, TakesSeveralObjectsOfWhichNoneCanBeReadForAnotherShape) {
  const std::string bad = R"({"id":"17","updated":"2026-03-01T00:00:00Z"})";
  EXPECT_TRUE(read_objects(bad));
  EXPECT_EQ(refusal_of(R"({"results":[)" + bad + "," + bad + "]}"),
            "none of the 2 objects of the answer can be read; byte 12 of the answer: object 17 has "
            "no time of its last change");
}

TEST(HubspotPage, StepsOverWhatTheGuardBarsInThatVersionOnly) {
  const auto read_barred = [](const std::string& version) {
    record_guard guard;
    guard.bar("713492963559", version);
    return read_object_page(
        std::make_shared<const std::string>(R"({"results":[)" + std::string{live} + "]}"), guard);
  };
  for (const auto* version : {"", "2026-03-12T10:04:17.969Z"}) {
    const auto got = read_barred(version);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->objects.records.empty());
    ASSERT_EQ(got->objects.unread.size(), 1u);
    EXPECT_EQ(got->objects.unread[0].id, "713492963559");
    EXPECT_EQ(got->objects.unread[0].reason, "");
  }
  EXPECT_EQ(read_barred("2026-03-12T10:04:17.968Z")->objects.records.size(), 1u);
}

TEST(HubspotPage, BoundsIds) {
  const auto with_id = [](const std::string& id) {
    const auto got = read_objects(R"({"updatedAt":"2026-03-01T00:00:00Z","id":")" + id + "\"}");
    return got && got->objects.records.size() == 1;
  };
  EXPECT_TRUE(with_id("1"));
  EXPECT_TRUE(with_id(std::string(200, '1')));
  EXPECT_FALSE(with_id(std::string(201, '1')));
  EXPECT_FALSE(with_id(""));
  EXPECT_FALSE(with_id("1 2"));
  EXPECT_FALSE(with_id("\\u0000"));
}

TEST(HubspotPage, BoundsTheCursor) {
  const auto with_cursor = [](const std::string& cursor) {
    return bool(read(R"({"results":[],"paging":{"next":{"after":")" + cursor + "\"}}}"));
  };
  EXPECT_TRUE(with_cursor(std::string(cursor_bytes_max, 'x')));
  EXPECT_FALSE(with_cursor(std::string(cursor_bytes_max + 1, 'x')));
  EXPECT_FALSE(with_cursor(""));
  EXPECT_FALSE(with_cursor("a\\u0000b"));
  EXPECT_FALSE(read(R"({"results":[],"paging":{"next":{"after":100}}})"));
}

TEST(HubspotPage, TakesNoMemberTwiceWhereItDecides) {
  const auto two_ids = read_objects(R"({"id":"1","id":"2","updatedAt":"2026-03-01T00:00:00Z"})");
  ASSERT_TRUE(two_ids);
  ASSERT_EQ(two_ids->objects.unread.size(), 1u);
  EXPECT_EQ(two_ids->objects.unread[0].id, "") << "whose it is, nobody knows";
  EXPECT_EQ(two_ids->objects.unread[0].reason,
            "byte 12 of the answer: the member \"id\" stands twice in object 1");
  for (const auto* twice : {R"("updatedAt":"2026-03-01T00:00:00Z")", R"("archived":true)",
                            R"("archivedAt":"2026-03-01T00:00:00Z")"})
    EXPECT_NE(unread_reason(R"({"id":"1",)" + std::string{twice} + "," + twice + "}"), "") << twice;
  EXPECT_FALSE(read(R"({"results":[],"results":[]})"));
  EXPECT_FALSE(read(R"({"results":[],"paging":{"next":{"after":"1","after":"2"}}})"));
  EXPECT_FALSE(read(R"({"results":[],"paging":{"next":{},"next":{}}})"));
  EXPECT_TRUE(read_objects(R"({"id":"1","x":1,"x":2,"updatedAt":"2026-03-01T00:00:00Z"})"));
}

TEST(HubspotPage, RefusesOtherShapes) {
  for (const auto* other :
       {"", "null", "7", "[]", "\"results\"", "{}", R"({"results":null})", R"({"results":{}})",
        R"({"results":[1]})", R"({"results":[null]})", R"({"results":[[]]})",
        R"({"results":[],"paging":[]})", R"({"results":[],"paging":{"next":"2"}})",
        R"({"results":[],"total":"1"})", R"({"results":[],"total":-1})", R"({"results":[)"})
    EXPECT_FALSE(read(other)) << other;
  EXPECT_EQ(refusal_of("{}"), "the answer has no \"results\"");
  EXPECT_EQ(refusal_of(R"({"results":[)").substr(0, 15), "JSON at byte 12");
}
