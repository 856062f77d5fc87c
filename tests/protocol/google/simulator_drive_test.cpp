#include "tests/protocol/google/simulated.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

class GoogleSimulatorDrive : public ::testing::Test {
protected:
  static constexpr auto all_drives = "&supportsAllDrives=true&includeItemsFromAllDrives=true";

  std::vector<json::value> files(const std::string& more = {}) {
    std::vector<json::value> all;
    for (std::string cursor;;) {
      const auto page
          = at.read(at.get("drive/v3/files?pageSize=7" + more
                           + (cursor.empty() ? "" : "&pageToken=") + percent_encode(cursor)));
      for (const auto& item : page.find("files")->items)
        all.push_back(item);
      cursor = page.string_or_empty("nextPageToken");
      if (cursor.empty())
        return all;
    }
  }
  std::string start() {
    return std::string{
        at.read(at.get("drive/v3/changes/startPageToken")).string_or_empty("startPageToken")};
  }
  json::value changes(const std::string& token, const std::string& more = all_drives) {
    return at.read(at.get("drive/v3/changes?pageToken=" + token + more));
  }
  void act(std::string_view what, const json::value& one) {
    at.admin(what, R"({"type":"drive_files","text":"renamed","id":")"
                       + std::string{one.string_or_empty("id")} + "\"}");
  }

  simulated_google at{50};
};

} // namespace

TEST_F(GoogleSimulatorDrive, ShowsSharedDrivesWhereTheyAreAskedFor) {
  EXPECT_EQ(files("&q=trashed%3Dfalse" + std::string{all_drives}).size(), 50u);
  EXPECT_EQ(files("&q=trashed%3Dfalse").size(), 40u);
  EXPECT_EQ(files(all_drives).size(), 52u); // with the bin
  EXPECT_EQ(at.get("drive/v3/files?includeItemsFromAllDrives=true").status, 400);
}

TEST_F(GoogleSimulatorDrive, ShowsFourFieldsUnlessMoreAreAskedFor) {
  const auto plain = files(all_drives)[0];
  EXPECT_EQ(plain.members.size(), 4u);
  const auto asked = files(std::string{all_drives} + "&fields=nextPageToken,files(id,version)")[0];
  EXPECT_EQ(asked.members.size(), 2u);
  EXPECT_FALSE(asked.string_or_empty("version").empty());
  EXPECT_EQ(at.get("drive/v3/files?fields=files(").status, 400);
}

TEST_F(GoogleSimulatorDrive, TellsAFileOnceInItsLatestState) {
  const auto all = files();
  const auto token = start();
  EXPECT_EQ(changes(token).string_or_empty("newStartPageToken"), token);
  act("edit", all[0]);
  act("edit", all[1]);
  act("edit", all[0]);
  act("erase", all[1]);
  at.sim.strict().short_pages = false;
  const auto told = changes(token);
  const auto& items = told.find("changes")->items;
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].string_or_empty("fileId"), all[0].string_or_empty("id"));
  EXPECT_EQ(items[0].find("file")->string_or_empty("name"), "renamed");
  EXPECT_TRUE(items[1].find("removed")->truth);
  EXPECT_FALSE(items[1].find("file"));
  EXPECT_EQ(changes(token, "&includeRemoved=false").find("changes")->items.size(), 1u);
  EXPECT_EQ(told.string_or_empty("newStartPageToken"), start());
}

TEST_F(GoogleSimulatorDrive, ForgetsPageTokensOfListsAfterHoursButNoneOfChanges) {
  const auto token = start();
  const auto page = at.read(at.get("drive/v3/files?pageSize=7"));
  const auto next = "drive/v3/files?pageSize=7&pageToken="
                    + percent_encode(page.string_or_empty("nextPageToken"));
  at.now += 6h - 1ms;
  at.token = at.sim.issue_access_token(at.now);
  EXPECT_EQ(at.get(next).status, 200);
  at.now += 1ms;
  EXPECT_EQ(at.get(next).status, 400);
  at.now += 24h * 400;
  at.token = at.sim.issue_access_token(at.now);
  EXPECT_TRUE(changes(token).find("changes"));
  for (const auto* bad : {"x", "0", "-1", "99999999"})
    EXPECT_EQ(at.get("drive/v3/changes?pageToken=" + std::string{bad}).status, 400) << bad;
  EXPECT_EQ(at.get("drive/v3/changes").status, 400);
}

TEST_F(GoogleSimulatorDrive, ShowsOneFile) {
  const std::string id{files()[0].string_or_empty("id")};
  EXPECT_EQ(at.read(at.get("drive/v3/files/" + id)).string_or_empty("id"), id);
  const auto absent = at.get("drive/v3/files/1Nope");
  EXPECT_EQ(absent.status, 404);
  EXPECT_EQ(at.reason(absent), "notFound");
  at.token = at.sim.issue_tokens(at.now, 0, {"openid"}).access_token;
  EXPECT_EQ(at.get("drive/v3/files/" + id).status, 403);
}
