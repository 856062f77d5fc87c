#include "tests/storage/support.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

class Records : public StoreTest {};

} // namespace

TEST_F(Records, AreReadAsTheyWereWritten) {
  auto outcome = put({{"a", R"({"x":1})", "v7", 99}, {"b"}});
  EXPECT_EQ(outcome.inserted, 2u);
  const auto row = record("a");
  EXPECT_EQ(row.body, R"({"x":1})");
  EXPECT_EQ(row.version, "v7");
  EXPECT_EQ(row.modified_at, at(99));
  EXPECT_FALSE(row.deleted);
  EXPECT_EQ(stands().live_records, 2u);
  open();
  EXPECT_EQ(record("a").body, R"({"x":1})");
}

TEST_F(Records, OfUnknownNamesAreNone) {
  EXPECT_FALSE(*store_->record(id_, "contacts", "a"));
  EXPECT_TRUE(records().empty());
  EXPECT_EQ(stands().sequence, 0u);
  EXPECT_FALSE(stands().checkpoint);
  EXPECT_EQ(store_->stream(id_, std::string(1000, 's'))->sequence, 0u);
}

TEST_F(Records, OfOtherStreamsAndIntegrationsStayApart) {
  put({{"a"}});
  done(put_page{id_, "contacts2", 0, make_page({{"a"}, {"b"}})});
  done(put_page{integration_id{43}, "contacts", 0, make_page({{"c"}})});
  EXPECT_EQ(live_ids(), "a");
  EXPECT_EQ(records("contacts2").size(), 2u);
  EXPECT_EQ(store_->records(integration_id{43}, "contacts", "", 9)->size(), 1u);
}

TEST_F(Records, ArePagedInIdOrder) {
  put({{"c"}, {"a"}, {"b"}, {"a\xff"}, {"ab"}});
  std::string ids;
  std::string after;
  for (;;) {
    auto rows = store_->records(id_, "contacts", after, 2);
    ASSERT_TRUE(rows);
    if (rows->empty())
      break;
    EXPECT_LE(rows->size(), 2u);
    for (const auto& row : *rows)
      ids += row.id + " ";
    after = rows->back().id;
  }
  EXPECT_EQ(ids, "a ab a\xff b c ");
  EXPECT_EQ(store_->records(id_, "contacts", "aa", 1)->front().id, "ab");
  EXPECT_TRUE(store_->records(id_, "contacts", "", 0)->empty());
}

TEST_F(Records, UnchangedAreNotWrittenAgain) {
  put({{"a", "{1}", "v1"}});
  const auto before = record("a").sequence;
  auto outcome = put({{"a", "{1}", "v1", 77}}, sweep::none, at(2000));
  EXPECT_EQ(outcome.unchanged, 1u);
  EXPECT_EQ(outcome.updated, 0u);
  EXPECT_EQ(record("a").sequence, before);
  EXPECT_EQ(changes().size(), 1u);
  EXPECT_EQ(stands().changed_at, at(1000));
}

TEST_F(Records, ChangedInVersionOrBodyAreUpdated) {
  put({{"a", "{1}", "v1"}, {"b", "{1}", "v1"}});
  auto outcome = put({{"a", "{2}", "v1"}, {"b", "{1}", "v2"}}, sweep::none, at(2000));
  EXPECT_EQ(outcome.updated, 2u);
  EXPECT_EQ(record("a").body, "{2}");
  EXPECT_EQ(record("b").version, "v2");
  EXPECT_EQ(stands().live_records, 2u);
  EXPECT_EQ(stands().changed_at, at(2000));
}

TEST_F(Records, OfOnePageTwiceEndAsTheLaterOne) {
  auto outcome = put({{"a", "{1}"}, {"a", "{2}"}, {"a", "{2}"}});
  EXPECT_EQ(outcome.inserted, 1u);
  EXPECT_EQ(outcome.updated, 1u);
  EXPECT_EQ(outcome.unchanged, 1u);
  EXPECT_EQ(record("a").body, "{2}");
  EXPECT_EQ(changes().size(), 1u);
}

TEST_F(Records, DeletedStayAsTombstonesWithTheirLastBody) {
  put({{"a", "{1}", "v1", 50}});
  auto outcome = put({gone("a", 60)});
  EXPECT_EQ(outcome.deleted, 1u);
  const auto row = record("a");
  EXPECT_TRUE(row.deleted);
  EXPECT_EQ(row.body, "{1}");
  EXPECT_EQ(row.version, "v1");
  EXPECT_EQ(row.modified_at, at(60));
  EXPECT_EQ(stands().live_records, 0u);
  EXPECT_EQ(put({gone("a", 60)}).unchanged, 1u);
}

TEST_F(Records, DeletedWithoutATimeKeepTheLastKnown) {
  put({{"a", "{1}", "v1", 50}});
  put({gone("a")});
  EXPECT_EQ(record("a").modified_at, at(50));
}

TEST_F(Records, NeverSeenAndDeletedLeaveATombstone) {
  EXPECT_EQ(put({gone("a", 60)}).deleted, 1u);
  EXPECT_TRUE(record("a").deleted);
  EXPECT_EQ(stands().live_records, 0u);
}

TEST_F(Records, ComeBackWhenTheProviderSaysSo) {
  put({{"a", "{1}", "v1", 50}});
  put({gone("a", 60)});
  EXPECT_EQ(put({{"a", "{1}", "v1", 50}}).inserted, 1u);
  EXPECT_EQ(live_ids(), "a");
  EXPECT_EQ(stands().live_records, 1u);
}

TEST_F(Records, OfALaggingSourceDoNotReviveANewerDeletion) {
  put({{"a", "{1}", "v1", 50}});
  put({gone("a", 60)});
  EXPECT_EQ(put_lagging({{"a", "{1}", "v1", 59}}).unchanged, 1u);
  EXPECT_EQ(put_lagging({{"a", "{1}", "v1", 60}}).unchanged, 1u);
  EXPECT_EQ(live_ids(), "");
  EXPECT_EQ(put_lagging({{"a", "{2}", "v2", 61}}).inserted, 1u);
  EXPECT_EQ(live_ids(), "a");
}

TEST_F(Records, OfALaggingSourceDoNotReviveWhatASweepFoundAbsent) {
  put({{"a", "{1}", "v1", 50}, {"b"}});
  put({{"b"}}, sweep::whole);
  EXPECT_EQ(put_lagging({{"a", "{1}", "v1", 50}}).unchanged, 1u);
  EXPECT_EQ(live_ids(), "b");
}

TEST_F(Records, OfALaggingSourceDoNotReplaceANewerVersion) {
  put({{"a", "{2}", "v2", 50}});
  EXPECT_EQ(put_lagging({{"a", "{1}", "v1", 49}}).unchanged, 1u);
  EXPECT_EQ(record("a").body, "{2}");
  EXPECT_EQ(put_lagging({{"a", "{3}", "v3", 50}}).updated, 1u);
  EXPECT_EQ(record("a").body, "{3}");
}

TEST_F(Records, OfAnExactSourceAreTakenWhateverTheirTime) {
  put({{"a", "{2}", "v2", 50}});
  EXPECT_EQ(put({{"a", "{1}", "v1", 1}}).updated, 1u);
  EXPECT_EQ(record("a").body, "{1}");
}

TEST_F(Records, TakeIdsAndBodiesUpToTheLimits) {
  const std::string longest(200, 'i');
  put({{longest, std::string(3'000'000, 'x')}, {std::string("\0\x01", 2)}});
  EXPECT_EQ(record(longest).body.size(), 3'000'000u);
  EXPECT_EQ(records().size(), 2u);
}

TEST_F(Records, OverALimitRefuseTheirPageAlone) {
  put({{"a"}});
  std::vector<store_write> writes;
  writes.push_back(on_top(make_page({{"b"}, {std::string(201, 'i')}})));
  writes.push_back(on_top(make_page({{"b"}, {""}})));
  writes.push_back(on_top(make_page({{"b"}, {"c", ""}})));
  writes.push_back(on_top(make_page({{"b"}, {"c", "{}", std::string(4097, 'v')}})));
  writes.push_back(put_page{id_, "", 0, make_page({{"b"}})});
  writes.push_back(put_page{id_, std::string(65, 's'), 0, make_page({{"b"}})});
  writes.push_back(on_top(make_page({{"b"}}, sweep::more)));
  writes.push_back(on_top(make_page({{"b"}}, sweep::last)));
  auto long_checkpoint = make_page({{"b"}});
  long_checkpoint.next_checkpoint = std::string((size_t{1} << 20) + 1, 'c');
  writes.push_back(on_top(long_checkpoint));
  writes.push_back(on_top(make_page({{"z"}})));
  auto outcomes = store_->commit(writes, at(1));
  ASSERT_TRUE(outcomes);
  for (size_t i = 0; i + 1 < writes.size(); ++i) {
    ASSERT_FALSE((*outcomes)[i]) << i;
    EXPECT_EQ((*outcomes)[i].failure().code, ec::malformed) << i;
    EXPECT_FALSE((*outcomes)[i].failure().hint.empty()) << i;
  }
  EXPECT_TRUE(outcomes->back());
  EXPECT_EQ(live_ids(), "a z");
  EXPECT_EQ(stands().sequence, 2u);
}

TEST_F(Records, GoWithACheckpointOfAMegabyte) {
  auto records = make_page({});
  records.next_checkpoint = std::string(size_t{1} << 20, 'c');
  done(on_top(records));
  EXPECT_EQ(stands().checkpoint, records.next_checkpoint);
}

TEST_F(Records, AreStoredOnlyOnTheExpectedSequence) {
  EXPECT_EQ(put({{"a"}}).sequence, 1u);
  auto early = write(put_page{id_, "contacts", 0, make_page({{"b"}})});
  auto late = write(put_page{id_, "contacts", 2, make_page({{"b"}})});
  ASSERT_FALSE(early);
  ASSERT_FALSE(late);
  EXPECT_EQ(early.failure().code, ec::conflict);
  EXPECT_EQ(late.failure().code, ec::conflict);
  EXPECT_EQ(live_ids(), "a");
  EXPECT_EQ(changes().size(), 1u);
  EXPECT_EQ(stands().sequence, 1u);
  EXPECT_TRUE(write(put_page{id_, "contacts", 1, make_page({{"b"}})}));
}

TEST_F(Records, OfSeveralPagesOfOneCommitBuildOnEachOther) {
  std::vector<store_write> writes;
  for (uint64_t i = 0; i < 3; ++i) {
    auto records = make_page({{std::to_string(i)}});
    records.next_checkpoint = "after " + std::to_string(i);
    writes.push_back(put_page{id_, "contacts", i, std::move(records)});
  }
  writes.push_back(end_run{id_, "contacts", 3, true});
  auto outcomes = store_->commit(writes, at(7));
  ASSERT_TRUE(outcomes);
  for (auto& outcome : *outcomes)
    EXPECT_TRUE(outcome);
  EXPECT_EQ(live_ids(), "0 1 2");
  EXPECT_EQ(stands().checkpoint, "after 2");
  EXPECT_EQ(stands().verified_at, at(7));
  EXPECT_EQ(stands().sequence, 4u);
}

TEST_F(Records, AbsentCheckpointKeepsTheStoredOne) {
  auto records = make_page({});
  records.next_checkpoint = "x";
  done(on_top(records));
  put({{"a"}});
  EXPECT_EQ(stands().checkpoint, "x");
}

TEST_F(Records, RunEndsWithProofOrWithout) {
  done(end_run{id_, "contacts", 0, false}, at(5));
  EXPECT_EQ(stands().synced_at, at(5));
  EXPECT_EQ(stands().verified_at, wall_time{});
  EXPECT_EQ(done(end_run{id_, "contacts", 1, true}, at(6)).sequence, 2u);
  EXPECT_EQ(stands().verified_at, at(6));
  EXPECT_EQ(write(end_run{id_, "contacts", 1, true}).failure().code, ec::conflict);
  EXPECT_EQ(write(end_run{id_, "", 0, true}).failure().code, ec::malformed);
}

TEST_F(Records, FeedHasEachRecordOnceAtItsLatestChange) {
  put({{"a"}, {"b"}});
  put({{"a", "{2}"}, gone("b")});
  done(put_page{id_, "deals", 0, make_page({{"a"}})});
  const auto entries = changes();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].record, "a");
  EXPECT_EQ(entries[0].stream, "contacts");
  EXPECT_EQ(entries[0].integration, id_);
  EXPECT_EQ(entries[0].sequence, record("a").sequence);
  EXPECT_TRUE(entries[1].deleted);
  EXPECT_EQ(entries[2].stream, "deals");
  EXPECT_LT(entries[0].sequence, entries[1].sequence);
  EXPECT_EQ(changes(entries[1].sequence).size(), 1u);
  EXPECT_EQ(store_->changes(0, 2)->size(), 2u);
  EXPECT_TRUE(changes(entries[2].sequence).empty());
  EXPECT_TRUE(changes(~uint64_t{0}).empty());
}

TEST_F(Records, FeedGoesOnAboveAllEarlierSequencesAfterARestart) {
  put({{"a"}, {"b"}});
  const auto last = changes().back().sequence;
  open();
  put({{"c"}});
  EXPECT_EQ(changes().back().sequence, last + 1);
}
