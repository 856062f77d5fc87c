#include "protocol/pipedrive/streams.hpp"

#include "protocol/pipedrive/checkpoint.hpp"
#include "protocol/pipedrive/provider.hpp"

#include "tests/support/canned_io.hpp"

using namespace nexte;
using namespace nexte::pipedrive;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

const wall_time server_now = *parse_iso_time("2026-03-01T10:00:00Z");
const wall_time horizon = server_now - overlap;
const wall_time our_now = server_now + 5h; // our clock is wrong, Pipedrive's counts

const std::string base = "https://north.example/api/v2/";

std::string behind(std::string_view cursor) {
  return cursor.empty() ? std::string{} : "&cursor=" + std::string{cursor};
}

std::string row(int64_t id, wall_time at, std::string_view more = {}) {
  return R"({"id":)" + std::to_string(id) + R"(,"update_time":")" + format_iso_seconds(at) + "\""
         + std::string{more} + "}";
}

http_response page_of(std::vector<std::string> rows, std::string_view cursor = {},
                      wall_time at = server_now) {
  std::string body = R"({"success":true,"data":[)";
  for (size_t i = 0; i < rows.size(); ++i)
    body.append(i > 0 ? "," : "").append(rows[i]);
  body += R"(],"additional_data":{"next_cursor":)";
  body += cursor.empty() ? "null" : "\"" + std::string{cursor} + "\"";
  http_response answer{200, body + "}}", "application/json"};
  answer.headers.add("Date", format_http_date(at));
  return answer;
}

http_response refusal(int status) {
  return {status, R"({"success":false})", "application/json"};
}

struct stream_run {
  explicit stream_run(std::string entity) : name(std::move(entity)) {}

  void list(std::string_view cursor, http_response answer) {
    io.expect("GET", base + name + "?limit=500&sort_by=id&sort_direction=asc" + behind(cursor), "",
              std::move(answer));
  }
  void feed(wall_time since, std::string_view cursor, http_response answer,
            std::string_view below = {}, std::string_view status = {}) {
    const auto at = percent_encode(format_iso_seconds(since));
    io.expect("GET",
              base + name + std::string{below}
                  + "?limit=500&sort_by=update_time&sort_direction=asc&updated_since=" + at
                  + std::string{status} + behind(cursor),
              "", std::move(answer));
  }
  void deleted(wall_time since, http_response answer) {
    feed(since, "", std::move(answer), "", "&status=deleted");
  }
  void archived(wall_time since, http_response answer) {
    feed(since, "", std::move(answer), "/archived");
  }
  result<bool> pull(const std::optional<checkpoint>& from, bool full = false) {
    pull_request request;
    request.api_base = "https://north.example";
    if (from)
      request.checkpoint = write_checkpoint(*from);
    request.full = full;
    auto ended = run(io, provider().stream(name)->pull(io, std::move(request)));
    EXPECT_TRUE(io.exhausted()) << "a request was expected and not made";
    return ended;
  }
  checkpoint last() const {
    return io.pages.empty() ? checkpoint{} : *read_checkpoint(io.pages.back().checkpoint);
  }

  std::string name;
  canned_io io{our_now};
};

checkpoint changes_since(wall_time since, wall_time looked = server_now) {
  checkpoint at;
  at.at = phase::changes;
  at.since = at.deleted_since = at.archived_since = since;
  at.looked = looked;
  return at;
}

using ids = std::vector<std::string>;

} // namespace

TEST(PipedriveStream, EnumeratesThenClosesWithWhatChangedMeanwhile) {
  stream_run r{"persons"};
  r.list("", page_of({row(1, horizon - 9h), row(2, horizon - 8h)}, "c1"));
  r.list("c1", page_of({row(3, horizon - 7h)}));
  r.feed(horizon, "", page_of({row(2, server_now)}, "", server_now + 5min));
  ASSERT_TRUE(r.pull(std::nullopt));
  ASSERT_EQ(r.io.pages.size(), 3u);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  EXPECT_EQ(r.io.pages[1].enumeration, sweep::more);
  EXPECT_EQ(r.io.pages[2].enumeration, sweep::last);
  EXPECT_EQ(r.io.pages[2].ids, (ids{"2"}));
  EXPECT_EQ(r.last().at, phase::changes);
  EXPECT_EQ(r.last().since, server_now + 1s);
}

TEST(PipedriveStream, GoesOnInTheMiddleOfAnEnumeration) {
  checkpoint middle;
  middle.cursor = "c1";
  middle.since = horizon;
  stream_run r{"persons"};
  r.list("c1", page_of({row(3, horizon - 7h)}));
  r.feed(horizon, "", page_of({}));
  ASSERT_TRUE(r.pull(middle));
  ASSERT_EQ(r.io.pages.size(), 2u);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::more);
  EXPECT_EQ(r.io.pages[1].enumeration, sweep::last); // empty, yet it closes the enumeration
}

TEST(PipedriveStream, BeginsAnewWhereTheCursorIsRefused) {
  for (const int status : {400, 404, 410}) {
    checkpoint middle;
    middle.cursor = "old";
    stream_run r{"organizations"};
    r.list("old", refusal(status));
    r.list("", page_of({row(1, horizon - 9h)}));
    r.feed(horizon, "", page_of({}));
    ASSERT_TRUE(r.pull(middle)) << status;
    EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  }
  stream_run r{"persons"}; // a first page has no cursor to blame
  r.list("", refusal(400));
  const auto ended = r.pull(std::nullopt);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.failure().code, ec::refused);
  EXPECT_EQ(ended.failure().what.find("pipedrive.persons: "), 0u);
}

TEST(PipedriveStream, CommitsNothingWhereNothingChanged) {
  stream_run r{"deals"};
  r.feed(horizon - 1h, "", page_of({}));
  ASSERT_TRUE(r.pull(changes_since(horizon - 1h)));
  EXPECT_TRUE(r.io.pages.empty());
}

TEST(PipedriveStream, StandsOneSecondPastTheLastSettledChange) {
  stream_run r{"persons"};
  r.feed(horizon - 1h, "", page_of({row(1, horizon - 1h), row(2, horizon - 1s)}));
  ASSERT_TRUE(r.pull(changes_since(horizon - 1h)));
  EXPECT_EQ(r.last().since, horizon);
}

TEST(PipedriveStream, ReadsAgainWhatIsYoungerThanTheOverlap) {
  for (const auto at : {horizon, server_now, server_now + 24h}) { // an import may date itself later
    stream_run r{"persons"};
    r.feed(horizon - 1h, "", page_of({row(1, at)}));
    ASSERT_TRUE(r.pull(changes_since(horizon - 1h)));
    EXPECT_EQ(r.last().since, horizon);
  }
}

TEST(PipedriveStream, KeepsToOneBeginningWhileItFollowsACursor) {
  stream_run r{"persons"};
  r.feed(horizon - 1h, "", page_of({row(1, horizon - 50min)}, "c1"));
  r.feed(horizon - 1h, "c1", page_of({row(2, horizon - 40min)}, "c2", server_now + 1h));
  r.feed(horizon - 1h, "c2", page_of({row(3, server_now + 50min)}, "", server_now + 1h));
  ASSERT_TRUE(r.pull(changes_since(horizon - 1h)));
  ASSERT_EQ(r.io.pages.size(), 3u);
  EXPECT_EQ(read_checkpoint(r.io.pages[0].checkpoint)->since, horizon - 50min);
  EXPECT_EQ(read_checkpoint(r.io.pages[1].checkpoint)->since, horizon - 40min);
  EXPECT_EQ(r.last().since, horizon); // by the clock of the first answer
}

TEST(PipedriveStream, FollowsAnewFromWhatIsKnownWhereTheCursorIsRefused) {
  stream_run r{"persons"};
  r.feed(horizon - 1h, "", page_of({row(1, horizon - 50min)}, "c1"));
  r.feed(horizon - 1h, "c1", refusal(400));
  r.feed(horizon - 50min, "", page_of({row(1, horizon - 50min), row(2, horizon - 40min)}));
  ASSERT_TRUE(r.pull(changes_since(horizon - 1h)));
  EXPECT_EQ(r.io.pages.back().ids, (ids{"1", "2"}));
}

TEST(PipedriveStream, TakesADeletedRowAmongTheChangesForGone) {
  stream_run r{"persons"};
  r.feed(horizon - 1h, "", page_of({row(1, horizon - 1min, R"(,"is_deleted":true)")}));
  ASSERT_TRUE(r.pull(changes_since(horizon - 1h)));
  EXPECT_EQ(r.io.pages[0].ids, (ids{"-1"}));
}

TEST(PipedriveStream, AsksForDepartedDealsEveryQuarterOfAnHour) {
  const auto since = horizon - 1h;
  stream_run early{"deals"};
  early.feed(since, "", page_of({}));
  ASSERT_TRUE(early.pull(changes_since(since, server_now - departures_every + 1s)));
  stream_run due{"deals"};
  due.feed(since, "", page_of({}));
  due.deleted(since, page_of({row(4, horizon - 2min, R"(,"is_deleted":true)")}));
  due.archived(since, page_of({row(5, horizon - 1min)})); // gone, whatever its row says
  ASSERT_TRUE(due.pull(changes_since(since, server_now - departures_every)));
  ASSERT_EQ(due.io.pages.size(), 2u);
  EXPECT_EQ(due.io.pages[0].ids, (ids{"-4"}));
  EXPECT_EQ(due.io.pages[1].ids, (ids{"-5"}));
  EXPECT_EQ(due.last().looked, server_now);
  EXPECT_EQ(due.last().since, since);
  EXPECT_EQ(due.last().deleted_since, horizon - 2min + 1s);
  EXPECT_EQ(due.last().archived_since, horizon - 1min + 1s);
  stream_run never{"persons"};
  never.feed(since, "", page_of({}));
  ASSERT_TRUE(never.pull(changes_since(since, wall_time{})));
}

TEST(PipedriveStream, EnumeratesAgainWhenAskedOrWhereTheCheckpointIsOfNoUse) {
  stream_run asked{"persons"};
  asked.list("", page_of({}));
  asked.feed(horizon, "", page_of({}));
  ASSERT_TRUE(asked.pull(changes_since(horizon - 1h), true));
  EXPECT_EQ(asked.io.pages[0].enumeration, sweep::first);
  stream_run damaged{"persons"};
  damaged.list("", page_of({}));
  damaged.feed(horizon, "", page_of({}));
  pull_request request;
  request.api_base = "https://north.example";
  request.checkpoint = R"({"v":99})";
  ASSERT_TRUE(run(damaged.io, provider().stream("persons")->pull(damaged.io, std::move(request))));
}

TEST(PipedriveStream, RefusesAListThatStandsStill) {
  checkpoint middle;
  middle.cursor = "c1";
  stream_run r{"persons"};
  r.list("c1", page_of({row(1, horizon)}, "c1"));
  EXPECT_EQ(r.pull(middle).failure().code, ec::malformed);
}

TEST(PipedriveStream, WithoutAServersClockTrustsItsOwnLess) {
  auto answer = page_of({});
  answer.headers.remove("Date");
  stream_run r{"persons"};
  r.list("", answer);
  r.feed(our_now - 1h - overlap, "", answer);
  ASSERT_TRUE(r.pull(std::nullopt));
}

TEST(PipedriveStream, EndsWithTheErrorOfAnEmit) {
  stream_run r{"persons"};
  r.io.fail_emit_after(0);
  r.list("", page_of({}));
  EXPECT_EQ(r.pull(std::nullopt).failure().code, ec::cancelled);
}
