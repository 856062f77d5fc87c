#include "protocol/google/drive_reader.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::google;

namespace {

std::shared_ptr<const std::string> shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

result<file_page> files(const std::string& items, const std::string& more = {}) {
  record_guard guard;
  return read_files(shared(R"({"files":[)" + items + "]" + more + "}"), guard);
}

result<file_page> changes(const std::string& items,
                          const std::string& more = R"(,"newStartPageToken":"90")") {
  record_guard guard;
  return read_changes(shared(R"({"changes":[)" + items + "]" + more + "}"), guard);
}

constexpr std::string_view one
    = R"({"id":"1Ab","version":"123","modifiedTime":"2026-01-01T10:00:00.000Z","trashed":false})";

} // namespace

TEST(DriveFiles, AreOfTheVersionThatDriveCounts) {
  const auto got = files(std::string{one}, R"(,"nextPageToken":"p")");
  ASSERT_TRUE(got) << got.failure().line();
  ASSERT_EQ(got->files.records.size(), 1u);
  const auto& record = got->files.records[0];
  EXPECT_EQ(record.id, "1Ab");
  EXPECT_EQ(record.version, "123");
  EXPECT_EQ(record.modified_at, parse_iso_time("2026-01-01T10:00:00Z"));
  EXPECT_EQ(record.body, one);
  EXPECT_EQ(got->next, "p");
  EXPECT_TRUE(files(R"({"id":"1","version":"2","trashed":true})")->files.records[0].deleted);
}

TEST(DriveFiles, AreNotProvedByAnIncompleteList) {
  const auto got = files("", R"(,"incompleteSearch":true)");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.failure().code, ec::transport);
  EXPECT_TRUE(files("", R"(,"incompleteSearch":false)"));
  record_guard guard;
  EXPECT_FALSE(read_files(shared("{}"), guard));
}

TEST(DriveFiles, AreSteppedOverWhereTheyCannotBeRead) {
  const auto got
      = files(R"({"version":"1"},{"id":"1"},{"id":"2","version":"1","modifiedTime":"x"},)"
              R"({"id":"3","id":"4","version":"1"})");
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->files.records.empty());
  ASSERT_EQ(got->files.unread.size(), 4u);
  EXPECT_EQ(got->files.unread[0].id, "");
  EXPECT_EQ(got->files.unread[1].id, "1");
  EXPECT_EQ(got->files.unread[3].id, "");
  record_guard guard;
  guard.bar("1Ab", "123");
  EXPECT_EQ(read_files(shared(R"({"files":[)" + std::string{one} + "]}"), guard)
                ->files.unread.at(0)
                .reason,
            "");
}

TEST(DriveChanges, TellOfFilesAndOfRemovals) {
  const auto got = changes(
      R"({"changeType":"file","removed":false,"fileId":"1Ab","file":)" + std::string{one}
      + R"(},{"changeType":"file","removed":true,"fileId":"1No","time":"2026-01-02T00:00:00Z"},)"
      + R"({"changeType":"drive","driveId":"0A"})");
  ASSERT_TRUE(got) << got.failure().line();
  ASSERT_EQ(got->files.records.size(), 2u);
  EXPECT_EQ(got->files.records[0].body, one);
  EXPECT_FALSE(got->files.records[0].deleted);
  EXPECT_EQ(got->files.records[1].id, "1No");
  EXPECT_TRUE(got->files.records[1].deleted);
  EXPECT_EQ(got->files.records[1].modified_at, parse_iso_time("2026-01-02T00:00:00Z"));
  EXPECT_EQ(got->new_start, "90");
  EXPECT_EQ(changes(R"({"removed":true})")->files.unread.size(), 1u);
}

TEST(DriveChanges, EndWithExactlyOneToken) {
  EXPECT_EQ(changes("", R"(,"nextPageToken":"91")")->next, "91");
  EXPECT_FALSE(changes("", ""));
  EXPECT_FALSE(changes("", R"(,"nextPageToken":"91","newStartPageToken":"92")"));
  const auto token
      = [](size_t size) { return R"(,"newStartPageToken":")" + std::string(size, '9') + "\""; };
  EXPECT_TRUE(changes("", token(256)));
  EXPECT_FALSE(changes("", token(257)));
}

TEST(DriveStartToken, IsAText) {
  EXPECT_EQ(*read_start_token(R"({"startPageToken":"8722"})"), "8722");
  for (const auto* text : {"", "{}", R"({"startPageToken":8722})", R"({"startPageToken":""})"})
    EXPECT_FALSE(read_start_token(text)) << text;
}
