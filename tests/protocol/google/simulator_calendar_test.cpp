#include "tests/protocol/google/simulated.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

class GoogleSimulatorCalendar : public ::testing::Test {
protected:
  static constexpr auto events = "calendar/v3/calendars/primary/events";

  http_response write(std::string method, const std::string& path, std::string body,
                      std::string_view if_match = {}) {
    http_request request{std::move(method), "https://www.googleapis.com/" + path, std::move(body),
                         "application/json"};
    if (!if_match.empty())
      request.headers.add("If-Match", std::string{if_match});
    return at.send(std::move(request));
  }
  /// All items of a list, page by page; the token that it ends with.
  std::pair<std::vector<json::value>, std::string> list(const std::string& more = {}) {
    std::vector<json::value> all;
    for (std::string cursor;;) {
      const auto page
          = at.read(at.get(std::string{events} + "?maxResults=7" + more
                           + (cursor.empty() ? "" : "&pageToken=") + percent_encode(cursor)));
      for (const auto& item : page.find("items")->items)
        all.push_back(item);
      cursor = page.string_or_empty("nextPageToken");
      EXPECT_NE(cursor.empty(), page.string_or_empty("nextSyncToken").empty());
      if (cursor.empty())
        return {all, std::string{page.string_or_empty("nextSyncToken")}};
    }
  }
  std::pair<std::vector<json::value>, std::string> changes(const std::string& token) {
    return list("&syncToken=" + percent_encode(token));
  }
  static std::string etag_of(const http_response& answer) {
    return std::string{simulated_google::read(answer).string_or_empty("etag")};
  }

  simulated_google at{20};
  const std::string meeting
      = R"({"summary":"Lunch","start":{"date":"2026-03-02"},"end":{"date":"2026-03-03"}})";
};

} // namespace

TEST_F(GoogleSimulatorCalendar, ListsCalendarsWithTheirRights) {
  const auto first = at.read(at.get("calendar/v3/users/me/calendarList"));
  const auto rest = at.read(at.get("calendar/v3/users/me/calendarList?pageToken="
                                   + percent_encode(first.string_or_empty("nextPageToken"))));
  const auto& entry = first.find("items")->items.at(0);
  EXPECT_TRUE(entry.find("primary")->truth);
  EXPECT_EQ(entry.string_or_empty("accessRole"), "owner");
  EXPECT_EQ(first.find("items")->items.size() + rest.find("items")->items.size(), 3u);
  at.token = at.sim.issue_tokens(at.now, 0, {"https://www.googleapis.com/auth/calendar.events"})
                 .access_token;
  EXPECT_EQ(at.get("calendar/v3/users/me/calendarList").status, 403); // google.md §1.7
  EXPECT_EQ(at.get(events).status, 200);
}

TEST_F(GoogleSimulatorCalendar, TellsAfterItsTokenWhatChanged) {
  const auto [all, token] = list();
  EXPECT_GT(all.size(), 10u);
  EXPECT_TRUE(changes(token).first.empty());
  const std::string one{all[0].string_or_empty("id")};
  ASSERT_EQ(write("DELETE", std::string{events} + "/" + one, "").status, 204);
  const auto [changed, next] = changes(token);
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].string_or_empty("status"), "cancelled");
  EXPECT_FALSE(changed[0].find("updated")); // only what is promised
  EXPECT_NE(next, token);
  EXPECT_EQ(list().first.size(), all.size() - 1);
}

TEST_F(GoogleSimulatorCalendar, RefusesATokenThatIsOldOrNotOfItsKind) {
  const auto token = list().second;
  const auto ask = [&](const std::string& more) {
    return at.get(std::string{events} + "?syncToken=" + percent_encode(token) + more);
  };
  for (const auto* more : {"&timeMin=2026-01-01T00:00:00Z", "&q=x", "&orderBy=updated",
                           "&showDeleted=false", "&updatedMin=x"})
    EXPECT_EQ(ask(more).status, 400) << more;
  EXPECT_EQ(at.get(std::string{events} + "?syncToken=x").status, 410);
  at.now += 21 * 24h - 1ms;
  at.token = at.sim.issue_access_token(at.now);
  EXPECT_EQ(ask("").status, 200);
  at.now += 1ms;
  EXPECT_EQ(ask("").status, 410);
  EXPECT_EQ(at.reason(ask("")), "fullSyncRequired");
  const auto fresh = list().second;
  at.admin("forget_tokens");
  EXPECT_EQ(at.get(std::string{events} + "?syncToken=" + percent_encode(fresh)).status, 410);
}

TEST_F(GoogleSimulatorCalendar, TakesAnIdOnce) {
  const auto with_id = [&](std::string_view id) {
    return write("POST", events, R"({"id":")" + std::string{id} + "\"," + meeting.substr(1));
  };
  EXPECT_EQ(with_id("lunch0123").status, 200);
  EXPECT_EQ(with_id("lunch0123").status, 409);
  EXPECT_EQ(at.reason(with_id("lunch0123")), "duplicate");
  for (const auto* id : {"abc", "Lunch", "lunchy", "lunch-1"}) // base32hex, 5 at least
    EXPECT_EQ(with_id(id).status, 400) << id;
}

TEST_F(GoogleSimulatorCalendar, WritesOnlyWhatIsStillAsTheConditionSays) {
  const auto made = write("POST", events, meeting);
  ASSERT_EQ(made.status, 200);
  const auto path = std::string{events} + "/" + std::string{at.read(made).string_or_empty("id")};
  at.now += 1s;
  const auto changed = write("PATCH", path, R"({"summary":"Dinner"})", etag_of(made));
  ASSERT_EQ(changed.status, 200);
  EXPECT_NE(etag_of(changed), etag_of(made));
  EXPECT_EQ(write("PATCH", path, R"({"summary":"Tea"})", etag_of(made)).status, 412);
  EXPECT_EQ(write("PUT", path, meeting, etag_of(made)).status, 412);
  EXPECT_EQ(write("DELETE", path, "", etag_of(made)).status, 412);
  EXPECT_EQ(at.reason(write("DELETE", path, "", etag_of(made))), "conditionNotMet");
  EXPECT_EQ(at.read(at.get(path)).string_or_empty("summary"), "Dinner");
  http_request get{"GET", "https://www.googleapis.com/" + path};
  get.headers.add("If-None-Match", etag_of(changed));
  EXPECT_EQ(at.send(get).status, 304);
  EXPECT_EQ(write("DELETE", path, "", etag_of(changed)).status, 204);
  EXPECT_EQ(write("DELETE", path, "").status, 410); // deleted already
}

TEST_F(GoogleSimulatorCalendar, ReplacesByPutAndMergesByPatch) {
  const auto made = at.read(write("POST", events, meeting));
  const auto path = std::string{events} + "/" + std::string{made.string_or_empty("id")};
  write("PATCH", path, R"({"location":"Bern"})");
  EXPECT_EQ(at.read(at.get(path)).string_or_empty("summary"), "Lunch");
  write("PUT", path, R"({"start":{"date":"2026-03-02"},"end":{"date":"2026-03-03"}})");
  EXPECT_FALSE(at.read(at.get(path)).find("location"));
  EXPECT_EQ(write("PUT", path, "{}").status, 400);
  EXPECT_EQ(write("POST", events, "[").status, 400);
}

TEST_F(GoogleSimulatorCalendar, LetsASeriesGoWithItsExceptions) {
  const auto all = list().first;
  const auto exception = std::ranges::find_if(
      all, [](const auto& one) { return one.find("recurringEventId") != nullptr; });
  ASSERT_NE(exception, all.end());
  EXPECT_EQ(exception->string_or_empty("status"), "cancelled"); // shown while its series is there
  const auto token = list().second;
  const std::string series{exception->string_or_empty("recurringEventId")};
  at.admin("delete", R"({"type":"calendar_events","id":"ada@workspace.example/)" + series + "\"}");
  EXPECT_EQ(changes(token).first.size(), 2u);
  EXPECT_EQ(list().first.size(), all.size() - 2);
}

TEST_F(GoogleSimulatorCalendar, NeedsTheRightToWrite) {
  at.token
      = at.sim.issue_tokens(at.now, 0, {"https://www.googleapis.com/auth/calendar.events.readonly"})
            .access_token;
  EXPECT_EQ(write("POST", events, meeting).status, 403);
  EXPECT_EQ(at.get("calendar/v3/calendars/nobody/events").status, 404);
}
