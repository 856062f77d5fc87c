// Why a record is, or is not, here: each reason with its evidence, the provider really asked.
#include "tests/support/world_view.hpp"

#include "actors/look_up_desk.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineExplain : public virtual_world {
protected:
  EngineExplain() {
    configure = [this](engine_options& settings) {
      directory = settings.data_dir;
      settings.providers[0].quota = windows;
    };
  }

  explanation explain(integration_id id, const std::string& record,
                      const std::string& stream = "contacts") {
    auto why = ask<explanation>([&](auto done) { engine().explain(id, stream, record, done); });
    EXPECT_TRUE(why) << why.failure().line();
    return why ? *std::move(why) : explanation{};
  }
  void begin_explain(integration_id id, const std::string& record) {
    heard.reset();
    engine().explain(id, "contacts", record, [this](result<explanation> why) {
      EXPECT_FALSE(heard) << "answered twice";
      heard = std::move(why);
    });
    settle();
  }
  std::string first_contact() {
    for (const auto& [id, state] : hubspot().snapshot("contacts"))
      if (!state.archived)
        return id;
    return {};
  }
  std::string last_contact() {
    std::string last;
    for (const auto& [id, state] : hubspot().snapshot("contacts"))
      if (!state.archived)
        last = id;
    return last;
  }
  std::string new_contact() {
    return hubspot().create("contacts", {{"email", "late@north.example"}}, wall_now());
  }
  void set_mode(integration_id id, const char* mode) {
    EXPECT_TRUE(ask<void>([&](auto done) { engine().set_mode(id, mode, done); }));
  }
  static bool says(const explanation& why, std::string_view part) {
    return std::ranges::any_of(why.evidence, [&](const std::string& fact) {
      return fact.find(part) != std::string::npos;
    });
  }
  static bool is_list(const http_request& request) {
    return request.url.find("/objects/contacts?") != std::string::npos;
  }
  static bool is_contact(const http_request& request) {
    return request.url.find("/objects/contacts") != std::string::npos;
  }
  void answer_where(bool (*which)(const http_request&), http_response with) {
    net->intercept = [which, with](const http_request& request) -> std::optional<http_answer> {
      return which(request) ? std::optional{http_answer{with}} : std::nullopt;
    };
  }

  std::vector<quota_window> windows;
  std::filesystem::path directory;
  std::optional<result<explanation>> heard;
};

} // namespace

TEST_F(EngineExplain, SaysSyncedFromTheStoreAlone) {
  boot();
  const auto id = connected();
  advance(1min);
  net->clear_log();
  const auto why = explain(id, first_contact());
  EXPECT_EQ(why.code, "synced");
  EXPECT_TRUE(says(why, "stored here in version"));
  EXPECT_TRUE(says(why, "end marker"));
  EXPECT_TRUE(net->log().empty());
}

TEST_F(EngineExplain, AsksTheProviderWhetherARecordWasArchivedOrDeleted) {
  boot();
  const auto id = connected();
  advance(20min);
  const auto archived = first_contact();
  hubspot().archive("contacts", archived, wall_now());
  const auto erased = last_contact();
  hubspot().admin("erase", R"({"type":"contacts","id":")" + erased + "\"}", wall_now());
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  advance(1min);
  auto why = explain(id, archived);
  EXPECT_EQ(why.code, "archived_at_provider");
  EXPECT_TRUE(says(why, "archived at 20")) << "when HubSpot archived it";
  EXPECT_NE(why.sentence.find("content is kept"), std::string::npos);
  why = explain(id, erased);
  EXPECT_EQ(why.code, "deleted");
  EXPECT_TRUE(says(why, "as deleted"));
  EXPECT_TRUE(says(why, "knows none of that id"));
}

TEST_F(EngineExplain, FindsARecordThatWasArchivedBeforeItEverCame) {
  const auto archived = first_contact();
  hubspot().archive("contacts", archived, wall_now());
  boot();
  const auto id = add();
  set_mode(id, "paused");
  consent(id);
  const auto why = explain(id, archived);
  EXPECT_EQ(why.code, "archived_at_provider");
  EXPECT_NE(why.sentence.find("not synced"), std::string::npos);
}

TEST_F(EngineExplain, ToldApartWhatThisAccountCannotSee) {
  boot();
  const auto id = connected();
  advance(1min);
  const auto theirs = hubspot().create("contacts", {{"email", "a@b.example"}}, wall_now(), 1);
  ASSERT_EQ(hubspot().snapshot("contacts").count(theirs), 0u);
  auto why = explain(id, theirs);
  EXPECT_EQ(why.code, "not_shown_by_provider");
  EXPECT_NE(why.sentence.find("space that this account cannot see"), std::string::npos);
  EXPECT_TRUE(says(why, "HubSpot was asked for " + theirs));

  hubspot().admin("forbid", R"({"type":"contacts","forbidden":true})", wall_now());
  why = explain(id, theirs);
  EXPECT_EQ(why.code, "hidden_from_account");
  EXPECT_TRUE(says(why, "asked for it and refused"));
  advance(6min); // the stream has learned it too, and HubSpot need not be asked
  net->clear_log();
  why = explain(id, theirs);
  EXPECT_EQ(why.code, "hidden_from_account");
  EXPECT_TRUE(net->log().empty());
}

TEST_F(EngineExplain, NamesTheScopeThatIsMissing) {
  hubspot().oauth().choice.without = {"crm.objects.contacts.read"};
  boot();
  const auto id = connected();
  advance(1min);
  const auto why = explain(id, first_contact());
  EXPECT_EQ(why.code, "scope_missing");
  EXPECT_TRUE(says(why, "Missing is the permission crm.objects.contacts.read"));
  EXPECT_TRUE(says(why, "Granted are"));
}

TEST_F(EngineExplain, SaysWhenWhatIsNotYetDueComes) {
  boot();
  const auto id = connected();
  advance(1min);
  set_mode(id, "hourly");
  advance(1min);
  const auto record = new_contact();
  const auto due = status(id).streams[0].next_sync_at;
  auto why = explain(id, record);
  EXPECT_EQ(why.code, "not_yet_due");
  EXPECT_NE(why.sentence.find(format_iso_time(due)), std::string::npos) << why.sentence;
  EXPECT_TRUE(says(why, "never stored"));
  EXPECT_TRUE(says(why, "showed it: live"));
  set_mode(id, "paused");
  EXPECT_EQ(explain(id, record).code, "paused");
  set_mode(id, "real_time");
  advance(16min);
  EXPECT_EQ(explain(id, record).code, "synced");
}

TEST_F(EngineExplain, SaysThatTheStreamIsBeingRead) {
  options.records = 2000;
  boot();
  const auto id = add();
  net->hold = true;
  const auto url = begin_consent(id);
  net->hold = false;
  EXPECT_TRUE(follow_consent(*net, *listeners, url));
  net->intercept = [](const http_request& request) -> std::optional<http_answer> {
    if (is_list(request) && request.url.find("after=") != std::string::npos)
      return http_answer{http_response{503, "{}", "application/json"}};
    return std::nullopt;
  };
  advance(1s);
  const auto why = explain(id, last_contact());
  EXPECT_EQ(why.code, "not_yet_due");
  EXPECT_TRUE(says(why, "with 100 items so far"));
  EXPECT_TRUE(says(why, "not read to their end yet"));
}

TEST_F(EngineExplain, SaysWhatTheFeedOfChangesPassedBy) {
  boot();
  const auto id = connected();
  advance(20min);
  const auto record = new_contact();
  net->intercept = [](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/contacts/search") == std::string::npos)
      return std::nullopt;
    return http_answer{http_response{200, R"({"total":0,"results":[]})", "application/json"}};
  };
  advance(1h);
  const auto why = explain(id, record);
  EXPECT_EQ(why.code, "not_yet_due");
  EXPECT_NE(why.sentence.find("Refresh begins one at once"), std::string::npos) << why.sentence;
}

TEST_F(EngineExplain, SaysHeldByQuotaWhenTheProviderRefusesForIt) {
  boot();
  const auto id = add();
  answer_where(is_contact, {429,
                            R"({"status":"error","errorType":"RATE_LIMIT","policyName":"SECONDLY",)"
                            R"("message":"m","correlationId":"c"})",
                            "application/json"});
  consent(id);
  begin_explain(id, first_contact());
  EXPECT_FALSE(heard) << "it waits with the others until the refused window is open";
  advance(1s);
  ASSERT_TRUE(heard && *heard);
  EXPECT_EQ((*heard)->code, "held_by_quota");
  EXPECT_TRUE(says(**heard, "asked for it and refused"));
}

TEST_F(EngineExplain, SaysHeldByQuotaAndUntilWhenWhereItsQuestionWaitsToo) {
  windows = {{"SMALL", 3, 1h, counter_scope::account, "*", quota_unit::request, false}};
  options.records = 2000;
  boot();
  const auto id = connected();
  advance(1s);
  begin_explain(id, last_contact());
  advance(look_up_wait_max - 1ms);
  EXPECT_FALSE(heard);
  advance(1ms);
  ASSERT_TRUE(heard && *heard);
  const auto& why = **heard;
  EXPECT_EQ(why.code, "held_by_quota");
  EXPECT_TRUE(says(why, "could not be asked: it gave no answer within 8 seconds"));
  ASSERT_TRUE(status(id).quota_back_at);
  EXPECT_NE(why.sentence.find(format_iso_time(*status(id).quota_back_at)), std::string::npos);
}

TEST_F(EngineExplain, GivesUpAfterEightSecondsAndSaysWhatIsKnown) {
  boot();
  const auto id = connected();
  advance(1min);
  const auto record = new_contact();
  net->hold = true;
  begin_explain(id, record);
  advance(look_up_wait_max - 1ms);
  EXPECT_FALSE(heard);
  advance(1ms);
  ASSERT_TRUE(heard && *heard);
  EXPECT_EQ((*heard)->code, "provider_not_asked");
  EXPECT_TRUE(says(**heard, "never stored"));
  EXPECT_TRUE(says(**heard, "HubSpot could not be asked: it gave no answer within 8 seconds"));
  net->hold = false;
  net->release(); // the late answer tells nobody
  advance(1s);
  EXPECT_EQ(explain(id, record).code, "not_yet_due");
}

TEST_F(EngineExplain, SaysAtOnceThatTheProviderCannotBeReached) {
  boot();
  const auto id = connected();
  advance(1min);
  const auto record = new_contact();
  net->intercept = [](const http_request&) -> std::optional<http_answer> {
    return http_answer{error{ec::transport, "no route to host"}, false};
  };
  const auto why = explain(id, record);
  EXPECT_EQ(why.code, "provider_not_asked");
  EXPECT_TRUE(says(why, "could not be asked: HubSpot cannot be reached: no route to host"));
  EXPECT_EQ(status(id).state, "connected") << "one question that failed is no outage";
}

TEST_F(EngineExplain, AnswersWhenAPersonPausesOrDisconnectsMeanwhile) {
  boot();
  const auto id = connected();
  advance(1min);
  const auto record = new_contact();
  net->hold = true;
  begin_explain(id, record);
  set_mode(id, "paused");
  ASSERT_TRUE(heard && *heard);
  EXPECT_EQ((*heard)->code, "paused");
  EXPECT_TRUE(says(**heard, "paused meanwhile"));
  begin_explain(id, record);
  EXPECT_FALSE(heard);
  EXPECT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
  ASSERT_TRUE(heard && *heard);
  EXPECT_EQ((*heard)->code, "disconnected");
  EXPECT_EQ(explain(id, record).code, "disconnected");
  net->release(); // the revocation, which would hold the network for ever
}

TEST_F(EngineExplain, GivesUpInTimeAlsoWhenSyncStartsAnewMeanwhile) {
  boot();
  const auto id = connected();
  advance(1min);
  net->hold = true;
  begin_explain(id, new_contact());
  net->hold = false;
  consent(id); // a Reconnect: of the calls before it none is lost
  advance(look_up_wait_max - 1ms);
  EXPECT_FALSE(heard);
  advance(1ms);
  EXPECT_TRUE(heard && *heard);
  net->release();
}

TEST_F(EngineExplain, AsksForSixteenRecordsAtATimeAtMost) {
  boot();
  const auto id = connected();
  advance(1min);
  set_mode(id, "paused");
  net->hold = true;
  size_t answered = 0;
  for (size_t i = 0; i < look_ups_max; ++i)
    engine().explain(id, "contacts", std::to_string(i), [&](auto) { ++answered; });
  settle();
  EXPECT_EQ(answered, 0u);
  begin_explain(id, "99");
  ASSERT_TRUE(heard && *heard);
  EXPECT_TRUE(says(**heard, "too many are asked for at once"));
  net->hold = false;
  net->release();
  settle();
  net->release();
  settle();
  EXPECT_EQ(answered, look_ups_max);
}

TEST_F(EngineExplain, SaysThatTheStreamCannotBeParsed) {
  boot();
  const auto id = add();
  answer_where(is_list, {200, R"({"results":7})", "application/json"});
  consent(id);
  advance(1s);
  const auto why = explain(id, first_contact());
  EXPECT_EQ(why.code, "failed_to_parse");
  EXPECT_TRUE(says(why, "of the wrong type"));
}

TEST_F(EngineExplain, SaysThatTheStreamFailsAndWhenItIsTriedAgain) {
  boot();
  const auto id = add();
  answer_where(is_list, {400, R"({"category":"VALIDATION_ERROR"})", "application/json"});
  consent(id);
  advance(1s);
  const auto why = explain(id, first_contact());
  EXPECT_EQ(why.code, "sync_failing");
  EXPECT_TRUE(says(why, "VALIDATION_ERROR"));
  EXPECT_NE(why.sentence.find(format_iso_time(status(id).streams[0].next_sync_at)),
            std::string::npos);
}

TEST_F(EngineExplain, SaysWhyTheStreamStepsOverARecord) {
  boot();
  const auto id = connected();
  advance(1min);
  const auto record = new_contact();
  stop();
  {
    auto opened = store::open({directory}, secret{std::string(32, 'k')});
    ASSERT_TRUE(opened) << opened.failure().line();
    const std::vector<store_write> writes
        = {put_quarantine{id, {"contacts", record, wall_now(), "its time cannot be read."}}};
    ASSERT_TRUE((*opened)->commit(writes, wall_now()));
  }
  boot();
  const auto why = explain(id, record);
  EXPECT_EQ(why.code, "quarantined");
  EXPECT_NE(why.sentence.find("its time cannot be read"), std::string::npos);
  EXPECT_TRUE(says(why, "set aside at"));
}

TEST_F(EngineExplain, OvertakesTheBackgroundInTheQuota) {
  windows = {{"SMALL", 2, 1s, counter_scope::app, "*", quota_unit::request, false}};
  options.records = 5000;
  boot();
  std::vector<integration_id> ids;
  for (int i = 0; i < 10; ++i) {
    ids.push_back(add("w" + std::to_string(i)));
    consent(ids.back());
  }
  advance(5s); // each has three streams in line for two requests a second
  begin_explain(ids.back(), last_contact());
  advance(2s);
  ASSERT_TRUE(heard && *heard) << "the background would take 15 seconds";
  EXPECT_EQ((*heard)->code, "not_yet_due");
}

TEST_F(EngineExplain, KnowsNoStreamButThoseThereAre) {
  boot();
  EXPECT_EQ(explain(add(), "1", "invoices").code, "unknown_stream");
}
