// Which streams run and what their ends mean, with a connector and a store that do as told.
#include "actors/sync_desk.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr wall_time today{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

/// How the next run of the connector ends; it hands over no page.
std::deque<result<bool>> ends;
/// What happens while it runs.
std::function<void()> meanwhile;

task<bool> pull(stream_io&, pull_request) {
  if (meanwhile)
    meanwhile();
  auto how = ends.front();
  ends.pop_front();
  co_return how;
}

class SyncDesk : public testing::Test, protected sync_effects {
protected:
  SyncDesk() {
    ends.clear();
    meanwhile = nullptr;
    things.name = "things";
    things.title = "Things";
    things.scopes = {"things.read"};
    things.pull = pull;
    EXPECT_TRUE(desk.load({&things}));
  }
  const stream_state& stream() {
    return desk.streams().front();
  }
  void run(result<bool> how) {
    ends.push_back(std::move(how));
    desk.poll();
    settle();
  }
  /// Carries out the commits, and what follows from them.
  void settle() {
    desk.settle();
    while (!commits.empty()) {
      auto [write, then] = std::move(commits.front());
      commits.pop_front();
      then(carry_out(write));
      desk.settle();
    }
  }
  result<write_outcome> carry_out(const store_write& write) {
    if (refusal)
      return *std::exchange(refusal, std::nullopt);
    const auto& end = std::get<end_run>(write);
    ++row.sequence;
    row.synced_at = now;
    if (end.verified)
      row.verified_at = now;
    write_outcome outcome;
    outcome.sequence = row.sequence;
    return outcome;
  }

  std::string api_base() const override {
    return "https://api.example.com";
  }
  wall_time sync_now() const override {
    return now;
  }
  void begin_call(const std::string&, http_request, quota_lane, call_desk::done) override {}
  void cancel_calls(const std::string&) override {}
  void hurry_calls(const std::string& name) override {
    hurried.push_back(name);
  }
  void commit_write(store_write write, continuation then) override {
    commits.emplace_back(std::move(write), std::move(then));
  }
  result<stream_row> stored_stream(std::string_view) const override {
    return row;
  }
  result<std::vector<quarantine_row>> stored_quarantine() const override {
    return std::vector<quarantine_row>{};
  }
  two_way_rules rules_of(const stream_description& what) const override {
    return {what.fields, conflict_rule::last_write_wins, milliseconds{0}};
  }
  void conflicts_archived(const stream_description&, uint64_t) override {}
  void records_unread(const stream_state&, std::vector<quarantine_row>) override {}
  void records_readable(const stream_state&, std::vector<std::string>) override {}
  void stream_synced(const stream_state&) override {
    ++synced;
  }
  void stream_failed(const stream_state&, const error& why) override {
    failures.push_back(why.what);
  }
  void stream_paused(const stream_state& which) override {
    paused.push_back(which.pause->code);
  }
  void deletes_held(const stream_state&) override {}

  stream_description things;
  stream_row row;
  wall_time now = today;
  sync_desk desk{integration_id{1}, *this};
  std::deque<std::pair<store_write, continuation>> commits;
  std::optional<error> refusal; ///< Of the next commit.
  std::vector<std::string> failures, hurried, paused;
  unsigned synced = 0;
};

} // namespace

TEST_F(SyncDesk, ShowsARunWithoutProofAsUnverified) {
  run(true);
  EXPECT_TRUE(stream().verified);
  EXPECT_EQ(stream().row.verified_at, today);
  now += 5min;
  run(false);
  EXPECT_FALSE(stream().verified);
  EXPECT_EQ(stream().row.synced_at, now);
  EXPECT_EQ(stream().row.verified_at, today) << "the last proof stays what it was";
  now += 5min;
  run(true);
  EXPECT_TRUE(stream().verified);
}

TEST_F(SyncDesk, ShowsARunThatFailedAsUnverified) {
  run(true);
  now += 5min;
  run(error{ec::malformed, "byte 7"});
  EXPECT_FALSE(stream().verified);
  EXPECT_EQ(stream().row.synced_at, today) << "a failed run is no sync";
  EXPECT_EQ(failures, std::vector<std::string>{"byte 7"});
  EXPECT_EQ(stream().failures, 1u);
}

TEST_F(SyncDesk, PausesForAMissingPermissionAlone) {
  const auto refuse_with = [this](verdict_kind kind) {
    meanwhile = [this, kind] {
      verdict why;
      why.kind = kind;
      why.code = "why";
      desk.find("things")->refusal = why;
    };
    run(error{ec::refused, "refused"});
  };
  refuse_with(verdict_kind::transient); // an answer past its limits, say
  EXPECT_FALSE(stream().pause);
  meanwhile = nullptr;
  now += 5min;
  run(true);
  EXPECT_TRUE(stream().verified) << "the next run went well";
  refuse_with(verdict_kind::forbidden);
  EXPECT_EQ(paused, std::vector<std::string>{"why"});
}

TEST_F(SyncDesk, KnowsOfTheStoreWhetherTheLastRunWasVerified) {
  run(true);
  EXPECT_TRUE(desk.load({&things}));
  EXPECT_TRUE(stream().verified);
  now += 5min;
  run(false);
  EXPECT_TRUE(desk.load({&things}));
  EXPECT_FALSE(stream().verified);
}

TEST_F(SyncDesk, TakesNoStreamForVerifiedThatNeverRan) {
  EXPECT_FALSE(stream().verified);
}

TEST_F(SyncDesk, RunsAgainAtOnceWhereItsRowWasChangedFromOutsideAndTellsNobody) {
  refusal = error{ec::conflict, "the stream stands elsewhere"};
  ends.push_back(true); // for the run after the conflict
  run(true);
  EXPECT_TRUE(failures.empty());
  EXPECT_EQ(synced, 1u);
  EXPECT_EQ(stream().failures, 0u);
}

TEST_F(SyncDesk, TellsOfAConflictThatComesTwice) {
  ends = {true, true};
  desk.poll();
  desk.settle();
  for (int i = 0; i < 2; ++i) {
    ASSERT_FALSE(commits.empty());
    auto then = std::move(commits.front().second);
    commits.pop_front();
    then(error{ec::conflict, "the stream stands elsewhere"});
    desk.settle();
  }
  EXPECT_EQ(failures.size(), 1u);
  EXPECT_TRUE(commits.empty()) << "it does not turn in a circle";
}

TEST_F(SyncDesk, HastensTheRunThatAPersonWaitsFor) {
  ends = {true, true};
  desk.poll();
  desk.settle(); // it waits for its commit
  desk.refresh();
  EXPECT_EQ(hurried, std::vector<std::string>{"things"});
  settle();
  EXPECT_EQ(synced, 2u) << "and a complete one follows";
}
