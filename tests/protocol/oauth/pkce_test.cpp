#include "protocol/oauth/pkce.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace nexte;

TEST(Pkce, MakesTheChallengeOfTheRfc) { // RFC 7636 appendix B
  EXPECT_EQ(oauth::challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(Pkce, MakesAVerifierOfTheRfcsAlphabetAndItsChallenge) {
  const auto made = oauth::make_pkce(os_random());
  const auto verifier = made.verifier.reveal();
  EXPECT_EQ(verifier.size(), 43u);
  EXPECT_EQ(verifier.find_first_not_of(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string_view::npos);
  EXPECT_EQ(made.challenge, oauth::challenge_of(verifier));
}

TEST(Pkce, DrawsThirtyTwoFreshBytesEachTime) {
  size_t drawn = 0;
  const auto counted = [&](std::span<uint8_t> out) {
    drawn += out.size();
    std::ranges::fill(out, uint8_t{0xFB});
  };
  EXPECT_EQ(oauth::random_token(counted), "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s");
  EXPECT_EQ(drawn, 32u);
  EXPECT_NE(oauth::random_token(os_random()), oauth::random_token(os_random()));
}
