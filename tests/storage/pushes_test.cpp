// Pushes, their answers and echoes, and the pages that come in between.
#include "tests/storage/two_way_support.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

class Pushes : public TwoWayTest {};

const item base{"a", R"({"x":1,"y":1,"z":1})", "v1", 10};

} // namespace

TEST_F(Pushes, KnowTheirEcho) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  confirmed(number, {"a", "", "v2", 21});
  const auto before = feed_end();
  const auto outcome = put({{"a", R"({"z":1,"y":1,"x":2,"updated":3})", "v2", 21}});
  EXPECT_EQ(outcome.echoes, 1u);
  EXPECT_EQ(outcome.unchanged, 1u);
  EXPECT_EQ(outcome.updated, 0u);
  EXPECT_EQ(feed_end(), before);
  EXPECT_EQ(body("a"), R"({"z":1,"y":1,"x":2,"updated":3})");
}

TEST_F(Pushes, KnowTheirEchoThoughTheAnswerWasLost) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  const item echo{"a", R"({"x":2,"y":8,"z":1})", "v3", 25}; // and another change after it
  EXPECT_EQ(put({echo}).echoes, 1u);
  EXPECT_TRUE(edits().empty());
  EXPECT_TRUE(conflicts().empty());
  EXPECT_EQ(body("a"), echo.body);
}

TEST_F(Pushes, KnowTheirEchoAfterARestart) {
  put({base});
  sent(done(edit("a", R"({"x":2})", 20)).id);
  requeued();
  const auto before = feed_end();
  const auto outcome = put({{"a", R"({"x":2,"y":1,"z":1})", "v2", 21}});
  EXPECT_EQ(outcome.echoes, 1u);
  EXPECT_EQ(feed_end(), before);
  EXPECT_TRUE(edits().empty());
}

TEST_F(Pushes, ThatArriveAfterTheyLostAreWrittenOver) {
  put({base});
  sent(done(edit("a", R"({"x":2})", 20)).id);
  requeued();
  put({{"a", R"({"x":3,"y":1,"z":1})", "v2", 25}}); // ours lost, and is not there yet
  EXPECT_EQ(conflicts().size(), 1u);
  EXPECT_TRUE(edits().empty());
  EXPECT_EQ(put({{"a", R"({"x":2,"y":7,"z":1})", "v3", 30}}).echoes, 1u);
  EXPECT_EQ(body("a"), R"({"x":3,"y":7,"z":1})");
  ASSERT_EQ(edits().size(), 1u);
  EXPECT_EQ(text(edits()[0]), "x=3");
  EXPECT_EQ(edit_of(edits()[0].id).base->version, "v3");
  EXPECT_EQ(conflicts().size(), 1u);
}

TEST_F(Pushes, ThatArriveAfterTheyWonAreNoConflictAnew) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  requeued();
  put({{"a", R"({"x":1,"y":5,"z":1})", "v2", 15}});
  EXPECT_EQ(text(edit_of(number).edit), "x=2 y=1");
  EXPECT_EQ(put({{"a", R"({"x":2,"y":5,"z":1})", "v3", 30}}).conflicts, 0u);
  EXPECT_EQ(text(edit_of(number).edit), "y=1");
}

TEST_F(Pushes, AreExpectedToArriveForAQuarterOfAnHour) {
  for (const auto early : {milliseconds{1}, milliseconds{0}}) {
    const std::string id = early.count() == 0 ? "never" : "late";
    put({{id, base.body, "v1", 10}});
    sent(done(edit(id, R"({"x":2})", 20)).id);
    requeued();
    put({{id, R"({"x":3,"y":1,"z":1})", "v2", 25}});
    now_ += std::chrono::minutes{15} - early;
    put({{id, R"({"x":2,"y":1,"z":1})", "v3", 30}});
    EXPECT_EQ(body(id).substr(0, 6), early.count() == 0 ? R"({"x":2)" : R"({"x":3)");
  }
}

TEST_F(Pushes, ThatShowAfterTheyWereDroppedAreTakenBack) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  requeued();
  done(drop_edit{id_, number, rules_});
  put({{"a", R"({"x":2,"y":1,"z":1})", "v2", 25}});
  EXPECT_EQ(body("a"), base.body);
  ASSERT_EQ(edits().size(), 1u);
  EXPECT_EQ(text(edits()[0]), "x=1");
}

TEST_F(Pushes, TakeAChangeWithinTheirSecond) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  confirmed(number, {"a", R"({"x":2,"y":1,"z":1})", "21", 21});
  const auto outcome = put({{"a", R"({"x":7,"y":1,"z":1})", "21", 21}}); // same version, not ours
  EXPECT_EQ(outcome.updated, 1u);
  EXPECT_EQ(body("a"), R"({"x":7,"y":1,"z":1})");
}

TEST_F(Pushes, DoNotGoBackToThePageReadBeforeThem) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  confirmed(number, {"a", R"({"x":2,"y":1,"z":1})", "v2", 21});
  EXPECT_EQ(put({base}).unchanged, 1u); // older
  EXPECT_EQ(body("a"), R"({"x":2,"y":1,"z":1})");
  // The same on a clock so coarse that the two have one time: once.
  const item coarse{"b", R"({"x":1})", "10", 10};
  put({coarse});
  const auto other = done(edit("b", R"({"x":2})", 10)).id;
  sent(other);
  confirmed(other, {"b", R"({"x":2})", "10", 10});
  EXPECT_EQ(put({coarse}).unchanged, 1u);
  EXPECT_EQ(body("b"), R"({"x":2})");
  EXPECT_EQ(put({coarse}).updated, 1u);
  EXPECT_EQ(body("b"), R"({"x":1})");
}

TEST_F(Pushes, AreForgottenAfterADay) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  const auto confirmed_at = now_;
  confirmed(number, {"a", R"({"x":2,"y":1,"z":1})", "v2", 21});
  const item imported{"a", R"({"x":3,"y":1,"z":1})", "v0", 5}; // with a time of long ago
  now_ = confirmed_at + std::chrono::hours{24} - milliseconds{1};
  EXPECT_EQ(put({imported}).unchanged, 1u);
  now_ = confirmed_at + std::chrono::hours{24};
  EXPECT_EQ(put({imported}).updated, 1u);
  EXPECT_EQ(body("a"), imported.body);
}

TEST_F(Pushes, LetAPageWaitForTheirAnswer) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  const auto before = feed_end();
  EXPECT_EQ(put({{"a", R"({"x":3,"y":1,"z":1})", "v2", 15}}).unchanged, 1u);
  EXPECT_EQ(feed_end(), before);
  EXPECT_EQ(body("a"), R"({"x":2,"y":1,"z":1})");
  open();
  // Ours was written over theirs, and is the later one.
  EXPECT_EQ(confirmed(number, {"a", R"({"x":2,"y":1,"z":1})", "v3", 21}).conflicts, 1u);
  EXPECT_TRUE(edits().empty());
  EXPECT_EQ(conflicts()[0].won, conflict_winner::local);
  EXPECT_EQ(conflicts()[0].loser.body, R"({"x":3,"y":1,"z":1})");
}

TEST_F(Pushes, ThatLostAreWrittenOverByTheWinner) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number); // late: the other side changed in between
  put({{"a", R"({"x":3,"y":4,"z":1})", "v2", 25}});
  EXPECT_EQ(confirmed(number, {"a", R"({"x":2,"y":4,"z":1})", "v3", 26}).conflicts, 1u);
  EXPECT_EQ(conflicts()[0].won, conflict_winner::remote);
  EXPECT_EQ(body("a"), R"({"x":3,"y":4,"z":1})");
  ASSERT_EQ(edits().size(), 1u);
  EXPECT_EQ(text(edits()[0]), "x=3");
  EXPECT_NE(edits()[0].id, number);
  EXPECT_EQ(edits()[0].attempts, 0u);
  EXPECT_EQ(edit_of(edits()[0].id).base->version, "v3");
}

TEST_F(Pushes, ThatWonKeepWhatTheProviderMadeOfThem) {
  put({base});
  const auto number = done(edit("a", R"({"x":"2026-12-31"})", 20)).id;
  sent(number);
  put({{"a", R"({"x":3,"y":1,"z":1})", "v2", 15}});
  const auto answered = R"({"x":"2026-12-31T00:00:00Z","y":8,"z":1})"; // y by somebody since
  EXPECT_EQ(confirmed(number, {"a", answered, "v3", 21}).conflicts, 1u);
  EXPECT_EQ(body("a"), answered);
  EXPECT_TRUE(edits().empty());
}

TEST_F(Pushes, OfADeletionThatLostGiveTheRecordBack) {
  put({base});
  const auto number = done(erase("a", 20)).id;
  sent(number);
  put({{"a", R"({"x":5,"y":1,"z":1})", "v2", 25}});
  EXPECT_EQ(confirmed(number, gone("a")).conflicts, 1u);
  EXPECT_EQ(live_ids(), "a");
  ASSERT_EQ(edits().size(), 1u);
  EXPECT_TRUE(edits()[0].revives);
  EXPECT_EQ(text(edits()[0]), "x=5 y=1 z=1");
}

TEST_F(Pushes, SettleTheFollowingEditWithWhatTheAnswerShows) {
  put({base});
  const auto first = done(edit("a", R"({"x":2})", 20)).id;
  sent(first);
  done(edit("a", R"({"z":9})", 21));
  EXPECT_EQ(confirmed(first, {"a", R"({"x":2,"y":1,"z":5})", "v2", 30}).conflicts, 1u);
  EXPECT_EQ(body("a"), R"({"x":2,"y":1,"z":5})");
  EXPECT_EQ(conflicts()[0].loser.body, R"({"x":2,"y":1,"z":9})");
  EXPECT_TRUE(edits().empty());
}

TEST_F(Pushes, KeepWhatCameMeanwhileWhenAFollowingEditIsDropped) {
  put({base});
  const auto first = done(edit("a", R"({"x":2})", 20)).id;
  sent(first);
  const auto second = done(edit("a", R"({"y":2})", 21)).id;
  put({{"a", R"({"x":3,"y":1,"z":1})", "v2", 15}});
  done(drop_edit{id_, second, rules_});
  EXPECT_EQ(body("a"), R"({"x":2,"y":1,"z":1})");
  EXPECT_EQ(confirmed(first, {"a", R"({"x":2,"y":1,"z":1})", "v3", 21}).conflicts, 1u);
}

TEST_F(Pushes, TakeAVersionThatCameAfterThem) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  put({{"a", R"({"x":3,"y":1,"z":1})", "v3", 30}});
  EXPECT_EQ(confirmed(number, {"a", R"({"x":2,"y":1,"z":1})", "v2", 21}).conflicts, 0u);
  EXPECT_TRUE(edits().empty());
  EXPECT_EQ(body("a"), R"({"x":3,"y":1,"z":1})");
}

TEST_F(Pushes, SettleWhatCameMeanwhileWhenRejected) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  put({{"a", R"({"x":3,"y":1,"z":1})", "v2", 15}});
  done(reject_edit{id_, number, "no", "no", rules_});
  EXPECT_EQ(body("a"), R"({"x":3,"y":1,"z":1})");
  EXPECT_EQ(record("a").version, "v2");
}

TEST_F(Pushes, TellWhatTheyReadBeforeTheyWrite) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  const auto sequence = stands().sequence;
  const auto read = confirmed(0, {"a", R"({"x":9,"y":1,"z":1})", "v2", 15});
  EXPECT_EQ(read.conflicts, 1u);
  EXPECT_EQ(stands().sequence, sequence);
  EXPECT_EQ(edit_of(number).base->version, "v2");
  confirmed(0, {"a", R"({"x":9,"y":9,"z":1})", "v3", 25});
  EXPECT_TRUE(edits().empty());
}

TEST_F(Pushes, TakeALateAnswerForWhatAPageWouldBring) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  const item echo{"a", R"({"x":2,"y":1,"z":1})", "v2", 21};
  put({echo});
  requeued();
  EXPECT_TRUE(edits().empty());
  const auto before = feed_end();
  EXPECT_EQ(confirmed(number, echo).unchanged, 1u);
  EXPECT_EQ(feed_end(), before);
}

TEST_F(Pushes, OfACreateFoundLateDoNotPassOverWhatWasEditedThereMeanwhile) {
  for (const bool later_here : {true, false}) {
    const auto made = local(later_here ? 'A' : 'B');
    const std::string id = later_here ? "n1" : "n2";
    const auto number = done(create(made, R"({"x":1})", 10)).id;
    sent(number);
    requeued(); // it arrived, and its answer did not
    done(edit(made, R"({"x":2})", later_here ? 30 : 15));
    put({{id, R"({"x":3,"owner":7})", "v2", 20}}); // edited there
    sent(number);
    const auto before = conflicts().size();
    EXPECT_EQ(confirmed(number, {id, R"({"x":3,"owner":7})", "v2", 20}).conflicts, 1u);
    ASSERT_EQ(conflicts().size(), before + 1);
    const auto lost = conflicts()[0];
    EXPECT_EQ(lost.won, later_here ? conflict_winner::local : conflict_winner::remote);
    EXPECT_EQ(lost.loser.body, later_here ? R"({"x":3,"owner":7})" : R"({"x":2,"owner":7})");
    EXPECT_EQ(lost.base.body, R"({"x":1,"owner":7})");
    EXPECT_EQ(lost.record, id);
    EXPECT_EQ(edits().size(), later_here ? 1u : 0u);
    EXPECT_EQ(body(id), later_here ? R"({"x":2,"owner":7})" : R"({"x":3,"owner":7})");
    for (const auto& winner : edits()) {
      sent(winner.id);
      confirmed(winner.id, {id, R"({"x":2,"owner":7})", "v3", 31});
    }
  }
  EXPECT_TRUE(edits().empty());
}

TEST_F(Pushes, OfACreateWhoseAnswerCameAtOnceTakeItForTheirOwn) {
  const auto number = done(create(local('A'), R"({"x":"2026-12-31"})", 10)).id;
  sent(number);
  done(edit(local('A'), R"({"y":2})", 15));
  const item made{"n1", R"({"x":"2026-12-31T00:00:00Z","y":0})", "v1", 20};
  EXPECT_EQ(confirmed(number, made).conflicts, 0u);
  ASSERT_EQ(edits().size(), 1u);
  EXPECT_EQ(text(edits()[0]), "y=2");
}

TEST_F(Pushes, OfACreateWhoseRecordIsGoneAgainLeaveATrace) {
  const auto number = done(create(local('A'), R"({"x":1})", 10)).id;
  sent(number);
  requeued();
  done(edit(local('A'), R"({"x":2})", 15));
  sent(number);
  EXPECT_EQ(confirmed(number, {"n1", R"({"x":1})", "v2", 20, true}).conflicts, 1u);
  EXPECT_TRUE(edits().empty());
  EXPECT_TRUE(record("n1").deleted);
  EXPECT_EQ(conflicts()[0].loser.body, R"({"x":2})");
}

TEST_F(Pushes, OfARecordEditedUnderBothItsIdsGoInTheOrderOfTheOutbox) {
  const auto number = done(create(local('A'), R"({"x":1,"y":1})", 10)).id;
  sent(number);
  requeued();
  done(edit(local('A'), R"({"x":2,"y":2})", 15));
  put({{"n1", R"({"x":1,"y":1})", "v1", 12}}); // shown as a record of its own
  const auto own = done(edit("n1", R"({"x":3})", 16)).id;
  sent(own);
  sent(number);
  confirmed(number, {"n1", R"({"x":1,"y":1})", "v1", 12});
  ASSERT_EQ(edits().size(), 2u);
  EXPECT_EQ(edits()[0].id, own) << "what was sent is the first";
  EXPECT_EQ(text(edits()[1]), "y=2") << "x was set later under the other id";
  confirmed(own, {"n1", R"({"x":3,"y":1})", "v2", 17});
  sent(edits()[0].id);
  EXPECT_EQ(body("n1"), R"({"x":3,"y":2})");
}
