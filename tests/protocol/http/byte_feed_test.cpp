#include "protocol/http/byte_feed.hpp"

#include <gtest/gtest.h>

using nexte::byte_feed;
using state = byte_feed::state;

TEST(ByteFeed, HandsOverWhatWaitsInOrder) {
  byte_feed feed{10};
  EXPECT_TRUE(feed.append("ab"));
  EXPECT_TRUE(feed.append("cd"));
  const auto portion = feed.take();
  EXPECT_EQ(portion.bytes, "abcd");
  EXPECT_EQ(portion.after, state::open);
  EXPECT_EQ(feed.take().bytes, "");
}

TEST(ByteFeed, CutsAReaderThatLeavesMoreWaitingThanTheLimit) {
  byte_feed feed{4};
  EXPECT_TRUE(feed.append("abcd"));
  EXPECT_FALSE(feed.append("e"));
  const auto portion = feed.take();
  EXPECT_EQ(portion.bytes, ""); // a part of the stream without the rest is of no use
  EXPECT_EQ(portion.after, state::cut);
  EXPECT_FALSE(feed.append(""));
}

TEST(ByteFeed, StillHandsOverWhatWaitsWhenItEnds) {
  byte_feed feed{4};
  feed.append("ab");
  feed.end();
  EXPECT_FALSE(feed.append("c"));
  const auto portion = feed.take();
  EXPECT_EQ(portion.bytes, "ab");
  EXPECT_EQ(portion.after, state::ended);
}

TEST(ByteFeed, WakesItsServerOncePerTake) {
  byte_feed feed{10};
  int woken = 0;
  feed.on_news([&] { ++woken; });
  EXPECT_EQ(woken, 0);
  feed.append("a");
  feed.append("b");
  EXPECT_EQ(woken, 1);
  feed.take();
  feed.append("c");
  EXPECT_EQ(woken, 2);
  feed.take();
  feed.end();
  EXPECT_EQ(woken, 3);
}

TEST(ByteFeed, WakesAtOnceForWhatWaitsAlready) {
  for (const bool ended : {false, true}) {
    byte_feed feed{10};
    if (ended)
      feed.end();
    else
      feed.append("a");
    int woken = 0;
    feed.on_news([&] { ++woken; });
    EXPECT_EQ(woken, 1);
  }
}

TEST(ByteFeed, TakesNothingForAReaderThatHasGone) {
  byte_feed feed{10};
  int woken = 0;
  feed.on_news([&] { ++woken; });
  feed.abandon();
  EXPECT_FALSE(feed.append("a"));
  EXPECT_EQ(feed.take().bytes, "");
  EXPECT_EQ(woken, 0);
}
