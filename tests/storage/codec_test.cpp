#include "storage/codec.hpp"

#include "storage/checksum.hpp"
#include "storage/keys.hpp"

#include <gtest/gtest.h>

#include <limits>

using namespace nexte;

TEST(Checksum, IsCrc32c) { // RFC 3720 section B.4
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(Checksum, GoesOnWhereItStopped) {
  const std::string_view text = "the quick brown fox jumps over the lazy dog";
  for (size_t i = 0; i <= text.size(); ++i)
    EXPECT_EQ(crc32c(text.substr(i), crc32c(text.substr(0, i))), crc32c(text)) << i;
}

TEST(Codec, FieldsAreReadAsTheyWereWritten) {
  std::string bytes;
  field_writer to{bytes};
  to.u8(200);
  to.u64(0x0102030405060708);
  for (const uint64_t n : {uint64_t{0}, uint64_t{127}, uint64_t{128}, ~uint64_t{0}})
    to.varint(n);
  to.time(wall_time{milliseconds{-5}});
  to.text("");
  to.texts({"a", std::string(300, 'b')});
  to.rest("tail");
  field_reader from{bytes};
  EXPECT_EQ(from.u8(), 200);
  EXPECT_EQ(from.u64(), 0x0102030405060708u);
  for (const uint64_t n : {uint64_t{0}, uint64_t{127}, uint64_t{128}, ~uint64_t{0}})
    EXPECT_EQ(from.varint(), n);
  EXPECT_EQ(from.time(), wall_time{milliseconds{-5}});
  EXPECT_EQ(from.text(), "");
  EXPECT_EQ(from.texts().back().size(), 300u);
  EXPECT_EQ(from.rest(), "tail");
  EXPECT_TRUE(from.ok());
}

TEST(Codec, ShortFieldsFailForGood) {
  field_reader from{std::string_view{"\x05"
                                     "abc",
                                     4}};
  EXPECT_EQ(from.text(), "");
  EXPECT_FALSE(from.ok());
  EXPECT_EQ(from.u8(), 0);
  field_reader endless{std::string_view{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}};
  endless.varint();
  EXPECT_FALSE(endless.ok());
  field_reader many{std::string_view{"\xff\xff\xff\xff\x0f"}}; // texts by the million, none there
  EXPECT_LT(many.texts().size(), 2u);
  EXPECT_FALSE(many.ok());
}

TEST(Codec, SealBreaksWithKeyValueOrLayout) {
  std::string value;
  begin_value(value, 3);
  field_writer{value}.rest("body");
  seal_value(value, "key");
  ASSERT_TRUE(open_value("key", value, 3));
  EXPECT_EQ(open_value("key", value, 3)->rest(), "body");
  EXPECT_FALSE(open_value("kez", value, 3));
  EXPECT_FALSE(open_value("key", value, 4));
  for (size_t i = 0; i < value.size(); ++i) {
    auto bent = value;
    bent[i] = static_cast<char>(bent[i] ^ 0x10);
    EXPECT_FALSE(open_value("key", bent, 3)) << i;
    EXPECT_FALSE(open_value("key", std::string_view{value}.substr(0, i), 3)) << i;
  }
}

TEST(Keys, OrderAsTheirNumbersAndTimesDo) {
  EXPECT_LT(std::string_view{key{}.number(255)}, std::string_view{key{}.number(256)});
  EXPECT_LT(std::string_view{key{}.time(wall_time{milliseconds{-1}})},
            std::string_view{key{}.time(wall_time{milliseconds{0}})});
  const auto at = key{'x'}.time(wall_time{milliseconds{-7}}).number(9);
  EXPECT_EQ(time_at(at, 1), wall_time{milliseconds{-7}});
  EXPECT_EQ(number_at(at, 9), 9u);
}

TEST(Keys, OfRecordsComeApartAgain) {
  auto made = record_prefix(integration_id{0xffffffffffffffff}, std::string(64, 's'));
  made.rest(std::string(200, 'r'));
  EXPECT_LE(made.size(), key_bytes_max);
  const record_name name{made};
  EXPECT_EQ(name.integration.value(), 0xffffffffffffffffu);
  EXPECT_EQ(name.stream, std::string(64, 's'));
  EXPECT_EQ(name.record, std::string(200, 'r'));
}
