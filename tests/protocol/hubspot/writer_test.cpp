// The writer against the simulator, which enforces HubSpot's rules: every request is counted, and
// each one in turn may go wrong before it or after it was acted on.
#include "protocol/hubspot/writer.hpp"

#include "protocol/hubspot/errors.hpp"
#include "protocol/hubspot/object_batch.hpp"
#include "protocol/hubspot/provider.hpp"
#include "tests/protocol/hubspot/simulated.hpp"

#include <functional>
#include <map>

using namespace nexte;
using namespace nexte::hubspot;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

class direct_io final : public stream_io {
public:
  explicit direct_io(simulated_hubspot& hubspot) : hubspot_(hubspot) {}

  std::map<std::string, unsigned> requests; ///< By the last segment of the path.
  unsigned writes = 0;
  /// Runs before the request of this number, from 0.
  std::map<unsigned, std::function<void()>> before;
  std::optional<unsigned> lost; ///< The answer to the request of this number never comes.
  std::optional<unsigned> unsent;
  std::map<unsigned, http_response> said; ///< In place of HubSpot, to the request of this number.

  wall_time now() const override {
    return hubspot_.now;
  }

protected:
  void start_fetch(http_request request,
                   std::function<void(result<http_response>)> on_done) override {
    const auto number = count_++;
    if (const auto at = before.find(number); at != before.end())
      at->second();
    hubspot_.now += 100ms;
    auto name = request.url.substr(request.url.rfind('/') + 1);
    name.resize(std::min(name.find('?'), name.size()));
    ++requests[name];
    writes += !request.repeatable;
    if (unsent == number)
      return on_done(error{ec::transport, "no route"});
    const auto other = said.find(number);
    auto response = other == said.end() ? hubspot_.send(std::move(request)) : other->second;
    if (lost == number)
      return on_done(error{ec::transport, "the connection ended before the answer did"});
    const auto what = classify(response, hubspot_.now);
    if (what.kind != verdict_kind::ok && what.kind != verdict_kind::for_connector)
      return on_done(error{ec::refused, what.code});
    on_done(std::move(response));
  }
  void start_emit(page, std::function<void(result<done_t>)> on_done) override {
    on_done(error{ec::bug, "a push emits nothing"});
  }

private:
  simulated_hubspot& hubspot_;
  unsigned count_ = 0;
};

outgoing_edit creates(std::string fields, std::string key = "k1") {
  outgoing_edit edit;
  edit.kind = edit_kind::create;
  edit.key = std::move(key);
  edit.fields = std::move(fields);
  return edit;
}

class HubspotWriter : public ::testing::Test {
protected:
  result<std::vector<push_outcome>> push(std::vector<outgoing_edit> edits,
                                         const std::string& stream = "contacts") {
    push_request request;
    request.api_base = hubspot.base;
    request.edits = std::move(edits);
    auto work = provider().stream(stream)->push(io, std::move(request));
    result<std::vector<push_outcome>> outcome = error{ec::bug, "the push did not end"};
    work.start([&](auto ended) { outcome = std::move(ended); });
    return outcome;
  }
  push_outcome push_one(outgoing_edit edit, const std::string& stream = "contacts") {
    auto outcomes = push({std::move(edit)}, stream);
    EXPECT_TRUE(outcomes) << outcomes.failure().line();
    return outcomes && outcomes->size() == 1 ? outcomes->front() : push_outcome{};
  }
  /// An edit of a record as it stands at HubSpot.
  outgoing_edit edits(const std::string& id, std::string fields,
                      const std::string& stream = "contacts") {
    outgoing_edit edit;
    edit.record = id;
    edit.fields = std::move(fields);
    const auto state = hubspot.sim.snapshot(stream).at(id);
    edit.base_version = state.version;
    json::writer body;
    body.begin_object().key("id").value(id).key("properties").begin_object();
    for (const auto& [name, value] : state.properties)
      body.key(name).value(value);
    edit.base = body.end_object().end_object().take();
    return edit;
  }
  outgoing_edit erases(const std::string& id) {
    auto edit = edits(id, "");
    edit.kind = edit_kind::erase;
    return edit;
  }
  std::string property(const std::string& id, const std::string& name,
                       const std::string& stream = "contacts") {
    return hubspot.sim.snapshot(stream).at(id).properties[name];
  }
  size_t count(const std::string& stream = "contacts") {
    return hubspot.sim.snapshot(stream).size();
  }

  simulated_hubspot hubspot{20};
  direct_io io{hubspot};
};

} // namespace

TEST_F(HubspotWriter, ChangesTheGivenPropertiesAlone) {
  const auto id = hubspot.create({{"email", "a@north.example"}, {"firstname", "Ann"}});
  auto edit = edits(id, R"({"firstname":"Zoë"})");
  hubspot.sim.edit("contacts", id, {{"city", "Bergen"}}, hubspot.now); // not mapped: not compared
  const auto outcome = push_one(edit);
  EXPECT_EQ(outcome.what, push_verdict::confirmed);
  EXPECT_EQ(property(id, "firstname"), "Zoë");
  EXPECT_EQ(property(id, "city"), "Bergen");
  EXPECT_EQ(property(id, "email"), "a@north.example");
  ASSERT_TRUE(outcome.record);
  EXPECT_EQ(outcome.record->version, hubspot.sim.snapshot("contacts").at(id).version);
  EXPECT_EQ(io.requests["read"], 2u);
  EXPECT_EQ(io.writes, 1u);
}

TEST_F(HubspotWriter, ClearsAPropertyByNull) {
  const auto id = hubspot.create({{"jobtitle", "Smith"}});
  EXPECT_EQ(push_one(edits(id, R"({"jobtitle":null})")).what, push_verdict::confirmed);
  EXPECT_EQ(property(id, "jobtitle"), "");
}

TEST_F(HubspotWriter, ConfirmsInTheShapeOfThePull) {
  const auto id = hubspot.create({{"firstname", "Ann"}});
  const auto outcome = push_one(edits(id, R"({"firstname":"Zoe"})"));
  std::string properties;
  for (const auto* name :
       {"createdate", "lastmodifieddate", "hs_object_id", "email", "firstname", "lastname", "phone",
        "mobilephone", "jobtitle", "company", "lifecyclestage", "hubspot_owner_id"})
    properties.append(properties.empty() ? "" : ",").append(name);
  const auto listed = hubspot.get("/crm/v3/objects/contacts/" + id + "?properties=" + properties);
  ASSERT_TRUE(outcome.record);
  EXPECT_EQ(outcome.record->body, *listed.body);
}

TEST_F(HubspotWriter, DoesNotWriteOverWhatChangedThere) {
  const auto id = hubspot.create({{"firstname", "Ann"}});
  auto edit = edits(id, R"({"lastname":"Berg"})");
  hubspot.now += 1s;
  hubspot.sim.edit("contacts", id, {{"firstname", "Zoe"}}, hubspot.now);
  const auto outcome = push_one(edit);
  EXPECT_EQ(outcome.what, push_verdict::conflict);
  ASSERT_TRUE(outcome.record);
  EXPECT_NE(outcome.record->body.find("Zoe"), std::string::npos);
  EXPECT_EQ(property(id, "lastname"), "");
  EXPECT_EQ(io.writes, 0u);
}

TEST_F(HubspotWriter, SeesAChangeThatHasTheVersionOfTheBase) {
  const auto id = hubspot.create({{"firstname", "Ann"}});
  const auto edit = edits(id, R"({"lastname":"Berg"})");
  hubspot.sim.edit("contacts", id, {{"firstname", "Zoe"}}, hubspot.now); // in the same millisecond
  ASSERT_EQ(hubspot.sim.snapshot("contacts").at(id).version, edit.base_version);
  EXPECT_EQ(push_one(edit).what, push_verdict::conflict);
  EXPECT_EQ(io.writes, 0u);
}

TEST_F(HubspotWriter, TakesEqualValuesForNoConflictAndWritesNothing) {
  const auto id = hubspot.create({{"dealname", "Roof"}}, "deals");
  auto edit = edits(id, R"({"closedate":"2026-12-31","amount":15000})", "deals");
  hubspot.now += 1s;
  hubspot.sim.edit("deals", id, {{"closedate", "2026-12-31T00:00:00Z"}, {"amount", "15000"}},
                   hubspot.now);
  EXPECT_EQ(push_one(edit, "deals").what, push_verdict::confirmed);
  EXPECT_EQ(io.writes, 0u);
}

TEST_F(HubspotWriter, FindsAnUpdateWhoseAnswerWasLostDone) {
  const auto id = hubspot.create({{"firstname", "Ann"}});
  auto edit = edits(id, R"({"firstname":"Zoe"})");
  io.lost = 1;
  EXPECT_FALSE(push({edit}));
  EXPECT_EQ(property(id, "firstname"), "Zoe") << "it had arrived";
  edit.attempted = true;
  EXPECT_EQ(push_one(edit).what, push_verdict::confirmed);
  EXPECT_EQ(io.writes, 1u) << "nothing is written twice";
}

TEST_F(HubspotWriter, CreatesWithAKeyOfOurs) {
  const auto before = count();
  const auto outcome = push_one(creates(R"({"email":"new@north.example","firstname":"New"})"));
  EXPECT_EQ(outcome.what, push_verdict::confirmed);
  ASSERT_TRUE(outcome.record);
  EXPECT_EQ(count(), before + 1);
  EXPECT_EQ(property(outcome.record->id, "email"), "new@north.example");
  EXPECT_EQ(property(outcome.record->id, std::string{key_property}), "k1");
  EXPECT_EQ(outcome.record->body.find(key_property), std::string::npos) << "in the pull's shape";
  EXPECT_EQ(io.requests["contacts"], 1u) << "the property is made once …";
  push_one(creates(R"({"firstname":"Other"})", "k2"));
  EXPECT_EQ(io.requests["contacts"], 1u) << "… for all";
}

TEST_F(HubspotWriter, MakesOneObjectWhicheverAnswerIsLost) {
  for (const auto* stream : {"contacts", "companies", "deals"})
    for (unsigned step = 0; step < 6; ++step)
      for (const bool arrives : {true, false}) {
        simulated_hubspot fresh{5};
        direct_io wire{fresh};
        (arrives ? wire.lost : wire.unsent) = step;
        const auto before = fresh.sim.snapshot(stream).size();
        auto edit = creates(R"({"hubspot_owner_id":"7"})");
        for (int attempt = 0; attempt < 3; ++attempt) {
          push_request request;
          request.api_base = fresh.base;
          request.edits = {edit};
          auto work = provider().stream(stream)->push(wire, std::move(request));
          work.start([](auto) {});
          edit.attempted = true;
        }
        EXPECT_EQ(fresh.sim.snapshot(stream).size(), before + 1) << stream << " " << step;
      }
}

TEST_F(HubspotWriter, KeepsWhatWasEditedSinceALostCreate) {
  io.lost = 2; // upsert refused, property made, upsert done
  auto edit = creates(R"({"firstname":"New"})");
  EXPECT_FALSE(push({edit}));
  std::string id;
  for (const auto& [record, state] : hubspot.sim.snapshot("contacts"))
    if (state.properties.contains(std::string{key_property}))
      id = record;
  ASSERT_FALSE(id.empty());
  hubspot.sim.edit("contacts", id, {{"firstname", "Newer"}}, hubspot.now);
  edit.attempted = true;
  const auto outcome = push_one(edit);
  EXPECT_EQ(outcome.what, push_verdict::confirmed);
  EXPECT_EQ(outcome.record->id, id);
  EXPECT_EQ(property(id, "firstname"), "Newer");
}

TEST_F(HubspotWriter, RejectsADuplicateAddressAndNamesItsOwner) {
  const auto owner = hubspot.create({{"email", "taken@north.example"}});
  const auto outcome = push_one(creates(R"({"email":"Taken@north.example"})"));
  EXPECT_EQ(outcome.what, push_verdict::rejected);
  EXPECT_EQ(outcome.code, "duplicate");
  EXPECT_NE(outcome.sentence.find(owner), std::string::npos) << outcome.sentence;
}

TEST_F(HubspotWriter, FindsTheOneThatIsRefusedInABatch) {
  std::vector<outgoing_edit> all;
  for (int i = 0; i < 20; ++i)
    all.push_back(edits(hubspot.create({{"firstname", "A"}}), R"({"firstname":"B"})"));
  all[13].fields = R"({"email":"no address"})";
  const auto outcomes = push(all);
  ASSERT_TRUE(outcomes) << outcomes.failure().line();
  for (size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ((*outcomes)[i].what, i == 13 ? push_verdict::rejected : push_verdict::confirmed) << i;
  EXPECT_EQ((*outcomes)[13].code, "INVALID_EMAIL");
  EXPECT_LE(io.requests["update"], 11u) << "halving, not one by one";
}

TEST_F(HubspotWriter, ErasesAndSaysWhatWasThere) {
  const auto id = hubspot.create({{"firstname", "Ann"}});
  const auto outcome = push_one(erases(id));
  EXPECT_EQ(outcome.what, push_verdict::confirmed);
  ASSERT_TRUE(outcome.record);
  EXPECT_TRUE(outcome.record->deleted);
  EXPECT_TRUE(hubspot.sim.snapshot("contacts").at(id).archived);
}

TEST_F(HubspotWriter, DoesNotEraseWhatWasEditedThere) {
  const auto id = hubspot.create({{"firstname", "Ann"}});
  auto edit = erases(id);
  hubspot.now += 1s;
  hubspot.sim.edit("contacts", id, {{"firstname", "Zoe"}}, hubspot.now);
  EXPECT_EQ(push_one(edit).what, push_verdict::conflict);
  EXPECT_FALSE(hubspot.sim.snapshot("contacts").at(id).archived);
}

TEST_F(HubspotWriter, IsContentWithWhatIsErasedAlready) {
  const auto id = hubspot.create({{"firstname", "Ann"}});
  auto edit = erases(id);
  hubspot.sim.archive("contacts", id, hubspot.now);
  EXPECT_EQ(push_one(edit).what, push_verdict::confirmed);
  EXPECT_EQ(io.writes, 0u);
}

TEST_F(HubspotWriter, TellsWhatIsGone) {
  const auto archived = hubspot.create({{"firstname", "Ann"}});
  const auto erased = hubspot.create({{"firstname", "Bea"}});
  std::vector<outgoing_edit> all{edits(archived, R"({"firstname":"X"})"),
                                 edits(erased, R"({"firstname":"X"})")};
  hubspot.sim.archive("contacts", archived, hubspot.now);
  hubspot.admin("erase", R"({"type":"contacts","id":")" + erased + "\"}");
  const auto outcomes = push(all);
  ASSERT_TRUE(outcomes) << outcomes.failure().line();
  EXPECT_EQ((*outcomes)[0].what, push_verdict::gone);
  ASSERT_TRUE((*outcomes)[0].record);
  EXPECT_TRUE((*outcomes)[0].record->deleted);
  EXPECT_EQ((*outcomes)[1].what, push_verdict::gone);
  EXPECT_FALSE((*outcomes)[1].record);
}

TEST_F(HubspotWriter, SeesARecordThatIsArchivedBetweenLookAndWrite) {
  const auto id = hubspot.create({{"firstname", "Ann"}});
  auto edit = edits(id, R"({"firstname":"Zoe"})");
  io.before[1] = [&] { hubspot.sim.archive("contacts", id, hubspot.now); };
  EXPECT_EQ(push_one(edit).what, push_verdict::gone);
}

TEST_F(HubspotWriter, ConfirmsItsOwnValueWhereSomebodyChangesItBeforeTheLastLook) {
  const auto id = hubspot.create({{"firstname", "Ann"}});
  io.before[2] = [&] {
    hubspot.now += 1s;
    hubspot.sim.edit("contacts", id, {{"firstname", "Other"}, {"phone", "1"}}, hubspot.now);
  };
  const auto outcome = push_one(edits(id, R"({"firstname":"Zoe"})"));
  EXPECT_EQ(outcome.what, push_verdict::confirmed);
  ASSERT_TRUE(outcome.record);
  EXPECT_NE(outcome.record->body.find(R"("firstname":"Zoe")"), std::string::npos);
  EXPECT_LT(outcome.record->version, hubspot.sim.snapshot("contacts").at(id).version);
  EXPECT_EQ(property(id, "firstname"), "Other");
}

TEST_F(HubspotWriter, TakesWhatWasMissingAndIsBackForUnwritten) {
  const http_response answers[]
      = {{404, R"({"status":"error","category":"OBJECT_NOT_FOUND","message":"none"})"},
         {207, R"({"status":"COMPLETE","results":[],"numErrors":1,"errors":[)"
               R"({"status":"error","category":"OBJECT_NOT_FOUND","message":"none"}]})"}};
  unsigned request = 0;
  for (const auto& answer : answers) {
    const auto id = hubspot.create({{"firstname", "Ann"}});
    io.said = {{request + 1, answer}}; // archived then, and brought back before the last look
    const auto outcome = push_one(edits(id, R"({"firstname":"Zoe"})"));
    EXPECT_EQ(outcome.what, push_verdict::conflict) << answer.status;
    ASSERT_TRUE(outcome.record);
    EXPECT_NE(outcome.record->body.find("Ann"), std::string::npos);
    EXPECT_EQ(property(id, "firstname"), "Ann");
    request += 3;
    io.said = {{request + 1, answer}};
    io.before[request + 2] = [&] { hubspot.sim.archive("contacts", id, hubspot.now); };
    EXPECT_EQ(push_one(edits(id, R"({"firstname":"Zoe"})")).what, push_verdict::gone);
    request += 4;
  }
}

TEST_F(HubspotWriter, BelievesNoSuccessThatIsNotHubSpots) {
  const auto id = hubspot.create({{"firstname", "Ann"}});
  unsigned request = 0;
  for (const auto& edit : {edits(id, R"({"firstname":"Zoe"})"), erases(id)}) {
    io.said = {{request + 1, {200, R"({"welcome":"to this network"})", "application/json"}}};
    const auto outcomes = push({edit});
    ASSERT_FALSE(outcomes);
    EXPECT_EQ(outcomes.failure().code, ec::transport);
    request += 2; // the look before it, and the write
  }
  EXPECT_EQ(property(id, "firstname"), "Ann");
}

TEST_F(HubspotWriter, RejectsACreateThatIsToldToBeMissing) {
  io.said = {{0, {404, R"({"status":"error","category":"OBJECT_NOT_FOUND","message":"none"})"}}};
  const auto outcome = push_one(creates(R"({"firstname":"New"})"));
  EXPECT_EQ(outcome.what, push_verdict::rejected);
  EXPECT_EQ(outcome.code, "OBJECT_NOT_FOUND");
  EXPECT_EQ(io.requests.size(), 1u) << "nothing can be looked for";
}

TEST_F(HubspotWriter, SaysThatTheScopeIsMissing) {
  const auto id = hubspot.create({{"firstname", "Ann"}});
  hubspot.token = hubspot.sim.issue_tokens(hubspot.now, 0, {"oauth", "crm.objects.contacts.read"})
                      .access_token;
  const auto refused = push({edits(id, R"({"firstname":"Zoe"})")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.failure().code, ec::refused);
}

TEST_F(HubspotWriter, RejectsWhatIsNoEdit) {
  const auto id = hubspot.create({{"firstname", "Ann"}});
  auto broken = edits(id, R"({"firstname":)");
  const auto outcome = push_one(broken);
  EXPECT_EQ(outcome.what, push_verdict::rejected);
  EXPECT_EQ(outcome.code, "malformed");
}
