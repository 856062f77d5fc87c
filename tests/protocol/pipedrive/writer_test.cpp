// The writer against the simulator, which enforces Pipedrive's rules: every request is counted, and
// each one in turn may go wrong before it or after it was acted on.
#include "protocol/pipedrive/writer.hpp"

#include "protocol/pipedrive/errors.hpp"
#include "protocol/pipedrive/provider.hpp"
#include "tests/protocol/pipedrive/simulated.hpp"

#include <functional>
#include <map>

using namespace nexte;
using namespace nexte::pipedrive;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

class direct_pipedrive final : public stream_io {
public:
  explicit direct_pipedrive(simulated_pipedrive& pipedrive) : pipedrive_(pipedrive) {}

  std::map<std::string, unsigned> requests; ///< By method.
  unsigned tokens = 0;                      ///< As the connector counts them.
  std::vector<std::string> bodies;          ///< Of what was written.
  /// Runs before the request of this number, from 0.
  std::map<unsigned, std::function<void()>> before;
  std::optional<unsigned> lost; ///< The answer to the request of this number never comes.
  std::optional<unsigned> unsent;

  wall_time now() const override {
    return pipedrive_.now;
  }

protected:
  void start_fetch(http_request request,
                   std::function<void(result<http_response>)> on_done) override {
    const auto number = count_++;
    if (const auto at = before.find(number); at != before.end())
      at->second();
    pipedrive_.now += 100ms;
    ++requests[request.method];
    tokens += request.quota.cost;
    if (!request.repeatable)
      bodies.push_back(request.body);
    if (unsent == number)
      return on_done(error{ec::transport, "no route"});
    auto response = pipedrive_.send(std::move(request));
    if (lost == number)
      return on_done(error{ec::transport, "the connection ended before the answer did"});
    const auto what = classify(response, pipedrive_.now);
    if (what.kind != verdict_kind::ok && what.kind != verdict_kind::for_connector)
      return on_done(error{ec::refused, what.code});
    on_done(std::move(response));
  }
  void start_emit(page, std::function<void(result<done_t>)> on_done) override {
    on_done(error{ec::bug, "a push emits nothing"});
  }

private:
  simulated_pipedrive& pipedrive_;
  unsigned count_ = 0;
};

outgoing_edit creates(std::string fields, wall_time sent, std::string key = "k1") {
  outgoing_edit edit;
  edit.kind = edit_kind::create;
  edit.key = std::move(key);
  edit.fields = std::move(fields);
  edit.first_sent_at = sent;
  return edit;
}

class PipedriveWriter : public ::testing::Test {
protected:
  result<std::vector<push_outcome>> push(std::vector<outgoing_edit> edits,
                                         const std::string& stream = "persons") {
    push_request request;
    request.api_base = pipedrive.sim.api_domain();
    request.edits = std::move(edits);
    auto work = provider().stream(stream)->push(io, std::move(request));
    result<std::vector<push_outcome>> outcome = error{ec::bug, "the push did not end"};
    work.start([&](auto ended) { outcome = std::move(ended); });
    return outcome;
  }
  push_outcome push_one(outgoing_edit edit, const std::string& stream = "persons") {
    auto outcomes = push({std::move(edit)}, stream);
    EXPECT_TRUE(outcomes) << outcomes.failure().line();
    return outcomes && outcomes->size() == 1 ? outcomes->front() : push_outcome{};
  }
  /// An edit of a record as it stands at Pipedrive.
  outgoing_edit edits(const std::string& id, std::string fields,
                      const std::string& stream = "persons") {
    outgoing_edit edit;
    edit.record = id;
    edit.fields = std::move(fields);
    const auto state = pipedrive.sim.snapshot(stream).at(id);
    edit.base_version = state.version;
    edit.base = state.body;
    return edit;
  }
  outgoing_edit erases(const std::string& id, const std::string& stream = "persons") {
    auto edit = edits(id, "", stream);
    edit.kind = edit_kind::erase;
    return edit;
  }
  std::string value(const std::string& id, const std::string& name,
                    const std::string& stream = "persons") {
    const auto fields = read_fields(pipedrive.sim.snapshot(stream).at(id).body, shape());
    const auto found = fields->find(name);
    return found == fields->end() ? "null" : found->second;
  }
  size_t count(const std::string& stream = "persons") {
    return pipedrive.sim.snapshot(stream).size();
  }

  simulated_pipedrive pipedrive{20};
  direct_pipedrive io{pipedrive};
};

} // namespace

TEST_F(PipedriveWriter, SendsTheGivenFieldsAlone) {
  const auto phone = value("1", "phones");
  const auto outcome = push_one(edits("1", R"({"name":"Zoë Berg"})"));
  EXPECT_EQ(outcome.what, push_verdict::confirmed);
  EXPECT_EQ(io.bodies, std::vector<std::string>{R"({"name":"Zoë Berg"})"});
  EXPECT_EQ(value("1", "name"), "\"Zoë Berg\"");
  EXPECT_EQ(value("1", "phones"), phone);
  ASSERT_TRUE(outcome.record);
  EXPECT_EQ(outcome.record->version, pipedrive.sim.snapshot("persons").at("1").version);
  EXPECT_EQ(outcome.record->body, pipedrive.sim.snapshot("persons").at("1").body)
      << "in the shape of the pull";
  EXPECT_EQ(io.requests["GET"], 1u);
  EXPECT_EQ(io.requests["PATCH"], 1u);
}

TEST_F(PipedriveWriter, LeavesOtherCustomFieldsAlone) {
  const auto made = push_one(
      creates(R"({"name":"New","custom_fields":{"9dc80c50d78a15643bfc4ca79d76156a73a1ca0e":"x"}})",
              pipedrive.now));
  ASSERT_TRUE(made.record);
  const auto id = made.record->id;
  EXPECT_EQ(push_one(edits(id, R"({"custom_fields":{"9dc80c50d78a15643bfc4ca79d76156a73a1ca0e":)"
                               R"(null}})"))
                .what,
            push_verdict::confirmed);
  EXPECT_EQ(value(id, "custom_fields/9dc80c50d78a15643bfc4ca79d76156a73a1ca0e"), "null");
  EXPECT_NE(pipedrive.sim.snapshot("persons").at(id).body.find("\"k1\""), std::string::npos);
}

TEST_F(PipedriveWriter, SpendsWhatTheCallsCost) {
  const auto budget = [&] { return pipedrive.sim.company_at(0).budget.remaining(pipedrive.now); };
  auto lost = creates(R"({"title":"Roof"})", pipedrive.now, "k2");
  lost.attempted = true;
  const auto before = budget();
  push_one(edits("1", R"({"name":"Zoe"})"));
  push_one(erases("2"));
  push_one(creates(R"({"name":"New"})", pipedrive.now));
  EXPECT_EQ(io.tokens, 6u + 4u + 20u) << "the key's field is asked for and made once";
  push_one(creates(R"({"title":"Wall"})", pipedrive.now), "deals");
  push_one(lost, "deals");
  EXPECT_EQ(before - budget(), io.tokens);
}

TEST_F(PipedriveWriter, DoesNotWriteOverWhatChangedThereInTheSameSecond) {
  const auto edit = edits("1", R"({"org_id":null})");
  pipedrive.sim.edit("persons", "1", {{"name", "\"Zoe\""}},
                     *parse_iso_time(edit.base_version)); // the clock shows no difference
  ASSERT_EQ(pipedrive.sim.snapshot("persons").at("1").version, edit.base_version);
  const auto outcome = push_one(edit);
  EXPECT_EQ(outcome.what, push_verdict::conflict);
  ASSERT_TRUE(outcome.record);
  EXPECT_NE(outcome.record->body.find("Zoe"), std::string::npos);
  EXPECT_TRUE(io.bodies.empty());
}

TEST_F(PipedriveWriter, WritesWhatWasOnlyTouchedThere) {
  const auto edit = edits("1", R"({"name":"Zoe"})");
  pipedrive.now += 10min;
  pipedrive.sim.edit("persons", "1", {}, pipedrive.now); // another time, the same values
  EXPECT_EQ(push_one(edit).what, push_verdict::confirmed);
  EXPECT_EQ(io.bodies.size(), 1u);
}

TEST_F(PipedriveWriter, TakesEqualValuesForNoConflictAndWritesNothing) {
  const auto edit = edits("1", R"({"value":15000,"currency":"NOK"})", "deals");
  pipedrive.sim.edit("deals", "1", {{"value", "15000.0"}, {"currency", "\"NOK\""}}, pipedrive.now);
  EXPECT_EQ(push_one(edit, "deals").what, push_verdict::confirmed);
  EXPECT_TRUE(io.bodies.empty());
}

TEST_F(PipedriveWriter, FindsAnUpdateWhoseAnswerWasLostDone) {
  auto edit = edits("1", R"({"name":"Zoe"})");
  io.lost = 1;
  EXPECT_FALSE(push({edit}));
  EXPECT_EQ(value("1", "name"), "\"Zoe\"") << "it had arrived";
  edit.attempted = true;
  EXPECT_EQ(push_one(edit).what, push_verdict::confirmed);
  EXPECT_EQ(io.bodies.size(), 1u) << "nothing is written twice";
}

TEST_F(PipedriveWriter, MakesOneRecordWhicheverAnswerIsLost) {
  for (const std::string stream : {"persons", "organizations", "deals"})
    for (unsigned step = 0; step < 7; ++step)
      for (const bool arrives : {true, false}) {
        simulated_pipedrive fresh{5};
        direct_pipedrive wire{fresh};
        (arrives ? wire.lost : wire.unsent) = step;
        const auto before = fresh.sim.snapshot(stream).size();
        auto edit = creates(stream == "deals" ? R"({"title":"x"})" : R"({"name":"x"})", fresh.now);
        for (int attempt = 0; attempt < 3; ++attempt) {
          push_request request;
          request.api_base = fresh.sim.api_domain();
          request.edits = {edit};
          auto work = provider().stream(stream)->push(wire, std::move(request));
          work.start([](auto) {});
          edit.attempted = true;
          fresh.now += 10min;
        }
        EXPECT_EQ(fresh.sim.snapshot(stream).size(), before + 1) << stream << " " << step;
      }
}

TEST_F(PipedriveWriter, KeepsWhatBecameOfALostCreateSince) {
  const std::function<void(const std::string&)> fates[]
      = {[&](const std::string& id) {
           pipedrive.sim.edit("deals", id, {{"title", "\"Newer\""}}, pipedrive.now);
         },
         [&](const std::string& id) { pipedrive.sim.archive(id, true, pipedrive.now); },
         [&](const std::string& id) { pipedrive.sim.remove("deals", id, pipedrive.now); }};
  push_one(creates(R"({"title":"First"})", pipedrive.now, "k0"), "deals"); // the field is there
  unsigned number = 2;
  for (const auto& fate : fates) {
    auto edit = creates(R"({"title":"New"})", pipedrive.now, "k" + std::to_string(number));
    const auto before = count("deals");
    direct_pipedrive wire{pipedrive};
    wire.lost = 1;
    push_request request;
    request.api_base = pipedrive.sim.api_domain();
    request.edits = {edit};
    auto work = provider().stream("deals")->push(wire, std::move(request));
    work.start([](auto outcome) { EXPECT_FALSE(outcome); });
    ASSERT_EQ(count("deals"), before + 1);
    pipedrive.now += 10min;
    const auto id = std::to_string(before + 1);
    fate(id);
    edit.attempted = true;
    const auto outcome = push_one(edit, "deals");
    EXPECT_EQ(outcome.what, push_verdict::confirmed);
    ASSERT_TRUE(outcome.record);
    EXPECT_EQ(outcome.record->id, id);
    EXPECT_EQ(outcome.record->deleted, number > 2);
    EXPECT_EQ(count("deals"), before + 1);
    ++number;
  }
}

TEST_F(PipedriveWriter, GivesANewRecordOnlyWhatCanBeGiven) {
  auto edit = creates(edits("1", "", "deals").base, pipedrive.now); // a whole record made anew
  const auto outcome = push_one(edit, "deals");
  EXPECT_EQ(outcome.what, push_verdict::confirmed) << outcome.sentence;
  EXPECT_EQ(value(outcome.record->id, "title", "deals"), value("1", "title", "deals"));
}

TEST_F(PipedriveWriter, ErasesAndSaysWhatWasThere) {
  const auto outcome = push_one(erases("1"));
  EXPECT_EQ(outcome.what, push_verdict::confirmed);
  ASSERT_TRUE(outcome.record);
  EXPECT_TRUE(outcome.record->deleted);
  EXPECT_TRUE(pipedrive.sim.snapshot("persons").at("1").gone);
}

TEST_F(PipedriveWriter, DoesNotEraseWhatWasEditedThere) {
  const auto edit = erases("1");
  pipedrive.sim.edit("persons", "1", {{"name", "\"Zoe\""}}, pipedrive.now);
  EXPECT_EQ(push_one(edit).what, push_verdict::conflict);
  EXPECT_FALSE(pipedrive.sim.snapshot("persons").at("1").gone);
}

TEST_F(PipedriveWriter, IsContentWithWhatIsErasedAlready) {
  for (const bool shown : {false, true}) {
    pipedrive.sim.strict().reads_deleted = shown; // either reading of the sheet
    const std::string id = shown ? "2" : "1";
    const auto edit = erases(id);
    pipedrive.sim.remove("persons", id, pipedrive.now);
    EXPECT_EQ(push_one(edit).what, push_verdict::confirmed);
  }
  EXPECT_TRUE(io.bodies.empty());
  const auto edit = erases("3");
  io.before[3] = [&] { pipedrive.sim.remove("persons", "3", pipedrive.now); };
  EXPECT_EQ(push_one(edit).what, push_verdict::confirmed) << "between look and write";
}

TEST_F(PipedriveWriter, TellsWhatIsGone) {
  auto deleted = edits("1", R"({"title":"X"})", "deals");
  auto archived = edits("2", R"({"title":"X"})", "deals");
  auto later = edits("3", R"({"title":"X"})", "deals");
  pipedrive.sim.remove("deals", "1", pipedrive.now);
  pipedrive.sim.archive("2", true, pipedrive.now);
  io.before[3] = [&] { pipedrive.sim.remove("deals", "3", pipedrive.now); };
  const auto outcomes = push({deleted, archived, later}, "deals");
  ASSERT_TRUE(outcomes) << outcomes.failure().line();
  for (const auto& outcome : *outcomes)
    EXPECT_EQ(outcome.what, push_verdict::gone);
  ASSERT_TRUE((*outcomes)[1].record);
  EXPECT_TRUE((*outcomes)[1].record->deleted);
  EXPECT_TRUE(io.requests["PATCH"] == 1u);
}

TEST_F(PipedriveWriter, RejectsOneAndWritesTheOthers) {
  const auto outcomes = push({edits("1", R"({"name":"A"})"), edits("2", R"({"owner_id":99})"),
                              edits("3", R"({"name":)"), edits("4", R"({"name":"B"})")});
  ASSERT_TRUE(outcomes) << outcomes.failure().line();
  EXPECT_EQ((*outcomes)[0].what, push_verdict::confirmed);
  EXPECT_EQ((*outcomes)[1].what, push_verdict::rejected);
  EXPECT_EQ((*outcomes)[1].code, "validation_failed");
  EXPECT_EQ((*outcomes)[1].sentence,
            "Pipedrive does not take the value of \"owner_id\"; correct it "
            "and save it again.");
  EXPECT_EQ((*outcomes)[2].code, "malformed");
  EXPECT_EQ((*outcomes)[3].what, push_verdict::confirmed);
}

TEST_F(PipedriveWriter, SaysThatThePlanIsFull) {
  pipedrive.sim.company_at(0).capped.insert("deals");
  const auto outcome = push_one(creates(R"({"title":"New"})", pipedrive.now), "deals");
  EXPECT_EQ(outcome.what, push_verdict::rejected);
  EXPECT_EQ(outcome.code, "feature_capping_deals_limit");
}

TEST_F(PipedriveWriter, SaysThatTheScopeIsMissing) {
  for (const auto* scopes : {"contacts:read", "contacts:full"}) {
    pipedrive.token = pipedrive.sim.issue_tokens(pipedrive.now, 0, {"base", scopes}).access_token;
    const auto refused = push({creates(R"({"name":"New"})", pipedrive.now)});
    ASSERT_FALSE(refused) << "the key's field cannot be made";
    EXPECT_EQ(refused.failure().code, ec::refused);
  }
}
