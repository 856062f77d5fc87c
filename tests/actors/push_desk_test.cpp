#include "tests/support/push_desk_fixture.hpp"

using namespace nexte;
using namespace nexte::test;

TEST_F(PushDesk, TakesBackWhatAnEarlierLifeLeftInFlight) {
  rows[add("1")].state = edit_state::in_flight;
  desk.go();
  run();
  EXPECT_EQ(commits.front(), "requeue contacts 0");
  EXPECT_EQ(count("begin 1"), 1u);
  EXPECT_TRUE(rows.empty());
}

TEST_F(PushDesk, SendsNothingThatIsNotDurablyInFlight) {
  begin();
  const auto id = add("1");
  desk.settle();
  EXPECT_EQ(commits, texts{"begin " + std::to_string(id)});
  EXPECT_TRUE(said.asked.empty()) << "its commit is not answered yet";
  run();
  ASSERT_EQ(said.asked.size(), 1u);
  EXPECT_EQ(said.asked[0].api_base, "https://api.example");
  EXPECT_EQ(said.asked[0].edits[0].base_version, "v1");
  EXPECT_FALSE(said.asked[0].edits[0].attempted);
  EXPECT_EQ(commits.back(), "confirm 1 1");
  EXPECT_TRUE(rows.empty());
}

TEST_F(PushDesk, PushesManyAtOnceButOneOfEachRecord) {
  begin();
  add("1");
  add("2");
  add("1");
  run();
  ASSERT_EQ(said.asked.size(), 2u);
  EXPECT_EQ(said.asked[0].edits.size(), 2u);
  EXPECT_EQ(said.asked[1].edits.size(), 1u);
  EXPECT_TRUE(rows.empty());
}

TEST_F(PushDesk, NamesANewRecordByTheSameKeyInEveryAttempt) {
  said.answers.push_back(error{ec::limited, "wait"});
  begin();
  add("local:01HQ", edit_kind::create);
  run();
  ASSERT_EQ(said.asked.size(), 2u);
  for (const auto& request : said.asked) {
    EXPECT_EQ(request.edits[0].key, "01hq");
    EXPECT_EQ(request.edits[0].record, "");
  }
  EXPECT_FALSE(said.asked[0].edits[0].attempted);
  EXPECT_TRUE(said.asked[1].edits[0].attempted) << "the first may have arrived";
}

TEST_F(PushDesk, ClimbsTheLadderWhenNobodyAnswers) {
  begin();
  for (int i = 0; i < 3; ++i)
    said.answers.push_back(error{ec::transport, "no answer"});
  add("1");
  run();
  for (size_t pushes = 1; pushes <= 3; ++pushes) {
    ASSERT_EQ(said.asked.size(), pushes);
    ASSERT_TRUE(alarm);
    now = *alarm - 1ms;
    desk.wake(now);
    run();
    EXPECT_EQ(said.asked.size(), pushes) << "the moment before";
    now = *alarm;
    desk.wake(now);
    run();
  }
  EXPECT_EQ(said.asked.size(), 4u);
  EXPECT_TRUE(rows.empty());
  EXPECT_EQ(desk.find("contacts")->failures, 0u);
}

TEST_F(PushDesk, PausesAStreamWithoutItsScopeAndSaysSoOnceAnEditWaits) {
  desk.grant({"read"});
  begin();
  EXPECT_TRUE(news.empty()) << "nobody wants to write";
  add("1");
  run();
  add("2");
  run();
  EXPECT_EQ(news, texts{"contacts paused: scope_missing"});
  EXPECT_TRUE(said.asked.empty());
  desk.grant({"read", "write"});
  run();
  EXPECT_TRUE(rows.empty());
}

TEST_F(PushDesk, PausesAStreamThatTheProviderRefuses) {
  begin();
  said.calls = true;
  add("1");
  add("9", edit_kind::update, "deals");
  run();
  verdict why;
  why.kind = verdict_kind::forbidden;
  why.code = "FORBIDDEN";
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_TRUE(desk.note_refusal("contacts edits", why));
  EXPECT_FALSE(desk.note_refusal("contacts", why)) << "that is the pull's";
  auto answered = std::move(calls);
  calls.clear();
  answered[0].second(error{ec::refused, "no"});
  answered[1].second(http_response{200, "{}"});
  run();
  EXPECT_EQ(news, (texts{"contacts paused: FORBIDDEN", "deals done"}));
  said.calls = false;
  desk.retry();
  run();
  EXPECT_TRUE(rows.empty()) << "asking again tells whether it was lifted";
}

TEST_F(PushDesk, TellsTheStoreWhatStandsThereInsteadOfWritingOverIt) {
  begin();
  said.answers.push_back(
      std::vector{outcome(push_verdict::conflict, "1"), outcome(push_verdict::gone, "2")});
  const auto first = add("1");
  add("2");
  desk.settle();
  waiting.front()(); // begun; the push ends inside
  waiting.pop_front();
  EXPECT_EQ(commits, (texts{"begin 1", "begin 2", "requeue contacts 1", "confirm 0 1",
                            "requeue contacts 2", "confirm 0 2"}));
  rows.erase(first);
  run();
  EXPECT_EQ(news.front(), "2 conflicts of contacts");
}

TEST_F(PushDesk, WaitsLongerEachTimeTheProviderHasSomethingElseThatDecidesNothing) {
  begin();
  for (int i = 0; i < 4; ++i)
    said.answers.push_back(std::vector{outcome(push_verdict::conflict, "1")});
  add("1");
  run();
  EXPECT_EQ(said.asked.size(), 2u) << "once at once, on what was just read";
  std::optional<steady_time> last;
  for (size_t pushes = 2; pushes < 5; ++pushes) {
    ASSERT_EQ(said.asked.size(), pushes);
    ASSERT_TRUE(alarm);
    EXPECT_TRUE(!last || *alarm - now > *last - start) << "each wait is longer";
    last = start + (*alarm - now);
    now = *alarm - 1ms;
    desk.wake(now);
    run();
    EXPECT_EQ(said.asked.size(), pushes) << "the moment before";
    now = *alarm;
    desk.wake(now);
    run();
  }
  EXPECT_TRUE(rows.empty());
  EXPECT_EQ(desk.find("contacts")->standstills, 0u);
  EXPECT_EQ(desk.find("contacts")->failures, 0u);
}

TEST_F(PushDesk, GoesOnAtOnceWhereAConflictWasDecided) {
  begin();
  for (int i = 0; i < 4; ++i)
    said.answers.push_back(std::vector{outcome(push_verdict::conflict, "1")});
  decides = true;
  add("1");
  run();
  EXPECT_EQ(said.asked.size(), 5u);
  EXPECT_TRUE(rows.empty());
}

TEST_F(PushDesk, TriesAgainLaterWhatTheStoreCannotTake) {
  begin();
  unreadable = 1;
  add("1");
  run();
  EXPECT_EQ(news, texts{"contacts failed: malformed"});
  ASSERT_TRUE(alarm);
  now = *alarm;
  desk.wake(now);
  run();
  EXPECT_TRUE(rows.empty());
}

TEST_F(PushDesk, FindsTheEditThatBreaksThePushAndRejectsItAlone) {
  begin();
  said.bad = "2";
  for (const auto* record : {"1", "2", "3"})
    add(record);
  run();
  now = *alarm;
  desk.wake(now);
  run();
  EXPECT_EQ(count("reject"), 1u);
  EXPECT_EQ(count("confirm"), 2u);
  EXPECT_EQ(rows.size(), 1u) << "the rejected one is kept";
  EXPECT_TRUE(std::ranges::count(news, "2 rejected: malformed"));
  add("4");
  add("5");
  run();
  EXPECT_EQ(said.asked.back().edits.size(), 2u) << "then together again";
}

TEST_F(PushDesk, StopsAtOnceAndGoesOnWithoutALoss) {
  begin();
  said.calls = true;
  add("local:A", edit_kind::create);
  run();
  ASSERT_EQ(calls.size(), 1u);
  desk.stop();
  run();
  EXPECT_TRUE(calls.empty());
  add("2");
  run();
  EXPECT_EQ(said.asked.size(), 1u) << "nothing is sent while it is stopped";
  said.calls = false;
  desk.go();
  run();
  EXPECT_TRUE(rows.empty());
  EXPECT_TRUE(said.asked[1].edits[0].attempted) << "it may have arrived before the stop";
}

TEST_F(PushDesk, StopsBetweenTheCommitAndTheCall) {
  begin();
  add("1");
  desk.settle(); // begun, not answered yet
  desk.stop();
  run();
  EXPECT_TRUE(said.asked.empty());
  desk.go();
  run();
  EXPECT_TRUE(rows.empty());
}

TEST_F(PushDesk, NamesTheConnectorThatForgetsAnEdit) {
  begin();
  said.answers.push_back(std::vector<push_outcome>{});
  add("1");
  add("2");
  run();
  EXPECT_EQ(news, texts{"contacts failed: bug"});
}
