#include "protocol/google/item_reader.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::google;

namespace {

constexpr std::string_view tops[] = {"next", "mark"};
constexpr std::string_view wanted[] = {"id", "gone", "size", "file.id"};
constexpr item_shape shape{"items", tops, wanted, "file"};

result<item_list> read(std::string text) {
  return read_items(std::make_shared<const std::string>(std::move(text)), shape);
}

} // namespace

TEST(GoogleItems, AreCutOutAsTheyStand) {
  const auto got = read(R"({"kind":"x","next":"c1","items":[ {"id":"a\u0062","gone":true,"size":7,)"
                        R"("file":{"id":"f","of":{"id":"no"}},"list":[{"id":"no"},["no"]]} ,)"
                        R"({"n":{"id":"no"}}],"mark":true})");
  ASSERT_TRUE(got) << got.failure().line();
  EXPECT_TRUE(got->listed);
  EXPECT_EQ(got->tops, (std::vector<std::string>{"c1", "true"}));
  ASSERT_EQ(got->items.size(), 2u);
  const auto& one = got->items[0];
  EXPECT_EQ(one.values, (std::vector<std::string_view>{"ab", "true", "7", "f"}));
  EXPECT_EQ(one.part, R"({"id":"f","of":{"id":"no"}})");
  EXPECT_TRUE(one.text.starts_with(R"({"id":"a\u0062")") && one.text.ends_with("]}"));
  EXPECT_TRUE(one.problem.empty());
  EXPECT_EQ(got->items[1].values, (std::vector<std::string_view>{"", "", "", ""}));
  EXPECT_EQ(got->items[1].part, "");
}

TEST(GoogleItems, MayBeNone) {
  EXPECT_FALSE(read("{}")->listed);
  EXPECT_FALSE(read(R"({"items":null})")->listed);
  EXPECT_TRUE(read(R"({"items":[]})")->listed);
}

TEST(GoogleItems, AreSpoiltByAMemberThatStandsTwice) {
  for (const auto* twice : {R"({"id":"a","id":"b"})", R"({"file":{"id":"a","id":"a"}})",
                            R"({"file":{"x":1},"file":{"x":1}})"})
    EXPECT_FALSE(read(R"({"items":[)" + std::string{twice} + "]}")->items.at(0).problem.empty())
        << twice;
  EXPECT_TRUE(read(R"({"items":[{"x":1,"x":2}]})")->items.at(0).problem.empty());
}

TEST(GoogleItems, AreRefusedWhereTheyAreNoList) {
  for (const auto* text :
       {"", "[]", "7", "\"x\"", "null", R"({"items":{}})", R"({"items":7})", R"({"items":[7]})",
        R"({"items":[[]]})", R"({"items":[null]})", R"({"items":[],"items":[]})", R"({"next":7})",
        R"({"next":""})", R"({"next":"a b"})", R"({"next":null})", R"({"next":[]})",
        R"({"next":"a","next":"b"})", R"({"items":[{"id":"a"})"})
    EXPECT_FALSE(read(text)) << text;
}
