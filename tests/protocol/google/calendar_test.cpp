#include "protocol/google/calendar.hpp"

#include "protocol/google/calendar_checkpoint.hpp"
#include "protocol/google/provider.hpp"
#include "protocol/http/url.hpp"

#include "tests/support/canned_io.hpp"

using namespace nexte;
using namespace nexte::google;
using namespace nexte::testing;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
const std::string base = "https://www.googleapis.com/calendar/v3";

http_response ok(std::string body) {
  return {200, std::move(body), "application/json"};
}

http_response refusal(int status, std::string_view reason) {
  return {status,
          R"({"error":{"errors":[{"reason":")" + std::string{reason} + R"("}],"code":)"
              + std::to_string(status) + "}}",
          "application/json"};
}

/// A page of events; `token` is that of the changes, or with `more` that of the next page.
http_response events(const std::vector<std::string>& ids, std::string_view token,
                     bool more = false) {
  std::string body = R"({"items":[)";
  for (const auto& id : ids) {
    const bool gone = id.starts_with('-');
    body.append(body.ends_with('[') ? "" : ",")
        .append(R"({"id":")")
        .append(id.substr(gone ? 1 : 0));
    body.append(gone ? R"(","status":"cancelled"})" : R"(","etag":"1"})");
  }
  body.append(more ? R"(],"nextPageToken":")" : R"(],"nextSyncToken":")").append(token);
  return ok(body + "\"}");
}

struct calendar_run {
  void calendars(const std::vector<std::string>& ids) {
    std::string body = R"({"items":[)";
    for (const auto& id : ids)
      body.append(body.ends_with('[') ? "" : ",")
          .append(R"({"id":")" + id + R"(","selected":true})");
    io.expect("GET", base + "/users/me/calendarList?maxResults=250", "", ok(body + "]}"));
  }
  void list(const std::string& id, std::string_view cursor, http_response answer) {
    page(id, cursor.empty() ? "" : "&pageToken=" + std::string{cursor}, std::move(answer));
  }
  void changes(const std::string& id, std::string_view token, http_response answer,
               std::string_view cursor = {}) {
    page(id,
         "&syncToken=" + std::string{token}
             + (cursor.empty() ? "" : "&pageToken=" + std::string{cursor}),
         std::move(answer));
  }
  void page(const std::string& id, const std::string& more, http_response answer) {
    io.expect("GET", base + "/calendars/" + percent_encode(id) + "/events?maxResults=500" + more,
              "", std::move(answer));
  }
  result<bool> pull(const std::optional<calendar_checkpoint>& from, bool full = false) {
    pull_request request;
    request.api_base = "https://www.googleapis.com";
    if (from)
      request.checkpoint = write_checkpoint(*from);
    request.full = full;
    auto ended = run(io, provider().stream("calendar_events")->pull(io, std::move(request)));
    EXPECT_TRUE(io.exhausted()) << "a request was expected and not made";
    return ended;
  }
  calendar_checkpoint last() const {
    return io.pages.empty() ? calendar_checkpoint{}
                            : *read_calendar_checkpoint(io.pages.back().checkpoint);
  }
  std::vector<sweep> sweeps() const {
    std::vector<sweep> all;
    for (const auto& one : io.pages)
      all.push_back(one.enumeration);
    return all;
  }

  canned_io io{now};
};

/// A stream that follows the changes of these calendars.
calendar_checkpoint following(const std::vector<std::pair<std::string, std::string>>& tokens) {
  calendar_checkpoint at;
  at.at = phase::changes;
  for (const auto& [id, token] : tokens)
    at.tokens[calendar_key(id)] = token;
  return at;
}

// In the order of their keys, in which calendars are read.
const bool swapped = calendar_key("a@x") > calendar_key("b@x");
const std::string first = swapped ? "b@x" : "a@x";
const std::string second = swapped ? "a@x" : "b@x";

using ids = std::vector<std::string>;
using parts = std::vector<sweep>;

} // namespace

TEST(CalendarStream, EnumeratesAllCalendarsThenClosesWithWhatChangedMeanwhile) {
  calendar_run r;
  r.calendars({first, second});
  r.list(first, "", events({"e1"}, "p2", true));
  r.list(first, "p2", events({"e2"}, "s1"));
  r.list(second, "", events({"e1"}, "t1"));
  r.changes(first, "s1", events({"-e2"}, "s2"));
  r.changes(second, "t1", events({}, "t1"));
  ASSERT_TRUE(r.pull(std::nullopt));
  EXPECT_EQ(r.sweeps(), (parts{sweep::first, sweep::more, sweep::more, sweep::more, sweep::last}));
  EXPECT_EQ(r.io.pages[2].ids, (ids{second + "/e1"}));
  EXPECT_EQ(r.io.pages[3].ids, (ids{"-" + first + "/e2"}));
  EXPECT_EQ(r.last(), following({{first, "s2"}, {second, "t1"}}));
}

TEST(CalendarStream, GoesOnInTheMiddleOfAnEnumeration) {
  calendar_checkpoint middle;
  middle.tokens[calendar_key(first)] = "s1";
  middle.of = calendar_key(second);
  middle.cursor = "p2";
  calendar_run r;
  r.calendars({first, second});
  r.list(second, "p2", events({"e9"}, "t1"));
  r.changes(first, "s1", events({}, "s1"));
  r.changes(second, "t1", events({}, "t1"));
  ASSERT_TRUE(r.pull(middle));
  EXPECT_EQ(r.sweeps(), (parts{sweep::more, sweep::last}));
}

TEST(CalendarStream, BeginsAnewOnceWhereACursorIsRefused) {
  calendar_checkpoint middle;
  middle.of = calendar_key(first);
  middle.cursor = "p2";
  calendar_run r;
  r.calendars({first});
  r.list(first, "p2", refusal(400, "invalid"));
  r.list(first, "", events({"e1"}, "p3", true));
  r.list(first, "p3", refusal(400, "invalid"));
  EXPECT_EQ(r.pull(middle).failure().code, ec::refused);
  EXPECT_EQ(r.io.pages.size(), 1u);
}

TEST(CalendarStream, CommitsNothingWhereNothingChanged) {
  calendar_run r;
  r.calendars({first, second});
  r.changes(first, "s1", events({}, "s1"));
  r.changes(second, "t1", events({}, "t1"));
  ASSERT_TRUE(r.pull(following({{first, "s1"}, {second, "t1"}})));
  EXPECT_TRUE(r.io.pages.empty());
}

TEST(CalendarStream, KeepsUpWithTokensThatMoveByThemselves) {
  calendar_run r;
  r.calendars({first, second});
  r.changes(first, "s1", events({}, "s2"));
  r.changes(second, "t1", events({}, "t2"));
  ASSERT_TRUE(r.pull(following({{first, "s1"}, {second, "t1"}})));
  EXPECT_EQ(r.sweeps(), parts{sweep::none});
  EXPECT_EQ(r.last(), following({{first, "s2"}, {second, "t2"}}));
}

TEST(CalendarStream, MovesATokenOnlyBehindTheLastPage) {
  calendar_run r;
  r.calendars({first});
  r.changes(first, "s1", events({"e1"}, "p2", true));
  r.changes(first, "s1", events({"e2"}, "s2"), "p2");
  ASSERT_TRUE(r.pull(following({{first, "s1"}})));
  ASSERT_EQ(r.io.pages.size(), 2u);
  EXPECT_EQ(read_calendar_checkpoint(r.io.pages[0].checkpoint), following({{first, "s1"}}));
  EXPECT_EQ(r.last(), following({{first, "s2"}}));
}

TEST(CalendarStream, ListsACalendarThatWasAddedWithoutASweep) {
  calendar_run r;
  r.calendars({first, second});
  r.changes(first, "s1", events({}, "s1"));
  r.list(second, "", events({"e1"}, "t1"));
  ASSERT_TRUE(r.pull(following({{first, "s1"}})));
  for (const auto part : r.sweeps())
    EXPECT_EQ(part, sweep::none);
  EXPECT_EQ(r.last(), following({{first, "s1"}, {second, "t1"}}));
}

TEST(CalendarStream, EnumeratesWhereACalendarIsNoLongerThere) {
  calendar_run r; // only that proves which events went with it
  r.calendars({first});
  r.list(first, "", events({"e1"}, "s9"));
  r.changes(first, "s9", events({}, "s9"));
  ASSERT_TRUE(r.pull(following({{first, "s1"}, {second, "t1"}})));
  EXPECT_EQ(r.sweeps(), (parts{sweep::first, sweep::last}));
  EXPECT_EQ(r.last(), following({{first, "s9"}}));
}

TEST(CalendarStream, EnumeratesOnceWhereATokenIsRefused) {
  calendar_run r;
  r.calendars({first});
  r.changes(first, "s1", refusal(410, "fullSyncRequired"));
  r.list(first, "", events({"e1"}, "s2"));
  r.changes(first, "s2", refusal(410, "fullSyncRequired"));
  const auto ended = r.pull(following({{first, "s1"}}));
  ASSERT_FALSE(ended); // and not again and again
  EXPECT_EQ(ended.failure().code, ec::refused);
  EXPECT_EQ(r.sweeps(), parts{sweep::first});
}

TEST(CalendarStream, LeavesOutACalendarOnlyWhenGoogleItselfSaysThatItIsNotThere) {
  calendar_run gone;
  gone.calendars({first, second});
  gone.changes(first, "s1", refusal(404, "notFound"));
  gone.list(second, "", events({"e1"}, "t2"));
  gone.changes(second, "t2", events({}, "t2"));
  ASSERT_TRUE(gone.pull(following({{first, "s1"}, {second, "t1"}})));
  EXPECT_EQ(gone.last(), following({{second, "t2"}}));
  calendar_run odd; // something in between
  odd.calendars({first});
  odd.changes(first, "s1", http_response{404, "{}", "application/json"});
  EXPECT_FALSE(odd.pull(following({{first, "s1"}})));
  EXPECT_TRUE(odd.io.pages.empty());
}

TEST(CalendarStream, BeginsAnewWhereACalendarGoesInTheMiddleOfItsList) {
  calendar_checkpoint middle;
  middle.of = calendar_key(first);
  middle.cursor = "p2";
  calendar_run r;
  r.calendars({first, second});
  r.list(first, "p2", refusal(404, "notFound")); // the cursor may be meant
  r.list(first, "", refusal(404, "notFound"));
  r.list(second, "", events({"e1"}, "t1"));
  r.changes(second, "t1", events({}, "t1"));
  ASSERT_TRUE(r.pull(middle));
  EXPECT_EQ(r.sweeps(), (parts{sweep::first, sweep::last}));
}

TEST(CalendarStream, SaysWhenThereAreMoreCalendarsThanItCanFollow) {
  calendar_run r;
  std::vector<std::string> many;
  for (int i = 0; i < 9; ++i)
    many.push_back("c" + std::to_string(i) + "@x");
  std::map<std::string, std::string> by_key;
  for (const auto& id : many)
    by_key[calendar_key(id)] = id;
  r.calendars(many);
  size_t listed = 0;
  for (const auto& [key, id] : by_key) {
    r.list(id, "", events({}, std::string(512, 't')));
    if (++listed * (512 + 16) > calendar_checkpoint_bytes_max)
      break;
  }
  const auto ended = r.pull(std::nullopt);
  ASSERT_FALSE(ended);
  EXPECT_NE(ended.failure().line().find("unselect"), std::string::npos);
}

TEST(CalendarStream, EnumeratesAgainWhenAsked) {
  calendar_run r;
  r.calendars({first});
  r.list(first, "", events({}, "s9"));
  r.changes(first, "s9", events({}, "s9"));
  ASSERT_TRUE(r.pull(following({{first, "s1"}}), true));
  EXPECT_EQ(r.sweeps(), (parts{sweep::first, sweep::last}));
}

TEST(CalendarStream, EndsWithTheErrorOfAnEmit) {
  calendar_run r;
  r.io.fail_emit_after(0);
  r.calendars({first});
  r.list(first, "", events({}, "s9"));
  const auto ended = r.pull(std::nullopt);
  EXPECT_EQ(ended.failure().code, ec::cancelled);
  EXPECT_EQ(ended.failure().what.find("google.calendar_events: "), 0u);
}

TEST(CalendarLookUp, TellsHowAnEventStands) {
  const auto asked = [](http_response answer) {
    canned_io io{now};
    io.expect("GET", base + "/calendars/u%40x/events/abc", "", std::move(answer));
    return run(io, look_up_event(io, {"https://www.googleapis.com", "u@x/abc"}));
  };
  const auto live = asked(ok(R"({"id":"abc","etag":"\"7\"","updated":"2026-01-01T10:00:00Z"})"));
  ASSERT_TRUE(live);
  EXPECT_EQ(live->found, standing::shown);
  EXPECT_EQ(live->version, "\"7\"");
  EXPECT_EQ(asked(ok(R"({"id":"abc","status":"cancelled"})"))->found, standing::archived);
  EXPECT_EQ(asked(ok(R"({"id":"abc","status":"cancelled","recurringEventId":"a"})"))->found,
            standing::shown);
  EXPECT_EQ(asked(refusal(404, "notFound"))->found, standing::absent);
  EXPECT_FALSE(asked(http_response{404, "{}", "application/json"}));
  EXPECT_FALSE(asked(ok(R"({"id":"abd"})")));
  canned_io io{now};
  EXPECT_EQ(run(io, look_up_event(io, {"https://www.googleapis.com", "abc"}))->found,
            standing::absent);
}
