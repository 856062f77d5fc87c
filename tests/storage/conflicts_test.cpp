#include "tests/storage/two_way_support.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

using std::chrono::hours;

class Conflicts : public TwoWayTest {
protected:
  /// A conflict of a record that the provider's side wins.
  void conflict_of(const std::string& record_id, const std::string& loses = R"({"x":2})") {
    put({{record_id, R"({"x":1,"y":1})", "v1", 10}});
    done(edit(record_id, loses, 20));
    put({{record_id, R"({"x":5,"y":1})", "v2", 30}});
  }
  std::string listed(const conflict_filter& filter, size_t limit = 100) const {
    std::string ids;
    const auto rows = store_->conflicts(filter, limit);
    for (const auto& row : *rows)
      ids += (ids.empty() ? "" : " ") + std::to_string(row.id);
    return ids;
  }
  void tick(milliseconds since_boot, wall_time wall = at(1000)) {
    ASSERT_TRUE(store_->commit({}, wall, uptime{"b1", since_boot}));
  }
};

} // namespace

TEST_F(Conflicts, AreListedNewestFirstInPagesAndByFilter) {
  for (const char* id : {"a", "b", "a", "c", "d"})
    conflict_of(id + std::to_string(conflicts().size()));
  EXPECT_EQ(listed({}), "5 4 3 2 1");
  EXPECT_EQ(listed({}, 2), "5 4");
  conflict_filter next;
  next.before = 4;
  EXPECT_EQ(listed(next, 2), "3 2");
  next.integration = id_;
  EXPECT_EQ(listed(next, 2), "3 2");
  next.integration = integration_id{id_.value() + 1};
  EXPECT_EQ(listed(next), "");
  conflict_filter one;
  one.record = "c3";
  EXPECT_EQ(listed(one), "4");
  one.stream = "deals";
  EXPECT_EQ(listed(one), "");
  EXPECT_EQ((*store_->conflict(4))->record, "c3");
  EXPECT_FALSE(*store_->conflict(6));
}

TEST_F(Conflicts, StayThirtyDaysOfElapsedTimeUnderAnyWallClock) {
  tick(seconds{1});
  ASSERT_TRUE(store_->commit({}, now_, uptime{"b1", seconds{1}}));
  put({{"a", R"({"x":1})", "v1", 10}});
  auto both = std::vector<store_write>{edit("a", R"({"x":2})", 20)};
  auto theirs = on_top(make_page({{"a", R"({"x":5})", "v2", 30}}));
  theirs.rules = rules_;
  both.emplace_back(std::move(theirs));
  ASSERT_TRUE(store_->commit(both, now_, uptime{"b1", seconds{1}}));
  ASSERT_EQ(listed({}), "1");
  tick(seconds{2}, at(1000) + hours{24 * 3650}); // ten years ahead
  tick(seconds{3}, at(-1000));
  open();
  EXPECT_EQ(listed({}), "1");
  const auto end = seconds{1} + hours{24 * 30};
  tick(end - milliseconds{1}, at(1000) + hours{24 * 3650});
  EXPECT_EQ(listed({}), "1");
  tick(end, at(5));
  EXPECT_EQ(listed({}), "");
  EXPECT_FALSE(*store_->conflict(1));
  EXPECT_EQ(write(restore_conflict{1, now_, rules_}).failure().code, ec::not_found);
}

TEST_F(Conflicts, WriteTheLoserForwardOnce) {
  conflict_of("a", R"({"x":2,"y":null,"n":4})");
  const auto edit_id = done(restore_conflict{1, at(40), rules_}).id;
  EXPECT_EQ(body("a"), R"({"x":2,"y":null,"n":4})");
  EXPECT_EQ(text(edit_of(edit_id).edit), "n=4 x=2 y=null");
  EXPECT_EQ(edit_of(edit_id).edit.edited_at, at(40));
  const auto row = **store_->conflict(1);
  EXPECT_EQ(row.restored_at, at(40));
  EXPECT_EQ(row.restored_as, edit_id);
  const auto again = write(restore_conflict{1, at(41), rules_});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.failure().code, ec::conflict);
  EXPECT_EQ(edits().size(), 1u);
}

TEST_F(Conflicts, RestoreADeletionAndADeletedRecord) {
  put({{"a", R"({"x":1})", "v1", 10}});
  done(erase("a", 20));
  put({{"a", R"({"x":5})", "v2", 30}}); // the deletion lost
  const auto first = done(restore_conflict{1, at(40), rules_}).id;
  EXPECT_EQ(live_ids(), "");
  EXPECT_EQ(edit_of(first).edit.kind, edit_kind::erase);
  put({{"b", R"({"x":1})", "v1", 10}});
  done(edit("b", R"({"x":2})", 20));
  put({gone("b", 30)}); // the edit lost
  const auto second = done(restore_conflict{2, at(41), rules_}).id;
  EXPECT_EQ(live_ids(), "b");
  EXPECT_EQ(edit_of(second).edit.kind, edit_kind::create);
  EXPECT_TRUE(edit_of(second).edit.revives);
  EXPECT_EQ(text(edit_of(second).edit), "x=2");
  EXPECT_EQ(body("b"), R"({"x":2})");
}

TEST_F(Conflicts, RestoreNothingWhereTheRecordIsSoAlready) {
  conflict_of("a");
  put({{"a", R"({"x":2,"y":1})", "v3", 35}});
  EXPECT_EQ(done(restore_conflict{1, at(40), rules_}).id, 0u);
  EXPECT_TRUE(edits().empty());
  EXPECT_FALSE(write(restore_conflict{1, at(41), rules_}));
}

TEST_F(Conflicts, TellWhatAMergeWouldHaveKept) {
  conflict_of("a", R"({"y":7})");
  auto preview = preview_merge(conflicts()[0]);
  EXPECT_FALSE(preview.conflict);
  EXPECT_EQ(preview.kept, std::vector<std::string>{"y"});
  conflict_of("b", R"({"x":7,"y":7})");
  preview = preview_merge(conflicts()[0]);
  EXPECT_TRUE(preview.conflict);
  EXPECT_EQ(preview.kept, std::vector<std::string>{"y"});
  EXPECT_EQ(preview.decided, std::vector<std::string>{"x"});
  put({{"c", R"({"x":1})", "v1", 10}});
  done(edit("c", R"({"x":2})", 20));
  put({gone("c", 30)});
  EXPECT_TRUE(preview_merge(conflicts()[0]).conflict);
}

TEST_F(Conflicts, DoNotStopACommitByADamagedPlace) {
  conflict_of("a");
  store_.reset();
  auto bytes = bytes_of(options_.directory / "data.mdb");
  const auto place = std::string("z") + std::string(7, '\0') + '\1';
  for (auto found = bytes.find(place); found != std::string::npos;
       found = bytes.find(place, found + 1))
    bytes[found + place.size() + 6] ^= 0x40;
  std::ofstream{options_.directory / "data.mdb", std::ios::binary} << bytes;
  open();
  put({{"b", "{}"}});
  EXPECT_EQ(listed({}), "");
}

TEST(LocalId, IsAUlid) {
  const auto id
      = make_local_id(at(1), [](std::span<uint8_t> out) { std::ranges::fill(out, uint8_t{0xFF}); });
  EXPECT_EQ(id, "local:00000000Z8ZZZZZZZZZZZZZZZZ");
  EXPECT_TRUE(is_local_id(id));
  EXPECT_LT(make_local_id(at(1), os_random()), make_local_id(at(2), os_random()));
  EXPECT_FALSE(is_local_id("local:1"));
  EXPECT_FALSE(is_local_id("77"));
}
