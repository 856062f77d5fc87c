#include "actors/program/nearest.hpp"

#include <gtest/gtest.h>

using namespace nexte::program;

TEST(EditDistance, CountsLettersToChange) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("same", "same"), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("listen", "lsiten"), 1u);
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
}

TEST(Nearest, PrefersTheFirstOfEquals) {
  constexpr std::string_view known[] = {"cat", "bat", "house"};
  EXPECT_EQ(nearest("hat", known), "cat");
  EXPECT_EQ(nearest("mouse", known), "house");
  EXPECT_EQ(nearest("", known), "cat");
}
