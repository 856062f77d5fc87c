#include "tests/storage/support.hpp"

#include "storage/lmdb.hpp"
#include "storage/schema.hpp"
#include "storage/vault.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

class Sweeps : public StoreTest {
protected:
  /// Marks in the data file; closes and opens the store.
  uint64_t marks() {
    store_.reset();
    uint64_t count = 0;
    {
      const lmdb::environment env{options_.directory, options_.map_bytes_initial};
      const auto at = open_schema(env, options_.directory, vault{master_key(), os_random()});
      const lmdb::transaction txn{env, lmdb::transaction::kind::read};
      count = txn.entries(at.marks);
    }
    open();
    return count;
  }
};

} // namespace

TEST_F(Sweeps, DeleteWhatTheyDidNotShow) {
  put({{"a"}, {"b"}, {"c"}, {"d"}});
  put({{"a"}}, sweep::first);
  EXPECT_TRUE(stands().sweeping);
  put({{"c", "{2}"}}, sweep::more);
  auto outcome = put({{"e"}}, sweep::last, at(9));
  EXPECT_EQ(outcome.deleted, 2u);
  EXPECT_EQ(outcome.held_deletes, 0u);
  EXPECT_EQ(live_ids(), "a c e");
  EXPECT_EQ(stands().live_records, 3u);
  EXPECT_FALSE(stands().sweeping);
  EXPECT_EQ(stands().enumerated_at, at(9));
  EXPECT_TRUE(record("b").deleted);
  EXPECT_EQ(record("b").body, "{}");
  EXPECT_TRUE(changes().back().deleted);
}

TEST_F(Sweeps, OfOnePageAreWhole) {
  put({{"a"}, {"b"}});
  EXPECT_EQ(put({{"b"}}, sweep::whole).deleted, 1u);
  EXPECT_EQ(live_ids(), "b");
  EXPECT_EQ(put({}, sweep::whole).deleted, 1u);
  EXPECT_EQ(stands().live_records, 0u);
}

TEST_F(Sweeps, DeleteNothingBeforeTheyAreComplete) {
  put({{"a"}, {"b"}});
  EXPECT_EQ(put({{"a"}}, sweep::first).deleted, 0u);
  EXPECT_EQ(put({}, sweep::more).deleted, 0u);
  done(end_run{id_, "contacts", stands().sequence, true});
  EXPECT_EQ(live_ids(), "a b");
  EXPECT_TRUE(stands().sweeping);
}

TEST_F(Sweeps, BegunAnewForgetWhatTheFirstAttemptShowed) {
  put({{"a"}, {"b"}});
  put({{"a"}}, sweep::first);
  put({{"b"}}, sweep::first);
  EXPECT_EQ(put({}, sweep::last).deleted, 1u);
  EXPECT_EQ(live_ids(), "b");
}

TEST_F(Sweeps, GoOnAfterARestart) {
  put({{"a"}, {"b"}, {"c"}});
  put({{"a"}}, sweep::first);
  open();
  EXPECT_TRUE(stands().sweeping);
  put({{"b"}}, sweep::last);
  EXPECT_EQ(live_ids(), "a b");
}

TEST_F(Sweeps, CountWhatOtherPagesShowMeanwhile) {
  put({{"a"}, {"b"}, {"c"}, {"d"}, gone("e", 5)});
  put({{"a"}}, sweep::first);
  put({{"b"}});               // unchanged, by an incremental page
  put({{"c", "{2}"}, {"n"}}); // changed, and new
  put({gone("d", 9)});        // deleted anyway
  put({{"e"}});               // revived
  put({{"b"}, {"b"}});        // shown twice is shown once
  EXPECT_EQ(put({}, sweep::last).deleted, 0u);
  EXPECT_EQ(live_ids(), "a b c e n");
}

TEST_F(Sweeps, TakeAStaleSightingForASighting) {
  put({{"a", "{2}", "v2", 50}, {"b"}});
  put({}, sweep::first);
  put_lagging({{"a", "{1}", "v1", 40}});
  put({}, sweep::last);
  EXPECT_EQ(live_ids(), "a");
}

TEST_F(Sweeps, WriteNoMarksForAnInitialSync) {
  put(numbered(0, 50), sweep::first);
  put(numbered(50, 100), sweep::more);
  EXPECT_EQ(marks(), 0u);
  put({}, sweep::last);
  EXPECT_EQ(stands().live_records, 100u);
}

TEST_F(Sweeps, RemoveTheirMarksAfterwards) {
  put(numbered(0, 5000));
  put(numbered(0, 2500), sweep::first);
  EXPECT_EQ(marks(), 2500u);
  put(numbered(0, 5000), sweep::first); // begun anew
  EXPECT_EQ(marks(), 5500u);            // 2000 went with that commit
  put({}, sweep::last);
  put({});
  put({});
  put({});
  put({});
  EXPECT_EQ(marks(), 0u);
}

TEST_F(Sweeps, DeleteExactlyHalf) {
  put(numbered(0, 60));
  auto outcome = put(numbered(0, 30), sweep::whole);
  EXPECT_EQ(outcome.deleted, 30u);
  EXPECT_EQ(outcome.held_deletes, 0u);
  EXPECT_EQ(stands().live_records, 30u);
}

TEST_F(Sweeps, HoldMoreThanHalf) {
  put(numbered(0, 60));
  const auto before = changes().size();
  auto outcome = put(numbered(0, 29), sweep::whole, at(8));
  EXPECT_EQ(outcome.deleted, 0u);
  EXPECT_EQ(outcome.held_deletes, 31u);
  EXPECT_EQ(stands().held_deletes, 31u);
  EXPECT_EQ(stands().live_records, 60u);
  EXPECT_EQ(stands().enumerated_at, at(8));
  EXPECT_EQ(changes().size(), before);
}

TEST_F(Sweeps, HoldMoreThanHalfOfAnOddNumber) {
  put(numbered(0, 43));
  EXPECT_EQ(put(numbered(0, 22), sweep::whole).deleted, 21u);
  put(numbered(0, 43));
  EXPECT_EQ(put(numbered(0, 21), sweep::whole).held_deletes, 22u);
}

TEST_F(Sweeps, DeleteTwentyWhateverTheirShare) {
  put(numbered(0, 20));
  EXPECT_EQ(put({}, sweep::whole).deleted, 20u);
}

TEST_F(Sweeps, HoldTwentyOneOfTwentyOne) {
  put(numbered(0, 21));
  auto outcome = put({}, sweep::whole);
  EXPECT_EQ(outcome.deleted, 0u);
  EXPECT_EQ(outcome.held_deletes, 21u);
  EXPECT_EQ(stands().live_records, 21u);
}

TEST_F(Sweeps, WeighTheBrakeWithoutNewRecords) {
  put(numbered(0, 60)); // as if the provider had given everything another id
  EXPECT_EQ(put(numbered(100, 400), sweep::whole).held_deletes, 60u);
}

TEST_F(Sweeps, ReleaseDeletesExactlyWhatWasHeld) {
  put(numbered(0, 60));
  put(numbered(0, 20), sweep::whole);
  ASSERT_EQ(stands().held_deletes, 40u);
  put({{"000020"}});               // shown again, unchanged
  put({{"000021", "{2}"}, {"n"}}); // changed, and new
  put({gone("000022")});           // deleted by the provider's own word
  EXPECT_EQ(stands().held_deletes, 37u);
  open();
  auto outcome = done(release_deletes{id_, "contacts"}, at(9));
  EXPECT_EQ(outcome.deleted, 37u);
  EXPECT_EQ(outcome.sequence, stands().sequence);
  EXPECT_EQ(stands().held_deletes, 0u);
  EXPECT_EQ(stands().live_records, 23u);
  EXPECT_EQ(stands().changed_at, at(9));
  EXPECT_FALSE(record("000020").deleted);
  EXPECT_FALSE(record("000021").deleted);
  EXPECT_TRUE(record("000023").deleted);
}

TEST_F(Sweeps, ReleaseOfNothingChangesNothing) {
  put({{"a"}});
  auto outcome = done(release_deletes{id_, "contacts"});
  EXPECT_EQ(outcome.deleted, 0u);
  EXPECT_EQ(outcome.sequence, 1u);
  EXPECT_EQ(stands().sequence, 1u);
}

TEST_F(Sweeps, LaterCompleteOneReplacesTheHeldSet) {
  put(numbered(0, 60));
  put(numbered(0, 20), sweep::whole);
  ASSERT_EQ(stands().held_deletes, 40u);
  put(numbered(20, 40), sweep::whole);
  EXPECT_EQ(stands().held_deletes, 40u);
  done(release_deletes{id_, "contacts"});
  EXPECT_EQ(records()[20].deleted, false);
  EXPECT_EQ(records()[19].deleted, true);
  EXPECT_EQ(stands().live_records, 20u);
}

TEST_F(Sweeps, LaterCompleteOneThatShowsAllHoldsNothing) {
  put(numbered(0, 60));
  put(numbered(0, 20), sweep::whole);
  EXPECT_EQ(put(numbered(0, 60), sweep::whole).held_deletes, 0u);
  EXPECT_EQ(stands().held_deletes, 0u);
  EXPECT_EQ(done(release_deletes{id_, "contacts"}).deleted, 0u);
  EXPECT_EQ(stands().live_records, 60u);
}

TEST_F(Sweeps, UnderWayKnowWhatAReleaseDeleted) {
  put(numbered(0, 60));
  put(numbered(0, 20), sweep::whole);
  put(numbered(0, 10), sweep::first);
  EXPECT_EQ(done(release_deletes{id_, "contacts"}).deleted, 40u);
  EXPECT_EQ(put({}, sweep::last).deleted, 10u);
  EXPECT_EQ(stands().live_records, 10u);
}

TEST_F(Sweeps, UnfinishedOneLeavesTheHeldSetReleasable) {
  put(numbered(0, 60));
  put(numbered(0, 20), sweep::whole);
  put(numbered(0, 30), sweep::first);
  EXPECT_EQ(stands().held_deletes, 30u);
  EXPECT_EQ(done(release_deletes{id_, "contacts"}).deleted, 30u);
  EXPECT_EQ(stands().live_records, 30u);
}

TEST_F(Sweeps, KeepWhatWasShownAndCouldNotBeRead) {
  put({{"a"}, {"b"}, {"c"}});
  auto shown = make_page({{"a"}}, sweep::whole);
  shown.unread.push_back({"b", "2", "it cannot be read"});
  shown.unread.push_back({"never stored", "1", "it cannot be read"});
  const auto outcome = done(on_top(std::move(shown)));
  EXPECT_EQ(outcome.deleted, 1u);
  EXPECT_EQ(live_ids(), "a b");
  EXPECT_EQ(stands().live_records, 2u);
  EXPECT_EQ(record("b").version, "1");
}

TEST_F(Sweeps, DeleteNothingWhenNobodyKnowsWhatWasNotRead) {
  put({{"a"}, {"b"}, {"c"}});
  auto first = make_page({{"a"}}, sweep::first);
  first.unread.push_back({"", "", "it has no id"});
  done(on_top(std::move(first)));
  EXPECT_EQ(put({}, sweep::last).deleted, 0u);
  EXPECT_EQ(live_ids(), "a b c");
  EXPECT_EQ(put({{"a"}, {"c"}}, sweep::whole).deleted, 1u) << "the next one may again";
}
