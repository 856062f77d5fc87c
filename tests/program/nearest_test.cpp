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
}

TEST(Nearest, IsNoneWhereMoreThanAThirdOfTheLettersDiffer) {
  constexpr std::string_view known[] = {"status", "records"};
  EXPECT_EQ(nearest("stauts", known), "status");
  EXPECT_EQ(nearest("stitas", known), "status");
  EXPECT_EQ(nearest("stopas", known), std::nullopt);
  EXPECT_EQ(nearest("frobnicate", known), std::nullopt);
  EXPECT_EQ(nearest("", known), std::nullopt);
  EXPECT_EQ(nearest("status", {}), std::nullopt);
}

TEST(Suggestion, NamesTheNearestOrAllThereAre) {
  constexpr std::string_view known[] = {"status", "records"};
  EXPECT_EQ(suggestion("stauts", known), "did you mean \"status\"?");
  EXPECT_EQ(suggestion("frobnicate", known), "use one of: status, records");
  EXPECT_EQ(suggestion("status", {}), "");
}
