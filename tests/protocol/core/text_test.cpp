#include "protocol/core/secret.hpp"
#include "protocol/core/text.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace nexte;

TEST(Text, EncodesBase64AsTheRfcShows) { // RFC 4648 section 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url(std::vector<uint8_t>{0xfb, 0xff}), "-_8");
}

TEST(Text, DecodesBase64AndNothingElse) {
  for (const auto* text : {"", "f", "fo", "foo", "foobar", "\xff\xfe{}"})
    EXPECT_EQ(unbase64(base64(text)), text);
  for (const auto* other : {"Zg", "Zg=", "Zh==", "Z-==", "=", "Zm9v=", "Zg==Zg=="})
    EXPECT_FALSE(unbase64(other)) << other;
}

TEST(Text, PercentEncodesAllButUnreserved) {
  EXPECT_EQ(percent_encode("a b&c=ü~"), "a%20b%26c%3D%C3%BC~");
  EXPECT_EQ(percent_decode("a+b%20c"), "a b c");
  EXPECT_EQ(percent_decode("a+b", false), "a+b");
  EXPECT_FALSE(percent_decode("%"));
  EXPECT_FALSE(percent_decode("%4"));
  EXPECT_FALSE(percent_decode("%zz"));
}

TEST(Text, HexGoesBothWays) {
  EXPECT_EQ(hex(std::vector<uint8_t>{0, 0xab}), "00ab");
  EXPECT_EQ(unhex("00AB"), std::string("\0\xab", 2));
  EXPECT_FALSE(unhex("0"));
  EXPECT_FALSE(unhex("0g"));
}

TEST(Text, FindsOneBadByteWhereverItStandsAmongAscii) {
  for (size_t size = 1; size <= 20; ++size)
    for (size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      EXPECT_TRUE(is_utf8(text));
      text[at] = '\x80';
      EXPECT_FALSE(is_utf8(text)) << at << " of " << size;
    }
}

TEST(Text, KnowsWellFormedUtf8) {
  EXPECT_TRUE(is_utf8("aé漢😀"));
  EXPECT_FALSE(is_utf8("\xc0\xaf"));         // overlong
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));     // surrogate
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80")); // past U+10FFFF
  EXPECT_FALSE(is_utf8("\xe2\x82"));         // cut
}

TEST(Text, ConstantTimeComparisonIsAnEquality) {
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
  EXPECT_TRUE(equal_constant_time("", ""));
}

TEST(Secret, LeavesNothingInTheTextItMovedFrom) {
  secret a{"short"};
  secret b{std::move(a)};
  EXPECT_TRUE(a.empty()); // NOLINT(bugprone-use-after-move): the point of this test
  EXPECT_EQ(b.reveal(), "short");
}
