#include "protocol/notion/streams.hpp"

#include "protocol/notion/checkpoint.hpp"
#include "protocol/notion/provider.hpp"

#include "tests/support/canned_io.hpp"

using namespace nexte;
using namespace nexte::notion;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

const wall_time server_now = *parse_iso_time("2026-03-01T10:00:30Z");
const wall_time horizon = *parse_iso_time("2026-03-01T09:50:00Z");
const wall_time our_now = server_now + 5h; // our clock is wrong, Notion's counts
const std::string base = "https://notion.example";

std::string row(std::string_view id, wall_time at, std::string_view more = {}) {
  return R"({"id":")" + std::string{id} + R"(","last_edited_time":")" + format_iso_time(at) + "\""
         + std::string{more} + "}";
}

http_response page_of(std::vector<std::string> rows, std::string_view cursor = {},
                      wall_time at = server_now, std::string_view more = {}) {
  std::string body = R"({"object":"list","results":[)";
  for (size_t i = 0; i < rows.size(); ++i)
    body.append(i > 0 ? "," : "").append(rows[i]);
  body += R"(],"next_cursor":)";
  body += cursor.empty() ? "null" : "\"" + std::string{cursor} + "\"";
  http_response answer{200, body + std::string{more} + "}", "application/json"};
  answer.headers.add("Date", format_http_date(at));
  return answer;
}

http_response cut_short(std::vector<std::string> rows) {
  return page_of(std::move(rows), "", server_now, R"(,"request_status":{"type":"incomplete"})");
}

http_response refusal(int status) {
  return {status, R"({"object":"error"})", "application/json"};
}

struct stream_run {
  void search(std::string_view filter, unsigned size, std::string_view cursor,
              http_response answer) {
    const auto from
        = cursor.empty() ? std::string{} : R"(,"start_cursor":")" + std::string{cursor} + "\"";
    io.expect("POST", base + "/v1/search",
              R"({"filter":{"property":"object","value":)" + std::string{filter}
                  + R"(},"sort":{"timestamp":"last_edited_time","direction":"descending"},)"
                    R"("page_size":)"
                  + std::to_string(size) + from + "}",
              std::move(answer));
  }
  void pages(std::string_view cursor, http_response answer) {
    search("\"page\"", 100, cursor, std::move(answer));
  }
  void trash(std::string_view cursor, http_response answer) {
    search("\"page\",\"in_trash\":true", 100, cursor, std::move(answer));
  }
  void sources(std::string_view cursor, http_response answer) {
    search("\"data_source\"", 25, cursor, std::move(answer));
  }
  void rows(std::string_view source, wall_time from, std::string_view cursor,
            http_response answer) {
    std::string body = "{";
    if (from != wall_time{})
      body += R"("filter":{"timestamp":"created_time","created_time":{"on_or_after":")"
              + format_iso_time(from) + R"("}},)";
    body += R"("sorts":[{"timestamp":"created_time","direction":"ascending"}],)"
            R"("result_type":"page","page_size":100)";
    if (!cursor.empty())
      body += R"(,"start_cursor":")" + std::string{cursor} + "\"";
    io.expect("POST", base + "/v1/data_sources/" + std::string{source} + "/query", body + "}",
              std::move(answer));
  }
  result<bool> pull(const std::optional<checkpoint>& from, bool full = false) {
    pull_request request;
    request.api_base = base;
    if (from)
      request.checkpoint = write_checkpoint(*from);
    request.full = full;
    auto ended = run(io, provider().stream("pages")->pull(io, std::move(request)));
    EXPECT_TRUE(io.exhausted()) << "a request was expected and not made";
    return ended;
  }
  /// … which proves its end.
  void pull_well(const std::optional<checkpoint>& from, bool full = false) {
    const auto ended = pull(from, full);
    ASSERT_TRUE(ended) << ended.failure().line();
    EXPECT_TRUE(*ended);
  }
  checkpoint last() const {
    return io.pages.empty() ? checkpoint{} : *read_checkpoint(io.pages.back().checkpoint);
  }

  canned_io io{our_now};
};

checkpoint changes_since(wall_time since) {
  checkpoint at;
  at.at = phase::changes;
  at.since = at.trashed_since = since;
  at.trash_read = server_now;
  return at;
}

checkpoint querying(std::vector<std::string> sources) {
  auto at = changes_since(horizon);
  at.at = phase::last_sources;
  at.sources = std::move(sources);
  return at;
}

using ids = std::vector<std::string>;

} // namespace

TEST(NotionStream, EnumeratesPagesThenRowsThenClosesWithWhatChanged) {
  stream_run r;
  r.pages("", page_of({row("p1", horizon - 1h)}, "c1"));
  r.pages("c1", page_of({row("p2", horizon - 2h)}));
  r.sources("", page_of({row("s1", horizon)}, "c2"));
  r.rows("s1", {}, "", page_of({row("r1", horizon - 3h)}, "c3"));
  r.rows("s1", {}, "c3", page_of({row("r2", horizon - 3h)}));
  r.sources("c2", page_of({row("s2", horizon)}));
  r.rows("s2", {}, "", page_of({}));
  r.pages("", page_of({row("p2", server_now), row("p1", horizon - 1h)}, "c4", server_now + 5min));
  r.trash("", page_of({row("t1", horizon - 9h, R"(,"in_trash":true)")}));
  r.pull_well(std::nullopt);
  ASSERT_EQ(r.io.pages.size(), 7u);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  for (size_t i = 1; i < 5; ++i)
    EXPECT_EQ(r.io.pages[i].enumeration, sweep::more) << i;
  EXPECT_FALSE(r.io.pages[0].lagging); // what came back with its old time must be taken
  EXPECT_EQ(r.io.pages[5].enumeration, sweep::last);
  EXPECT_EQ(r.io.pages[5].ids, (ids{"p2"})); // the other one was known
  EXPECT_TRUE(r.io.pages[5].lagging);        // the index may be behind what a query showed
  EXPECT_EQ(r.io.pages[6].ids, (ids{"-t1"}));
  EXPECT_EQ(r.io.pages[6].enumeration, sweep::none);
  EXPECT_EQ(r.last().at, phase::changes);
  EXPECT_EQ(r.last().since, horizon + 5min);
}

TEST(NotionStream, GoesOnInTheMiddleOfAnEnumeration) {
  auto middle = querying({"s1"});
  middle.row_cursor = "c3";
  stream_run r;
  r.rows("s1", {}, "c3", page_of({row("r2", horizon - 3h)}));
  r.pages("", page_of({}));
  r.trash("", page_of({}));
  r.pull_well(middle);
  ASSERT_EQ(r.io.pages.size(), 2u);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::more);
  EXPECT_EQ(r.io.pages[1].enumeration, sweep::last); // empty, yet it closes the enumeration
}

TEST(NotionStream, BeginsAnewWhereACursorIsRefused) {
  checkpoint middle;
  middle.cursor = "old";
  middle.since = horizon;
  for (const int status : {400, 404, 410}) {
    stream_run r;
    r.pages("old", refusal(status));
    r.pages("", page_of({row("p1", horizon - 1h)}));
    r.sources("", page_of({row("s1", horizon)}, "c2"));
    r.rows("s1", {}, "", page_of({row("r1", horizon)}, "c3"));
    r.rows("s1", {}, "c3", refusal(status));
    r.rows("s1", {}, "", page_of({row("r1", horizon)}));
    r.sources("c2", refusal(status));
    r.sources("", page_of({}));
    r.pages("", page_of({row("p3", horizon + 1min)}, "c4"));
    r.pages("c4", refusal(status));
    r.pages("", page_of({row("p3", horizon + 1min)}));
    r.trash("", page_of({}));
    r.pull_well(middle);
    EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  }
  stream_run r; // a first page has no cursor to blame
  r.pages("", refusal(400));
  const auto ended = r.pull(std::nullopt);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.failure().code, ec::refused);
  EXPECT_EQ(ended.failure().what.find("notion.pages: "), 0u);
}

TEST(NotionStream, PassesOverADataSourceThatCannotBeQueried) {
  stream_run r;
  r.rows("s1", {}, "", refusal(404));
  r.rows("s2", {}, "", page_of({row("r1", horizon)}));
  r.pages("", page_of({}));
  r.trash("", page_of({}));
  r.pull_well(querying({"s1", "s2"}));
  EXPECT_EQ(r.io.pages[0].ids, (ids{"r1"}));
}

TEST(NotionStream, QueriesOnBehindTheLimitOfAQuery) {
  const auto created
      = [](std::string_view at) { return R"(,"created_time":")" + std::string{at} + "\""; };
  const auto first = *parse_iso_time("2026-01-01T00:05:00Z");
  stream_run r;
  r.rows("s1", {}, "",
         cut_short({row("r1", horizon, created("2026-01-01T00:04:00.000Z")),
                    row("r2", horizon, created("2026-01-01T00:05:00.000Z"))}));
  r.rows("s1", first, "", page_of({row("r2", horizon), row("r3", horizon)}));
  r.pages("", page_of({}));
  r.trash("", page_of({}));
  r.pull_well(querying({"s1"}));
  EXPECT_EQ(read_checkpoint(r.io.pages[0].checkpoint)->rows_from, first);
  EXPECT_EQ(read_checkpoint(r.io.pages[1].checkpoint)->rows_from, wall_time{});

  stream_run stuck; // more rows of one minute than a query shows
  auto within = querying({"s1"});
  within.rows_from = first;
  stuck.rows("s1", first, "", cut_short({row("r2", horizon, created("2026-01-01T00:05:00.000Z"))}));
  stuck.pages("", page_of({}));
  stuck.trash("", page_of({}));
  const auto ended = stuck.pull(within);
  ASSERT_TRUE(ended);
  EXPECT_FALSE(*ended); // nothing is lost, and nothing proved
}

TEST(NotionStream, CommitsNothingWhereNothingChanged) {
  stream_run r;
  r.pages("", page_of({row("p1", horizon - 2h)}, "c1"));
  r.trash("", page_of({row("t1", horizon - 2h, R"(,"in_trash":true)")}, "c2"));
  r.pull_well(changes_since(horizon - 1h));
  EXPECT_TRUE(r.io.pages.empty());
}

TEST(NotionStream, StandsAMinutePastTheLastSettledChange) {
  stream_run r;
  r.pages("", page_of({row("p1", horizon - 1min), row("p2", horizon - 1h)}));
  r.trash("", page_of({}));
  r.pull_well(changes_since(horizon - 1h));
  EXPECT_EQ(r.io.pages[0].ids, (ids{"p1", "p2"}));
  EXPECT_EQ(r.last().since, horizon);
  stream_run before;
  before.pages("", page_of({row("p1", horizon - 2min)}));
  before.trash("", page_of({}));
  before.pull_well(changes_since(horizon - 1h));
  EXPECT_EQ(before.last().since, horizon - 1min);
}

TEST(NotionStream, ReadsAgainWhatIsYoungerThanTheOverlap) {
  for (const auto at : {horizon, horizon + 10min, server_now + 24h}) {
    stream_run r;
    r.pages("", page_of({row("p1", at)}));
    r.trash("", page_of({}));
    r.pull_well(changes_since(horizon - 1h));
    EXPECT_EQ(r.last().since, horizon);
  }
}

TEST(NotionStream, MovesItsCheckpointOnlyOnceItHasComeToWhatIsKnown) {
  stream_run r;
  r.pages("", page_of({row("p1", horizon - 10min)}, "c1"));
  r.pages("c1", page_of({row("p2", horizon - 20min), row("p3", horizon - 2h)}, "c2"));
  r.trash("", page_of({}));
  r.pull_well(changes_since(horizon - 1h));
  ASSERT_EQ(r.io.pages.size(), 2u);
  EXPECT_EQ(read_checkpoint(r.io.pages[0].checkpoint)->since, horizon - 1h);
  EXPECT_EQ(r.io.pages[1].ids, (ids{"p2"}));
  EXPECT_EQ(r.last().since, horizon - 9min);
}

TEST(NotionStream, ProvesNothingWhereASearchEndsBeforeWhatIsKnown) {
  stream_run r;
  r.pages("", cut_short({row("p1", horizon - 10min)}));
  r.trash("", page_of({}));
  const auto ended = r.pull(changes_since(horizon - 1h));
  ASSERT_TRUE(ended);
  EXPECT_FALSE(*ended);
  EXPECT_EQ(r.last().since, horizon - 1h);
  stream_run reached; // what lies behind is known
  reached.pages("", cut_short({row("p1", horizon - 10min), row("p2", horizon - 2h)}));
  reached.trash("", page_of({}));
  reached.pull_well(changes_since(horizon - 1h));
}

TEST(NotionStream, ReadsAllOfTheTrashOnceAnHour) {
  const auto old = row("t1", horizon - 9h, R"(,"in_trash":true)");
  auto at = changes_since(horizon - 1h);
  at.trash_read = server_now - trash_every + 1s;
  stream_run early;
  early.pages("", page_of({}));
  early.trash("", page_of({old}, "c1"));
  early.pull_well(at);
  EXPECT_TRUE(early.io.pages.empty());
  at.trash_read = server_now - trash_every;
  stream_run due;
  due.pages("", page_of({}));
  due.trash("", page_of({old}, "c1"));
  due.trash("c1", page_of({row("t2", horizon - 10h, R"(,"in_trash":true)")}));
  due.pull_well(at);
  ASSERT_EQ(due.io.pages.size(), 2u);
  EXPECT_EQ(due.io.pages[0].ids, (ids{"-t1"}));
  EXPECT_TRUE(due.io.pages[0].lagging);
  EXPECT_EQ(read_checkpoint(due.io.pages[0].checkpoint)->trash_read, at.trash_read);
  EXPECT_EQ(due.last().trash_read, server_now);
}

TEST(NotionStream, BelievesAPageInTheTrashListThatSaysItIsNotThere) {
  stream_run r;
  r.pages("", page_of({}));
  r.trash("", page_of({row("t1", horizon - 1min, R"(,"in_trash":false)")}));
  r.pull_well(changes_since(horizon - 1h));
  EXPECT_EQ(r.io.pages[0].ids, (ids{"t1"}));
}

TEST(NotionStream, EnumeratesAgainWhenAskedOrWhereTheCheckpointIsOfNoUse) {
  const auto enumerate = [](stream_run& r) {
    r.pages("", page_of({}));
    r.sources("", page_of({}));
    r.pages("", page_of({}));
    r.trash("", page_of({}));
  };
  stream_run asked;
  enumerate(asked);
  asked.pull_well(changes_since(horizon - 1h), true);
  EXPECT_EQ(asked.io.pages[0].enumeration, sweep::first);
  stream_run damaged;
  enumerate(damaged);
  pull_request request;
  request.api_base = base;
  request.checkpoint = R"({"v":99})";
  ASSERT_TRUE(run(damaged.io, provider().stream("pages")->pull(damaged.io, std::move(request))));
}

TEST(NotionStream, RefusesAListThatStandsStillOrACursorThatDoesNotFit) {
  checkpoint middle;
  middle.cursor = "c1";
  stream_run r;
  r.pages("c1", page_of({row("p1", horizon)}, "c1"));
  EXPECT_EQ(r.pull(middle).failure().code, ec::malformed);
  stream_run fits;
  fits.pages("", page_of({}, std::string(own_cursor_bytes_max, 'c')));
  fits.pages(std::string(own_cursor_bytes_max, 'c'), refusal(422));
  EXPECT_EQ(fits.pull(std::nullopt).failure().code, ec::refused);
  stream_run too_long;
  too_long.pages("", page_of({}, std::string(own_cursor_bytes_max + 1, 'c')));
  EXPECT_EQ(too_long.pull(std::nullopt).failure().code, ec::malformed);
}

TEST(NotionStream, WithoutAServersClockTrustsItsOwnLess) {
  auto answer = page_of({});
  answer.headers.remove("Date");
  stream_run r;
  r.pages("", answer);
  r.sources("", answer);
  r.pages("", answer);
  r.trash("", answer);
  r.pull_well(std::nullopt);
  EXPECT_EQ(r.last().since, std::chrono::floor<std::chrono::minutes>(our_now - 1h) - overlap);
}

TEST(NotionStream, EndsWithTheErrorOfAnEmit) {
  stream_run r;
  r.io.fail_emit_after(0);
  r.pages("", page_of({}));
  EXPECT_EQ(r.pull(std::nullopt).failure().code, ec::cancelled);
}
