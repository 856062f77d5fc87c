#include "tests/protocol/hubspot/simulated.hpp"

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

constexpr auto contacts = "/crm/v3/objects/contacts";

std::string category(const http_response& response) {
  return std::string{simulated_hubspot::read(response).string_or_empty("category")};
}

std::string message(const http_response& response) {
  return std::string{simulated_hubspot::read(response).string_or_empty("message")};
}

std::string repeated(size_t count, std::string_view item) {
  std::string text;
  for (size_t i = 0; i < count; ++i)
    text.append(text.empty() ? "" : ",").append(item);
  return text;
}

/// Ids of a list, page by page.
std::vector<std::string> list_all(simulated_hubspot& hubspot, std::string path) {
  std::vector<std::string> ids;
  std::string after;
  do {
    const auto page = hubspot.read(hubspot.get(path + (after.empty() ? "" : "&after=" + after)));
    for (const auto& record : at(page, {"results"}).items)
      ids.emplace_back(record.string_or_empty("id"));
    after = at(page, {"paging", "next", "after"}).text;
  } while (!after.empty());
  return ids;
}

} // namespace

TEST(HubspotSimulator, ListsEveryLiveRecordOnceAndEndsWithoutPaging) {
  simulated_hubspot hubspot{250};
  const auto ids = list_all(hubspot, std::string{contacts} + "?limit=100");
  EXPECT_EQ(ids.size(), 250u);
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 250u);
  for (const auto& [id, record] : hubspot.sim.snapshot("contacts"))
    EXPECT_EQ(std::ranges::count(ids, id), record.archived ? 0 : 1);
  const auto page = hubspot.read(hubspot.get(std::string{contacts} + "?limit=100"));
  EXPECT_EQ(page.find("paging")->find("next")->string_or_empty("link").find(
                "https://api.hubapi.com/crm/v3/objects/contacts?limit=100&after="),
            0u);
}

TEST(HubspotSimulator, ListsArchivedRecordsOnlyWhenAsked) {
  simulated_hubspot hubspot{100};
  const auto page = hubspot.read(hubspot.get(std::string{contacts} + "?archived=true&limit=100"));
  ASSERT_EQ(at(page, {"results"}).items.size(), 2u);
  for (const auto& record : at(page, {"results"}).items) {
    EXPECT_TRUE(record.find("archived")->truth);
    EXPECT_FALSE(record.string_or_empty("archivedAt").empty());
  }
  EXPECT_FALSE(page.find("paging"));
}

TEST(HubspotSimulator, HoldsAListToItsLimits) {
  simulated_hubspot hubspot;
  const std::string path = contacts;
  EXPECT_EQ(at(hubspot.read(hubspot.get(path)), {"results"}).items.size(), 10u);
  EXPECT_EQ(hubspot.get(path + "?limit=100").status, 200);
  EXPECT_EQ(hubspot.get(path + "?limit=101").status, 400);
  EXPECT_EQ(hubspot.get(path + "?limit=0").status, 400);
  EXPECT_EQ(hubspot.get(path + "?limit=ten").status, 400);
  EXPECT_EQ(hubspot.get(path + "?limit=50&propertiesWithHistory=email").status, 200);
  EXPECT_EQ(hubspot.get(path + "?limit=51&propertiesWithHistory=email").status, 400);
  EXPECT_EQ(hubspot.get(path + "?archived=yes").status, 400);
  EXPECT_EQ(hubspot.get(path + "?after=713492000001").status, 400); // the cursor is opaque
  EXPECT_EQ(hubspot.get(path + "?associations=companies").status, 200);
}

TEST(HubspotSimulator, RefusesAnAddressThatIsTooLong) {
  simulated_hubspot hubspot;
  const auto prefix = hubspot.base + contacts + "?properties=";
  const auto fits = std::string{contacts} + "?properties=" + std::string(8192 - prefix.size(), 'a');
  EXPECT_EQ(hubspot.get(fits).status, 200);
  EXPECT_EQ(hubspot.get(fits + "a").status, 414);
}

TEST(HubspotSimulator, ShowsTheStandardPropertiesOrThoseAskedFor) {
  simulated_hubspot hubspot{0};
  const auto id = hubspot.create({{"email", "a@b.example"}, {"city", "Bonn"}});
  const auto path = std::string{contacts} + "/" + id;
  const auto standard = hubspot.read(hubspot.get(path));
  EXPECT_EQ(standard.string_or_empty("id"), id);
  std::set<std::string> names;
  for (const auto& [name, value] : standard.find("properties")->members)
    names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{"createdate", "email", "firstname", "hs_object_id",
                                          "lastmodifieddate", "lastname"}));
  const auto asked = hubspot.read(hubspot.get(path + "?properties=city,phone,no_such_property"));
  EXPECT_EQ(at(asked, {"properties", "city"}).text, "Bonn");
  EXPECT_EQ(at(asked, {"properties"}).find("phone")->type, json::value::kind::null);
  EXPECT_FALSE(at(asked, {"properties"}).find("email"));
  EXPECT_FALSE(at(asked, {"properties"}).find("no_such_property"));
  EXPECT_EQ(at(asked, {"properties", "hs_object_id"}).text, id);
  EXPECT_EQ(at(asked, {"properties", "lastmodifieddate"}).text, asked.string_or_empty("updatedAt"));
  EXPECT_EQ(asked.string_or_empty("url"),
            "https://app.hubspot.com/contacts/147893286/record/0-1/" + id);
}

TEST(HubspotSimulator, SpeaksTheDateVersionsAndTypeIdsToo) {
  simulated_hubspot hubspot;
  for (const auto* path : {"/crm/objects/2026-03/deals", "/crm/objects/2026-09/0-3",
                           "/crm/v3/objects/companies", "/crm/v3/objects/0-2"})
    EXPECT_EQ(hubspot.get(path).status, 200) << path;
  EXPECT_EQ(hubspot.get("/crm/objects/2025-09/deals").status, 404);
  const auto unknown = hubspot.get("/crm/v3/objects/pigeons");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(message(unknown), "Unable to infer object type from: pigeons");
  EXPECT_EQ(hubspot.send({"PUT", hubspot.base + contacts}).status, 405);
}

TEST(HubspotSimulator, CreatesAndGivesBackEveryValueAsText) {
  simulated_hubspot hubspot{0};
  const auto made = hubspot.post(
      contacts, R"({"properties":{"email":"Ada@Example.COM","annualrevenue":15000,)"
                R"("hs_email_optout":true,"firstname":"Ada","phone":""},"associations":[]})");
  ASSERT_EQ(made.status, 201) << *made.body;
  const auto record = hubspot.read(made);
  EXPECT_EQ(at(record, {"properties", "email"}).text, "ada@example.com");
  EXPECT_EQ(at(record, {"properties", "annualrevenue"}).type, json::value::kind::string);
  EXPECT_EQ(at(record, {"properties", "annualrevenue"}).text, "15000");
  EXPECT_EQ(at(record, {"properties", "hs_email_optout"}).text, "true");
  EXPECT_EQ(at(record, {"properties", "hs_email_domain"}).text, "example.com"); // computed
  EXPECT_EQ(record.string_or_empty("createdAt"), "2026-03-01T10:00:00Z");
}

TEST(HubspotSimulator, WritesABareDateAsATimeWithoutFraction) { // hubspot.md §2
  simulated_hubspot hubspot{0};
  const auto made = hubspot.read(hubspot.post(
      "/crm/v3/objects/deals", R"({"properties":{"dealname":"x","closedate":"2026-12-31"}})"));
  EXPECT_EQ(at(made, {"properties", "closedate"}).text, "2026-12-31T00:00:00Z");
}

TEST(HubspotSimulator, NamesEachPropertyItRefuses) {
  simulated_hubspot hubspot{0};
  const auto refused = hubspot.post(
      contacts, R"({"properties":{"nonsense":"x","annualrevenue":"much","lifecyclestage":"king",)"
                R"("email":"no address","createdate":"2020-01-01","firstname":"ok"}})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(category(refused), "VALIDATION_ERROR");
  const auto text = message(refused);
  EXPECT_EQ(text.find("Property values were not valid: [{\"isValid\":false,"), 0u);
  for (const auto* code : {"PROPERTY_DOESNT_EXIST", "INVALID_INTEGER", "INVALID_OPTION",
                           "INVALID_EMAIL", "READ_ONLY_VALUE"})
    EXPECT_NE(text.find(code), std::string::npos) << code;
  EXPECT_EQ(text.find("firstname"), std::string::npos);
  EXPECT_TRUE(hubspot.sim.snapshot("contacts").empty());
  EXPECT_EQ(hubspot.post(contacts, "{").status, 400);
  EXPECT_EQ(hubspot.post(contacts, "{}").status, 400);
  EXPECT_EQ(hubspot.send({"POST", hubspot.base + contacts, "{}", "text/plain"}).status, 415);
}

TEST(HubspotSimulator, UpdatesOnlyWhatIsGivenAndMovesLastModified) {
  simulated_hubspot hubspot{0};
  const auto id = hubspot.create({{"email", "a@b.example"}, {"city", "Bonn"}});
  const auto path = std::string{contacts} + "/" + id;
  hubspot.now += 5ms;
  EXPECT_EQ(hubspot.patch(path, R"({"properties":{"city":"Köln"}})").status, 200);
  auto state = hubspot.sim.snapshot("contacts").at(id);
  EXPECT_EQ(state.version, "2026-03-01T10:00:00.005Z");
  EXPECT_EQ(state.properties.at("city"), "Köln");
  EXPECT_EQ(state.properties.at("email"), "a@b.example");
  hubspot.now += 5ms; // the same value again is no change
  EXPECT_EQ(hubspot.patch(path, R"({"properties":{"city":"Köln"}})").status, 200);
  EXPECT_EQ(hubspot.sim.snapshot("contacts").at(id).version, state.version);
  EXPECT_EQ(hubspot.patch(path, R"({"properties":{"city":null}})").status, 200);
  EXPECT_FALSE(hubspot.sim.snapshot("contacts").at(id).properties.contains("city"));
  EXPECT_EQ(hubspot.patch(path, R"({"properties":{"no_such":"x"}})").status, 400);
  EXPECT_EQ(hubspot.patch(std::string{contacts} + "/1", R"({"properties":{}})").status, 404);
  EXPECT_EQ(hubspot
                .patch(std::string{contacts} + "/a%40b.example?idProperty=email",
                       R"({"properties":{"city":"Ulm"}})")
                .status,
            200);
}

TEST(HubspotSimulator, KeepsEmailAddressesUnique) {
  simulated_hubspot hubspot{0};
  const auto id = hubspot.create({{"email", "a@b.example"}});
  const auto other = hubspot.create({{"email", "c@d.example"}});
  const auto refused = hubspot.post(contacts, R"({"properties":{"email":"A@B.example"}})");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(category(refused), "CONFLICT");
  EXPECT_EQ(message(refused), "Contact already exists. Existing ID: " + id);
  const auto path = std::string{contacts} + "/" + other;
  EXPECT_EQ(hubspot.patch(path, R"({"properties":{"email":"a@b.example"}})").status, 409);
  EXPECT_EQ(hubspot.patch(path, R"({"properties":{"hs_additional_emails":"e@f.example"}})").status,
            200);
  EXPECT_EQ(hubspot.post(contacts, R"({"properties":{"email":"e@f.example"}})").status, 409);
  hubspot.sim.archive("contacts", id, hubspot.now);
  EXPECT_EQ(hubspot.post(contacts, R"({"properties":{"email":"a@b.example"}})").status, 201);
}

TEST(HubspotSimulator, ArchivesOutOfSightButNotOutOfReach) {
  simulated_hubspot hubspot{0};
  const auto id = hubspot.create({{"firstname", "Ada"}});
  const auto path = std::string{contacts} + "/" + id;
  EXPECT_EQ(hubspot.del(path).status, 204);
  EXPECT_EQ(hubspot.get(path).status, 404);
  EXPECT_EQ(hubspot.get(path + "?archived=true").status, 200);
  EXPECT_EQ(hubspot.patch(path, R"({"properties":{}})").status, 404);
  EXPECT_EQ(hubspot.del(path).status, 404);
  hubspot.sim.strictness().archive_twice_is_404 = false;
  EXPECT_EQ(hubspot.del(path).status, 204);
  hubspot.sim.restore("contacts", id, hubspot.now);
  EXPECT_EQ(hubspot.get(path).status, 200);
  EXPECT_EQ(hubspot.get(path + "?archived=true").status, 404);
}

TEST(HubspotSimulator, TellsTheHistoryNewestFirstWithItsSource) {
  simulated_hubspot hubspot{0};
  const auto id = hubspot.create({{"city", "Bonn"}});
  hubspot.now += 1s;
  hubspot.patch(std::string{contacts} + "/" + id, R"({"properties":{"city":"Ulm"}})");
  const auto record
      = hubspot.read(hubspot.get(std::string{contacts} + "/" + id + "?propertiesWithHistory=city"));
  const auto& history = at(record, {"propertiesWithHistory", "city"}).items;
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[0].string_or_empty("value"), "Ulm");
  EXPECT_EQ(history[0].string_or_empty("sourceType"), "INTEGRATION");
  EXPECT_EQ(history[0].string_or_empty("timestamp"), "2026-03-01T10:00:01Z");
  EXPECT_EQ(history[1].string_or_empty("value"), "Bonn");
  EXPECT_EQ(history[1].string_or_empty("sourceType"), "CRM_UI");
}

TEST(HubspotSimulator, ReadsABatchAndReportsWhatIsMissing) {
  simulated_hubspot hubspot{0};
  const auto id = hubspot.create({{"email", "a@b.example"}});
  const auto path = std::string{contacts} + "/batch/read";
  const auto whole = hubspot.post(path, R"({"inputs":[{"id":")" + id + R"("}]})");
  EXPECT_EQ(whole.status, 200);
  const auto part = hubspot.post(path, R"({"inputs":[{"id":")" + id + R"("},{"id":"7"}]})");
  EXPECT_EQ(part.status, 207);
  const auto answer = hubspot.read(part);
  EXPECT_EQ(at(answer, {"results"}).items.size(), 1u);
  EXPECT_EQ(at(answer, {"numErrors"}).text, "1");
  EXPECT_EQ(at(at(answer, {"errors"}).items.at(0), {"context", "id"}).items.at(0).text, "7");
  const auto by_email
      = hubspot.post(path, R"({"idProperty":"email","inputs":[{"id":"a@b.example"}]})");
  EXPECT_EQ(at(hubspot.read(by_email), {"results"}).items.size(), 1u);
  EXPECT_EQ(hubspot.post(path, R"({"idProperty":"city","inputs":[{"id":"x"}]})").status, 207);
}

TEST(HubspotSimulator, HoldsABatchToAHundredInputs) {
  simulated_hubspot hubspot{0};
  const auto path = std::string{contacts} + "/batch/create";
  const auto batch = [](size_t count) {
    return R"({"inputs":[)" + repeated(count, R"({"properties":{}})") + "]}";
  };
  EXPECT_EQ(hubspot.post(path, batch(100)).status, 201);
  EXPECT_EQ(hubspot.post(path, batch(101)).status, 400);
  EXPECT_EQ(hubspot.post(path, batch(0)).status, 400);
  EXPECT_EQ(hubspot.sim.snapshot("contacts").size(), 100u);
}

TEST(HubspotSimulator, RefusesAnUntracedBatchWhole) {
  simulated_hubspot hubspot{0};
  const auto path = std::string{contacts} + "/batch/create";
  const auto untraced = R"({"inputs":[{"properties":{"city":"Ulm"}},{"properties":{"no":"x"}}]})";
  EXPECT_EQ(hubspot.post(path, untraced).status, 400);
  EXPECT_TRUE(hubspot.sim.snapshot("contacts").empty());
  const auto same = R"({"properties":{"email":"a@b.example"}})";
  EXPECT_EQ(hubspot.post(path, R"({"inputs":[)" + repeated(2, same) + "]}").status, 400);
  EXPECT_TRUE(hubspot.sim.snapshot("contacts").empty());
  const auto traced
      = hubspot.post(path, R"({"inputs":[{"properties":{"city":"Ulm"},"objectWriteTraceId":"1"},)"
                           R"({"properties":{"no":"x"},"objectWriteTraceId":"2"}]})");
  EXPECT_EQ(traced.status, 207);
  EXPECT_EQ(hubspot.sim.snapshot("contacts").size(), 1u);
  EXPECT_NE(traced.body->find(R"("objectWriteTraceId":["2"])"), std::string::npos);
}

TEST(HubspotSimulator, UpsertsByAUniqueProperty) {
  simulated_hubspot hubspot{0};
  const auto path = std::string{contacts} + "/batch/upsert";
  const auto body = R"({"inputs":[{"id":"a@b.example","idProperty":"email",)"
                    R"("properties":{"city":"Ulm"}}]})";
  const auto first = hubspot.read(hubspot.post(path, body));
  EXPECT_TRUE(at(first, {"results"}).items.at(0).find("new")->truth);
  const auto second = hubspot.read(hubspot.post(path, body));
  EXPECT_FALSE(at(second, {"results"}).items.at(0).find("new")->truth);
  ASSERT_EQ(hubspot.sim.snapshot("contacts").size(), 1u);
  EXPECT_EQ(hubspot.sim.snapshot("contacts").begin()->second.properties.at("email"), "a@b.example");
}

TEST(HubspotSimulator, ArchivesABatchAndRefusesDuplicateIds) {
  simulated_hubspot hubspot{0};
  const auto id = hubspot.create({});
  const auto path = std::string{contacts} + "/batch/archive";
  const auto input = R"({"id":")" + id + R"("})";
  EXPECT_EQ(hubspot.post(path, R"({"inputs":[)" + input + "," + input + "]}").status, 400);
  EXPECT_EQ(hubspot.post(path, R"({"inputs":[)" + input + "]}").status, 204);
  EXPECT_TRUE(hubspot.sim.snapshot("contacts").at(id).archived);
}

TEST(HubspotSimulator, MergesIntoANewRecordOrThePrimary) {
  for (const bool makes_new : {true, false}) {
    simulated_hubspot hubspot{0};
    hubspot.sim.strictness().merge_makes_new_id = makes_new;
    const auto primary = hubspot.create({{"email", "a@b.example"}});
    const auto loser = hubspot.create({{"email", "c@d.example"}, {"city", "Ulm"}});
    const auto merged = hubspot.post(std::string{contacts} + "/merge",
                                     R"({"primaryObjectId":")" + primary
                                         + R"(","objectIdToMerge":")" + loser + R"("})");
    ASSERT_EQ(merged.status, 200) << *merged.body;
    const auto survivor = hubspot.read(merged);
    const auto id = std::string{survivor.string_or_empty("id")};
    EXPECT_EQ(id == primary, !makes_new);
    EXPECT_EQ(at(survivor, {"properties", "email"}).text, "a@b.example");
    EXPECT_EQ(at(survivor, {"properties", "city"}).text, "Ulm");
    EXPECT_EQ(at(survivor, {"properties", "hs_merged_object_ids"}).text,
              makes_new ? primary + ";" + loser : loser);
    EXPECT_EQ(hubspot.get(std::string{contacts} + "/" + loser).status, 404);
    EXPECT_EQ(hubspot.sim.snapshot("contacts").size(), 1u);
  }
}

TEST(HubspotSimulator, ForgetsAContactForPrivacy) {
  simulated_hubspot hubspot{0};
  hubspot.create({{"email", "a@b.example"}});
  const auto body = R"({"objectId":"a@b.example","idProperty":"email"})";
  EXPECT_EQ(hubspot.post(std::string{contacts} + "/gdpr-delete", body).status, 204);
  EXPECT_EQ(hubspot.post(std::string{contacts} + "/gdpr-delete", body).status, 404);
  EXPECT_TRUE(hubspot.sim.snapshot("contacts").empty());
}

TEST(HubspotSimulator, AsksWhoIsThere) {
  simulated_hubspot hubspot;
  hubspot.token.clear();
  auto refused = hubspot.get(contacts);
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(category(refused), "INVALID_AUTHENTICATION");
  EXPECT_EQ(std::string{refused.headers.get("x-hubspot-correlation-id")},
            hubspot.read(refused).string_or_empty("correlationId"));
  hubspot.token = "no-such-token";
  EXPECT_EQ(category(hubspot.get(contacts)), "INVALID_AUTHENTICATION");
  hubspot.token = hubspot.sim.issue_access_token(hubspot.now);
  hubspot.now += 1800s - 1ms;
  EXPECT_EQ(hubspot.get(contacts).status, 200);
  hubspot.now += 1ms + 75s;
  refused = hubspot.get(contacts);
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(category(refused), "EXPIRED_AUTHENTICATION");
  EXPECT_EQ(message(refused), "The OAuth token used to make this call expired 75 second(s) ago.");
  EXPECT_EQ(at(hubspot.read(refused), {"context", "expire time"}).items.at(0).text,
            "2026-03-01T10:30:00.000Z");
}

TEST(HubspotSimulator, NamesTheScopeThatIsMissing) {
  simulated_hubspot hubspot;
  hubspot.token = hubspot.sim.issue_tokens(hubspot.now, 0, {"oauth", "crm.objects.contacts.read"})
                      .access_token;
  EXPECT_EQ(hubspot.get(contacts).status, 200);
  EXPECT_EQ(hubspot.post(std::string{contacts} + "/search", "{}").status, 200);
  const auto refused = hubspot.get("/crm/v3/objects/deals");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(category(refused), "MISSING_SCOPES");
  const auto body = hubspot.read(refused);
  EXPECT_EQ(
      at(at(body, {"errors"}).items.at(0), {"context", "requiredGranularScopes"}).items.at(0).text,
      "crm.objects.deals.read");
  const auto write = hubspot.post(contacts, R"({"properties":{}})");
  EXPECT_EQ(write.status, 403); // the right to read is not the right to write
  hubspot.token = hubspot.sim.issue_tokens(hubspot.now, 0, {"oauth", "crm.objects.contacts.write"})
                      .access_token;
  EXPECT_EQ(hubspot.get(contacts).status, 403); // nor the other way round
}

TEST(HubspotSimulator, ForbidsWhatThePersonMayNotSee) {
  simulated_hubspot hubspot;
  hubspot.admin("forbid", R"({"type":"deals"})");
  const auto refused = hubspot.get("/crm/v3/objects/deals");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(category(refused), "FORBIDDEN");
  EXPECT_EQ(message(refused), "You do not have permissions to view object type DEAL.");
  hubspot.admin("forbid", R"({"type":"deals","forbidden":false})");
  EXPECT_EQ(hubspot.get("/crm/v3/objects/deals").status, 200);
}

TEST(HubspotSimulator, LimitsTheBurstInARollingWindow) {
  simulated_hubspot hubspot{1};
  for (int i = 0; i < 110; ++i) {
    const auto ok = hubspot.get(contacts);
    ASSERT_EQ(ok.status, 200);
    EXPECT_EQ(ok.headers.get("X-HubSpot-RateLimit-Max"), "110");
    EXPECT_EQ(ok.headers.get("X-HubSpot-RateLimit-Remaining"), std::to_string(109 - i));
  }
  const auto refused = hubspot.get(contacts);
  EXPECT_EQ(refused.status, 429);
  const auto body = hubspot.read(refused);
  EXPECT_EQ(body.string_or_empty("policyName"), "TEN_SECONDLY_ROLLING");
  EXPECT_EQ(body.string_or_empty("errorType"), "RATE_LIMIT");
  EXPECT_EQ(body.string_or_empty("message"), "You have reached your ten_secondly_rolling limit.");
  EXPECT_EQ(hubspot.post(std::string{contacts} + "/search", "{}").status, 200); // its own counter
  hubspot.now += 9'999ms;
  EXPECT_EQ(hubspot.get(contacts).status, 429);
  hubspot.now += 1ms;
  EXPECT_EQ(hubspot.get(contacts).status, 200);
  EXPECT_EQ(hubspot.sim.quota().violations(), 2u);
  EXPECT_EQ(hubspot.sim.quota().report("TEN_SECONDLY_ROLLING").peak, 110u);
}

TEST(HubspotSimulator, LimitsSearchesPerSecondWithoutHeaders) {
  simulated_hubspot hubspot{1};
  const auto path = std::string{contacts} + "/search";
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(hubspot.post(path, "{}").headers.has("X-HubSpot-RateLimit-Max"));
  const auto refused = hubspot.post("/crm/v3/objects/deals/search", "{}"); // one counter for all
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(hubspot.read(refused).string_or_empty("policyName"), "SECONDLY");
  hubspot.now += 999ms;
  EXPECT_EQ(hubspot.post(path, "{}").status, 429);
  hubspot.now += 1ms;
  EXPECT_EQ(hubspot.post(path, "{}").status, 200);
}

TEST(HubspotSimulator, CountsEachPortalByItself) {
  simulated_hubspot hubspot{1, 2};
  for (int i = 0; i < 110; ++i)
    hubspot.get(contacts);
  EXPECT_EQ(hubspot.get(contacts).status, 429);
  hubspot.token = hubspot.sim.issue_tokens(hubspot.now, 1).access_token;
  EXPECT_EQ(hubspot.get(contacts).status, 200);
  EXPECT_NE(hubspot.sim.snapshot("contacts", 0), hubspot.sim.snapshot("contacts", 1));
}

TEST(HubspotSimulator, IsTheSameForTheSameSeed) {
  simulated_hubspot one;
  simulated_hubspot other;
  EXPECT_EQ(one.sim.snapshot("deals"), other.sim.snapshot("deals"));
  EXPECT_EQ(*one.get(contacts).body, *other.get(contacts).body);
}

TEST(HubspotSimulator, BeginsItsAddressesWithTheMountedBase) {
  simulated_hubspot hubspot{20};
  hubspot.sim.mount("https://127.0.0.1:4711/hubspot");
  EXPECT_EQ(hubspot.sim.endpoints().token_url,
            "https://127.0.0.1:4711/hubspot/oauth/2026-03/token");
  const auto page = hubspot.send({"GET", "https://127.0.0.1:4711/hubspot/crm/v3/objects/contacts"});
  EXPECT_NE(page.body->find(R"("link":"https://127.0.0.1:4711/hubspot/crm/v3/objects/contacts?)"),
            std::string::npos);
  EXPECT_NE(page.body->find(R"("url":"https://127.0.0.1:4711/hubspot/contacts/)"),
            std::string::npos);
}

TEST(HubspotSimulator, SaysWhoseAccountItIs) {
  simulated_hubspot hubspot;
  const auto details = hubspot.read(hubspot.get("/account-info/v3/details"));
  EXPECT_EQ(at(details, {"portalId"}).text, "147893286");
  EXPECT_EQ(details.string_or_empty("timeZone"), "Europe/Berlin");
}

TEST(HubspotSimulator, LearnsAnAccountsOwnUniqueProperty) {
  simulated_hubspot hubspot{1, 2};
  constexpr auto path = "/crm/v3/properties/contacts";
  constexpr auto made = R"({"name":"our_key","label":"Key","groupName":"contactinformation",)"
                        R"("type":"string","fieldType":"text","hasUniqueValue":true})";
  const auto with_key = R"({"properties":{"our_key":"a1"}})";
  EXPECT_EQ(hubspot.post(contacts, with_key).status, 400);
  EXPECT_EQ(hubspot.post(path, R"({"name":"our_key"})").status, 400) << "a label is needed";
  EXPECT_EQ(hubspot.post(path, made).status, 201);
  EXPECT_EQ(hubspot.post(path, made).status, 409);
  EXPECT_EQ(hubspot.get(std::string{path} + "/our_key").status, 200);
  EXPECT_EQ(hubspot.get(std::string{path} + "/other").status, 404);
  EXPECT_EQ(hubspot.post(contacts, with_key).status, 201);
  EXPECT_EQ(hubspot.post(contacts, with_key).status, 409) << "it is unique";
  EXPECT_EQ(hubspot.get(std::string{contacts} + "/a1?idProperty=our_key").status, 200);
  hubspot.token = hubspot.sim.issue_tokens(hubspot.now, 1).access_token;
  EXPECT_EQ(hubspot.get(std::string{path} + "/our_key").status, 404) << "of that account alone";
}

TEST(HubspotSimulator, LetsOnlyTheSchemaScopeMakeProperties) {
  simulated_hubspot hubspot;
  hubspot.token = hubspot.sim.issue_tokens(hubspot.now, 0, {"oauth", "crm.objects.contacts.write"})
                      .access_token;
  const auto refused = hubspot.post("/crm/v3/properties/contacts", "{}");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(category(refused), "MISSING_SCOPES");
}
