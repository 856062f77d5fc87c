#include "protocol/http/gzip.hpp"

#include <gtest/gtest.h>

using namespace nexte;

namespace {

/// Text that does not compress to nothing, longer than one step of the decoder.
std::string sample() {
  std::string text;
  for (int i = 0; text.size() < 200'000; ++i)
    text += std::to_string(i * 7919) + ",";
  return text;
}

constexpr size_t enough = 1024 * 1024;

} // namespace

TEST(Gzip, ComesBackAsItWent) {
  for (const auto& text : {std::string{}, std::string{"a"}, std::string(1, '\0'), sample()}) {
    const auto plain = gunzip(gzip(text), enough);
    ASSERT_TRUE(plain) << plain.failure().line();
    EXPECT_EQ(*plain, text);
  }
  EXPECT_LT(gzip(sample()).size(), sample().size() / 2);
}

TEST(Gzip, ReadsAllMembers) {
  const auto plain = gunzip(gzip("one ") + gzip("two"), enough);
  ASSERT_TRUE(plain);
  EXPECT_EQ(*plain, "one two");
}

TEST(Gzip, StopsAtItsLimitAndNotBefore) {
  const auto packed = gzip(std::string(1000, 'x'));
  EXPECT_TRUE(gunzip(packed, 1000));
  const auto over = gunzip(packed, 999);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.failure().code, ec::refused);
  const auto bomb = gunzip(gzip(std::string(64 * enough, '\0')), enough);
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.failure().code, ec::refused);
}

TEST(Gzip, RefusesEveryCut) {
  const auto packed = gzip("a text to be cut");
  for (size_t length = 0; length < packed.size(); ++length) {
    const auto cut = gunzip(std::string_view{packed}.substr(0, length), enough);
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.failure().code, ec::malformed) << length;
  }
}

TEST(Gzip, RefusesWhatItsChecksumContradicts) {
  auto packed = gzip("a text to be changed");
  packed[packed.size() - 8] = static_cast<char>(packed[packed.size() - 8] ^ 1); // of the CRC
  EXPECT_FALSE(gunzip(packed, enough));
  EXPECT_FALSE(gunzip("not gzip at all", enough));
}
