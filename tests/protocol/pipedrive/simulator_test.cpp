// The rules of pipedrive.md that the simulator enforces.
#include "tests/protocol/pipedrive/simulated.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

class PipedriveSimulator : public ::testing::Test {
protected:
  std::string value(const json::value& record, std::string_view name) {
    const auto* found = record.find(name);
    return found ? found->text : "missing";
  }
  simulated_pipedrive at{20, 2};
};

} // namespace

TEST_F(PipedriveSimulator, AnswersInTheRealEnvelope) {
  const auto whole = at.read(at.get("/api/v2/persons?limit=2"));
  EXPECT_TRUE(whole.find("success")->truth);
  EXPECT_EQ(whole.find("data")->items.size(), 2u);
  EXPECT_TRUE(whole.find("additional_data")->find("next_cursor")->is_string());
  const auto& person = whole.find("data")->items[0];
  for (const auto* field : {"id", "name", "emails", "update_time", "is_deleted", "custom_fields"})
    EXPECT_TRUE(person.find(field)) << field;
  EXPECT_EQ(value(person, "update_time").size(), 20u); // whole seconds
}

TEST_F(PipedriveSimulator, PagesWithoutGapOrRepetition) {
  for (const auto* path : {"/api/v2/persons?limit=3", "/api/v2/deals?limit=3&sort_by=update_time",
                           "/api/v2/organizations?limit=3&sort_by=add_time&sort_direction=desc",
                           "/api/v2/deals?limit=1&sort_by=id&sort_direction=desc"}) {
    auto all = at.ids(path);
    EXPECT_EQ(all.size(), 20u) << path;
    std::ranges::sort(all);
    EXPECT_EQ(std::ranges::adjacent_find(all), all.end()) << path;
  }
}

TEST_F(PipedriveSimulator, BindsACursorToItsList) {
  const auto whole = at.read(at.get("/api/v2/persons?limit=2"));
  const auto cursor = percent_encode(whole.find("additional_data")->string_or_empty("next_cursor"));
  EXPECT_EQ(at.get("/api/v2/persons?limit=5&cursor=" + cursor).status, 200);
  EXPECT_EQ(at.get("/api/v2/persons?sort_by=update_time&cursor=" + cursor).status, 400);
  EXPECT_EQ(at.get("/api/v2/persons?cursor=bm9uZQ==").status, 400);
  at.admin("expire_cursors");
  EXPECT_EQ(at.get("/api/v2/persons?limit=5&cursor=" + cursor).status, 400);
}

TEST_F(PipedriveSimulator, RefusesWhatItDoesNotKnow) {
  for (const auto* query : {"limit=0", "limit=501", "limit=x", "sort_by=name", "sort_direction=up",
                            "unknown=1", "updated_since=2026-03-01", "updated_since=yesterday",
                            "ids=1,x", "filter_id=1", "status=open"})
    EXPECT_EQ(at.get(std::string{"/api/v2/persons?"} + query).status, 400) << query;
  EXPECT_EQ(at.error_of(at.get("/api/v2/persons?unknown=1")),
            "Validation failed: unknown: is not allowed");
  EXPECT_EQ(at.get("/api/v2/persons?limit=500").status, 200);
  EXPECT_EQ(at.get("/api/v2/leads").status, 404);
  EXPECT_EQ(at.get("/api/v2/persons/0").status, 404);
  EXPECT_EQ(at.get("/api/v2/persons/1/x").status, 404);
}

TEST_F(PipedriveSimulator, FiltersByUpdateTimeWithAnOpenEnd) {
  at.now += 30min;
  at.sim.edit("persons", "3", {{"name", "\"A\""}}, at.now);
  const auto since = [&](wall_time from) {
    return at.ids("/api/v2/persons?sort_by=update_time&updated_since="
                  + percent_encode(format_iso_seconds(from)));
  };
  EXPECT_EQ(since(at.now), std::vector<std::string>{"3"}); // from this second on
  EXPECT_TRUE(since(at.now + 1s).empty());
  EXPECT_EQ(
      at.ids("/api/v2/persons?updated_until=" + percent_encode(format_iso_seconds(at.now))).size(),
      19u); // before this second
}

TEST_F(PipedriveSimulator, TicksInSeconds) {
  at.now += 999ms;
  at.sim.edit("deals", "1", {{"title", "\"A\""}}, at.now);
  EXPECT_EQ(at.sim.snapshot("deals").at("1").version, "2026-03-01T10:00:00Z");
  at.now += 1ms;
  at.sim.edit("deals", "1", {{"title", "\"B\""}}, at.now);
  EXPECT_EQ(at.sim.snapshot("deals").at("1").version, "2026-03-01T10:00:01Z");
}

TEST_F(PipedriveSimulator, TellsDeletionsOfDealsOnly) {
  at.now += 30min;
  at.sim.remove("deals", "1", at.now);
  at.sim.remove("persons", "1", at.now);
  const auto since = "updated_since=" + percent_encode(format_iso_seconds(at.now));
  EXPECT_EQ(at.ids("/api/v2/deals?status=deleted&" + since), std::vector<std::string>{"1"});
  EXPECT_TRUE(at.ids("/api/v2/deals?" + since).empty());
  EXPECT_TRUE(at.ids("/api/v2/persons?" + since).empty());
  EXPECT_EQ(at.ids("/api/v2/persons?limit=500").size(), 19u);
  EXPECT_EQ(value(at.data(at.get("/api/v2/persons/1")), "id"), "1"); // shown as deleted
  at.sim.strict().lists_deleted = true; // the other reading of the sheet
  EXPECT_EQ(at.ids("/api/v2/persons?" + since), std::vector<std::string>{"1"});
  at.sim.strict().reads_deleted = false;
  EXPECT_EQ(at.get("/api/v2/persons/1").status, 404);
}

TEST_F(PipedriveSimulator, PurgesThirtyDaysAfterADeletion) {
  at.sim.remove("deals", "1", at.now);
  at.now += 24h * 30 - 1s;
  at.token = at.sim.issue_access_token(at.now);
  EXPECT_EQ(at.get("/api/v2/deals/1").status, 200);
  at.now += 1s;
  EXPECT_EQ(at.get("/api/v2/deals/1").status, 404);
}

TEST_F(PipedriveSimulator, HidesArchivedDeals) {
  at.sim.archive("2", true, at.now);
  EXPECT_EQ(at.ids("/api/v2/deals?limit=500").size(), 19u);
  const auto archived = at.ids("/api/v2/deals/archived?limit=500");
  EXPECT_EQ(std::ranges::count(archived, "2"), 1);
  EXPECT_EQ(at.patch("/api/v2/deals/2", R"({"title":"x"})").status, 400);
  EXPECT_EQ(at.patch("/api/v2/deals/2", R"({"is_archived":false})").status, 200);
  EXPECT_EQ(at.ids("/api/v2/deals?limit=500").size(), 20u);
}

TEST_F(PipedriveSimulator, CreatesChangesAndDeletes) {
  const auto made = at.data(at.post(
      "/api/v2/persons",
      R"({"name":"Ada Byron","emails":[{"value":"a@b.example","primary":true,"label":"work"}]})"));
  const auto id = value(made, "id");
  EXPECT_EQ(value(made, "first_name"), "Ada");
  EXPECT_EQ(value(made, "last_name"), "Byron");
  EXPECT_EQ(value(made, "update_time"), "2026-03-01T10:00:00Z");
  at.now += 5s;
  const auto changed = at.data(at.patch("/api/v2/persons/" + id, R"({"name":"Ada"})"));
  EXPECT_EQ(value(changed, "name"), "Ada");
  EXPECT_EQ(value(changed, "update_time"), "2026-03-01T10:00:05Z");
  EXPECT_EQ(changed.find("emails")->items.size(), 1u); // only what was given changes
  const auto found = at.data(at.get("/api/v2/persons/search?term=A@b.example&exact_match=true"));
  ASSERT_EQ(found.find("items")->items.size(), 1u);
  EXPECT_EQ(value(*found.find("items")->items[0].find("item"), "id"), id);
  EXPECT_EQ(value(at.data(at.del("/api/v2/persons/" + id)), "id"), id);
  EXPECT_EQ(at.del("/api/v2/persons/" + id).status, 410); // as recorded of the real one
  EXPECT_EQ(at.patch("/api/v2/persons/" + id, R"({"name":"B"})").status, 404);
}

TEST_F(PipedriveSimulator, RefusesBodiesThatDoNotFit) {
  for (const auto& [path, body] : std::initializer_list<std::pair<const char*, const char*>>{
           {"persons", "{}"},
           {"persons", "["},
           {"persons", R"({"name":7})"},
           {"persons", R"({"name":"A","nmae":"B"})"},
           {"persons", R"({"name":"A","id":9})"},
           {"persons", R"({"name":"A","first_name":"B"})"},
           {"persons", R"({"name":"A","owner_id":1})"},
           {"persons", R"({"name":"A","org_id":9999})"},
           {"persons", R"({"name":"A","visible_to":2})"},
           {"persons", R"({"name":"A","custom_fields":{"x":"y"}})"},
           {"persons", R"({"name":"A","emails":["a@b"]})"},
           {"persons", R"({"name":"A","update_time":"yesterday"})"},
           {"deals", R"({"title":"A","update_time":"2026-03-01T00:00:00Z"})"},
           {"deals", R"({"title":"A","status":"maybe"})"},
           {"deals", R"({"title":"A","stage_id":6})"},
           {"deals", R"({"title":"A","lost_reason":"x"})"},
           {"deals", R"({"title":"A","status":"lost","won_time":"2026-03-01T00:00:00Z"})"},
           {"deals", R"({"title":"A","close_time":"2026-03-01T00:00:00Z"})"},
           {"organizations", R"({"name":null})"}})
    EXPECT_EQ(at.post(std::string{"/api/v2/"} + path, body).status, 400) << body;
  EXPECT_EQ(at.post("/api/v2/persons", R"({"name":"A","job_title":"B"})").status, 403);
  http_request plain{"POST", at.sim.api_domain() + "/api/v2/persons", "name=A", "text/plain"};
  EXPECT_EQ(at.send(std::move(plain)).status, 415);
  EXPECT_EQ(at.read(at.sim.admin("stats", "{}", at.now)).find("writes")->text, "0");
}

TEST_F(PipedriveSimulator, LetsClientsDateTheirImports) {
  const auto made = at.data(
      at.post("/api/v2/persons", R"({"name":"Old","update_time":"2019-01-01T00:00:00Z"})"));
  EXPECT_EQ(value(made, "update_time"), "2019-01-01T00:00:00Z");
}

TEST_F(PipedriveSimulator, FollowsTheStatusOfADeal) {
  const auto lost
      = at.data(at.post("/api/v2/deals", R"({"title":"A","status":"lost","lost_reason":"price"})"));
  EXPECT_EQ(value(lost, "lost_time"), "2026-03-01T10:00:00Z");
  EXPECT_EQ(value(lost, "lost_reason"), "price");
  const auto open = at.data(at.patch("/api/v2/deals/" + value(lost, "id"), R"({"status":"open"})"));
  EXPECT_EQ(value(open, "lost_time"), "");
  EXPECT_EQ(value(open, "lost_reason"), "");
}

TEST_F(PipedriveSimulator, ChecksTokenPlanScopeAndRateInThisOrder) {
  const auto deals = [&] { return at.get("/api/v2/deals?limit=0").status; };
  const auto good = at.token;
  at.token = "nobody";
  const auto refused = at.get("/api/v2/deals");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(at.error_of(refused), "unauthorized access");
  EXPECT_TRUE(refused.headers.has("x-401-by-gw"));
  at.token = good;
  at.admin("suspend");
  EXPECT_EQ(deals(), 402);
  at.admin("suspend", R"({"unpaid":false})");
  at.token = at.sim.issue_tokens(at.now, 0, {"base", "contacts:read"}).access_token;
  EXPECT_EQ(deals(), 403);
  EXPECT_EQ(at.error_of(at.get("/api/v2/deals")), "Scope and URL mismatch");
  EXPECT_EQ(at.get("/api/v2/persons?limit=1").status, 200);
  EXPECT_EQ(at.post("/api/v2/persons", R"({"name":"A"})").status, 403);
  at.token = good;
  at.admin("budget", R"({"remaining":9})"); // a list costs ten
  EXPECT_EQ(deals(), 429);
  at.admin("budget", R"({"remaining":10})");
  EXPECT_EQ(deals(), 400);
}

TEST_F(PipedriveSimulator, KeepsCompaniesApart) {
  const auto other = at.sim.api_domain(1) + "/api/v2/persons?limit=1";
  EXPECT_EQ(at.send({"GET", other}).status, 401); // a token of the first
  at.token = at.sim.issue_tokens(at.now, 1).access_token;
  EXPECT_EQ(at.send({"GET", other}).status, 200);
  EXPECT_EQ(at.send({"GET", "https://api.pipedrive.com/api/v2/persons"}).status, 404);
}

TEST_F(PipedriveSimulator, LimitsBurstsByToken) {
  for (int i = 0; i < 80; ++i)
    ASSERT_EQ(at.get("/api/v2/persons/1").status, 200) << i;
  const auto limited = at.get("/api/v2/persons/1");
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.headers.get("Retry-After"), "2");
  EXPECT_EQ(limited.headers.get("x-ratelimit-remaining"), "0");
  at.now += 2s;
  EXPECT_EQ(at.get("/api/v2/persons/1").status, 200);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(at.get("/api/v2/deals/search?term=ac").status, 200);
  EXPECT_EQ(at.get("/api/v2/deals/search?term=ac").status, 429);
}

TEST_F(PipedriveSimulator, BarsThoseWhoHammerOn) {
  for (int i = 0; i < 180; ++i)
    at.get("/api/v2/persons/1");
  const auto barred = at.get("/api/v2/persons/1");
  EXPECT_EQ(barred.status, 403);
  EXPECT_EQ(barred.headers.get("Content-Type"), "text/html; charset=UTF-8");
}

TEST_F(PipedriveSimulator, SpendsTheDailyBudgetByCost) {
  const auto left = [&](const http_response& answer) {
    return std::string{answer.headers.get("x-daily-ratelimit-token-remaining")};
  };
  EXPECT_EQ(left(at.get("/api/v1/users/me")), "149998");
  EXPECT_EQ(left(at.get("/api/v2/persons")), "149988");
  EXPECT_EQ(left(at.get("/api/v2/deals/archived")), "149968");
  EXPECT_EQ(left(at.get("/api/v2/deals/1")), "149967");
  EXPECT_EQ(left(at.patch("/api/v2/deals/1", "{}")), "149962");
  EXPECT_EQ(left(at.del("/api/v2/deals/1")), "149959");
  EXPECT_EQ(left(at.get("/api/v2/deals/search?term=ac")), "149939");
  at.admin("budget", R"({"remaining":0})");
  const auto spent = at.get("/api/v2/persons/1");
  EXPECT_EQ(at.error_of(spent), "daily request budget exceeded");
  EXPECT_EQ(spent.headers.get("Retry-After"), "50400"); // 14 hours to midnight
  at.now += 14h - 1s;
  at.token = at.sim.issue_access_token(at.now);
  EXPECT_EQ(at.get("/api/v2/persons/1").status, 429);
  at.now += 1s;
  EXPECT_EQ(at.get("/api/v2/persons/1").status, 200);
}

TEST_F(PipedriveSimulator, CapsWhatThePlanDoesNotAllow) {
  at.admin("cap", R"({"type":"deals"})");
  const auto capped = at.post("/api/v2/deals", R"({"title":"A"})");
  EXPECT_EQ(capped.status, 403);
  EXPECT_EQ(at.read(capped).string_or_empty("code"), "feature_capping_deals_limit");
  EXPECT_EQ(at.post("/api/v2/persons", R"({"name":"A"})").status, 200);
}

TEST_F(PipedriveSimulator, TellsWhoSignedIn) {
  const auto user = at.data(at.get("/api/v1/users/me"));
  EXPECT_EQ(value(user, "company_id"), "7412903");
  EXPECT_EQ(value(user, "company_domain"), "north-sales");
}

TEST_F(PipedriveSimulator, DescribesItsActionsAndNamesWhatIsWrong) {
  const auto described = at.read(at.sim.admin("", "", at.now));
  for (const auto& [name, action] : described.find("actions")->members)
    EXPECT_TRUE(action.find("example")->is_object()) << name;
  EXPECT_EQ(at.sim.admin("explode", "{}", at.now).status, 404);
  for (const auto& [action, body] : std::initializer_list<std::pair<const char*, const char*>>{
           {"edit", "["},
           {"edit", R"({"type":"leads"})"},
           {"edit", R"({"type":"deals","id":999})"},
           {"edit", R"({"type":"deals","id":1})"},
           {"restore", R"({"type":"deals","id":1})"},
           {"budget", "{}"},
           {"rename", R"({"domain":"A b"})"},
           {"limit", R"({"x":1})"},
           {"revoke", R"({"account":"nobody"})"}})
    EXPECT_EQ(at.sim.admin(action, body, at.now).status, 400) << action << body;
}

TEST_F(PipedriveSimulator, DoesWhatItsAdminSays) {
  at.admin("create", R"({"type":"persons","fields":{"name":"Eva"}})");
  EXPECT_EQ(at.ids("/api/v2/persons?limit=500").size(), 21u);
  at.admin("edit", R"({"type":"deals","id":1,"fields":{"is_archived":true}})");
  at.admin("delete", R"({"type":"deals","id":2})");
  EXPECT_EQ(at.ids("/api/v2/deals?limit=500").size(), 18u);
  at.admin("restore", R"({"type":"deals","id":2})");
  at.admin("erase", R"({"type":"deals","id":3})");
  EXPECT_EQ(at.ids("/api/v2/deals?limit=500").size(), 18u);
  at.admin("limit", R"({"policy":"DAILY_TOKENS","count":1})");
  EXPECT_EQ(at.error_of(at.get("/api/v2/persons/1")), "daily request budget exceeded");
  at.admin("fail", R"({"status":503,"count":1})");
  EXPECT_EQ(at.get("/api/v2/persons/1").status, 503);
  at.admin("expire");
  EXPECT_EQ(at.get("/api/v2/persons/1").status, 401);
}
