#include "protocol/core/text.hpp"
#include "protocol/json/reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

using namespace nexte;

namespace {

/// Writes each event down, and cuts each value out of the input by its offsets.
class recorder final : public json::events {
public:
  explicit recorder(std::string_view text) : text_(text) {}

  bool on_null(size_t offset) override {
    return leaf("null", offset, "null");
  }
  bool on_bool(bool value, size_t offset) override {
    return leaf(value ? "true" : "false", offset, value ? "true" : "false");
  }
  bool on_number(std::string_view number, size_t offset) override {
    return leaf(number, offset, number);
  }
  bool on_string(std::string_view decoded, size_t offset) override {
    log += "'" + std::string{decoded} + "' ";
    cut.emplace_back(text_.substr(offset, 1));
    string_offsets.push_back(offset);
    return true;
  }
  bool on_key(std::string_view name) override {
    log += std::string{name} + "= ";
    return name != stop_at;
  }
  bool on_object_begin(size_t offset) override {
    log += "{ ";
    begins_.push_back(offset);
    return true;
  }
  bool on_object_end(size_t end) override {
    log += "} ";
    return close(end);
  }
  bool on_array_begin(size_t offset) override {
    log += "[ ";
    begins_.push_back(offset);
    return true;
  }
  bool on_array_end(size_t end) override {
    log += "] ";
    return close(end);
  }

  std::string log;
  std::vector<std::string> cut; ///< Containers and literals whole, strings their first byte.
  std::vector<size_t> string_offsets;
  std::string stop_at = "stop here";

private:
  bool leaf(std::string_view shown, size_t offset, std::string_view written) {
    log += std::string{shown} + " ";
    cut.emplace_back(text_.substr(offset, written.size()));
    return true;
  }
  bool close(size_t end) {
    cut.emplace_back(text_.substr(begins_.back(), end - begins_.back()));
    begins_.pop_back();
    return true;
  }
  std::string_view text_;
  std::vector<size_t> begins_;
};

bool accepted(std::string_view text, const json::limits& caps = {}) {
  recorder events{text};
  return bool(json::parse(text, events, caps));
}

std::string reason(std::string_view text, const json::limits& caps = {}) {
  recorder events{text};
  const auto parsed = json::parse(text, events, caps);
  if (parsed)
    return "accepted";
  EXPECT_EQ(parsed.failure().code, ec::malformed);
  return parsed.failure().what;
}

using namespace std::string_view_literals;

} // namespace

TEST(JsonReader, AcceptsWhatTheRfcAllows) {
  for (const auto text : {
           "null"sv,
           "true"sv,
           " false "sv,
           "0"sv,
           "-0"sv,
           "-0.0"sv,
           "1e5"sv,
           "1E+5"sv,
           "1.25e-7"sv,
           "123456789012345678901234567890"sv,
           "\"\""sv,
           "\"a\\u0000b\""sv,
           "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""sv,
           "\"\\uD83D\\uDE00\""sv,
           "\"\x7f\""sv,
           "\"\xF0\x9F\x98\x80\""sv,
           "\"\xEF\xBF\xBF\""sv,
           "[]"sv,
           "{}"sv,
           "[[],{}]"sv,
           "\t\r\n [1 , 2]\n"sv,
           "{\"a\":{\"a\":1},\"\":2}"sv,
           "{\"a\":1,\"a\":2}"sv, // whether a duplicate matters is the receiver's question
       })
    EXPECT_TRUE(accepted(text)) << text;
}

TEST(JsonReader, RefusesWhatTheRfcForbids) {
  for (const auto text : {
           ""sv,
           " "sv,
           "nul"sv,
           "nulll"sv,
           "True"sv,
           "NaN"sv,
           "Infinity"sv,
           "-"sv,
           "+1"sv,
           "01"sv,
           "-01"sv,
           "1."sv,
           ".5"sv,
           "1e"sv,
           "1e+"sv,
           "0x1"sv,
           "1 2"sv,
           "[1,]"sv,
           "[,1]"sv,
           "[1 2]"sv,
           "[1"sv,
           "]"sv,
           "[1}"sv,
           "{\"a\":1,}"sv,
           "{\"a\"}"sv,
           "{\"a\" 1}"sv,
           "{a:1}"sv,
           "{1:1}"sv,
           "{'a':1}"sv,
           "{\"a\":1"sv,
           "{\"a\":"sv,
           "\"a"sv,
           "\"a\\"sv,
           "\"\\x\""sv,
           "\"\\u12\""sv,
           "\"\\u12G4\""sv,
           "\"a\nb\""sv,
           "\"a\tb\""sv,
           "// comment\n1"sv,
           "1 /* comment */"sv,
           "\v1"sv,
           "\xC2\xA0"
           "1"sv,
       })
    EXPECT_FALSE(accepted(text)) << text;
}

TEST(JsonReader, RefusesNulBytesEverywhere) {
  EXPECT_FALSE(accepted("\0"sv));
  EXPECT_FALSE(accepted("1\0"sv));
  EXPECT_FALSE(accepted("{}\0{}"sv));
  EXPECT_FALSE(accepted("{}\0"sv));
  EXPECT_FALSE(accepted("[1,\0 2]"sv));
  EXPECT_FALSE(accepted("\"a\0b\""sv));
  EXPECT_FALSE(accepted("tr\0ue"sv));
}

TEST(JsonReader, RefusesLoneSurrogates) {
  EXPECT_FALSE(accepted(R"("\uD83D")"));
  EXPECT_FALSE(accepted(R"("\uD83Dx")"));
  EXPECT_FALSE(accepted(R"("\uD83D\u0041")"));
  EXPECT_FALSE(accepted(R"("\uDE00")")); // RapidJSON 1.1.0 alone lets this one through
  EXPECT_FALSE(accepted(R"({"\uDE00":1})"));
  EXPECT_FALSE(accepted(R"("\uDE00\uD83D")"));
}

TEST(JsonReader, AgreesWithTheUtf8CheckOnEverySequenceOfTwoBytesAndTheEdgesOfLongerOnes) {
  const auto check = [](const std::string& bytes) {
    ASSERT_EQ(accepted('"' + bytes + '"'), is_utf8(bytes))
        << hex({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  };
  const auto byte = [](int value) { return static_cast<char>(value); };
  for (int a = 0x80; a < 0x100; ++a) {
    check({byte(a)});
    for (int b = 0x80; b < 0x100; ++b)
      check({byte(a), byte(b)});
  }
  for (int a = 0xE0; a < 0x100; ++a)
    for (int b = 0x70; b < 0xD0; ++b)
      for (const int c : {0x7F, 0x80, 0xBF, 0xC0}) {
        check({byte(a), byte(b), byte(c)});
        for (const int d : {0x7F, 0x80, 0xBF, 0xC0})
          check({byte(a), byte(b), byte(c), byte(d)});
      }
}

TEST(JsonReader, BoundsDepthWithoutUsingTheStack) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(reason(deep), "JSON at byte 64: nested too deeply");
  json::limits open;
  open.depth_max = 200'000;
  recorder events{deep};
  EXPECT_FALSE(json::parse(deep, events, open)); // unfinished, not overflown
  EXPECT_TRUE(accepted(std::string(64, '[') + std::string(64, ']')));
  EXPECT_FALSE(accepted(std::string(65, '[') + std::string(65, ']')));
  EXPECT_TRUE(accepted("[" + std::string(63, '[') + std::string(63, ']') + ",[[]]]"));
}

TEST(JsonReader, BoundsTheDocument) {
  json::limits caps;
  caps.document_bytes_max = 4;
  EXPECT_TRUE(accepted("1234", caps));
  EXPECT_EQ(reason("12345", caps), "JSON of 5 bytes is over the limit of 4");
}

TEST(JsonReader, BoundsNumbersAndSurvivesLongOnes) {
  // Three hundred and sixty bytes overran a buffer of RapidJSON's full-precision path.
  const std::string digits = "0." + std::string(357, '1');
  EXPECT_TRUE(accepted(digits + "1"));
  EXPECT_TRUE(accepted("0." + std::string(398, '3')));
  EXPECT_EQ(reason("0." + std::string(399, '3')), "JSON at byte 0: a number is too long");
  EXPECT_FALSE(accepted("1e400"));
  EXPECT_FALSE(accepted(std::string(360, '9')));
}

TEST(JsonReader, KeepsNumbersAsTheyAreWritten) {
  const std::string_view text
      = "[123456789012345678901234567890,-0,1.50,2E+03,9223372036854775808]";
  recorder events{text};
  ASSERT_TRUE(json::parse(text, events));
  EXPECT_EQ(events.log, "[ 123456789012345678901234567890 -0 1.50 2E+03 9223372036854775808 ] ");
}

TEST(JsonReader, TellsWhereEachValueStands) {
  const std::string_view text = "\t{ \"a\\n,:[\" : [ 1.5 ,null,  true , \"x,\\\"y\" ,\"\", {} ] "
                                ",\r\n\"b\":{\"c\" :\"\\u00e9\"}} ";
  recorder events{text};
  ASSERT_TRUE(json::parse(text, events));
  const std::vector<std::string> expected = {
      "1.5",
      "null",
      "true",
      "\"",
      "\"",
      "{}",
      "[ 1.5 ,null,  true , \"x,\\\"y\" ,\"\", {} ]",
      "\"",
      "{\"c\" :\"\\u00e9\"}",
      std::string{text.substr(1, text.size() - 2)},
  };
  EXPECT_EQ(events.cut, expected);
  for (const auto& piece : events.cut)
    EXPECT_TRUE(piece == "\"" || accepted(piece)) << piece;
}

TEST(JsonReader, TellsWhereStringsStandBehindComments) {
  const std::string_view text
      = "// \"no\"\n{/* \"no\" */\"k\"/*\"*/:// \"x\"\n\"v\" /*\"**/, \"w\": \"/*\"}//";
  recorder events{text};
  ASSERT_TRUE(json::parse_with_comments(text, events));
  EXPECT_EQ(events.log, "{ k= 'v' w= '/*' } ");
  EXPECT_EQ(events.string_offsets, (std::vector{text.find("\"v\""), text.rfind("\"/*\"")}));
  EXPECT_FALSE(json::parse_with_comments("1 /* open", events));
  EXPECT_FALSE(json::parse_with_comments("1 / 2", events));
  EXPECT_FALSE(json::parse_with_comments("1 // \0"sv, events));
}

TEST(JsonReader, SkipsAByteOrderMarkAndCountsIt) {
  const std::string_view text = "\xEF\xBB\xBF[\"a\"]";
  recorder events{text};
  ASSERT_TRUE(json::parse(text, events));
  EXPECT_EQ(events.cut, (std::vector<std::string>{"\"", "[\"a\"]"}));
  EXPECT_FALSE(accepted("\xEF\xBB\xBF"));
  EXPECT_FALSE(accepted("\xEF\xBB\xBF\xEF\xBB\xBF[]"));
  EXPECT_FALSE(accepted("[]\xEF\xBB\xBF"));
}

TEST(JsonReader, StopsWhenTheReceiverSaysSo) {
  recorder events{"{\"stop here\":1}"};
  const auto parsed = json::parse("{\"stop here\":1}", events);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.failure().code, ec::malformed);
  EXPECT_EQ(parsed.failure().what, "JSON at byte 12: stopped");
}

TEST(JsonReader, NamesTheByteAndTheReasonButNotTheContent) {
  EXPECT_EQ(reason("{\"secret\":sesame}"), "JSON at byte 10: invalid value");
  EXPECT_EQ(reason("[1 \"sesame\"]"),
            "JSON at byte 3: missing a comma or ']' after an array element");
  EXPECT_EQ(reason("{}\0"sv), "JSON at byte 2: a NUL byte");
}
