// Pages that meet local edits.
#include "tests/storage/two_way_support.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

class Settling : public TwoWayTest {};

const item base{"a", R"({"x":1,"y":1,"z":1})", "v1", 10};

} // namespace

TEST_F(Settling, LeavesAnEditAloneWhereThePageShowsTheBase) {
  put({base});
  done(edit("a", R"({"x":2})", 20));
  const auto before = feed_end();
  EXPECT_EQ(put({base}).unchanged, 1u);
  // The provider's own fields are no change of the record, and are carried along.
  EXPECT_EQ(put({{"a", R"({"x":1,"y":1,"z":1,"updated":7})", "v2", 30}}).unchanged, 1u);
  EXPECT_EQ(feed_end(), before);
  EXPECT_EQ(body("a"), R"({"x":2,"y":1,"z":1,"updated":7})");
  EXPECT_EQ(edit_of(edits()[0].id).base->version, "v2");
  EXPECT_TRUE(conflicts().empty());
}

TEST_F(Settling, DropsAnEditThatTheOtherSideMadeToo) {
  put({base});
  done(edit("a", R"({"x":2})", 20));
  const auto before = feed_end();
  const auto outcome = put({{"a", R"({"x":2,"y":1,"z":1})", "v2", 15}});
  EXPECT_EQ(outcome.conflicts, 0u);
  EXPECT_EQ(feed_end(), before);
  EXPECT_TRUE(edits().empty());
  EXPECT_EQ(record("a").version, "v2");
}

TEST_F(Settling, LetsTheLaterEditWinAndArchivesTheOther) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  const auto before = feed_end();
  const item theirs{"a", R"({"x":1,"y":5,"z":1})", "v2", 19};
  EXPECT_EQ(put({theirs}).conflicts, 1u);
  EXPECT_EQ(feed_end(), before); // the view is the winner already
  EXPECT_EQ(body("a"), R"({"x":2,"y":1,"z":1})");
  const auto push = edit_of(number);
  EXPECT_EQ(text(push.edit), "x=2 y=1"); // what makes the winner of the provider's version
  EXPECT_EQ(push.base->version, "v2");
  const auto archived = conflicts();
  ASSERT_EQ(archived.size(), 1u);
  const auto& row = archived[0];
  EXPECT_EQ(row.integration, id_);
  EXPECT_EQ(row.stream, "contacts");
  EXPECT_EQ(row.record, "a");
  EXPECT_EQ(row.won, conflict_winner::local);
  EXPECT_EQ(row.base.body, base.body);
  EXPECT_EQ(row.winner.body, R"({"x":2,"y":1,"z":1})");
  EXPECT_EQ(row.loser.body, theirs.body);
  EXPECT_EQ(row.loser.version, "v2");
  EXPECT_EQ(row.local_at, at(20));
  EXPECT_EQ(row.remote_at, at(19));
  EXPECT_EQ(row.at, now_);
  EXPECT_EQ(row.differences,
            (std::vector<field_difference>{{"x", "1", "2", "1"}, {"y", "1", "1", "5"}}));
  put({theirs}); // the page again: decided once
  EXPECT_EQ(conflicts().size(), 1u);
}

TEST_F(Settling, LetsTheProvidersSideWinLaterOrAtTheSameTime) {
  for (const int64_t theirs_at : {20, 21}) {
    const auto id = "r" + std::to_string(theirs_at);
    put({{id, base.body, "v1", 10}});
    done(edit(id, R"({"x":2})", 20));
    const auto before = feed_end();
    EXPECT_EQ(put({{id, R"({"x":1,"y":5,"z":1})", "v2", theirs_at}}).conflicts, 1u);
    EXPECT_TRUE(edits().empty());
    EXPECT_EQ(body(id), R"({"x":1,"y":5,"z":1})");
    EXPECT_EQ(changes_of(id, before), 1u);
    EXPECT_EQ(conflicts()[0].won, conflict_winner::remote);
    EXPECT_EQ(conflicts()[0].loser.body, R"({"x":2,"y":1,"z":1})");
    EXPECT_EQ(*store_->count_edits(id_), edit_counts{});
  }
}

TEST_F(Settling, CorrectsOurClockByTheSkew) {
  put({base});
  rules_.skew = seconds{-5}; // ours is ahead
  done(edit("a", R"({"x":2})", 20));
  rules_.skew = seconds{0};
  put({{"a", R"({"x":3,"y":1,"z":1})", "v2", 16}});
  EXPECT_EQ(body("a"), R"({"x":3,"y":1,"z":1})");
  EXPECT_EQ(conflicts()[0].skew, seconds{-5});
  EXPECT_EQ(conflicts()[0].local_at, at(20));
}

TEST_F(Settling, NamesTheSameWinnerHoweverManyVersionsASideMade) {
  put({base});
  done(edit("a", R"({"x":7})", 17));
  put({{"a", R"({"x":5,"y":1,"z":1})", "v2", 15}});
  put({{"a", R"({"x":6,"y":1,"z":1})", "v3", 16}});
  EXPECT_EQ(body("a"), R"({"x":7,"y":1,"z":1})");
  put({{"a", R"({"x":8,"y":1,"z":1})", "v4", 18}});
  EXPECT_EQ(body("a"), R"({"x":8,"y":1,"z":1})");
  EXPECT_EQ(conflicts().size(), 3u);
}

TEST_F(Settling, ChangesNothingByAVersionOlderThanTheBase) {
  put({base});
  done(edit("a", R"({"x":2})", 20));
  EXPECT_EQ(put({{"a", R"({"x":9,"y":9,"z":9})", "v0", 9}}).unchanged, 1u);
  EXPECT_TRUE(conflicts().empty());
  EXPECT_EQ(body("a"), R"({"x":2,"y":1,"z":1})");
  EXPECT_EQ(edits().size(), 1u);
}

TEST_F(Settling, KeepsBothSidesFieldsWhereMergeIsTheRule) {
  rules_.rule = conflict_rule::merge_fields;
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  EXPECT_EQ(put({{"a", R"({"x":1,"y":5,"z":1})", "v2", 30}}).conflicts, 0u);
  EXPECT_EQ(body("a"), R"({"x":2,"y":5,"z":1})");
  EXPECT_EQ(text(edit_of(number).edit), "x=2");
  EXPECT_EQ(edit_of(number).base->version, "v2");
}

TEST_F(Settling, MergesByTheLaterValueOfAFieldThatBothChanged) {
  rules_.rule = conflict_rule::merge_fields;
  put({base});
  done(edit("a", R"({"x":2,"z":2})", 20));
  done(edit("a", R"({"y":2})", 40));
  EXPECT_EQ(put({{"a", R"({"x":3,"y":3,"z":1})", "v2", 30}}).conflicts, 1u);
  EXPECT_EQ(body("a"), R"({"x":3,"y":2,"z":2})");
  EXPECT_EQ(text(edits()[0]), "y=2 z=2");
  const auto row = conflicts()[0];
  EXPECT_EQ(row.won, conflict_winner::both);
  EXPECT_EQ(row.winner.body, R"({"x":3,"y":2,"z":2})");
  EXPECT_EQ(row.loser.body, R"({"x":2,"y":3,"z":2})");
}

TEST_F(Settling, RevivesARecordWhoseDeletionWasEarlierThanTheEdit) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  EXPECT_EQ(put({gone("a", 15)}).conflicts, 1u);
  EXPECT_EQ(live_ids(), "a");
  const auto push = edit_of(number);
  EXPECT_EQ(push.edit.kind, edit_kind::create);
  EXPECT_TRUE(push.edit.revives);
  EXPECT_EQ(text(push.edit), "x=2 y=1 z=1");
  EXPECT_TRUE(push.base->deleted);
  EXPECT_EQ(put({gone("a", 15)}).conflicts, 0u); // shown again: still the base
  sent(number);
  confirmed(number, {"b", R"({"x":2,"y":1,"z":1})", "w1", 30});
  EXPECT_EQ(live_ids(), "b");
  EXPECT_EQ(record("a").id, "b");
  EXPECT_TRUE(edits().empty());
  put({gone("b", 30)}); // in the second of its making: not the state before it
  EXPECT_EQ(live_ids(), "");
}

TEST_F(Settling, RevivesWithoutTheAttemptsOfAnotherEdit) {
  put({base});
  const auto number = done(edit("a", R"({"x":2})", 20)).id;
  sent(number);
  requeued();
  put({gone("a", 15)});
  EXPECT_EQ(edit_of(number).edit.kind, edit_kind::create);
  EXPECT_EQ(edit_of(number).edit.attempts, 0u); // no create was sent that could be looked for
  EXPECT_EQ(edit_of(number).edit.first_sent_at, wall_time{});
}

TEST_F(Settling, TakesADeletionWithoutATimeOfItsOwnForNew) {
  put({base});
  done(edit("a", R"({"x":2})", 20));
  EXPECT_EQ(put({gone("a", 10)}).conflicts, 1u);
  EXPECT_EQ(live_ids(), "");
  EXPECT_EQ(conflicts()[0].remote_at, now_);
}

TEST_F(Settling, LetsALaterDeletionWin) {
  put({base});
  done(edit("a", R"({"x":2})", 20));
  EXPECT_EQ(put({gone("a", 25)}).conflicts, 1u);
  EXPECT_EQ(live_ids(), "");
  EXPECT_TRUE(edits().empty());
  EXPECT_EQ(conflicts()[0].loser.body, R"({"x":2,"y":1,"z":1})");
  EXPECT_TRUE(conflicts()[0].winner.deleted);
}

TEST_F(Settling, SettlesALocalDeletionWithAnEditThere) {
  put({base});
  const auto number = done(erase("a", 20)).id;
  EXPECT_EQ(live_ids(), "");
  put({{"a", R"({"x":5,"y":1,"z":1})", "v2", 15}});
  EXPECT_EQ(live_ids(), "");
  EXPECT_EQ(edit_of(number).base->version, "v2");
  EXPECT_EQ(conflicts()[0].loser.body, R"({"x":5,"y":1,"z":1})");
  put({{"a", R"({"x":6,"y":1,"z":1})", "v3", 25}});
  EXPECT_EQ(live_ids(), "a");
  EXPECT_TRUE(edits().empty());
  EXPECT_TRUE(conflicts()[0].loser.deleted);
  EXPECT_EQ(stands().live_records, 1u);
}

TEST_F(Settling, TakesADeletionOnBothSidesForAgreed) {
  put({base});
  done(erase("a", 20));
  EXPECT_EQ(put({gone("a", 30)}).conflicts, 0u);
  EXPECT_TRUE(edits().empty());
}

TEST_F(Settling, SettlesADeletionFoundByEnumeration) {
  put(numbered(0, 5, R"({"x":1})"));
  done(edit("000003", R"({"x":2})", 20));
  now_ = at(50);
  put(numbered(0, 3, R"({"x":1})"), sweep::whole);
  EXPECT_EQ(live_ids(), "000000 000001 000002");
  EXPECT_TRUE(edits().empty());
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(conflicts()[0].record, "000003");
  EXPECT_EQ(conflicts()[0].remote_at, at(50));
}

TEST_F(Settling, DoesNotMissInAnEnumerationWhatIsNotThereYet) {
  std::vector<store_write> made;
  for (char digit = '0'; digit <= '9'; ++digit)
    made.push_back(create(local(digit), "{}", 20));
  for (char digit = 'A'; digit <= 'C'; ++digit)
    for (char other = '0'; other <= '9'; ++other) {
      auto id = local(digit);
      id[10] = other;
      made.push_back(create(id, "{}", 20));
    }
  ASSERT_TRUE(store_->commit(made, now_));
  put({{"a", "{}"}}, sweep::first);
  const auto outcome = put({{"b", "{}"}}, sweep::last);
  EXPECT_EQ(outcome.held_deletes, 0u);
  EXPECT_EQ(outcome.deleted, 0u);
  EXPECT_EQ(stands().live_records, 42u);
}

TEST_F(Settling, RefusesAPageThatEditsCannotBeComparedWith) {
  put({base});
  done(edit("a", R"({"x":2})", 20));
  auto broken = on_top(make_page({{"b", "{}"}, {"a", R"({"x":1,"x":2})", "v2", 30}}));
  broken.rules = rules_;
  const auto refused = write(broken);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.failure().code, ec::malformed);
  EXPECT_EQ(live_ids(), "a");
}
