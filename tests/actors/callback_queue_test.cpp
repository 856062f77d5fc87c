#include "actors/callback_queue.hpp"

#include <gtest/gtest.h>

#include <poll.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace nexte;

namespace {

bool is_readable(const callback_queue& queue) {
  pollfd looked{queue.descriptor(), POLLIN, 0};
  return ::poll(&looked, 1, 0) == 1;
}

} // namespace

TEST(CallbackQueue, RunsOnTheThreadThatRunsWhateverThreadPosted) {
  const auto queue = *callback_queue::make();
  std::vector<std::string> heard;
  const auto here = std::this_thread::get_id();
  const auto told = queue->here(std::function<void(std::string)>{[&](std::string text) {
    EXPECT_EQ(std::this_thread::get_id(), here);
    heard.push_back(std::move(text));
  }});
  std::thread other{[&] {
    told("one");
    told("two");
  }};
  other.join();
  EXPECT_TRUE(heard.empty());
  EXPECT_EQ(queue->run(), 2u);
  EXPECT_EQ(heard, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(queue->run(), 0u);
}

TEST(CallbackQueue, IsReadableWhileSomethingWaits) {
  const auto queue = *callback_queue::make();
  EXPECT_FALSE(is_readable(*queue));
  queue->post([] {});
  EXPECT_TRUE(is_readable(*queue));
  queue->run();
  EXPECT_FALSE(is_readable(*queue));
}

TEST(CallbackQueue, LeavesWhatACallbackPostsForTheNextRun) {
  const auto queue = *callback_queue::make();
  int ran = 0;
  queue->post([&] { queue->post([&] { ++ran; }); });
  EXPECT_EQ(queue->run(), 1u);
  EXPECT_EQ(ran, 0);
  EXPECT_TRUE(is_readable(*queue));
  EXPECT_EQ(queue->run(milliseconds{-1}), 1u) << "waits for nothing: it is there";
  EXPECT_EQ(ran, 1);
}

TEST(CallbackQueue, KeepsTheRestWhenACallbackThrows) {
  const auto queue = *callback_queue::make();
  int ran = 0;
  queue->post([] { throw std::runtime_error{"the host's"}; });
  queue->post([&] { ++ran; });
  EXPECT_THROW(queue->run(), std::runtime_error);
  EXPECT_TRUE(is_readable(*queue));
  EXPECT_EQ(queue->run(milliseconds{-1}), 1u);
  EXPECT_EQ(ran, 1);
}

TEST(CallbackQueue, WaitsUntilItIsWoken) {
  const auto queue = *callback_queue::make();
  std::thread other{[&] { queue->wake(); }};
  EXPECT_EQ(queue->run(milliseconds{-1}), 0u);
  other.join();
}

TEST(CallbackQueue, LeavesAMissingCallbackMissing) {
  const auto queue = *callback_queue::make();
  EXPECT_FALSE(queue->here(std::function<void(int)>{}));
}
