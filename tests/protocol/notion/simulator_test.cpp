// The rules of notion.md that the simulator enforces.
#include "tests/protocol/notion/simulated.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;
using simulation::notion::parent_kind;

namespace {

constexpr auto all_pages = R"({"filter":{"property":"object","value":"page"},)"
                           R"("sort":{"timestamp":"last_edited_time","direction":"descending"})";
constexpr auto all_trashed = R"({"filter":{"property":"object","value":"page","in_trash":true}})";

class NotionSimulator : public ::testing::Test {
protected:
  std::vector<std::string> pages() {
    return at.all_ids(all_pages, [&](const std::string& body) { return at.search(body); });
  }
  bool shows(const std::string& id) {
    const auto all = pages();
    return std::ranges::count(all, id) > 0;
  }
  std::string named(const std::string& id) {
    return R"({"id":")" + id + "\"}";
  }
  simulated_notion at{20, 2};
};

} // namespace

TEST_F(NotionSimulator, AnswersInTheRealEnvelope) {
  const auto whole = at.read(at.search(std::string{all_pages} + R"(,"page_size":2})"));
  EXPECT_EQ(whole.string_or_empty("object"), "list");
  EXPECT_EQ(whole.string_or_empty("type"), "page_or_data_source");
  EXPECT_EQ(whole.find("results")->items.size(), 2u);
  const auto& page = whole.find("results")->items[0];
  for (const auto* member : {"object", "id", "created_time", "last_edited_time", "created_by",
                             "parent", "in_trash", "is_archived", "properties", "url"})
    EXPECT_TRUE(page.find(member)) << member;
  EXPECT_FALSE(page.find("request_id")); // of the whole, not of each
  EXPECT_FALSE(page.find("archived"));
  at.version = "2025-09-03";
  const auto id = std::string{page.string_or_empty("id")};
  EXPECT_TRUE(at.read(at.get("/v1/pages/" + id)).find("archived"));
  EXPECT_TRUE(at.read(at.get("/v1/pages/" + id)).find("request_id"));
}

TEST_F(NotionSimulator, ShowsTimesInMinutes) {
  const auto id = at.some_page();
  at.admin("edit", R"({"id":")" + id + R"(","title":"New"})");
  const auto page = at.read(at.get("/v1/pages/" + id));
  EXPECT_EQ(page.string_or_empty("last_edited_time"), "2026-03-01T10:00:00.000Z");
}

TEST_F(NotionSimulator, PagesWithoutGapOrRepetition) {
  for (const auto* order : {"ascending", "descending"}) {
    auto all = at.all_ids(
        std::string{R"({"page_size":3,"filter":{"property":"object","value":"page"},)"}
            + R"("sort":{"timestamp":"last_edited_time","direction":")" + order + "\"}",
        [&](const std::string& body) { return at.search(body); });
    EXPECT_EQ(all.size(), 20u) << order;
    std::ranges::sort(all);
    EXPECT_EQ(std::ranges::adjacent_find(all), all.end()) << order;
  }
  size_t rows = 0;
  for (size_t source = 0; source < 3; ++source)
    rows += at.all_ids(R"({"page_size":2,"sorts":[{"timestamp":"created_time",)"
                       R"("direction":"ascending"}])",
                       [&](const std::string& body) { return at.query(body, source); })
                .size();
  EXPECT_EQ(rows, 14u); // seven of ten pages are rows
}

TEST_F(NotionSimulator, BindsACursorToItsBody) {
  const auto body = std::string{all_pages} + R"(,"page_size":2)";
  const auto cursor = std::string{at.read(at.search(body + "}")).string_or_empty("next_cursor")};
  const auto from = R"(,"start_cursor":")" + cursor + "\"}";
  EXPECT_EQ(at.search(body + from).status, 200);
  EXPECT_EQ(at.code_of(at.search(std::string{all_pages} + from)), "validation_error");
  EXPECT_EQ(at.search(body + R"(,"start_cursor":"bm9uZQ=="})").status, 400);
  at.admin("expire_cursors");
  EXPECT_EQ(at.search(body + from).status, 400);
}

TEST_F(NotionSimulator, ChecksUrlThenCredentialThenVersionThenBodyThenObject) {
  const auto id = at.some_page();
  at.token = "ntn_nobodys";
  at.version.clear();
  EXPECT_EQ(at.code_of(at.get("/v1/nothing")), "invalid_request_url");
  EXPECT_EQ(at.code_of(at.send("DELETE", "/v1/search")), "invalid_request_url");
  EXPECT_EQ(at.get("/v1/pages/" + id).status, 401);
  at.token = at.sim.issue_access_token(at.now);
  EXPECT_EQ(at.code_of(at.search("[")), "missing_version");
  at.version = "2024-01-01";
  EXPECT_EQ(at.code_of(at.search("[")), "validation_error");
  at.version = "2026-03-11";
  EXPECT_EQ(at.code_of(at.search("[")), "invalid_json");
  EXPECT_EQ(at.code_of(at.get("/v1/pages/12")), "validation_error");
  EXPECT_EQ(at.get("/v1/pages/35261e8c-e0a3-80c8-bf92-f6fb2d4a6e04").status, 404);
  at.version = "2022-06-28"; // before data sources
  EXPECT_EQ(at.code_of(at.query("{}")), "invalid_request_url");
}

TEST_F(NotionSimulator, TakesAnIdHoweverItIsWrittenAndOneSlashMore) {
  auto id = at.some_page();
  const auto shown = id;
  std::erase(id, '-');
  std::ranges::transform(id, id.begin(),
                         [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  EXPECT_EQ(at.read(at.get("/v1/pages/" + id + "/")).string_or_empty("id"), shown);
}

TEST_F(NotionSimulator, RefusesWhatItDoesNotKnow) {
  for (const auto* body :
       {R"({"query":5})", R"({"page_size":0})", R"({"page_size":101})", R"({"page_size":"2"})",
        R"({"sort":{"timestamp":"created_time","direction":"ascending"}})",
        R"({"sort":{"timestamp":"last_edited_time","direction":"up"}})",
        R"({"filter":{"property":"object","value":"database"}})", R"({"unknown":1})"})
    EXPECT_EQ(at.code_of(at.search(body)), "validation_error") << body;
  for (const auto* body : {R"({"sorts":[{"property":"Name","direction":"ascending"}]})",
                           R"({"filter":{"property":"Name"}})", R"({"query":"x"})"})
    EXPECT_EQ(at.code_of(at.query(body)), "validation_error") << body;
}

TEST_F(NotionSimulator, FiltersRowsByMinute) {
  const auto id = at.some_page();
  const auto source = at.space().find(id)->parent;
  const auto index = static_cast<size_t>(
      std::ranges::find(at.space().sources, source, &simulation::notion::data_source::id)
      - at.space().sources.begin());
  at.admin("edit", R"({"id":")" + id + R"(","title":"New"})");
  const auto found = [&](std::string_view how, std::string_view when) {
    return at.ids_of(at.query(R"({"filter":{"timestamp":"last_edited_time","last_edited_time":{")"
                                  + std::string{how} + R"(":")" + std::string{when} + "\"}}}",
                              index));
  };
  EXPECT_EQ(found("on_or_after", "2026-03-01T10:00:59Z"), std::vector<std::string>{id});
  EXPECT_TRUE(found("after", "2026-03-01T10:00:00Z").empty());
  EXPECT_EQ(found("equals", "2026-03-01T10:00:10Z"), std::vector<std::string>{id});
}

TEST_F(NotionSimulator, LetsItsIndexTrailThePages) {
  const auto made = std::string{at.admin("create", R"({"title":"New"})").string_or_empty("id")};
  EXPECT_EQ(at.get("/v1/pages/" + made).status, 200);
  at.now += 5s - 1ms;
  EXPECT_FALSE(shows(made));
  at.now += 1ms;
  EXPECT_TRUE(shows(made));
}

TEST_F(NotionSimulator, ShowsTheTrashOnlyWhereItIsAskedFor) {
  const auto id = at.some_page();
  at.admin("trash", named(id));
  at.now += 5s;
  EXPECT_FALSE(shows(id));
  auto trashed = at.ids_of(at.search(all_trashed));
  EXPECT_EQ(trashed.front(), id); // it moved the time, too
  EXPECT_TRUE(at.read(at.get("/v1/pages/" + id)).find("in_trash")->truth);
  EXPECT_EQ(at.send("PATCH", "/v1/pages/" + id, R"({"properties":{}})").status, 400);
  at.admin("trash", R"({"id":")" + id + R"(","in_trash":false})");
  at.now += 5s;
  EXPECT_TRUE(shows(id));
}

TEST_F(NotionSimulator, TakesThePagesBelowAlongIntoTheTrash) {
  const auto below = at.some_page(parent_kind::page);
  const auto before = *at.space().find(below);
  at.admin("trash", named(before.parent));
  EXPECT_TRUE(at.space().find(below)->in_trash());
  EXPECT_EQ(at.space().find(below)->edited_at, before.edited_at);
  at.admin("trash", R"({"id":")" + before.parent + R"(","in_trash":false})");
  EXPECT_FALSE(at.space().find(below)->in_trash());
}

TEST_F(NotionSimulator, HidesWhatIsNotShared) {
  const auto below = at.some_page(parent_kind::page);
  const auto above = at.space().find(below)->parent;
  at.admin("share", R"({"id":")" + above + R"(","shared":false})");
  at.now += 5s;
  for (const auto& id : {above, below}) {
    EXPECT_EQ(at.code_of(at.get("/v1/pages/" + id)), "object_not_found");
    EXPECT_FALSE(shows(id));
  }
  const auto moved = at.some_page();
  at.admin("move", R"({"id":")" + moved + R"(","page":")" + above + "\"}");
  EXPECT_EQ(at.get("/v1/pages/" + moved).status, 404); // it moved out of sight
  at.admin("share", named(above));
  EXPECT_EQ(at.get("/v1/pages/" + below).status, 200);
  EXPECT_EQ(at.get("/v1/pages/" + moved).status, 200);
  at.admin("purge", named(above));
  EXPECT_EQ(at.get("/v1/pages/" + below).status, 404);
}

TEST_F(NotionSimulator, EndsAQueryAtItsLimit) {
  at.sim.read_as().query_rows_max = 3;
  const auto whole = at.read(at.query(R"({"page_size":2})"));
  const auto rest = at.read(at.query(R"({"page_size":2,"start_cursor":")"
                                     + std::string{whole.string_or_empty("next_cursor")} + "\"}"));
  EXPECT_EQ(rest.find("results")->items.size(), 1u);
  EXPECT_FALSE(rest.find("has_more")->truth);
  EXPECT_EQ(rest.find("request_status")->string_or_empty("type"), "incomplete");
}

TEST_F(NotionSimulator, WantsTheCapabilityOfEachCall) {
  const auto id = at.some_page();
  at.admin("restrict", R"({"capability":"read"})");
  EXPECT_EQ(at.code_of(at.search("{}")), "restricted_resource");
  EXPECT_EQ(at.get("/v1/pages/" + id).status, 403);
  EXPECT_EQ(at.get("/v1/users/me").status, 200);
  EXPECT_EQ(at.send("PATCH", "/v1/pages/" + id, R"({"properties":{}})").status, 200);
  at.admin("restrict", R"({"capability":"read","restricted":false})");
  EXPECT_EQ(at.search("{}").status, 200);
}

TEST_F(NotionSimulator, CountsTheRequestsOfAConnection) {
  for (int i = 0; i < 180; ++i)
    EXPECT_EQ(at.get("/v1/users/me").status, 200);
  const auto over = at.get("/v1/users/me");
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(at.code_of(over), "rate_limited");
  EXPECT_FALSE(over.headers.get("Retry-After").empty());
  at.now += 1min;
  EXPECT_EQ(at.get("/v1/users/me").status, 200);
}

TEST_F(NotionSimulator, IsOverloadedOrBlocksOnRequest) {
  at.admin("limit", R"({"policy":"service_overload"})");
  EXPECT_EQ(at.get("/v1/users/me").status, 529);
  at.admin("limit", R"({"policy":"public_api_request_blocked","retry_after_seconds":60})");
  const auto blocked = at.get("/v1/users/me");
  EXPECT_EQ(blocked.status, 429);
  EXPECT_EQ(blocked.headers.get("Retry-After"), "60");
  EXPECT_EQ(at.read(blocked).find("additional_data")->string_or_empty("rate_limit_reason"),
            "public_api_request_blocked");
}

TEST_F(NotionSimulator, CreatesAndChangesPages) {
  const auto source = at.space().sources[0].id;
  const auto made = at.read(
      at.send("POST", "/v1/pages",
              R"({"parent":{"data_source_id":")" + source
                  + R"("},"properties":{"Name":{"title":[{"text":{"content":"Žofie 🚀"}}]},)"
                    R"("Amount":{"number":12.5},"Stage":{"select":{"name":"Won"}}}})"));
  const auto id = std::string{made.string_or_empty("id")};
  const auto* properties = made.find("properties");
  EXPECT_EQ(properties->find("Name")->find("title")->items[0].string_or_empty("plain_text"),
            "Žofie 🚀");
  EXPECT_EQ(properties->find("Amount")->find("number")->text, "12.5");
  EXPECT_EQ(made.find("last_edited_by")->string_or_empty("id"), at.space().bot_id);
  EXPECT_EQ(at.send("PATCH", "/v1/pages/" + id, R"({"properties":{"No such":{}}})").status, 400);
  EXPECT_EQ(at.send("PATCH", "/v1/pages/" + id, R"({"archived":true})").status, 400);
  at.version = "2025-09-03";
  EXPECT_TRUE(
      at.read(at.send("PATCH", "/v1/pages/" + id, R"({"archived":true})")).find("in_trash")->truth);
}

TEST_F(NotionSimulator, KeepsItsWorkspacesApart) {
  const auto other
      = at.sim.admin("token", R"({"account":")" + at.sim.accounts()[1] + "\"}", at.now);
  const auto id = at.some_page();
  at.token = at.read(other).string_or_empty("access_token");
  EXPECT_EQ(at.get("/v1/pages/" + id).status, 404);
  EXPECT_EQ(at.read(at.get("/v1/users/me")).string_or_empty("id"), at.sim.accounts()[1]);
}

TEST_F(NotionSimulator, TellsWhatItsAdminsCanDo) {
  EXPECT_EQ(at.sim.admin("", "", at.now).status, 200);
  EXPECT_EQ(at.sim.admin("unknown", "{}", at.now).status, 404);
  for (const auto* wrong : {"edit", "trash", "archive", "share", "move", "purge", "restrict"})
    EXPECT_EQ(at.sim.admin(wrong, "{}", at.now).status, 400) << wrong;
  const auto id = at.some_page(parent_kind::page);
  EXPECT_EQ(at.sim
                .admin("move",
                       R"({"id":")" + at.space().find(id)->parent + R"(","page":")" + id + "\"}",
                       at.now)
                .status,
            400);
  at.search("{}");
  const auto stats = at.admin("stats", R"({"reset":true})");
  EXPECT_EQ(stats.find("requests")->find("search")->text, "1");
  EXPECT_EQ(at.admin("stats").find("requests_total")->text, "0");
}
