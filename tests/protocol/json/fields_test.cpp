#include "protocol/json/fields.hpp"

#include <gtest/gtest.h>

using namespace nexte;

namespace {

/// As a provider has it that keeps fields in a member, all of them texts.
field_shape boxed() {
  return {"properties", {}, {"hs_*", "createdate"}, true};
}

/// As one that has them beside the envelope, custom ones in a member of their own.
field_shape flat() {
  return {"", {"custom_fields"}, {"id", "update_time"}, false};
}

field_map read(std::string_view body, const field_shape& shape) {
  auto fields = read_fields(body, shape);
  EXPECT_TRUE(fields) << fields.failure().line();
  return fields ? *fields : field_map{};
}

std::string with(std::string_view body, const field_map& patch, const field_shape& shape) {
  auto made = with_fields(body, patch, shape);
  EXPECT_TRUE(made) << made.failure().line();
  return made ? *made : std::string{};
}

} // namespace

TEST(Fields, AreTheContainersMembersWithoutComputedAndEmptyOnes) {
  const auto body = R"({"id":"1","properties":{"email":"a@b.c","hs_score":"7","createdate":"x",)"
                    R"("phone":null,"city":""},"archived":false})";
  EXPECT_EQ(read(body, boxed()), (field_map{{"email", R"("a@b.c")"}}));
  EXPECT_TRUE(read("", boxed()).empty());
  EXPECT_TRUE(read(R"({"id":"1"})", boxed()).empty());
}

TEST(Fields, OfANestedMemberHaveItsNameInFront) {
  const auto body = R"({"id":7,"name":"A","custom_fields":{"k1":5,"k2":null},"update_time":"x"})";
  EXPECT_EQ(read(body, flat()), (field_map{{"name", R"("A")"}, {"custom_fields/k1", "5"}}));
}

TEST(Fields, AreEqualWhereTheirValuesAre) {
  const auto shape = flat();
  EXPECT_EQ(read(R"({"a":{"x":1,"y":[1.0,2e0]},"b":"é","c":-0})", shape),
            read(R"({"c":0,"b":"\u00e9","a":{"y":[1,2],"x":1.0}})", shape));
  EXPECT_NE(read(R"({"a":0.1})", shape), read(R"({"a":0.10000000000000001})", shape));
  EXPECT_NE(read(R"({"a":9007199254740993})", shape), read(R"({"a":9007199254740992})", shape));
  EXPECT_NE(read(R"({"a":1})", shape), read(R"({"a":"1"})", shape));
  EXPECT_EQ(read(R"({"properties":{"a":1,"b":true}})", boxed()),
            read(R"({"properties":{"a":"1","b":"true"}})", boxed()));
}

TEST(Fields, OfWhatIsNoRecordAreRefused) {
  EXPECT_EQ(read_fields("[]", flat()).failure().code, ec::malformed);
  EXPECT_EQ(read_fields(R"({"a":1,"a":2})", flat()).failure().code, ec::malformed);
  EXPECT_EQ(read_fields("{", flat()).failure().code, ec::malformed);
}

TEST(Fields, OfAPatchKeepWhatIsCleared) {
  const auto patch = read_patch(R"({"name":null,"custom_fields":{"k1":null,"k2":1}})", flat());
  ASSERT_TRUE(patch);
  EXPECT_EQ(*patch,
            (field_map{{"name", "null"}, {"custom_fields/k1", "null"}, {"custom_fields/k2", "1"}}));
  EXPECT_EQ(write_patch(*patch, flat()), R"({"custom_fields":{"k1":null,"k2":1},"name":null})");
  EXPECT_EQ(*read_patch(R"({"email":""})", boxed()), (field_map{{"email", "null"}}));
}

TEST(Fields, OfAPatchMustBeThePersonsToChange) {
  EXPECT_EQ(read_patch(R"({"id":1})", flat()).failure().code, ec::refused);
  EXPECT_EQ(read_patch(R"({"hs_score":1})", boxed()).failure().code, ec::refused);
  EXPECT_EQ(read_patch(R"({"custom_fields":null})", flat()).failure().code, ec::malformed);
  const auto of = [](size_t fields) {
    std::string text = "{";
    for (size_t i = 0; i < fields; ++i)
      text += (i == 0 ? "" : ",") + std::string{"\"f"} + std::to_string(i) + "\":1";
    return text + "}";
  };
  EXPECT_TRUE(read_patch(of(edit_fields_max), flat()));
  EXPECT_EQ(read_patch(of(edit_fields_max + 1), flat()).failure().code, ec::refused);
  const auto bytes = [](size_t total) { return R"({"a":")" + std::string(total - 8, 'x') + "\"}"; };
  EXPECT_TRUE(read_patch(bytes(edit_bytes_max), flat()));
  EXPECT_EQ(read_patch(bytes(edit_bytes_max + 1), flat()).failure().code, ec::refused);
}

TEST(Fields, AreWrittenIntoABodyThatIsOtherwiseKept) {
  const auto body = R"({"id":"1","new":[1.50,{"b":1,"a":2}],"properties":{"a":"1","x":"2"}})";
  EXPECT_EQ(with(body, {{"a", R"("9")"}, {"n", R"("3")"}, {"x", "null"}}, boxed()),
            R"({"id":"1","new":[1.50,{"b":1,"a":2}],"properties":{"a":"9","x":null,"n":"3"}})");
  EXPECT_EQ(with("", {{"a", R"("9")"}}, boxed()), R"({"properties":{"a":"9"}})");
  EXPECT_EQ(with(R"({"custom_fields":null})", {{"custom_fields/k", "1"}}, flat()),
            R"({"custom_fields":{"k":1}})");
}

TEST(Fields, DifferByThePatchThatMakesOneOfTheOther) {
  const field_map from{{"a", "1"}, {"b", "2"}, {"c", "3"}};
  const field_map to{{"a", "1"}, {"b", "5"}, {"d", "4"}};
  const auto patch = difference(from, to);
  EXPECT_EQ(patch, (field_map{{"b", "5"}, {"c", "null"}, {"d", "4"}}));
  EXPECT_EQ(patched(from, patch), to);
  EXPECT_TRUE(contains(to, patch));
  EXPECT_FALSE(contains(from, patch));
  EXPECT_TRUE(difference(to, to).empty());
}
