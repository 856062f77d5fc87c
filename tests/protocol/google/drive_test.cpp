#include "protocol/google/drive.hpp"

#include "protocol/google/checkpoint.hpp"
#include "protocol/google/drive_reader.hpp"
#include "protocol/google/provider.hpp"
#include "protocol/http/url.hpp"

#include "tests/support/canned_io.hpp"

using namespace nexte;
using namespace nexte::google;
using namespace nexte::testing;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
const std::string base = "https://www.googleapis.com/drive/v3";

http_response ok(std::string body) {
  return {200, std::move(body), "application/json"};
}

http_response refusal(int status, std::string_view reason) {
  return {status,
          R"({"error":{"errors":[{"reason":")" + std::string{reason} + R"("}],"code":)"
              + std::to_string(status) + "}}",
          "application/json"};
}

std::string file(const std::string& id, bool trashed = false) {
  return R"({"id":")" + id + R"(","version":"1","trashed":)" + (trashed ? "true" : "false") + "}";
}

std::string change(const std::string& id) {
  return R"({"removed":false,"fileId":")" + id + R"(","file":)" + file(id) + "}";
}

std::string removal(const std::string& id) {
  return R"({"removed":true,"fileId":")" + id + "\"}";
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& one : items)
    text.append(text.empty() ? "" : ",").append(one);
  return text;
}

struct drive_run {
  void start(std::string_view token) {
    io.expect("GET", base + "/changes/startPageToken?fields=startPageToken&supportsAllDrives=true",
              "", ok(R"({"startPageToken":")" + std::string{token} + "\"}"));
  }
  void list(std::string_view cursor, http_response answer) {
    page("/files",
         {{"q", "trashed=false"},
          {"fields", "nextPageToken,incompleteSearch,files(" + std::string{file_fields} + ")"}},
         cursor, std::move(answer));
  }
  void list(std::string_view cursor, const std::vector<std::string>& files,
            std::string_view next = {}) {
    list(cursor,
         ok(R"({"files":[)" + joined(files) + "]"
            + (next.empty() ? "" : R"(,"nextPageToken":")" + std::string{next} + "\"") + "}"));
  }
  void changes(std::string_view from, http_response answer) {
    page("/changes",
         {{"includeRemoved", "true"},
          {"fields", "nextPageToken,newStartPageToken,changes(changeType,time,removed,fileId,file("
                         + std::string{file_fields} + "))"}},
         from, std::move(answer));
  }
  void changes(std::string_view from, const std::vector<std::string>& items, std::string_view token,
               bool more = false) {
    changes(from, ok(R"({"changes":[)" + joined(items) + "],\""
                     + (more ? "nextPageToken" : "newStartPageToken") + "\":\"" + std::string{token}
                     + "\"}"));
  }
  void page(std::string_view path, query_parameters parameters, std::string_view cursor,
            http_response answer) {
    parameters.emplace_back("pageSize", "500");
    parameters.emplace_back("includeItemsFromAllDrives", "true");
    if (!cursor.empty())
      parameters.emplace_back("pageToken", std::string{cursor});
    parameters.emplace_back("supportsAllDrives", "true");
    io.expect("GET", with_query(base + std::string{path}, parameters), "", std::move(answer));
  }
  result<bool> pull(const std::optional<checkpoint>& from, bool full = false) {
    pull_request request;
    request.api_base = "https://www.googleapis.com";
    if (from)
      request.checkpoint = write_checkpoint(*from);
    request.full = full;
    auto ended = run(io, provider().stream("drive_files")->pull(io, std::move(request)));
    EXPECT_TRUE(io.exhausted()) << "a request was expected and not made";
    return ended;
  }
  checkpoint last() const {
    return io.pages.empty() ? checkpoint{} : *read_checkpoint(io.pages.back().checkpoint);
  }

  canned_io io{now};
};

checkpoint changes_from(std::string token) {
  checkpoint at;
  at.at = phase::changes;
  at.from = std::move(token);
  return at;
}

using ids = std::vector<std::string>;

} // namespace

TEST(DriveStream, EnumeratesThenClosesWithWhatChangedMeanwhile) {
  drive_run r;
  r.start("10");
  r.list("", {file("a"), file("b")}, "p2");
  r.list("p2", {file("c")});
  r.changes("10", {removal("b")}, "11", true);
  r.changes("11", {}, "12");
  ASSERT_TRUE(r.pull(std::nullopt));
  ASSERT_EQ(r.io.pages.size(), 4u);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  EXPECT_EQ(r.io.pages[1].enumeration, sweep::more);
  EXPECT_EQ(r.io.pages[2].enumeration, sweep::more);
  EXPECT_EQ(r.io.pages[2].ids, (ids{"-b"}));
  EXPECT_EQ(r.io.pages[3].enumeration, sweep::last); // empty, yet it closes the enumeration
  EXPECT_EQ(r.last(), changes_from("12"));
  for (const auto& endpoint : r.io.endpoints)
    EXPECT_EQ(endpoint, "drive");
}

TEST(DriveStream, GoesOnInTheMiddleOfAnEnumeration) {
  checkpoint middle;
  middle.from = "10";
  middle.cursor = "p2";
  drive_run r;
  r.list("p2", {file("c")});
  r.changes("10", {}, "10");
  ASSERT_TRUE(r.pull(middle));
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::more);
}

TEST(DriveStream, BeginsTheListAnewOnceWhereItsCursorIsRefused) {
  checkpoint middle;
  middle.from = "10";
  middle.cursor = "p2";
  drive_run r;
  r.list("p2", refusal(400, "invalid"));
  r.start("20");
  r.list("", {file("a")}, "p3");
  r.list("p3", refusal(400, "invalid"));
  EXPECT_EQ(r.pull(middle).failure().code, ec::refused);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  EXPECT_EQ(r.last().from, "20");
}

TEST(DriveStream, CommitsNothingWhereNothingChanged) {
  drive_run r;
  r.changes("10", {}, "10");
  ASSERT_TRUE(r.pull(changes_from("10")));
  EXPECT_TRUE(r.io.pages.empty());
}

TEST(DriveStream, KeepsEachPagesPlaceAmongTheChanges) {
  drive_run r;
  r.changes("10", {change("a")}, "11", true);
  r.changes("11", {removal("b")}, "13");
  ASSERT_TRUE(r.pull(changes_from("10")));
  ASSERT_EQ(r.io.pages.size(), 2u);
  EXPECT_EQ(read_checkpoint(r.io.pages[0].checkpoint), changes_from("11"));
  EXPECT_EQ(r.io.pages[1].ids, (ids{"-b"}));
  EXPECT_EQ(r.io.pages[1].enumeration, sweep::none);
  EXPECT_EQ(r.last(), changes_from("13"));
}

TEST(DriveStream, EnumeratesOnceWhereATokenIsRefused) {
  drive_run r;
  r.changes("10", refusal(400, "invalid"));
  r.start("20");
  r.list("", {file("a")});
  r.changes("20", refusal(400, "invalid"));
  EXPECT_EQ(r.pull(changes_from("10")).failure().code, ec::refused); // and not again and again
}

TEST(DriveStream, ClosesNoEnumerationThatDriveCallsIncomplete) {
  drive_run r;
  r.start("10");
  r.list("", ok(R"({"files":[],"incompleteSearch":true})"));
  EXPECT_EQ(r.pull(std::nullopt).failure().code, ec::transport);
  EXPECT_TRUE(r.io.pages.empty());
}

TEST(DriveStream, RefusesAFeedThatStandsStill) {
  drive_run r;
  r.changes("10", {change("a")}, "10", true);
  EXPECT_EQ(r.pull(changes_from("10")).failure().code, ec::malformed);
}

TEST(DriveStream, EnumeratesAgainWhenAsked) {
  drive_run r;
  r.start("20");
  r.list("", std::vector<std::string>{});
  r.changes("20", {}, "20");
  ASSERT_TRUE(r.pull(changes_from("10"), true));
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
}

TEST(DriveLookUp, TellsHowAFileStands) {
  const auto asked = [](http_response answer) {
    canned_io io{now};
    io.expect(
        "GET",
        base + "/files/1Ab?fields=id%2Cversion%2CmodifiedTime%2Ctrashed&supportsAllDrives=true", "",
        std::move(answer));
    return run(io, look_up_file(io, {"https://www.googleapis.com", "1Ab"}));
  };
  EXPECT_EQ(asked(ok(R"({"id":"1Ab","version":"7"})"))->found, standing::shown);
  EXPECT_EQ(asked(ok(R"({"id":"1Ab","version":"7"})"))->version, "7");
  EXPECT_EQ(asked(ok(R"({"id":"1Ab","trashed":true})"))->found, standing::archived);
  EXPECT_EQ(asked(refusal(404, "notFound"))->found, standing::absent);
  EXPECT_EQ(asked(refusal(403, "appNotAuthorizedToFile"))->found, standing::absent);
  EXPECT_FALSE(asked(http_response{404, "{}", "application/json"}));
  EXPECT_FALSE(asked(ok(R"({"id":"2"})")));
}
