#include "actors/stream_run.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace nexte;

namespace {

constexpr unsigned pages = 40;

page page_of(size_t bytes) {
  return page{std::make_shared<const std::string>(bytes, 'x')};
}

task<bool> emit_all(stream_io& io, size_t bytes) {
  for (unsigned i = 0; i < pages; ++i) {
    auto made = page_of(bytes);
    auto emitted = co_await io.emit(std::move(made));
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  co_return true;
}
task<bool> emit_small(stream_io& io, pull_request) {
  return emit_all(io, 1);
}
task<bool> emit_large(stream_io& io, pull_request) {
  return emit_all(io, bytes_in_flight_max / 2);
}
task<bool> emit_huge(stream_io& io, pull_request) {
  return emit_all(io, bytes_in_flight_max * 2);
}

/// Takes what a run hands over, and answers it when told to.
class StreamRun : public testing::Test, protected run_effects {
protected:
  void begin(task<bool> (*pull)(stream_io&, pull_request)) {
    what.name = "things";
    what.pull = pull;
    run_effects& here = *this;
    run.emplace(integration_id{1}, what, "https://api.example.com", stream_row{}, false, 1, here);
    run->begin();
  }
  void commit_one() {
    run->page_committed(write_outcome{});
    ++committed;
  }
  size_t in_flight() const {
    return handed_over.size() - committed;
  }

  wall_time run_now() const override {
    return {};
  }
  void run_calls(stream_run&, http_request, std::function<void(result<http_response>)>) override {}
  result<void> run_reads(stream_run&, const page&) override {
    return {};
  }
  void run_commits(stream_run&, put_page write) override {
    handed_over.push_back(write.expected_sequence);
  }
  void run_commits(stream_run&, end_run write) override {
    ended_at = write.expected_sequence;
  }
  void run_ended(stream_run&, result<done_t> how) override {
    outcome = std::move(how);
  }

  stream_description what;
  std::optional<stream_run> run;
  std::vector<uint64_t> handed_over;
  size_t committed = 0;
  std::optional<uint64_t> ended_at;
  std::optional<result<done_t>> outcome;
};

} // namespace

TEST_F(StreamRun, HandsOverSixteenSmallPagesBeforeTheFirstIsDurable) {
  begin(emit_small);
  EXPECT_EQ(in_flight(), pages_in_flight_max);
  commit_one();
  EXPECT_EQ(in_flight(), pages_in_flight_max);
}

TEST_F(StreamRun, HoldsNoMoreBytesThanItsBound) {
  begin(emit_large);
  EXPECT_EQ(in_flight(), 2u);
  commit_one();
  EXPECT_EQ(in_flight(), 2u);
}

TEST_F(StreamRun, TakesPagesPastTheBoundOneByOne) {
  begin(emit_huge);
  EXPECT_EQ(in_flight(), 1u);
  commit_one();
  EXPECT_EQ(in_flight(), 1u);
  EXPECT_EQ(handed_over.size(), 2u);
}

TEST_F(StreamRun, EndsWhenTheLastPageIsDurable) {
  begin(emit_small);
  while (committed < pages - 1)
    commit_one();
  EXPECT_FALSE(ended_at);
  commit_one();
  EXPECT_EQ(ended_at, uint64_t{pages});
  for (size_t i = 0; i < handed_over.size(); ++i)
    EXPECT_EQ(handed_over[i], i) << "each page names the sequence that the one before it leaves";
  run->end_committed(write_outcome{});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(*outcome);
}

TEST_F(StreamRun, EndsInTheErrorOfACommitOnceNothingIsInFlight) {
  begin(emit_small);
  run->page_committed(error{ec::storage, "the disk is full"});
  ++committed;
  EXPECT_EQ(handed_over.size(), pages_in_flight_max) << "no page after a failed one";
  while (in_flight() > 0) {
    EXPECT_FALSE(outcome);
    commit_one();
  }
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(*outcome);
  EXPECT_FALSE(ended_at);
}
