#include "tests/protocol/hubspot/simulated.hpp"

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

constexpr auto contacts = "/crm/v3/objects/contacts";

/// A tree as JSON text.
void write(json::writer& out, const json::value& value) {
  using kind = json::value::kind;
  switch (value.type) {
    case kind::null: out.null(); break;
    case kind::boolean: out.value(value.truth); break;
    case kind::number: out.raw(value.text); break;
    case kind::string: out.value(value.text); break;
    case kind::array:
      out.begin_array();
      for (const auto& item : value.items)
        write(out, item);
      out.end_array();
      break;
    case kind::object:
      out.begin_object();
      for (const auto& [name, member] : value.members)
        write(out.key(name), member);
      out.end_object();
      break;
  }
}

std::string written(const json::value& value) {
  json::writer out;
  write(out, value);
  return out.take();
}

} // namespace

TEST(HubspotAdmin, DescribesItsActionsByExamplesThatWork) {
  const auto described = simulated_hubspot{0}.admin("");
  std::set<std::string> names;
  for (const auto& [name, action] : at(described, {"actions"}).members) {
    names.insert(name);
    EXPECT_FALSE(action.string_or_empty("does").empty()) << name;
    const auto& example = *action.find("example");
    simulated_hubspot hubspot{10}; // its first contact is the one that the examples name
    if (name == "restore")
      hubspot.sim.archive("contacts", "713492000001", hubspot.now);
    const auto done = hubspot.sim.admin(name, written(example), hubspot.now);
    EXPECT_EQ(done.status, 200) << name << *done.body;
  }
  for (const auto* name :
       {"revoke", "expire", "limit", "fail", "edit", "create", "archive", "restore", "stats"})
    EXPECT_TRUE(names.contains(name)) << name;
}

TEST(HubspotAdmin, SaysWhatIsWrong) {
  simulated_hubspot hubspot;
  const auto unknown = hubspot.sim.admin("explode", "{}", hubspot.now);
  EXPECT_EQ(unknown.status, 404);
  EXPECT_NE(unknown.body->find("archive"), std::string::npos);
  for (const auto& [action, body] : std::initializer_list<std::pair<const char*, const char*>>{
           {"edit", "[]"},
           {"edit", "{"},
           {"edit", R"({"type":"pigeons","id":"1"})"},
           {"edit", R"({"type":"contacts","id":"1"})"},
           {"edit", R"({"type":"contacts","id":"713492000001","properties":{"no":"x"}})"},
           {"archive", R"({"type":"contacts","id":"1"})"},
           {"restore", R"({"type":"contacts","id":"713492000001"})"},
           {"create", R"({"type":"contacts","properties":{"annualrevenue":"much"}})"},
           {"revoke", R"({"account":"1"})"},
           {"fail", R"({"kind":"explode"})"},
           {"fail", R"({"statsu":503})"},
           {"fail", R"({"status":99})"},
           {"limit", R"({"count":0})"}})
    EXPECT_EQ(hubspot.sim.admin(action, body, hubspot.now).status, 400) << action << body;
}

TEST(HubspotAdmin, EditsCreatesArchivesAndRestores) {
  simulated_hubspot hubspot{0};
  const auto made
      = hubspot.admin("create", R"({"type":"contacts","properties":{"firstname":"Ada"}})");
  const auto id = std::string{made.string_or_empty("id")};
  const auto named = R"({"type":"contacts","id":")" + id + R"("})";
  EXPECT_TRUE(hubspot.admin("archive", named).find("archived")->truth);
  EXPECT_EQ(hubspot.get(std::string{contacts} + "/" + id).status, 404);
  EXPECT_FALSE(hubspot.admin("restore", named).find("archived")->truth);
  EXPECT_EQ(hubspot.get(std::string{contacts} + "/" + id).status, 200);
  hubspot.admin("erase", named);
  EXPECT_TRUE(hubspot.sim.snapshot("contacts").empty());
}

TEST(HubspotAdmin, RevokesAndExpires) {
  simulated_hubspot hubspot;
  hubspot.admin("expire");
  EXPECT_EQ(hubspot.read(hubspot.get(contacts)).string_or_empty("category"),
            "EXPIRED_AUTHENTICATION");
  hubspot.token = hubspot.sim.issue_access_token(hubspot.now);
  hubspot.admin("revoke", R"({"at_once":false})");
  EXPECT_EQ(hubspot.get(contacts).status, 200);
  hubspot.admin("revoke");
  EXPECT_EQ(hubspot.read(hubspot.get(contacts)).string_or_empty("category"),
            "INVALID_AUTHENTICATION");
}

TEST(HubspotAdmin, LimitsForACountOrATime) {
  simulated_hubspot hubspot;
  hubspot.admin("limit", R"({"count":2,"retry_after_seconds":7})");
  EXPECT_EQ(hubspot.get(contacts).headers.get("Retry-After"), "7");
  EXPECT_EQ(hubspot.get(contacts).status, 429);
  EXPECT_EQ(hubspot.get(contacts).status, 200);
  hubspot.admin("limit", R"({"policy":"DAILY","for_seconds":30,"retry_after_date":60})");
  const auto daily = hubspot.get(contacts);
  EXPECT_EQ(hubspot.read(daily).string_or_empty("policyName"), "DAILY");
  EXPECT_EQ(daily.headers.get("Retry-After"), "Sun, 01 Mar 2026 10:01:00 GMT");
  hubspot.now += 30s - 1ms;
  EXPECT_EQ(hubspot.get(contacts).status, 429);
  hubspot.now += 1ms;
  EXPECT_EQ(hubspot.get(contacts).status, 200);
  hubspot.admin("limit", R"({"policy":"SECONDLY"})");
  EXPECT_EQ(hubspot.get(contacts).status, 200); // only searches
  EXPECT_EQ(hubspot.post(std::string{contacts} + "/search", "{}").status, 429);
  hubspot.admin("limit", R"({"policy":"RATE_LIMITS"})");
  const auto other = hubspot.read(hubspot.get(contacts));
  EXPECT_EQ(other.string_or_empty("category"), "RATE_LIMITS");
  EXPECT_FALSE(other.find("policyName"));
}

TEST(HubspotAdmin, FailsBeforeOrAfterActing) {
  simulated_hubspot hubspot{0};
  const auto body = R"({"properties":{"firstname":"Ada"}})";
  hubspot.admin("fail", R"({"status":503,"method":"POST"})");
  EXPECT_EQ(hubspot.get(contacts).status, 200);
  EXPECT_EQ(hubspot.post(contacts, body).status, 503);
  EXPECT_TRUE(hubspot.sim.snapshot("contacts").empty());
  hubspot.admin("fail", R"({"kind":"drop","after_acting":true})");
  EXPECT_EQ(hubspot.post(contacts, body).status, simulation::no_answer);
  EXPECT_EQ(hubspot.sim.snapshot("contacts").size(), 1u);
  hubspot.admin("fail", R"({"status":500,"count":1000})");
  hubspot.admin("clear_faults");
  EXPECT_EQ(hubspot.get(contacts).status, 200);
}

TEST(HubspotAdmin, CountsWhatWasServed) {
  simulated_hubspot hubspot{0};
  const auto once = hubspot.create({});
  const auto twice = hubspot.create({});
  hubspot.get(contacts);
  hubspot.get(std::string{contacts} + "/" + twice);
  hubspot.get(std::string{contacts} + "/1");
  hubspot.patch(std::string{contacts} + "/1", R"({"properties":{}})");
  const auto stats = hubspot.admin("stats", R"({"records":true,"reset":true})");
  EXPECT_EQ(at(stats, {"requests", "contacts.list"}).text, "1");
  EXPECT_EQ(at(stats, {"requests", "contacts.read"}).text, "2");
  EXPECT_EQ(at(stats, {"statuses", "404"}).text, "2");
  EXPECT_EQ(at(stats, {"writes"}).text, "0"); // it was refused
  EXPECT_EQ(at(stats, {"quota", "TEN_SECONDLY_ROLLING", "peak"}).text, "4");
  const auto& served = at(stats, {"served", "147893286", "contacts"});
  EXPECT_EQ(at(served, {"by_record", once}).text, "1");
  EXPECT_EQ(at(served, {"by_record", twice}).text, "2");
  EXPECT_EQ(at(served, {"times", "2"}).text, "1");
  EXPECT_EQ(hubspot.sim.served("contacts", twice), 0u); // reset
  EXPECT_EQ(at(hubspot.admin("stats"), {"requests_total"}).text, "0");
}
