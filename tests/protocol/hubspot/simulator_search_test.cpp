#include "tests/protocol/hubspot/simulated.hpp"

#include "protocol/json/writer.hpp"

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

constexpr auto search_path = "/crm/v3/objects/contacts/search";

/// A portal whose clock moves on before each search, past the quota of five a second.
struct searched_hubspot : simulated_hubspot {
  using simulated_hubspot::simulated_hubspot;

  http_response search(const std::string& body) {
    now += 1s;
    return post(search_path, body);
  }
  std::vector<std::string> found(const std::string& body) {
    const auto response = search(body);
    EXPECT_EQ(response.status, 200) << *response.body;
    std::vector<std::string> ids;
    const auto page = read(response);
    for (const auto& record : at(page, {"results"}).items)
      ids.emplace_back(record.string_or_empty("id"));
    return ids;
  }
  std::vector<std::string> matching(const std::string& filter) {
    return found(R"({"filterGroups":[{"filters":[)" + filter + "]}]}");
  }
  /// Lets the index catch up.
  void settle() {
    now += 5s;
  }
};

using ids = std::vector<std::string>;

std::string filter(std::string_view property, std::string_view op, std::string_view value) {
  json::writer out;
  out.begin_object().key("propertyName").value(property).key("operator").value(op);
  out.key("value").value(value).end_object();
  return out.take();
}

std::string groups(size_t count, size_t filters_each) {
  std::string group;
  for (size_t i = 0; i < filters_each; ++i)
    group += (i ? "," : "") + filter("city", "EQ", "Ulm");
  std::string all;
  for (size_t i = 0; i < count; ++i)
    all += (i ? "," : "") + (R"({"filters":[)" + group + "]}");
  return R"({"filterGroups":[)" + all + "]}";
}

std::string epoch_ms(wall_time at) {
  return std::to_string(at.time_since_epoch().count());
}

} // namespace

TEST(HubspotSearch, ShowsAnEditOnlyAfterTheIndexCaughtUp) {
  searched_hubspot hubspot{0};
  const auto id = hubspot.create({{"city", "Ulm"}});
  hubspot.now += 4'999ms - 1s;
  EXPECT_TRUE(hubspot.matching(filter("city", "EQ", "Ulm")).empty());
  hubspot.now -= 999ms; // the search itself moves on by one second
  EXPECT_EQ(hubspot.matching(filter("city", "EQ", "Ulm")), ids{id});
  hubspot.sim.edit("contacts", id, {{"city", "Bonn"}}, hubspot.now);
  EXPECT_EQ(hubspot.matching(filter("city", "EQ", "Ulm")), ids{id}); // still the old state
  hubspot.settle();
  EXPECT_TRUE(hubspot.matching(filter("city", "EQ", "Ulm")).empty());
  EXPECT_EQ(hubspot.matching(filter("city", "EQ", "bonn")), ids{id}); // case does not matter
  hubspot.sim.archive("contacts", id, hubspot.now);
  EXPECT_EQ(hubspot.matching(filter("city", "EQ", "Bonn")), ids{id});
  hubspot.settle();
  EXPECT_TRUE(hubspot.matching(filter("city", "EQ", "Bonn")).empty());
}

TEST(HubspotSearch, KnowsEveryOperator) {
  searched_hubspot hubspot{0};
  const auto low = hubspot.create({{"city", "Ulm"}, {"annualrevenue", "9"}});
  hubspot.now += 1ms; // without a sort the oldest comes first
  const auto high = hubspot.create({{"city", "New York"}, {"annualrevenue", "100"}});
  hubspot.now += 1ms;
  const auto none = hubspot.create({{"email", "ada@lovelace.example"}});
  hubspot.settle();
  const auto revenue = [](std::string_view op) { return filter("annualrevenue", op, "9"); };
  EXPECT_EQ(hubspot.matching(revenue("EQ")), ids{low});
  EXPECT_EQ(hubspot.matching(revenue("NEQ")), (ids{high, none}));
  EXPECT_EQ(hubspot.matching(revenue("GT")), ids{high}); // as numbers, not as text
  EXPECT_EQ(hubspot.matching(revenue("GTE")).size(), 2u);
  EXPECT_TRUE(hubspot.matching(revenue("LT")).empty());
  EXPECT_EQ(hubspot.matching(revenue("LTE")), ids{low});
  EXPECT_EQ(hubspot.matching(R"({"propertyName":"annualrevenue","operator":"BETWEEN","value":"10",)"
                             R"("highValue":"100"})"),
            ids{high});
  EXPECT_EQ(hubspot.matching(R"({"propertyName":"city","operator":"IN","values":["ulm","x"]})"),
            ids{low});
  EXPECT_EQ(hubspot.matching(R"({"propertyName":"city","operator":"NOT_IN","values":["Ulm"]})"),
            (ids{high, none}));
  EXPECT_EQ(hubspot.matching(R"({"propertyName":"city","operator":"HAS_PROPERTY"})").size(), 2u);
  EXPECT_EQ(hubspot.matching(R"({"propertyName":"city","operator":"NOT_HAS_PROPERTY"})"),
            ids{none});
  EXPECT_EQ(hubspot.matching(filter("city", "CONTAINS_TOKEN", "york")), ids{high});
  EXPECT_EQ(hubspot.matching(filter("email", "CONTAINS_TOKEN", "*@lovelace.example")), ids{none});
  EXPECT_EQ(hubspot.matching(filter("city", "NOT_CONTAINS_TOKEN", "york")), (ids{low, none}));
  EXPECT_EQ(hubspot.found(R"({"query":"Lovelace"})"), ids{none});
}

TEST(HubspotSearch, ComparesIdsBeyondADoubleExactly) {
  searched_hubspot hubspot{100};
  const auto all = hubspot.sim.snapshot("contacts");
  std::vector<uint64_t> sorted;
  for (const auto& [id, record] : all)
    if (!record.archived)
      sorted.push_back(std::stoull(id));
  std::ranges::sort(sorted);
  ASSERT_GT(sorted.back(), uint64_t{1} << 53);
  const auto before_last = std::to_string(sorted[sorted.size() - 2]);
  EXPECT_EQ(hubspot.matching(filter("hs_object_id", "GT", before_last)),
            ids{std::to_string(sorted.back())});
}

TEST(HubspotSearch, FiltersAndSortsByLastModification) {
  searched_hubspot hubspot{300};
  const auto at_the_end = hubspot.now;
  const auto first = hubspot.create({});
  hubspot.now += 1ms;
  const auto second = hubspot.create({});
  hubspot.settle();
  const auto since = R"({"limit":200,"filterGroups":[{"filters":[)"
                     + filter("lastmodifieddate", "GTE", epoch_ms(at_the_end)) + "]}]";
  EXPECT_EQ(hubspot.found(since
                          + R"(,"sorts":[{"propertyName":"lastmodifieddate",)"
                            R"("direction":"ASCENDING"}]})"),
            (ids{first, second}));
  EXPECT_EQ(hubspot.found(since
                          + R"(,"sorts":[{"propertyName":"lastmodifieddate",)"
                            R"("direction":"DESCENDING"}]})"),
            (ids{second, first}));
  EXPECT_EQ(hubspot.found(since + R"(,"sorts":["-hs_object_id"]})"), (ids{second, first}));
  EXPECT_EQ(hubspot.matching(filter("lastmodifieddate", "GT", epoch_ms(at_the_end))), ids{second});
  EXPECT_EQ(hubspot.matching(filter("lastmodifieddate", "EQ", "2026-03-01T10:00:00Z")), ids{first});
  const auto both = filter("lastmodifieddate", "GTE", epoch_ms(at_the_end)) + ","
                    + filter("hs_object_id", "GT", first);
  EXPECT_EQ(hubspot.matching(both), ids{second});
}

TEST(HubspotSearch, PagesByIntegerOffsetsThroughEverything) {
  searched_hubspot hubspot{450};
  const std::string sorted = R"({"limit":200,"sorts":[{"propertyName":"lastmodifieddate",)"
                             R"("direction":"ASCENDING"}])";
  std::set<std::string> seen;
  std::string last_time;
  for (const auto* after : {"0", "200", "400"}) {
    const auto page = hubspot.read(hubspot.search(sorted + R"(,"after":")" + after + "\"}"));
    EXPECT_EQ(at(page, {"total"}).text, "450");
    for (const auto& record : at(page, {"results"}).items) {
      seen.emplace(record.string_or_empty("id"));
      EXPECT_GE(*parse_iso_time(record.string_or_empty("updatedAt")),
                parse_iso_time(last_time).value_or(wall_time{}));
      last_time = record.string_or_empty("updatedAt");
    }
    EXPECT_EQ(at(page, {"paging", "next", "after"}).text,
              std::string_view{after} == "400" ? "" : std::to_string(std::stoi(after) + 200));
  }
  EXPECT_EQ(seen.size(), 450u);
}

TEST(HubspotSearch, EndsAtTenThousandResults) {
  searched_hubspot hubspot{10'200};
  const auto page_at = [&](int after, int limit) {
    return hubspot.search(R"({"limit":)" + std::to_string(limit) + R"(,"after":)"
                          + std::to_string(after) + "}");
  };
  const auto last = hubspot.read(page_at(9'800, 200));
  EXPECT_EQ(at(last, {"results"}).items.size(), 200u);
  EXPECT_EQ(at(last, {"total"}).text, "10200");
  EXPECT_EQ(at(last, {"paging", "next", "after"}).text, "10000");
  EXPECT_EQ(page_at(10'000, 1).status, 400);
  EXPECT_EQ(page_at(9'999, 1).status, 200);
  EXPECT_EQ(page_at(9'801, 200).status, 400);
}

TEST(HubspotSearch, HoldsARequestToItsLimits) {
  searched_hubspot hubspot{0};
  EXPECT_EQ(hubspot.search(R"({"limit":200})").status, 200);
  EXPECT_EQ(hubspot.search(R"({"limit":201})").status, 400);
  EXPECT_EQ(hubspot.search(R"({"limit":0})").status, 400);
  EXPECT_EQ(hubspot.search(R"({"after":"abc"})").status, 400);
  EXPECT_EQ(hubspot.search(groups(5, 3)).status, 200);
  EXPECT_EQ(hubspot.search(groups(6, 1)).status, 400);
  EXPECT_EQ(hubspot.search(groups(3, 6)).status, 200); // 18 in all
  EXPECT_EQ(hubspot.search(groups(1, 7)).status, 400);
  EXPECT_EQ(hubspot.search(groups(5, 4)).status, 400); // 20 in all
  EXPECT_EQ(hubspot.search(R"({"sorts":["createdate","email"]})").status, 400);
  EXPECT_EQ(hubspot.search(R"({"sorts":["no_such"]})").status, 400);
  EXPECT_EQ(
      hubspot.search(R"({"filterGroups":[{"filters":[)" + filter("no_such", "EQ", "1") + "]}]}")
          .status,
      400);
  EXPECT_EQ(
      hubspot.search(R"({"filterGroups":[{"filters":[)" + filter("city", "LIKE", "1") + "]}]}")
          .status,
      400);
  EXPECT_EQ(hubspot.search("[]").status, 400);
}

TEST(HubspotSearch, FailsOnATimeFilterAtTheEpoch) { // hubspot.md §3.1
  searched_hubspot hubspot{0};
  const auto since = [&](std::string_view value) {
    return hubspot
        .search(R"({"filterGroups":[{"filters":[)" + filter("lastmodifieddate", "GTE", value)
                + "]}]}")
        .status;
  };
  EXPECT_EQ(since("0"), 500);
  EXPECT_EQ(since("999"), 500);
  EXPECT_EQ(since("1000"), 200);
  EXPECT_EQ(since("yesterday"), 400);
}

TEST(HubspotSearch, MayComeOutOfOrder) {
  searched_hubspot hubspot{0};
  const auto first = hubspot.create({});
  hubspot.now += 1ms;
  const auto second = hubspot.create({});
  hubspot.settle();
  hubspot.sim.strictness().search_disorder = true;
  EXPECT_EQ(hubspot.found(R"({"sorts":["lastmodifieddate"]})"), (ids{second, first}));
}

TEST(HubspotSearch, HidesWhatASilentChangeDoesToLastModification) {
  searched_hubspot hubspot{0};
  const auto id = hubspot.create({{"city", "Ulm"}});
  const auto before = hubspot.sim.snapshot("contacts").at(id).version;
  hubspot.now += 1h;
  hubspot.sim.edit("contacts", id, {{"city", "Bonn"}}, hubspot.now, 0, true);
  EXPECT_EQ(hubspot.sim.snapshot("contacts").at(id).version, before);
  EXPECT_EQ(hubspot.sim.snapshot("contacts").at(id).properties.at("city"), "Bonn");
}
