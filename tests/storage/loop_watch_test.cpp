#include "storage/loop_watch.hpp"

#include "tests/storage/two_way_support.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

class LoopWatch : public TwoWayTest {
protected:
  /// One round: set here, pushed, set back there. Yields how many fields were stopped.
  uint64_t round() {
    const auto now = ++rounds_ * 10;
    const auto made
        = done(edit("a", R"({"x":"ours","y":)" + std::to_string(rounds_) + "}", now), now_);
    sent(made.id);
    confirmed(made.id, {"a", "", "v" + std::to_string(now), now});
    put({{"a", R"({"x":"theirs","y":0})", "v" + std::to_string(now + 1), now + 1}});
    return made.stopped;
  }
  int64_t rounds_ = 0;
};

} // namespace

TEST_F(LoopWatch, StopsAFieldThatTwoSidesSetBackAndForth) {
  put({{"a", R"({"x":"theirs","y":0})", "v1", 1}});
  for (int i = 0; i < 4; ++i) // the first change is no turn, each later one of both sides is
    EXPECT_EQ(round(), 0u);
  EXPECT_EQ(round(), 1u);
  EXPECT_EQ(body("a"), R"({"x":"theirs","y":0})");
}

TEST_F(LoopWatch, CountsTurnsOfTwoSidesOnly) {
  std::vector<field_turns> memory;
  const loop_watch watch{memory, milliseconds{0}};
  loop_watch notes{memory, milliseconds{0}};
  for (int i = 0; i < 40; ++i) // a person who cannot decide
    notes.note("x", i % 2 == 0 ? "a" : "b", i % 2 == 0 ? "b" : "a", edit_side::local);
  EXPECT_FALSE(watch.would_loop("x", "a", "b", edit_side::local));
}

TEST_F(LoopWatch, ForgetsTurnsAfterTheSpanAndAtANewValue) {
  std::vector<field_turns> memory;
  const auto alternate = [&](milliseconds elapsed, unsigned turns) {
    loop_watch notes{memory, elapsed};
    notes.note("x", "a", "b", edit_side::local);
    for (unsigned i = 0; i < turns; ++i)
      notes.note("x", i % 2 == 0 ? "b" : "a", i % 2 == 0 ? "a" : "b",
                 i % 2 == 0 ? edit_side::remote : edit_side::local);
  };
  const auto loops = [&](milliseconds elapsed) {
    return loop_watch{memory, elapsed}.would_loop("x", "a", "b", edit_side::local);
  };
  alternate(milliseconds{0}, loop_turns_max - 1);
  EXPECT_FALSE(loops(milliseconds{0}));
  memory.clear();
  alternate(milliseconds{0}, loop_turns_max + 1);
  EXPECT_TRUE(loops(milliseconds{0}));
  EXPECT_TRUE(loops(loop_span - milliseconds{1}));
  EXPECT_FALSE(loops(loop_span));
  loop_watch{memory, milliseconds{1}}.note("x", "a", "c", edit_side::local);
  EXPECT_FALSE(loop_watch(memory, milliseconds{1}).would_loop("x", "c", "a", edit_side::local));
  loop_watch{memory, loop_span}.prune();
  EXPECT_EQ(memory.size(), 1u);
  loop_watch{memory, loop_span + milliseconds{1}}.prune();
  EXPECT_TRUE(memory.empty());
}

TEST_F(LoopWatch, KeepsTheStoppedFieldAsideAndPushesTheOthers) {
  put({{"a", R"({"x":"theirs","y":0})", "v1", 1}});
  for (int i = 0; i < 4; ++i)
    round();
  const auto last = done(edit("a", R"({"x":"ours","y":77})", 900));
  EXPECT_EQ(last.stopped, 1u);
  EXPECT_EQ(body("a"), R"({"x":"theirs","y":77})");
  EXPECT_EQ(text(edit_of(last.id).edit), "y=77");
  EXPECT_EQ(*store_->count_edits(id_), (edit_counts{1, 1}));
  const auto rows = edits();
  ASSERT_EQ(rows.size(), 2u);
  const auto& stopped = rows[0].state == edit_state::rejected ? rows[0] : rows[1];
  EXPECT_EQ(stopped.code, "edit_loop");
  EXPECT_EQ(text(stopped), R"(x="ours")");
  EXPECT_NE(stopped.sentence.find("field x"), std::string::npos);
  open(); // remembered across a restart
  EXPECT_EQ(done(edit("a", R"({"x":"ours"})", 901)).stopped, 1u);
  EXPECT_EQ(done(edit("a", R"({"x":"new"})", 902)).stopped, 0u);
}

TEST_F(LoopWatch, KeepsOneEntryPerRecordHoweverOftenTheLoopGoesOn) {
  put({{"a", R"({"x":"theirs","y":0})", "v1", 1}, {"b", R"({"x":"theirs"})", "v1", 1}});
  for (int i = 0; i < 4; ++i)
    round();
  const auto first = done(edit("a", R"({"x":"ours"})", 900));
  const auto again = done(edit("a", R"({"x":"ours"})", 901));
  EXPECT_EQ(again.stopped, 1u);
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(*store_->count_edits(id_), (edit_counts{0, 1}));
  EXPECT_EQ(edit_of(first.id).edit.edited_at, at(901));
  done(drop_edit{id_, first.id, rules_});
  EXPECT_NE(done(edit("a", R"({"x":"ours"})", 902)).id, first.id);
}
