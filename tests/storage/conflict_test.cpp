#include "storage/conflict.hpp"

#include "tests/storage/support.hpp"

#include <algorithm>
#include <random>

using namespace nexte;
using namespace nexte::test;

namespace {

constexpr conflict_rule rules[] = {conflict_rule::last_write_wins, conflict_rule::merge_fields};

change_stamp ours(int64_t second) {
  return {at(second), edit_side::local};
}
change_stamp theirs(int64_t second) {
  return {at(second), edit_side::remote};
}

const record_base two{false, {{"x", "1"}, {"y", "1"}}};

decision judge(const field_map& local, int64_t local_at, const field_map& remote, int64_t remote_at,
               conflict_rule rule = conflict_rule::last_write_wins) {
  return decide(two, version_of(two, false, local, ours(local_at)),
                version_of(two, false, remote, theirs(remote_at)), rule);
}

/// Random records of three fields with three values each, so that all kinds of meetings happen.
class dice {
public:
  explicit dice(unsigned seed) : random_(seed) {}
  uint64_t below(uint64_t limit) {
    return random_() % limit;
  }
  field_map fields() {
    field_map made;
    for (const char* name : {"x", "y", "z"})
      if (const auto value = below(4); value > 0)
        made.emplace(name, std::to_string(value));
    return made;
  }
  record_base base() {
    return {below(6) == 0, fields()};
  }
  change_stamp stamp() {
    return {at(static_cast<int64_t>(below(5))),
            below(2) == 0 ? edit_side::local : edit_side::remote};
  }
  /// As made by one change, or joined of two.
  record_version version(const record_base& base, conflict_rule rule) {
    auto one = version_of(base, below(5) == 0, fields(), stamp());
    if (below(3) > 0)
      return one;
    return join(base, one, version_of(base, below(5) == 0, fields(), stamp()), rule);
  }

private:
  std::minstd_rand random_;
};

bool is_same(const record_base& a, const record_base& b) {
  return a.deleted == b.deleted && (a.deleted || a.fields == b.fields);
}

/// A provider and this side, each with its edits of one record, over any meetings of the two.
class two_sides {
public:
  two_sides(dice& random, conflict_rule rule) : random_(random), rule_(rule) {}

  void run() {
    for (uint64_t steps = 4 + random_.below(8); steps > 0; --steps)
      switch (random_.below(5)) {
        case 0:
        case 1: edit_here(); break;
        case 2: edit_there(); break;
        case 3: hear(); break;
        default: push();
      }
    for (int quiet = 0; quiet < 2; ++quiet) {
      hear();
      push();
    }
    const auto written = writes_;
    hear();
    push();
    EXPECT_EQ(writes_, written) << "writes go on after the edits stopped";
    EXPECT_TRUE(is_same(there_, view())) << "the sides differ";
  }

private:
  record_base view() const {
    return local_ ? content_of(base_, *local_) : base_;
  }
  void edit_here() {
    const auto made = version_of(base_, random_.below(5) == 0, random_.fields(), ours(++clock_));
    local_ = made;
  }
  void edit_there() {
    there_ = {random_.below(5) == 0, random_.fields()};
    there_at_ = ++clock_;
  }
  void hear() {
    const auto remote = version_of(base_, there_.deleted, there_.fields, theirs(there_at_));
    if (local_) {
      const auto made = decide(base_, *local_, remote, rule_);
      const auto stamp = local_->latest();
      expect_no_loss(made, remote);
      local_.reset();
      if (!is_same(made.winner, there_))
        local_ = version_of(there_, made.winner.deleted, made.winner.fields, stamp);
    }
    base_ = there_;
  }
  /// What neither stands nor is in the archive was a part of what stands.
  void expect_no_loss(const decision& made, const record_version& remote) const {
    const auto mine = view();
    const bool archived = made.verdict == verdict_on_edit::conflict;
    if (!is_same(made.winner, there_) && is_changed(base_, remote)
        && rule_ == conflict_rule::last_write_wins) {
      EXPECT_TRUE(archived && is_same(made.loser, there_));
    }
    if (!is_same(made.winner, mine) && is_changed(base_, *local_)
        && rule_ == conflict_rule::last_write_wins) {
      EXPECT_TRUE(archived ? is_same(made.loser, mine)
                           : contains(there_.fields, difference(base_.fields, mine.fields)));
    }
    if (rule_ == conflict_rule::merge_fields && !archived && !mine.deleted && !there_.deleted) {
      EXPECT_TRUE(contains(made.winner.fields, difference(base_.fields, mine.fields)));
      EXPECT_TRUE(contains(made.winner.fields, difference(base_.fields, there_.fields)));
    }
  }
  void push() {
    if (!local_ || !is_same(base_, there_)) // the condition holds, or it is to be heard first
      return;
    there_ = view();
    there_at_ = ++clock_;
    base_ = there_;
    local_.reset();
    ++writes_;
  }

  dice& random_;
  const conflict_rule rule_;
  record_base there_{false, {{"x", "1"}}};
  record_base base_ = there_;
  std::optional<record_version> local_;
  int64_t there_at_ = 0;
  int64_t clock_ = 0;
  size_t writes_ = 0;
};

} // namespace

TEST(Conflict, IsNoneWhereBothSidesSayTheSame) {
  EXPECT_EQ(judge({{"x", "2"}}, 5, {{"x", "2"}}, 6).verdict, verdict_on_edit::agreed);
  EXPECT_EQ(judge(two.fields, 5, two.fields, 6).verdict, verdict_on_edit::agreed);
}

TEST(Conflict, IsNoneWhereOneSideChanged) {
  const auto local = judge({{"x", "2"}, {"y", "1"}}, 5, two.fields, 6);
  EXPECT_EQ(local.verdict, verdict_on_edit::local);
  EXPECT_EQ(local.push, (field_map{{"x", "2"}}));
  EXPECT_EQ(judge(two.fields, 7, {{"x", "2"}}, 6).verdict, verdict_on_edit::remote);
}

TEST(Conflict, IsNoneWhereTheProviderHasAllOfOurChanges) {
  const auto made = judge({{"x", "2"}, {"y", "1"}}, 9, {{"x", "2"}, {"y", "5"}}, 6);
  EXPECT_EQ(made.verdict, verdict_on_edit::remote);
  EXPECT_EQ(made.winner.fields, (field_map{{"x", "2"}, {"y", "5"}}));
}

TEST(Conflict, IsWonByTheLaterAndInATieByTheProvidersSide) {
  const field_map mine{{"x", "2"}, {"y", "1"}};
  const field_map others{{"x", "1"}, {"y", "5"}};
  const auto later = judge(mine, 7, others, 6);
  EXPECT_EQ(later.verdict, verdict_on_edit::conflict);
  EXPECT_EQ(later.winner.fields, mine);
  EXPECT_EQ(later.loser.fields, others);
  EXPECT_EQ(later.won_by, std::vector{edit_side::local});
  EXPECT_EQ(later.push, mine);
  for (const int64_t second : {6, 5}) {
    const auto made = judge(mine, second, others, 6);
    EXPECT_EQ(made.winner.fields, others);
    EXPECT_TRUE(made.push.empty());
    EXPECT_EQ(made.won_by, std::vector{edit_side::remote});
  }
}

TEST(Conflict, OfADeletionWithAnEditIsWonByTheLater) {
  const field_map mine{{"x", "2"}};
  for (const auto rule : rules) {
    for (const int64_t second : {5, 6, 7}) {
      const auto made = decide(two, version_of(two, false, mine, ours(second)),
                               version_of(two, true, {}, theirs(6)), rule);
      EXPECT_EQ(made.verdict, verdict_on_edit::conflict);
      EXPECT_EQ(made.winner.deleted, second <= 6);
      EXPECT_EQ(made.loser.deleted, second > 6);
      if (second > 6) {
        EXPECT_EQ(made.push, mine); // all of it: there is nothing left there
      }
    }
  }
}

TEST(Conflict, OfFieldsKeepsWhatOnlyOneSideChanged) {
  const auto made = judge({{"x", "2"}, {"y", "1"}, {"z", "2"}}, 7, {{"x", "1"}, {"z", "3"}}, 6,
                          conflict_rule::merge_fields);
  EXPECT_EQ(made.verdict, verdict_on_edit::conflict);
  EXPECT_EQ(made.winner.fields, (field_map{{"x", "2"}, {"z", "2"}}));
  EXPECT_EQ(made.loser.fields, (field_map{{"x", "2"}, {"z", "3"}}));
  EXPECT_EQ(made.push, (field_map{{"x", "2"}, {"z", "2"}}));
}

TEST(Conflict, NamesItsDifferencesByField) {
  EXPECT_EQ(
      differences({{"a", "1"}, {"s", "1"}}, {{"b", "2"}, {"s", "1"}}, {{"a", "1"}, {"s", "1"}}),
      (std::vector<field_difference>{{"a", "1", "null", "1"}, {"b", "null", "2", "null"}}));
}

TEST(Conflict, RulesHaveNames) {
  for (const auto rule : rules)
    EXPECT_EQ(parse_conflict_rule(to_string(rule)), rule);
  EXPECT_FALSE(parse_conflict_rule("merge"));
}

TEST(Conflict, JoinsInAnyOrderToTheSameOver100000Histories) {
  dice random{7};
  for (size_t history = 0; history < 100'000; ++history) {
    const auto base = random.base();
    const auto rule = rules[history % 2];
    const auto a = random.version(base, rule);
    const auto b = random.version(base, rule);
    const auto c = random.version(base, rule);
    const auto ab = join(base, a, b, rule);
    ASSERT_EQ(join(base, a, a, rule), a) << "history " << history;
    ASSERT_EQ(ab, join(base, b, a, rule)) << "history " << history;
    ASSERT_EQ(join(base, ab, b, rule), ab) << "history " << history;
    ASSERT_EQ(join(base, ab, c, rule), join(base, a, join(base, b, c, rule), rule))
        << "history " << history;
  }
}

TEST(Conflict, NamesTheSameWinnerFromEitherSideOver100000Histories) {
  dice random{8};
  for (size_t history = 0; history < 100'000; ++history) {
    const auto base = random.base();
    const auto rule = rules[history % 2];
    const auto fields = std::pair{random.fields(), random.fields()};
    const auto gone = std::pair{random.below(5) == 0, random.below(5) == 0};
    const auto first = static_cast<int64_t>(random.below(5));
    const auto second = first + 1 + static_cast<int64_t>(random.below(3));
    const auto here = decide(base, version_of(base, gone.first, fields.first, ours(first)),
                             version_of(base, gone.second, fields.second, theirs(second)), rule);
    const auto there = decide(base, version_of(base, gone.second, fields.second, ours(second)),
                              version_of(base, gone.first, fields.first, theirs(first)), rule);
    if (here.verdict != verdict_on_edit::conflict || there.verdict != verdict_on_edit::conflict)
      continue;
    ASSERT_TRUE(is_same(here.winner, there.winner)) << "history " << history;
    ASSERT_TRUE(is_same(here.loser, there.loser)) << "history " << history;
  }
}

TEST(Conflict, LeavesBothSidesEqualOver100000Histories) {
  dice random{9};
  for (size_t history = 0; history < 100'000; ++history) {
    two_sides{random, rules[history % 2]}.run();
    if (testing::Test::HasFailure())
      FAIL() << "history " << history;
  }
}
