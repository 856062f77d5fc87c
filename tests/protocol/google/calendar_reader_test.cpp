#include "protocol/google/calendar_reader.hpp"

#include "protocol/google/calendar_checkpoint.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::google;

namespace {

std::shared_ptr<const std::string> shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

result<event_page> read(const std::string& events, std::set<std::string> gone = {}) {
  record_guard guard;
  return read_events(shared(R"({"items":[)" + events + R"(],"nextSyncToken":"t1"})"), "u@x", gone,
                     guard);
}

constexpr std::string_view live
    = R"({"id":"abc","etag":"\"7\"","status":"confirmed","updated":"2026-01-01T10:00:00.500Z"})";

} // namespace

TEST(CalendarEvents, AreNamedByTheirCalendarInTheVersionOfTheirEtag) {
  const auto got = read(std::string{live});
  ASSERT_TRUE(got) << got.failure().line();
  ASSERT_EQ(got->events.records.size(), 1u);
  const auto& record = got->events.records[0];
  EXPECT_EQ(record.id, "u@x/abc");
  EXPECT_EQ(record.version, "\"7\"");
  EXPECT_EQ(record.modified_at, parse_iso_time("2026-01-01T10:00:00.500Z"));
  EXPECT_EQ(record.body, live);
  EXPECT_FALSE(record.deleted);
  EXPECT_EQ(got->sync_token, "t1");
}

TEST(CalendarEvents, AreGoneWhereTheyAreCancelledButForExceptions) {
  const auto got = read(R"({"id":"a","status":"cancelled"},)"
                        R"({"id":"b_1","status":"cancelled","recurringEventId":"b"},)"
                        R"({"id":"c_1","status":"cancelled","recurringEventId":"c"},)"
                        R"({"id":"d_1","status":"cancelled","recurringEventId":"d"},)"
                        R"({"id":"c","status":"cancelled"},)"
                        R"({"id":"e","status":"tentative"})",
                        {"d"});
  ASSERT_TRUE(got);
  std::vector<bool> deleted;
  for (const auto& record : got->events.records)
    deleted.push_back(record.deleted);
  EXPECT_EQ(deleted, (std::vector<bool>{true, false, true, true, true, false}));
}

TEST(CalendarEvents, AreSteppedOverWhereTheyCannotBeRead) {
  const auto got = read(R"({"etag":"1"},{"id":"a b"},{"id":"c","updated":"today"},)"
                        R"({"id":"d","id":"e"},)"
                        + std::string{live});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->events.records.size(), 1u);
  ASSERT_EQ(got->events.unread.size(), 4u);
  EXPECT_EQ(got->events.unread[2].id, "u@x/c");
  for (const size_t nameless : {0u, 1u, 3u}) // a sweep must not take them for absent
    EXPECT_EQ(got->events.unread[nameless].id, "") << nameless;
  record_guard guard;
  guard.bar("u@x/abc", "\"7\"");
  std::set<std::string> gone;
  const auto barred
      = read_events(shared(R"({"items":[)" + std::string{live} + R"(],"nextSyncToken":"t"})"),
                    "u@x", gone, guard);
  EXPECT_EQ(barred->events.unread.at(0).reason, "");
}

TEST(CalendarEvents, EndWithExactlyOneToken) {
  std::set<std::string> gone;
  record_guard guard;
  const auto more = read_events(shared(R"({"items":[],"nextPageToken":"p"})"), "u@x", gone, guard);
  ASSERT_TRUE(more);
  EXPECT_EQ(more->next, "p");
  for (const auto* text : {R"({"items":[]})", R"({"nextSyncToken":"t"})",
                           R"({"items":[],"nextPageToken":"p","nextSyncToken":"t"})", "{}"})
    EXPECT_FALSE(read_events(shared(text), "u@x", gone, guard)) << text;
  const auto token = [](size_t size) {
    return R"({"items":[],"nextSyncToken":")" + std::string(size, 't') + "\"}";
  };
  EXPECT_TRUE(read_events(shared(token(sync_token_bytes_max)), "u@x", gone, guard));
  EXPECT_FALSE(read_events(shared(token(sync_token_bytes_max + 1)), "u@x", gone, guard));
}

TEST(CalendarEventId, FitsARecordsId) {
  const std::string calendar(60, 'c');
  EXPECT_EQ(event_record_id(calendar, "abc"), calendar + "/abc");
  EXPECT_EQ(event_record_id(calendar, std::string(139, 'e')).size(), 200u);
  const auto hashed = event_record_id(calendar, std::string(140, 'e'));
  EXPECT_EQ(hashed.find("/sha256:"), 60u);
  EXPECT_LE(hashed.size(), 200u);
  EXPECT_NE(hashed, event_record_id(calendar, std::string(141, 'e')));
  EXPECT_LE(
      event_record_id(std::string(calendar_id_bytes_max - 1, 'c'), std::string(1024, 'e')).size(),
      200u);
  using pair = std::pair<std::string_view, std::string_view>;
  EXPECT_EQ(split_event_record_id("u@x/abc"), (pair{"u@x", "abc"}));
  for (const auto* none : {"", "abc", "/abc", "u@x/", "u@x/sha256:0123"})
    EXPECT_EQ(split_event_record_id(none), pair{}) << none;
}

TEST(CalendarList, YieldsThoseThatArePrimaryOrSelected) {
  const auto got = read_calendar_ids(shared(
      R"({"items":[{"id":"a@x","primary":true,"accessRole":"owner"},)"
      R"({"id":"b@x","selected":true,"accessRole":"reader"},{"id":"c@x","accessRole":"owner"},)"
      R"({"id":"d@x","selected":true,"accessRole":"freeBusyReader"},)"
      R"({"id":"e@x","selected":true,"deleted":true},{"id":"f@x","selected":true,"hidden":true}],)"
      R"("nextPageToken":"p"})"));
  ASSERT_TRUE(got) << got.failure().line();
  EXPECT_EQ(got->ids, (std::vector<std::string>{"a@x", "b@x"}));
  EXPECT_EQ(got->next, "p");
  for (const auto* text : {"{}", R"({"items":[{"selected":true}]})", R"({"items":[{"id":"a b"}]})"})
    EXPECT_FALSE(read_calendar_ids(shared(text))) << text;
}

TEST(CalendarCheckpoint, IsTheTextOfItsGrammar) {
  calendar_checkpoint at;
  const auto key = calendar_key("u@x");
  EXPECT_EQ(key.size(), 11u);
  at.tokens[key] = "CPDA=";
  at.of = key;
  at.cursor = "p2";
  const auto text = write_checkpoint(at);
  EXPECT_EQ(text, R"({"v":1,"phase":"list","tokens":{")" + key + R"(":"CPDA="},"of":")" + key
                      + R"(","cursor":"p2"})");
  EXPECT_EQ(read_calendar_checkpoint(text), at);
  EXPECT_EQ(read_calendar_checkpoint(write_checkpoint(calendar_checkpoint{})),
            calendar_checkpoint{});
}

TEST(CalendarCheckpoint, IsNothingWhereItIsDamaged) {
  for (const auto* text :
       {"", "{}", R"({"v":1,"phase":"list"})", R"({"v":2,"phase":"list","tokens":{}})",
        R"({"v":1,"phase":"list","tokens":{"short":"t"}})",
        R"({"v":1,"phase":"list","tokens":{"01234567890":""}})",
        R"({"v":1,"phase":"list","tokens":{"01234567890":7}})",
        R"({"v":1,"phase":"list","tokens":{},"of":"01234567890"})",
        R"({"v":1,"phase":"list","tokens":{},"cursor":"p"})"})
    EXPECT_FALSE(read_calendar_checkpoint(text)) << text;
}
