#include "protocol/hubspot/streams.hpp"

#include "protocol/hubspot/change_search.hpp"
#include "protocol/hubspot/checkpoint.hpp"
#include "protocol/hubspot/provider.hpp"

#include "tests/support/canned_io.hpp"

using namespace nexte;
using namespace nexte::hubspot;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

const wall_time server_now = *parse_iso_time("2026-03-01T10:00:00Z");
const wall_time horizon = server_now - index_lag_max;
const wall_time our_now = server_now + 5h; // our clock is wrong, HubSpot's counts

constexpr std::string_view url = "https://api.example/crm/v3/objects/deals";
constexpr std::string_view comma_list
    = "createdate%2Chs_lastmodifieddate%2Chs_object_id%2Cdealname%2Camount%2Cdealstage%2Cpipeline"
      "%2Cclosedate%2Chubspot_owner_id%2Cdeal_currency_code";
constexpr std::string_view array_list
    = R"(["createdate","hs_lastmodifieddate","hs_object_id","dealname","amount","dealstage",)"
      R"("pipeline","closedate","hubspot_owner_id","deal_currency_code"])";

std::string listing(std::string_view after = {}, bool archived = false) {
  auto out = std::string{url} + "?limit=100&properties=" + std::string{comma_list};
  if (archived)
    out += "&archived=true";
  if (!after.empty())
    out += "&after=" + std::string{after};
  return out;
}

std::string archived_listing(std::string_view after = {}) {
  return listing(after, true);
}

std::string search_since(wall_time since) {
  return R"({"filterGroups":[{"filters":[{"propertyName":"hs_lastmodifieddate","operator":"GTE",)"
         R"("value":")"
         + std::to_string(since.time_since_epoch().count())
         + R"("}]}],"sorts":[{"propertyName":"hs_lastmodifieddate","direction":"ASCENDING"}],)"
         + R"("properties":)" + std::string{array_list} + R"(,"limit":200})";
}

std::string object(std::string_view id, wall_time at = horizon - 24h) {
  return R"({"id":")" + std::string{id} + R"(","updatedAt":")" + format_iso_time(at)
         + R"(","archived":false})";
}

std::string archived_object(std::string_view id, wall_time at) {
  return R"({"id":")" + std::string{id}
         + R"(","updatedAt":"2025-01-01T00:00:00Z","archived":true,"archivedAt":")"
         + format_iso_time(at) + "\"}";
}

http_response page_of(std::vector<std::string> objects, std::string_view after = {}) {
  std::string body = R"({"results":[)";
  for (size_t i = 0; i < objects.size(); ++i)
    body.append(i > 0 ? "," : "").append(objects[i]);
  body += "]";
  if (!after.empty())
    body.append(R"(,"paging":{"next":{"after":")").append(after).append("\"}}");
  http_response answer{200, body + "}", "application/json"};
  answer.headers.add("Date", format_http_date(server_now));
  return answer;
}

http_response refusal(int status, std::string_view category) {
  return {status, R"({"category":")" + std::string{category} + "\"}", "application/json"};
}

struct deals_run {
  canned_io io{our_now};

  void list(std::string_view after, http_response answer) {
    io.expect("GET", listing(after), "", std::move(answer));
  }
  void search(wall_time since, http_response answer) {
    io.expect("POST", std::string{url} + "/search", search_since(since), std::move(answer));
  }
  void archived(std::string_view after, http_response answer) {
    io.expect("GET", archived_listing(after), "", std::move(answer));
  }
  result<bool> pull(std::optional<std::string> from, bool full = false) {
    pull_request request;
    request.api_base = "https://api.example";
    request.checkpoint = std::move(from);
    request.full = full;
    auto ended = run(io, provider().stream("deals")->pull(io, std::move(request)));
    EXPECT_TRUE(io.exhausted()) << "a request was expected and not made";
    return ended;
  }
  checkpoint last() const {
    return io.pages.empty() ? checkpoint{} : *read_checkpoint(io.pages.back().checkpoint);
  }
};

checkpoint changes_since(wall_time since) {
  checkpoint at;
  at.at = phase::changes;
  at.since = since;
  at.archived_since = since;
  at.archived_began = since;
  return at;
}

using ids = std::vector<std::string>;

} // namespace

TEST(HubspotStream, EnumeratesThenCatchesUpThenReadsTheArchive) {
  deals_run run;
  run.list("", page_of({object("1"), object("2")}, "c=2"));
  run.list("c%3D2", page_of({object("3")}));
  run.search(horizon, page_of({object("2", server_now - 5min)}));
  run.archived("", page_of({archived_object("8", horizon - 1ms), archived_object("9", horizon)}));
  const auto ended = run.pull(std::nullopt);
  ASSERT_TRUE(ended);
  EXPECT_TRUE(*ended);
  const auto& pages = run.io.pages;
  ASSERT_EQ(pages.size(), 4u);
  EXPECT_EQ(pages[0].ids, (ids{"1", "2"}));
  EXPECT_EQ(pages[0].enumeration, sweep::first);
  EXPECT_EQ(pages[1].ids, ids{"3"});
  EXPECT_EQ(pages[1].enumeration, sweep::more);
  EXPECT_EQ(pages[2].ids, ids{"2"});
  EXPECT_EQ(pages[2].enumeration, sweep::last);
  EXPECT_EQ(pages[3].ids, ids{"-9"}); // 8 was archived before the enumeration, which lacks it
  EXPECT_EQ(pages[3].enumeration, sweep::none);
  for (size_t i = 0; i < pages.size(); ++i)
    EXPECT_EQ(pages[i].lagging, i == 2);
  EXPECT_EQ(run.last(), [] {
    auto at = changes_since(horizon);
    at.archived_began = server_now;
    return at;
  }());
  EXPECT_EQ(run.io.endpoints, (ids{"", "", "search", ""}));
}

TEST(HubspotStream, ClosesTheEnumerationOnlyWithTheLastPageOfChanges) {
  deals_run run;
  run.list("", page_of({object("1")}));
  run.search(horizon, page_of({object("2", horizon + 1min), object("3", horizon + 2min)}, "200"));
  run.search(horizon + 2min - 1ms, page_of({object("3", horizon + 2min)}));
  run.archived("", page_of({}));
  ASSERT_TRUE(run.pull(std::nullopt));
  ASSERT_EQ(run.io.pages.size(), 3u);
  EXPECT_EQ(run.io.pages[1].enumeration, sweep::more);
  EXPECT_EQ(read_checkpoint(run.io.pages[1].checkpoint)->at, phase::closing);
  EXPECT_EQ(run.io.pages[2].enumeration, sweep::last);
  EXPECT_EQ(run.last().at, phase::changes);
}

TEST(HubspotStream, GoesOnInTheMiddleOfAnEnumerationAfterAKill) {
  deals_run killed;
  killed.io.fail_emit_after(1);
  killed.list("", page_of({object("1")}, "c2"));
  killed.list("c2", page_of({object("2")}, "c3"));
  EXPECT_EQ(killed.pull(std::nullopt).failure().code, ec::cancelled);
  ASSERT_EQ(killed.io.pages.size(), 1u);

  deals_run resumed;
  resumed.list("c2", page_of({object("2")}));
  resumed.search(horizon, page_of({}));
  resumed.archived("", page_of({}));
  ASSERT_TRUE(resumed.pull(killed.io.pages[0].checkpoint));
  EXPECT_EQ(resumed.io.pages[0].enumeration, sweep::more);
  EXPECT_EQ(resumed.io.pages[1].enumeration, sweep::last); // empty, and yet it must close
  EXPECT_EQ(resumed.io.pages[1].ids, ids{});
}

TEST(HubspotStream, GoesOnInTheClosingOfAnEnumerationAfterAKill) {
  auto at = changes_since(horizon - 1h);
  at.at = phase::closing;
  deals_run run;
  run.search(horizon - 1h, page_of({object("1", horizon - 30min)}));
  run.archived("", page_of({}));
  ASSERT_TRUE(run.pull(write_checkpoint(at)));
  ASSERT_EQ(run.io.pages.size(), 1u);
  EXPECT_EQ(run.io.pages[0].enumeration, sweep::last);
}

TEST(HubspotStream, BeginsAnewOnlyWhenToldOrWhenItCannotReadWhereItStood) {
  const auto known = write_checkpoint(changes_since(horizon - 1h));
  for (const auto& [from, full] : {std::pair<std::string, bool>{known, true},
                                   {R"({"v":2,"phase":"changes"})", false},
                                   {"not JSON", false}}) {
    deals_run run;
    run.list("", page_of({}));
    run.search(horizon, page_of({}));
    run.archived("", page_of({}));
    ASSERT_TRUE(run.pull(from, full)) << from;
    ASSERT_EQ(run.io.pages.size(), 2u);
    EXPECT_EQ(run.io.pages[0].enumeration, sweep::first);
    EXPECT_EQ(run.io.pages[1].enumeration, sweep::last);
  }
}

TEST(HubspotStream, BeginsAnewOnceWhenItsCursorIsRefused) {
  checkpoint at;
  at.list_after = "old";
  at.since = horizon - 1h;
  for (const int status : {400, 404, 410}) {
    deals_run run;
    run.list("old", refusal(status, "VALIDATION_ERROR"));
    run.list("", page_of({object("1")}, "c2"));
    run.list("c2", refusal(status, "VALIDATION_ERROR"));
    const auto ended = run.pull(write_checkpoint(at));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.failure().code, ec::refused);
    EXPECT_EQ(ended.failure().what,
              "hubspot.deals: HubSpot refuses to show deals (VALIDATION_ERROR)");
    ASSERT_EQ(run.io.pages.size(), 1u);
    EXPECT_EQ(run.io.pages[0].enumeration, sweep::first);
    EXPECT_EQ(run.last().since, horizon);
  }
}

TEST(HubspotStream, EndsWithAnErrorWhenTheFirstPageIsRefused) {
  deals_run run;
  run.list("", refusal(404, "OBJECT_NOT_FOUND"));
  EXPECT_EQ(run.pull(std::nullopt).failure().code, ec::refused);
  EXPECT_TRUE(run.io.pages.empty());
}

TEST(HubspotStream, RefusesAListThatDoesNotMoveOn) {
  deals_run run;
  run.list("", page_of({object("1")}, "c2"));
  run.list("c2", page_of({object("1")}, "c2"));
  EXPECT_EQ(run.pull(std::nullopt).failure().code, ec::malformed);
}

TEST(HubspotStream, DoubtsItsOwnClockWhereHubspotTellsNone) {
  deals_run run;
  const auto undated = [](http_response answer) {
    answer.headers = {};
    return answer;
  };
  const auto since = our_now - 1h - index_lag_max;
  run.list("", undated(page_of({})));
  run.search(since, undated(page_of({})));
  run.archived("", undated(page_of({})));
  ASSERT_TRUE(run.pull(std::nullopt));
  EXPECT_EQ(run.last().since, since);
}

TEST(HubspotStream, CommitsNothingWhenThereIsNothingNew) {
  deals_run run;
  run.search(horizon - 1h, page_of({}));
  run.archived("", page_of({archived_object("9", horizon - 1h - 1ms)}));
  const auto ended = run.pull(write_checkpoint(changes_since(horizon - 1h)));
  ASSERT_TRUE(ended);
  EXPECT_TRUE(*ended);
  EXPECT_TRUE(run.io.pages.empty());
}

TEST(HubspotStream, NeverTakesAbsenceFromASearchForADeletion) {
  deals_run run;
  run.search(horizon - 1h, page_of({object("1", horizon - 30min)}));
  run.archived("", page_of({}));
  ASSERT_TRUE(run.pull(write_checkpoint(changes_since(horizon - 1h))));
  ASSERT_EQ(run.io.pages.size(), 1u);
  EXPECT_EQ(run.io.pages[0].enumeration, sweep::none);
  EXPECT_TRUE(run.io.pages[0].lagging);
  EXPECT_EQ(run.last().since, horizon - 30min + 1ms);
}

TEST(HubspotStream, ReadsFivePagesOfTheArchiveARunAndGoesOnThere) {
  auto at = changes_since(horizon - 1h);
  deals_run run;
  run.search(horizon - 1h, page_of({}));
  for (int i = 0; i < 5; ++i)
    run.archived(
        i == 0 ? "" : "a" + std::to_string(i),
        page_of({archived_object(std::to_string(i), horizon)}, "a" + std::to_string(i + 1)));
  ASSERT_TRUE(run.pull(write_checkpoint(at)));
  ASSERT_EQ(run.io.pages.size(), 5u);
  EXPECT_EQ(run.last().archived_after, "a5");
  EXPECT_EQ(run.last().archived_began, server_now);
  EXPECT_EQ(run.last().archived_since, horizon - 1h); // until the round is through

  deals_run next;
  next.search(horizon - 1h, page_of({}));
  next.archived("a5", page_of({}));
  ASSERT_TRUE(next.pull(run.io.pages.back().checkpoint));
  ASSERT_EQ(next.io.pages.size(), 1u);
  EXPECT_EQ(next.last().archived_after, "");
  EXPECT_EQ(next.last().archived_since, horizon); // since the round began, less the lag
}

TEST(HubspotStream, RefusesAnArchiveThatDoesNotMoveOn) {
  deals_run run;
  run.search(horizon - 1h, page_of({}));
  run.archived("", page_of({}, "a1"));
  run.archived("a1", page_of({}, "a1"));
  EXPECT_EQ(run.pull(write_checkpoint(changes_since(horizon - 1h))).failure().code, ec::malformed);
}

TEST(HubspotStream, HandsOnAnArchivedObjectThatDoesNotSaySinceWhen) {
  deals_run run;
  run.search(horizon - 1h, page_of({}));
  run.archived("", page_of({R"({"id":"7","updatedAt":"2020-01-01T00:00:00Z","archived":true})"}));
  ASSERT_TRUE(run.pull(write_checkpoint(changes_since(horizon - 1h))));
  ASSERT_EQ(run.io.pages.size(), 1u);
  EXPECT_EQ(run.io.pages[0].ids, ids{"-7"});
}

TEST(HubspotStream, BeginsTheRoundThroughTheArchiveAgainWhenItsCursorIsRefused) {
  auto at = changes_since(horizon - 1h);
  at.archived_after = "old";
  deals_run run;
  run.search(horizon - 1h, page_of({}));
  run.archived("old", refusal(400, "VALIDATION_ERROR"));
  run.archived("", page_of({archived_object("9", horizon)}));
  ASSERT_TRUE(run.pull(write_checkpoint(at)));
  EXPECT_EQ(run.io.pages.at(0).ids, ids{"-9"});
  EXPECT_EQ(run.last().archived_after, "");
}

TEST(HubspotStream, PassesOnWhyARunEnded) {
  deals_run run;
  run.io.expect("GET", listing(), "", error{ec::unauthorized, "the sign-in is gone"});
  const auto ended = run.pull(std::nullopt);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.failure().code, ec::unauthorized);
  EXPECT_EQ(ended.failure().what, "hubspot.deals: the sign-in is gone");
}

TEST(HubspotStream, KeepsWhatWasCommittedBeforeAMalformedPage) {
  deals_run run;
  run.list("", page_of({object("1")}, "c2"));
  run.list("c2", http_response{200, R"({"results":[)", "application/json"});
  const auto ended = run.pull(std::nullopt);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.failure().code, ec::malformed);
  ASSERT_EQ(run.io.pages.size(), 1u);
  EXPECT_EQ(run.last().list_after, "c2");
}
