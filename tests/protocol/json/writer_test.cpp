#include "protocol/core/text.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

#include <gtest/gtest.h>

#include <limits>

using namespace nexte;

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  json::writer out;
  out.begin_object().key("a").value(1).key("b").begin_array();
  out.value("x").null().value(true).value(false).begin_object().end_object();
  out.begin_array().end_array().raw("{\"r\":1}").end_array();
  out.key("c").begin_object().key("d").value(std::string{"y"}).end_object().end_object();
  EXPECT_EQ(out.take(), R"({"a":1,"b":["x",null,true,false,{},[],{"r":1}],"c":{"d":"y"}})");
  EXPECT_EQ(out.value(2u).take(), "2"); // fit for the next text
}

TEST(JsonWriter, WritesNumbersExactly) {
  json::writer out;
  out.begin_array()
      .value(std::numeric_limits<int64_t>::min())
      .value(std::numeric_limits<uint64_t>::max())
      .value(0.1)
      .value(1e300)
      .value(-0.0)
      .value(std::numeric_limits<double>::infinity())
      .value(std::numeric_limits<double>::quiet_NaN())
      .end_array();
  EXPECT_EQ(out.take(), "[-9223372036854775808,18446744073709551615,0.1,1e+300,-0,null,null]");
}

TEST(JsonWriter, EscapesWhatTheRfcRequires) {
  EXPECT_EQ(json::quoted("\"\\/\b\f\n\r\t"), R"("\"\\/\b\f\n\r\t")");
  EXPECT_EQ(json::quoted(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
  EXPECT_EQ(json::quoted("é漢😀\u2028"), "\"é漢😀\u2028\"");
}

TEST(JsonWriter, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(json::quoted("a\xFF\"z"), "\"a\uFFFD\\\"z\"");
  EXPECT_EQ(json::quoted("\xC3"), "\"\uFFFD\"");
  EXPECT_EQ(json::quoted("\xC3\xA9\xC3z"), "\"é\uFFFDz\"");
  EXPECT_EQ(json::quoted("\xF0\x9F\x98"), "\"\uFFFD\uFFFD\uFFFD\"");
  EXPECT_TRUE(is_utf8(json::quoted("\xED\xA0\x80\xC0\xAF\x80")));
}

TEST(JsonWriter, IsReadBackAsItWasMeant) {
  std::string every;
  for (int c = 0; c < 0x80; ++c)
    every += static_cast<char>(c);
  const auto back = json::parse_value(json::quoted(every));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->text, every);
}

TEST(JsonWriter, WritesATreeAsItWasRead) {
  constexpr std::string_view text
      = R"({"a":[1,2.50,-0,"x\n\u0001",null,true,false,{}],"b":{"c":[]},"d":9007199254740993})";
  EXPECT_EQ(json::to_text(*json::parse_value(text)), text);
}
