#include "protocol/hubspot/property_values.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::hubspot;

TEST(HubspotPropertyValues, ReadTheTextsOfABody) {
  const auto read = read_properties(
      R"({"id":"1","properties":{"email":"a@b.c","jobtitle":null,"amount":"15000"}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(value_of(*read, "email"), "a@b.c");
  EXPECT_EQ(value_of(*read, "jobtitle"), "");
  EXPECT_EQ(value_of(*read, "never_there"), "");
  for (const auto* not_an_object : {"", "[]", "{}", R"({"properties":[]})", R"({"properties":1})"})
    EXPECT_FALSE(read_properties(not_an_object)) << not_an_object;
}

TEST(HubspotPropertyValues, ReadFieldsAsHubspotStoresThem) {
  const auto read = read_fields(R"({"amount":15000,"flag":true,"other":false,"name":null})");
  ASSERT_TRUE(read);
  EXPECT_EQ(value_of(*read, "amount"), "15000");
  EXPECT_EQ(value_of(*read, "flag"), "true");
  EXPECT_EQ(value_of(*read, "other"), "false");
  EXPECT_EQ(value_of(*read, "name"), "");
  EXPECT_TRUE(read->contains("name")) << "it is to be cleared";
  EXPECT_FALSE(read_fields(R"({"name":["a"]})"));
  EXPECT_FALSE(read_fields(R"({"name":{}})"));
}

TEST(HubspotPropertyValues, AreComparedByMeaning) {
  EXPECT_TRUE(same_value("closedate", "2026-12-31", "2026-12-31T00:00:00Z"));
  EXPECT_TRUE(same_value("closedate", "2026-12-31T00:00:00.000Z", "2026-12-31T01:00:00+01:00"));
  EXPECT_FALSE(same_value("closedate", "2026-12-31", "2026-12-31T00:00:01Z"));
  EXPECT_FALSE(same_value("closedate", "", "soon"));
  EXPECT_TRUE(same_value("amount", "15000", "15000.0"));
  EXPECT_FALSE(same_value("amount", "", "0"));
  EXPECT_TRUE(same_value("email", "Zoe@North.example", "zoe@north.example"));
  EXPECT_FALSE(same_value("firstname", "zoe", "Zoe")) << "a name's case is its own";
  EXPECT_FALSE(same_value("phone", "0151", "151")) << "a phone number is no number";
}

TEST(HubspotPropertyValues, AreWrittenAsHubspotGivesThemBack) {
  constexpr std::string_view known[] = {"closedate", "amount", "email", "dealname", "createdate"};
  const auto own = [&](std::string_view fields) {
    const auto made = prepared(fields, known);
    return made ? *made : made.failure().what;
  };
  EXPECT_EQ(own(R"({"closedate":"2026-12-31"})"), R"({"closedate":"2026-12-31T00:00:00Z"})");
  EXPECT_EQ(own(R"({"closedate":"2026-12-31T01:00:00.5+01:00"})"),
            R"({"closedate":"2026-12-31T00:00:00.500Z"})");
  EXPECT_EQ(own(R"({"email":"Zoe@North.example","amount":12.5,"dealname":null})"),
            R"({"amount":"12.5","dealname":null,"email":"zoe@north.example"})");
  EXPECT_EQ(own(R"({"dealname":"A \"B\""})"), R"({"dealname":"A \"B\""})");
}

TEST(HubspotPropertyValues, AreRefusedByNameBeforeTheyAreSent) {
  constexpr std::string_view known[] = {"closedate", "amount", "createdate"};
  const auto why = [&](std::string_view fields) {
    const auto made = prepared(fields, known);
    return made ? std::string{} : made.failure().line();
  };
  EXPECT_EQ(why(R"({"createdate":"2026-12-31"})"),
            "HubSpot sets \"createdate\" by itself; leave it out");
  EXPECT_EQ(why(R"({"shoe_size":1})"),
            "there is no field \"shoe_size\" here; use one of closedate, amount");
  EXPECT_NE(why(R"({"amount":"much"})"), "");
  EXPECT_NE(why(R"({"closedate":"soon"})"), "");
  EXPECT_NE(why("[]"), "");
  EXPECT_NE(why("{"), "");
  EXPECT_NE(why(R"({"amount":{}})"), "");
}
