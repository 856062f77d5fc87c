#include "actors/program/simulate/token_finder.hpp"

#include <gtest/gtest.h>

using namespace nexte::program;

TEST(TokenFinder, FindsATokenWhereverItStands) {
  token_finder tokens;
  tokens.add("first-token-of-all");
  tokens.add("first-token-of-none");
  EXPECT_TRUE(tokens.is_in("first-token-of-all"));
  EXPECT_TRUE(tokens.is_in("Bearer first-token-of-none."));
  EXPECT_TRUE(tokens.is_in("first-token-of-first-token-of-all"));
  EXPECT_FALSE(tokens.is_in("first-token-of-al"));
  EXPECT_FALSE(tokens.is_in(""));
}

TEST(TokenFinder, FindsShortOnesTooAndNoEmptyOne) {
  token_finder tokens;
  tokens.add("");
  EXPECT_FALSE(tokens.is_in("any text"));
  tokens.add("abc");
  EXPECT_TRUE(tokens.is_in("xabcx"));
  EXPECT_FALSE(tokens.is_in("xabx"));
}
