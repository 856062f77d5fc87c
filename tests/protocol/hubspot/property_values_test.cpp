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
