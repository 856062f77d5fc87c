#include "protocol/google/gmail_reader.hpp"

#include "protocol/core/text.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::google;

namespace {

constexpr std::string_view body
    = R"({"id":"18c","threadId":"18c","labelIds":["INBOX"],"historyId":"4711",)"
      R"("payload":{"parts":[]}})";

page read(std::string text, std::string_view asked = "18c") {
  page into;
  record_guard guard;
  EXPECT_TRUE(read_message(text, std::string{asked}, into, guard)) << text;
  EXPECT_TRUE(guard.record().empty());
  return into;
}

std::string labelled(std::string_view label) {
  std::string text{body};
  return text.replace(text.find("INBOX"), 5, label);
}

} // namespace

TEST(GmailMessage, IsKeptWholeInTheVersionOfItsHistory) {
  const auto got = read("\n" + std::string{body} + " ");
  ASSERT_EQ(got.records.size(), 1u);
  EXPECT_EQ(got.records[0].id, "18c");
  EXPECT_EQ(got.records[0].version, "4711");
  EXPECT_EQ(got.records[0].body, body);
  EXPECT_EQ(got.records[0].modified_at, wall_time{}); // Gmail does not say
  EXPECT_FALSE(got.records[0].deleted);
}

TEST(GmailMessage, IsGoneInTheBinAndInSpamAlone) {
  for (const auto* label : {"TRASH", "SPAM"})
    EXPECT_TRUE(read(labelled(label)).records.at(0).deleted) << label;
  for (const auto* label : {"DRAFT", "SENT", "CHAT", "UNREAD", "Label_1"})
    EXPECT_FALSE(read(labelled(label)).records.at(0).deleted) << label;
}

TEST(GmailMessage, IsSteppedOverWithoutItsHistory) {
  for (const auto* history : {R"("historyId":"x")", R"("historyId":"")", R"("h":"1")"}) {
    std::string text{body};
    const auto got = read(text.replace(text.find(R"("historyId":"4711")"), 18, history));
    EXPECT_TRUE(got.records.empty());
    ASSERT_EQ(got.unread.size(), 1u) << history;
    EXPECT_EQ(got.unread[0].id, "18c");
  }
}

TEST(GmailMessage, IsNotLookedIntoWhereTheGuardBarsIt) {
  record_guard guard;
  guard.bar("18c", "4711");
  page into;
  ASSERT_TRUE(read_message(std::string{body}, "18c", into, guard));
  EXPECT_TRUE(into.records.empty());
  EXPECT_EQ(into.unread.at(0).reason, "");
}

TEST(GmailMessage, IsRefusedWhereItIsAnotherOrNone) {
  page into;
  record_guard guard;
  for (const auto* text : {"", "[]", "{}", R"({"id":"18d","historyId":"1"})", R"({"id":"18c")"})
    EXPECT_FALSE(read_message(text, "18c", into, guard)) << text;
}

TEST(GmailMessage, MayBeForwardedManyTimes) {
  std::string parts = "[]";
  for (int i = 0; i < 60; ++i)
    parts = R"([{"parts":)" + parts + "}]";
  EXPECT_EQ(
      read(R"({"id":"18c","historyId":"1","payload":{"parts":)" + parts + "}}").records.size(), 1u);
}

TEST(GmailList, YieldsIdsAndTheNextPage) {
  const auto got = read_message_ids(
      R"({"messages":[{"id":"b","threadId":"t"},{"id":"a"}],"nextPageToken":"9"})");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->ids, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(got->next, "9");
  const auto empty = read_message_ids(R"({"resultSizeEstimate":0})");
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->ids.empty());
}

TEST(GmailList, RefusesWhatItCannotBe) {
  for (const auto* text :
       {"", "[]", "{}", R"({"error":{}})", R"({"messages":{}})", R"({"messages":[{}]})",
        R"({"messages":[{"id":7}]})", R"({"messages":[],"nextPageToken":7})",
        R"({"messages":[],"nextPageToken":""})"})
    EXPECT_FALSE(read_message_ids(text)) << text;
}

TEST(GmailHistory, NamesEachMessageOnceAsItStandsInTheEnd) {
  const auto got = read_history(
      R"({"history":[)"
      R"({"id":"11","messagesAdded":[{"message":{"id":"a"}},{"message":{"id":"b"}}]},)"
      R"({"id":"12","labelsAdded":[{"message":{"id":"c"},"labelIds":["TRASH"]}]},)"
      R"({"id":"13","messagesDeleted":[{"message":{"id":"a"}}]},)"
      R"({"id":"14","labelsRemoved":[{"message":{"id":"b"},"labelIds":["UNREAD"]}]}],)"
      R"("historyId":"20"})");
  ASSERT_TRUE(got) << got.failure().line();
  ASSERT_EQ(got->changes.size(), 3u);
  EXPECT_EQ(got->changes[0].id, "a");
  EXPECT_TRUE(got->changes[0].deleted);
  EXPECT_EQ(got->changes[0].at, "13");
  EXPECT_EQ(got->changes[1].at, "14");
  EXPECT_FALSE(got->changes[1].deleted);
  EXPECT_EQ(got->changes[2].id, "c");
  EXPECT_EQ(got->history_id, "20");
  EXPECT_EQ(read_history(R"({"historyId":"20"})")->changes.size(), 0u);
}

TEST(GmailHistory, RefusesWhatItCannotBe) {
  for (const auto* text :
       {"", "{}", R"({"historyId":7.5})", R"({"historyId":"123456789012345678901"})",
        R"({"history":{},"historyId":"1"})", R"({"history":[{}],"historyId":"1"})",
        R"({"history":[{"id":"1","messagesAdded":[{}]}],"historyId":"1"})"})
    EXPECT_FALSE(read_history(text)) << text;
}

TEST(GmailProfile, TellsWhereTheHistoryStands) {
  EXPECT_EQ(*read_profile(R"({"emailAddress":"u@x","historyId":"18446744073709551615"})"),
            "18446744073709551615");
  EXPECT_FALSE(read_profile(R"({"emailAddress":"u@x"})"));
}
