#include "protocol/json/reader.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using json::value;

namespace {

value tree(std::string_view text) {
  auto parsed = json::parse_value(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *std::move(parsed) : value{};
}

} // namespace

TEST(JsonValue, HoldsTheDocumentInOrder) {
  const auto root = tree(R"({"b":[1,"x",null,true,[]],"a":{"c":false}})");
  ASSERT_TRUE(root.is_object());
  ASSERT_EQ(root.members.size(), 2u);
  EXPECT_EQ(root.members[0].first, "b");
  const auto& items = root.members[0].second.items;
  ASSERT_EQ(items.size(), 5u);
  EXPECT_EQ(items[0].type, value::kind::number);
  EXPECT_EQ(items[0].text, "1");
  EXPECT_EQ(items[1].text, "x");
  EXPECT_EQ(items[2].type, value::kind::null);
  EXPECT_TRUE(items[3].truth);
  EXPECT_TRUE(items[4].is_array());
  EXPECT_EQ(root.find("a")->find("c")->type, value::kind::boolean);
  EXPECT_FALSE(root.find("a")->find("c")->truth);
}

TEST(JsonValue, FindsNothingWhereThereIsNothing) {
  const auto root = tree(R"({"n":1,"s":"text"})");
  EXPECT_EQ(root.find("x"), nullptr);
  EXPECT_EQ(root.find("n")->find("x"), nullptr);
  EXPECT_EQ(root.string_or_empty("s"), "text");
  EXPECT_EQ(root.string_or_empty("n"), "");
  EXPECT_EQ(root.string_or_empty("x"), "");
}

TEST(JsonValue, RefusesADuplicateMemberAtAnyDepth) {
  EXPECT_FALSE(json::parse_value(R"({"a":1,"a":1})"));
  EXPECT_FALSE(json::parse_value(R"({"x":[{"a":1,"b":2,"\u0061":3}]})"));
  EXPECT_TRUE(json::parse_value(R"({"a":{"a":1},"b":{"a":1}})"));
  const auto refused = json::parse_value(R"({"sesame":1,"sesame":1})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.failure().code, ec::malformed);
  EXPECT_NE(refused.failure().what.find("a member twice"), std::string::npos);
  EXPECT_EQ(refused.failure().what.find("sesame"), std::string::npos);
}

TEST(JsonValue, TakesManyMembersWithoutQuadraticWork) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i)
    text += (i ? ",\"" : "\"") + std::to_string(i) + "\":0";
  EXPECT_EQ(tree(text + "}").members.size(), 200'000u);
  EXPECT_FALSE(json::parse_value(text + ",\"0\":0}"));
}

TEST(JsonValue, ReadsIntegersOnlyWhereNothingIsLost) {
  EXPECT_EQ(tree("7").as_int(), 7);
  EXPECT_EQ(tree("-7").as_int(), -7);
  EXPECT_EQ(tree("\"3600\"").as_int(), 3600);
  EXPECT_EQ(tree("9223372036854775807").as_int(), INT64_MAX);
  EXPECT_FALSE(tree("9223372036854775808").as_int());
  EXPECT_FALSE(tree("1.0").as_int());
  EXPECT_FALSE(tree("1e3").as_int());
  EXPECT_FALSE(tree("\"\"").as_int());
  EXPECT_FALSE(tree("\"-1\"").as_int());
  EXPECT_FALSE(tree("\" 1\"").as_int());
  EXPECT_FALSE(tree("true").as_int());
  EXPECT_FALSE(tree("[1]").as_int());
}

TEST(JsonValue, AllowsCommentsForConfigurationOnly) {
  const auto text = "{ // the port\n \"port\": 1 /* one */ }";
  const auto parsed = json::parse_value_with_comments(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->find("port")->as_int(), 1);
  EXPECT_FALSE(json::parse_value(text));
}

TEST(JsonValue, YieldsTheTextsOfAnArray) {
  const auto tree = *json::parse_value(R"({"a":["x",1,null,"y"],"b":"x"})");
  EXPECT_EQ(json::texts_of(tree.find("a")), (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(json::texts_of(tree.find("b")).empty());
  EXPECT_TRUE(json::texts_of(nullptr).empty());
}
