#include "protocol/microsoft/streams.hpp"

#include "protocol/microsoft/checkpoint.hpp"
#include "protocol/microsoft/provider.hpp"
#include "tests/support/canned_io.hpp"

using namespace nexte;
using namespace nexte::microsoft;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
const std::string base = "https://graph.example/v1.0";

std::string entry(std::string_view id, std::string_view more = {}) {
  return R"({"id":")" + std::string{id}
         + R"(","changeKey":"K","createdDateTime":"2026-01-01T00:00:00Z")" + std::string{more}
         + "}";
}
std::string removed(std::string_view id) {
  return R"({"id":")" + std::string{id} + R"(","@removed":{"reason":"deleted"}})";
}

http_response page_of(const std::vector<std::string>& entries, std::string_view link,
                      bool ended = true) {
  std::string body = R"({"value":[)";
  for (size_t i = 0; i < entries.size(); ++i)
    body.append(i > 0 ? "," : "").append(entries[i]);
  body += R"(],"@odata.)";
  body += ended ? "delta" : "next";
  return {200, body + "Link\":\"" + base + std::string{link} + "\"}", "application/json"};
}

http_response refusal(int status, std::string_view code = {}) {
  return {status, R"({"error":{"code":")" + std::string{code} + "\"}}", "application/json"};
}

struct stream_run {
  explicit stream_run(std::string stream, wall_time at = now) : name(std::move(stream)), io(at) {}

  void get(std::string_view path, http_response answer) {
    io.expect("GET", base + std::string{path}, "", std::move(answer));
  }
  result<bool> pull(const std::optional<checkpoint>& from, bool full = false) {
    pull_request request;
    request.api_base = base;
    if (from)
      request.checkpoint = write_checkpoint(*from);
    request.full = full;
    auto ended = run(io, provider().stream(name)->pull(io, std::move(request)));
    EXPECT_TRUE(io.exhausted()) << "a request was expected and not made";
    for (const auto& endpoint : io.endpoints)
      EXPECT_EQ(endpoint, "outlook");
    return ended;
  }
  checkpoint last() const {
    return io.pages.empty() ? checkpoint{} : *read_checkpoint(io.pages.back().checkpoint);
  }

  std::string name;
  canned_io io;
};

checkpoint at_link(std::string link, checkpoint::phase at = checkpoint::phase::changes) {
  checkpoint from;
  from.at = at;
  from.link = std::move(link);
  return from;
}

constexpr std::string_view first = "/me/contacts/delta";
using ids = std::vector<std::string>;

} // namespace

TEST(MicrosoftStream, EnumeratesPageByPageToTheDeltaLink) {
  stream_run r{"contacts"};
  r.get(first, page_of({entry("A"), entry("B")}, "/me/s1", false));
  r.get("/me/s1", page_of({entry("C")}, "/me/s2", false));
  r.get("/me/s2", page_of({removed("A")}, "/me/d1"));
  ASSERT_TRUE(r.pull(std::nullopt));
  ASSERT_EQ(r.io.pages.size(), 3u);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  EXPECT_EQ(r.io.pages[1].enumeration, sweep::more);
  EXPECT_EQ(r.io.pages[2].enumeration, sweep::last);
  EXPECT_EQ(r.io.pages[2].ids, (ids{"-A"}));
  EXPECT_EQ(r.last(), at_link("/me/d1"));
}

TEST(MicrosoftStream, IsWholeInOnePageWhereItIsSmall) {
  stream_run r{"contacts"};
  r.get(first, page_of({}, "/me/d1"));
  ASSERT_TRUE(r.pull(std::nullopt));
  ASSERT_EQ(r.io.pages.size(), 1u);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::whole);
}

TEST(MicrosoftStream, GoesOnInTheMiddleOfARound) {
  stream_run enumerates{"contacts"};
  enumerates.get("/me/s1", page_of({entry("B")}, "/me/d1"));
  ASSERT_TRUE(enumerates.pull(at_link("/me/s1", checkpoint::phase::list)));
  EXPECT_EQ(enumerates.io.pages[0].enumeration, sweep::last);
  stream_run follows{"contacts"};
  follows.get("/me/s1", page_of({entry("B")}, "/me/s2", false));
  follows.get("/me/s2", page_of({removed("C")}, "/me/d2"));
  ASSERT_TRUE(follows.pull(at_link("/me/s1")));
  EXPECT_EQ(follows.io.pages[0].enumeration, sweep::none);
  EXPECT_EQ(follows.io.pages[1].ids, (ids{"-C"}));
}

TEST(MicrosoftStream, CommitsNothingWhereNothingIsNewButALink) {
  stream_run same{"contacts"};
  same.get("/me/d1", page_of({}, "/me/d1"));
  ASSERT_TRUE(same.pull(at_link("/me/d1")));
  EXPECT_TRUE(same.io.pages.empty());
  stream_run moved{"contacts"};
  moved.get("/me/d1", page_of({}, "/me/d2"));
  ASSERT_TRUE(moved.pull(at_link("/me/d1")));
  EXPECT_EQ(moved.last().link, "/me/d2");
}

TEST(MicrosoftStream, AsksForTheRestOfWhatChanged) {
  stream_run r{"contacts"};
  r.get("/me/d1", page_of({entry("A"), R"({"id":"B/=","displayName":"b"})",
                           R"({"id":"C","displayName":"c"})"},
                          "/me/d2"));
  r.get("/me/contacts/B%2F%3D", {200, entry("B/="), "application/json"});
  r.get("/me/contacts/C", refusal(404, "ErrorItemNotFound"));
  ASSERT_TRUE(r.pull(at_link("/me/d1")));
  EXPECT_EQ(r.io.pages[0].ids, (ids{"A", "B/=", "-C"}));
  for (const auto& answer : {refusal(404), refusal(404, "ResourceNotFound"), refusal(409)}) {
    stream_run unsure{"contacts"};
    unsure.get("/me/d1", page_of({R"({"id":"C","displayName":"c"})"}, "/me/d2"));
    unsure.get("/me/contacts/C", answer);
    EXPECT_EQ(unsure.pull(at_link("/me/d1")).failure().code, ec::refused);
    EXPECT_TRUE(unsure.io.pages.empty());
  }
}

TEST(MicrosoftStream, BeginsAnewWhereTheLinkHasExpired) {
  for (const int status : {400, 404, 410})
    for (const auto phase : {checkpoint::phase::list, checkpoint::phase::changes}) {
      stream_run r{"contacts"};
      r.get("/me/old", refusal(status, "syncStateNotFound"));
      r.get(first, page_of({entry("A")}, "/me/d1"));
      ASSERT_TRUE(r.pull(at_link("/me/old", phase))) << status;
      EXPECT_EQ(r.io.pages[0].enumeration, sweep::whole);
    }
  stream_run refused{"contacts"}; // a first page has no link to blame
  refused.get(first, refusal(400));
  EXPECT_EQ(refused.pull(std::nullopt).failure().code, ec::refused);
  stream_run again{"contacts"}; // once a run
  again.get("/me/old", refusal(410));
  again.get(first, page_of({}, "/me/s1", false));
  again.get("/me/s1", refusal(410));
  const auto ended = again.pull(at_link("/me/old"));
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.failure().what.find("microsoft.contacts: "), 0u);
}

TEST(MicrosoftStream, EnumeratesAgainWhenAskedOrWhereTheCheckpointIsOfNoUse) {
  stream_run asked{"contacts"};
  asked.get(first, page_of({}, "/me/d1"));
  ASSERT_TRUE(asked.pull(at_link("/me/d0"), true));
  EXPECT_EQ(asked.io.pages[0].enumeration, sweep::whole);
  stream_run damaged{"contacts"};
  damaged.get(first, page_of({}, "/me/d1"));
  pull_request request;
  request.api_base = base;
  request.checkpoint = R"({"v":99})";
  ASSERT_TRUE(run(damaged.io, provider().stream("contacts")->pull(damaged.io, std::move(request))));
}

TEST(MicrosoftStream, RefusesALinkThatStandsStillOrLeadsAway) {
  stream_run still{"contacts"};
  still.get("/me/s1", page_of({}, "/me/s1", false));
  EXPECT_EQ(still.pull(at_link("/me/s1")).failure().code, ec::malformed);
  stream_run away{"contacts"};
  away.get(first, {200, R"({"value":[],"@odata.nextLink":"https://evil.example/v1.0/me"})",
                   "application/json"});
  EXPECT_EQ(away.pull(std::nullopt).failure().code, ec::malformed);
  EXPECT_TRUE(away.io.pages.empty());
}

TEST(MicrosoftStream, EndsWithTheErrorOfAnEmit) {
  stream_run r{"contacts"};
  r.io.fail_emit_after(0);
  r.get(first, page_of({}, "/me/d1"));
  EXPECT_EQ(r.pull(std::nullopt).failure().code, ec::cancelled);
}

namespace {

std::string window(std::string_view from, std::string_view until) {
  return "/me/calendarView/delta?startDateTime=" + std::string{from}
         + "T00:00:00Z&endDateTime=" + std::string{until} + "T00:00:00Z";
}

checkpoint events_at(std::string_view from, std::string_view until) {
  auto at = at_link("/me/d1");
  at.from = *parse_iso_time(from);
  at.until = *parse_iso_time(until);
  return at;
}

} // namespace

TEST(MicrosoftEvents, AreReadFromAYearBackToAYearAhead) {
  stream_run r{"calendar_events"};
  r.get(window("2025-03-01", "2027-03-01"), page_of({entry("A")}, "/me/d1"));
  ASSERT_TRUE(r.pull(std::nullopt));
  EXPECT_EQ(r.last(), events_at("2025-03-01", "2027-03-01"));
}

TEST(MicrosoftEvents, TakeAnOccurrenceAsItComes) {
  stream_run r{"calendar_events"};
  r.get("/me/d1", page_of({R"({"id":"O","type":"occurrence","seriesMasterId":"M"})"}, "/me/d1"));
  ASSERT_TRUE(r.pull(events_at("2025-03-01", "2027-03-01")));
  EXPECT_EQ(r.io.pages.at(0).ids, ids{"O"});
}

TEST(MicrosoftEvents, RenewTheWindowWhenItIsAWeekOldAndKeepItsBeginning) {
  const auto made = *parse_iso_time("2026-03-01");
  stream_run early{"calendar_events", made + window_renewed_every - 1ms};
  early.get("/me/d1", page_of({}, "/me/d1"));
  ASSERT_TRUE(early.pull(events_at("2025-03-01", "2027-03-01")));
  stream_run due{"calendar_events", made + window_renewed_every};
  due.get(window("2025-03-01", "2027-03-08"), page_of({}, "/me/d2"));
  ASSERT_TRUE(due.pull(events_at("2025-03-01", "2027-03-01")));
  EXPECT_EQ(due.io.pages.at(0).enumeration, sweep::whole);
  stream_run asked{"calendar_events"}; // so does an enumeration that is asked for
  asked.get(window("2024-12-24", "2027-03-01"), page_of({}, "/me/d2"));
  ASSERT_TRUE(asked.pull(events_at("2024-12-24", "2027-02-28"), true));
}

TEST(MicrosoftEvents, AskForNoLongerWindowThanGraphServes) {
  stream_run longest{"calendar_events"};
  longest.get(window("2022-03-02", "2027-03-01"), page_of({}, "/me/d2"));
  ASSERT_TRUE(longest.pull(events_at("2022-03-02", "2027-01-01"), true));
  stream_run past{"calendar_events"};
  past.get(window("2022-03-02", "2027-03-01"), page_of({}, "/me/d2"));
  ASSERT_TRUE(past.pull(events_at("2022-03-01", "2027-01-01"), true));
}

TEST(MicrosoftEvents, AreExplainedWhereTheyLieBeyondTheWindow) {
  const auto asked = [](std::string_view start) {
    canned_io io{now};
    io.expect("GET", base + "/me/events/E", "",
              http_response{200,
                            R"({"id":"E","start":{"timeZone":"UTC","dateTime":")"
                                + std::string{start} + ".0000000\"}}",
                            "application/json"});
    return *run(io, provider().stream("calendar_events")->look_up(io, {base, "E"}));
  };
  EXPECT_EQ(asked("2027-03-01T09:59:59").found, standing::shown);
  const auto beyond = asked("2027-03-01T10:00:00");
  EXPECT_EQ(beyond.found, standing::filtered);
  EXPECT_FALSE(beyond.rule.empty());
}
