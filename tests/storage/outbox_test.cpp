#include "tests/storage/two_way_support.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

class Outbox : public TwoWayTest {};

} // namespace

TEST_F(Outbox, ShowsAnEditAtOnceAndKeepsItAcrossARestart) {
  put({{"a", R"({"x":"1","y":"2","other":[1.50]})", "v1", 10}});
  const auto before = feed_end();
  const auto outcome = done(edit("a", R"({"x":"9","y":null})", 20));
  EXPECT_EQ(outcome.updated, 1u);
  EXPECT_EQ(changes_of("a", before), 1u);
  open();
  EXPECT_EQ(body("a"), R"({"x":"9","y":null,"other":[1.50]})");
  EXPECT_EQ(record("a").version, "v1");
  const auto waiting = edits();
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(waiting[0].id, outcome.id);
  EXPECT_EQ(text(waiting[0]), R"(x="9" y=null)");
  EXPECT_EQ(waiting[0].kind, edit_kind::update);
  EXPECT_EQ(waiting[0].state, edit_state::pending);
  const auto push = edit_of(outcome.id);
  ASSERT_TRUE(push.base);
  EXPECT_EQ(push.base->version, "v1");
  EXPECT_EQ(push.base->body, R"({"x":"1","y":"2","other":[1.50]})");
}

TEST_F(Outbox, LetsARunGoOnBesideIt) {
  put({{"a", R"({"x":1})"}});
  const auto sequence = stands().sequence;
  done(edit("a", R"({"x":2})", 20));
  EXPECT_EQ(stands().sequence, sequence);
}

TEST_F(Outbox, MergesEditsUntilThePushBegins) {
  put({{"a", R"({"x":1,"y":1,"z":1})", "v1", 10}});
  const auto first = done(edit("a", R"({"x":2})", 20)).id;
  EXPECT_EQ(done(edit("a", R"({"y":2})", 21)).id, first);
  ASSERT_EQ(edits().size(), 1u);
  EXPECT_EQ(text(edits()[0]), "x=2 y=2");
  EXPECT_EQ(edits()[0].fields.at("x").at, at(20));
  EXPECT_EQ(edits()[0].fields.at("y").at, at(21));
  sent(first);
  const auto second = done(edit("a", R"({"z":2})", 22)).id;
  EXPECT_NE(second, first);
  EXPECT_EQ(done(edit("a", R"({"z":3})", 23)).id, second);
  EXPECT_EQ(body("a"), R"({"x":2,"y":2,"z":3})");
  EXPECT_EQ(write(begin_push{id_, second}).failure().code, ec::conflict);
  requeued(); // it may have arrived all the same: no merging into it
  done(edit("a", R"({"x":5})", 24));
  ASSERT_EQ(edits().size(), 2u);
  EXPECT_EQ(text(edits()[0]), "x=2 y=2");
  EXPECT_EQ(text(edits()[1]), "x=5 z=3");
}

TEST_F(Outbox, ForgetsAnEditThatWasTakenBack) {
  put({{"a", R"({"x":1})", "v1", 10}});
  done(edit("a", R"({"x":2})", 20));
  EXPECT_EQ(done(edit("a", R"({"x":1.0})", 21)).id, 0u);
  EXPECT_TRUE(edits().empty());
  EXPECT_EQ(body("a"), R"({"x":1})");
  EXPECT_EQ(store_->count_edits(id_)->waiting, 0u);
}

TEST_F(Outbox, DoesNothingForAnEditThatChangesNothing) {
  put({{"a", R"({"x":1})", "v1", 10}});
  const auto before = feed_end();
  EXPECT_EQ(done(edit("a", R"({"x":1,"y":null})", 20)).id, 0u);
  EXPECT_EQ(feed_end(), before);
  EXPECT_TRUE(edits().empty());
}

TEST_F(Outbox, RefusesWhatNoProviderCouldTake) {
  put({{"a", R"({"x":1})", "v1", 10}});
  EXPECT_EQ(write(edit("b", R"({"x":1})", 20)).failure().code, ec::not_found);
  EXPECT_EQ(write(edit("a", R"({"updated":1})", 20)).failure().code, ec::refused);
  EXPECT_EQ(write(edit("a", "[1]", 20)).failure().code, ec::malformed);
  EXPECT_EQ(write(edit("", R"({"x":1})", 20)).failure().code, ec::malformed);
  EXPECT_EQ(write(create("own", R"({"x":1})", 20)).failure().code, ec::malformed);
  const std::string large = R"({"x":")" + std::string(edit_bytes_max / 2, 'x') + R"("})";
  const std::string other = R"({"y":")" + std::string(edit_bytes_max / 2, 'y') + R"("})";
  done(edit("a", large, 20));
  EXPECT_EQ(write(edit("a", other, 20)).failure().code, ec::refused);
  EXPECT_EQ(text(edits()[0]).substr(0, 4), R"(x="x)");
  done(erase("a", 21));
  EXPECT_EQ(write(edit("a", R"({"x":1})", 22)).failure().code, ec::not_found);
  EXPECT_TRUE(changes().size() > 0);
}

TEST_F(Outbox, HasALimit) {
  std::vector<store_write> writes;
  for (size_t i = 0; i < edits_max; ++i) {
    const auto digits = std::to_string(i);
    writes.push_back(create("local:" + std::string(26 - digits.size(), '0') + digits, "{}", 20));
  }
  const auto outcomes = store_->commit(writes, at(1));
  ASSERT_TRUE(outcomes && outcomes->back());
  put({{"a", R"({"x":1})"}});
  const auto refused = write(edit("a", R"({"x":2})", 20));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.failure().code, ec::refused);
  EXPECT_NE(refused.failure().what.find("10000 local edits wait"), std::string::npos);
  done(drop_edit{id_, edits()[0].id, rules_});
  done(edit("a", R"({"x":2})", 20));
}

TEST_F(Outbox, TakesTheAnswerAsTheNewBase) {
  put({{"a", R"({"x":1,"updated":1})", "v1", 10}});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  EXPECT_EQ(edit_of(number).edit.state, edit_state::in_flight);
  EXPECT_EQ(edit_of(number).edit.attempts, 1u);
  EXPECT_EQ(edit_of(number).edit.first_sent_at, now_);
  const auto before = feed_end();
  confirmed(number, {"a", R"({"x":2,"updated":5})", "v2", 21});
  EXPECT_TRUE(edits().empty());
  EXPECT_EQ(body("a"), R"({"x":2,"updated":5})");
  EXPECT_EQ(record("a").version, "v2");
  EXPECT_EQ(feed_end(), before); // the host has seen it already
}

TEST_F(Outbox, TellsTheHostWhatTheProviderMadeOfAValue) {
  put({{"a", R"({"x":"1"})", "v1", 10}});
  const auto number = done(edit("a", R"({"x":"2026-12-31"})", 20)).id;
  sent(number);
  const auto before = feed_end();
  confirmed(number, {"a", R"({"x":"2026-12-31T00:00:00Z"})", "v2", 21});
  EXPECT_EQ(changes_of("a", before), 1u);
  EXPECT_EQ(body("a"), R"({"x":"2026-12-31T00:00:00Z"})");
}

TEST_F(Outbox, TakesAnAnswerWithoutABody) {
  put({{"a", R"({"x":1})", "v1", 10}});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  confirmed(number, {"a", "", "v2", 21});
  EXPECT_EQ(body("a"), R"({"x":2})");
  EXPECT_EQ(record("a").version, "v2");
}

TEST_F(Outbox, BuildsTheFollowingEditOnTheAnswer) {
  put({{"a", R"({"x":1,"y":1})", "v1", 10}});
  const auto first = done(edit("a", R"({"x":2})", 20)).id;
  sent(first);
  const auto second = done(edit("a", R"({"y":2})", 21)).id;
  confirmed(first, {"a", R"({"x":2,"y":1})", "v2", 22});
  EXPECT_EQ(body("a"), R"({"x":2,"y":2})");
  const auto push = edit_of(second);
  EXPECT_EQ(push.base->version, "v2");
  EXPECT_EQ(text(push.edit), "y=2");
  sent(second);
  EXPECT_TRUE(conflicts().empty());
}

TEST_F(Outbox, WantsThePushNotedBeforeItsAnswer) {
  put({{"a", R"({"x":1})", "v1", 10}});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  EXPECT_EQ(write(answer(number, {"a", R"({"x":2})", "v2", 21})).failure().code, ec::conflict);
  sent(number);
  EXPECT_EQ(write(begin_push{id_, number}).failure().code, ec::conflict);
  EXPECT_EQ(write(begin_push{id_, number + 1}).failure().code, ec::not_found);
}

TEST_F(Outbox, GivesACreateTheProvidersIdAndKeepsTheLocalOneResolving) {
  const auto number = done(create(local('1'), R"({"x":1})", 20)).id;
  EXPECT_EQ(live_ids(), local('1'));
  EXPECT_EQ(edits()[0].record, local('1'));
  sent(number);
  const auto following = done(edit(local('1'), R"({"y":2})", 21)).id;
  const auto before = feed_end();
  confirmed(number, {"77", R"({"x":1,"id":77})", "v1", 22});
  EXPECT_EQ(live_ids(), "77");
  EXPECT_EQ(stands().live_records, 1u);
  EXPECT_EQ(record(local('1')).id, "77");
  EXPECT_EQ(body(local('1')), R"({"x":1,"id":77,"y":2})");
  EXPECT_EQ(changes_of(local('1'), before), 1u);
  EXPECT_EQ(changes_of("77", before), 1u);
  ASSERT_EQ(edits().size(), 1u);
  EXPECT_EQ(edits()[0].id, following);
  EXPECT_EQ(edits()[0].record, "77");
  EXPECT_EQ(edits()[0].kind, edit_kind::update);
  EXPECT_EQ(text(edits()[0]), "y=2");
  done(edit(local('1'), R"({"x":5})", 23)); // a host's old reference goes on working
  EXPECT_EQ(text(edits()[0]), "x=5 y=2");
}

TEST_F(Outbox, JoinsACreateWithTheRecordThatAPageBroughtFirst) {
  const auto number = done(create(local('1'), R"({"x":1})", 20)).id;
  sent(number);
  put({{"77", R"({"x":1,"id":77})", "v1", 22}});
  confirmed(number, {"77", R"({"x":1,"id":77})", "v1", 22});
  EXPECT_EQ(live_ids(), "77");
  EXPECT_EQ(stands().live_records, 1u);
  EXPECT_TRUE(edits().empty());
}

TEST_F(Outbox, RemembersThatACreateMayHaveArrived) {
  const auto number = done(create(local('1'), R"({"x":1})", 20)).id;
  sent(number);
  requeued(number);
  open();
  const auto push = edit_of(number);
  EXPECT_EQ(push.edit.state, edit_state::pending);
  EXPECT_EQ(push.edit.attempts, 1u);
  EXPECT_EQ(push.edit.first_sent_at, now_);
  EXPECT_EQ(push.edit.record, local('1'));
  EXPECT_FALSE(push.base);
  confirmed(number, {"77", R"({"x":1})", "v1", 22}); // found there
  EXPECT_EQ(live_ids(), "77");
}

TEST_F(Outbox, ForgetsACreateThatWasDeletedBeforeItWasSent) {
  done(create(local('1'), R"({"x":1})", 20));
  EXPECT_EQ(done(erase(local('1'), 21)).id, 0u);
  EXPECT_TRUE(edits().empty());
  EXPECT_EQ(live_ids(), "");
  EXPECT_EQ(stands().live_records, 0u);
}

TEST_F(Outbox, DeletesAfterTheCreateThatWasSent) {
  const auto number = done(create(local('1'), R"({"x":1})", 20)).id;
  sent(number);
  const auto second = done(erase(local('1'), 21)).id;
  EXPECT_EQ(live_ids(), "");
  confirmed(number, {"77", R"({"x":1})", "v1", 22});
  EXPECT_EQ(live_ids(), "");
  ASSERT_EQ(edits().size(), 1u);
  EXPECT_EQ(edits()[0].id, second);
  EXPECT_EQ(edits()[0].kind, edit_kind::erase);
  EXPECT_EQ(edits()[0].record, "77");
  sent(second);
  confirmed(second, {"77", "", "", 0, true});
  EXPECT_TRUE(edits().empty());
  EXPECT_TRUE(record("77").deleted);
}

TEST_F(Outbox, SetsTheRecordBackWhenAnEditIsRejected) {
  put({{"a", R"({"x":1,"y":1})", "v1", 10}});
  const auto first = done(edit("a", R"({"x":2})", 20)).id;
  sent(first);
  const auto second = done(edit("a", R"({"y":2})", 21)).id;
  const auto before = feed_end();
  done(reject_edit{id_, first, "VALIDATION_ERROR", "x may not be 2", rules_});
  EXPECT_EQ(body("a"), R"({"x":1,"y":2})");
  EXPECT_EQ(changes_of("a", before), 1u);
  EXPECT_EQ(edit_of(first).edit.state, edit_state::rejected);
  EXPECT_EQ(edit_of(first).edit.sentence, "x may not be 2");
  EXPECT_EQ(text(edit_of(first).edit), "x=2");
  EXPECT_EQ(*store_->count_edits(id_), (edit_counts{1, 1}));
  sent(second);
  EXPECT_EQ(write(reject_edit{id_, first, "", "", rules_}).failure().code, ec::conflict);
  done(drop_edit{id_, first, rules_});
  EXPECT_EQ(*store_->count_edits(id_), (edit_counts{1, 0}));
}

TEST_F(Outbox, RejectsWhatFollowsACreateWithIt) {
  const auto first = done(create(local('1'), R"({"x":1})", 20)).id;
  sent(first);
  done(edit(local('1'), R"({"y":2})", 21));
  done(reject_edit{id_, first, "VALIDATION_ERROR", "no", rules_});
  EXPECT_EQ(live_ids(), "");
  ASSERT_EQ(edits().size(), 1u);
  EXPECT_EQ(text(edits()[0]), "x=1 y=2");
  EXPECT_EQ(edits()[0].state, edit_state::rejected);
}

TEST_F(Outbox, DropsAnEditBeforeItIsSent) {
  put({{"a", R"({"x":1})", "v1", 10}});
  const auto first = done(edit("a", R"({"x":2})", 20)).id;
  sent(first);
  EXPECT_EQ(write(drop_edit{id_, first, rules_}).failure().code, ec::conflict);
  const auto second = done(edit("a", R"({"x":3})", 21)).id;
  done(drop_edit{id_, second, rules_});
  EXPECT_EQ(body("a"), R"({"x":2})");
  EXPECT_EQ(edit_of(first).edit.state, edit_state::in_flight);
  requeued();
  done(drop_edit{id_, first, rules_});
  EXPECT_EQ(body("a"), R"({"x":1})");
  EXPECT_TRUE(edits().empty());
  EXPECT_EQ(write(drop_edit{id_, first, rules_}).failure().code, ec::not_found);
}
