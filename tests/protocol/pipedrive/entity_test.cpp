// What a host may edit, and in which form it goes on.
#include "protocol/pipedrive/entity.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::pipedrive;

namespace {

std::string why_not(std::string_view fields, const entity& type = persons()) {
  const auto made = prepared(fields, type);
  return made ? "it was taken" : made.failure().line();
}

} // namespace

TEST(PipedriveEntity, TakesWhatCanBeWrittenAsItIs) {
  for (const auto* fields :
       {R"({"name":"Ann Berg","org_id":7,"emails":[{"value":"a@b.example","primary":true}]})",
        R"({"org_id":null,"custom_fields":{"9dc8":"x","5c1b":null}})", "{}"})
    EXPECT_EQ(*prepared(fields, persons()), fields);
  EXPECT_EQ(*prepared(R"({"address":{"value":"Oslo"},"annual_revenue":1.5})", organizations()),
            R"({"address":{"value":"Oslo"},"annual_revenue":1.5})");
}

TEST(PipedriveEntity, CutsTimesToTheSecondsThatPipedriveKeeps) {
  EXPECT_EQ(*prepared(R"({"status":"won","won_time":"2026-12-31T17:00:00.250Z"})", deals()),
            R"({"status":"won","won_time":"2026-12-31T17:00:00Z"})");
  EXPECT_EQ(*prepared(R"({"close_time":null,"expected_close_date":"2026-12-31"})", deals()),
            R"({"close_time":null,"expected_close_date":"2026-12-31"})");
}

TEST(PipedriveEntity, NamesWhatCannotBeEdited) {
  EXPECT_EQ(why_not(R"({"update_time":"2026-01-01T00:00:00Z"})"),
            "Pipedrive sets \"update_time\" by itself; leave it out");
  EXPECT_EQ(why_not(R"({"shoe_size":44})"),
            "there is no field \"shoe_size\" here that can be edited; use one of name, owner_id, "
            "org_id, emails, phones, visible_to, label_ids, custom_fields");
  EXPECT_NE(why_not(R"({"job_title":"Smith"})"), "it was taken") << "contact sync's alone";
  EXPECT_EQ(why_not(R"({"name":7})"), "the value of \"name\" cannot be so; write a text");
  EXPECT_EQ(why_not(R"({"org_id":"7"})"),
            "the value of \"org_id\" cannot be so; write a whole number");
  EXPECT_EQ(why_not(R"({"expected_close_date":"2026-12-31T00:00:00Z"})", deals()),
            "the value of \"expected_close_date\" cannot be so; write a date such as 2026-12-31");
  EXPECT_EQ(why_not(R"({"custom_fields":null})"),
            "the value of \"custom_fields\" cannot be so; write an object");
  EXPECT_EQ(prepared("[]", persons()).failure().code, ec::malformed);
  EXPECT_EQ(prepared("{", persons()).failure().code, ec::malformed);
}

TEST(PipedriveEntity, HasFieldsThatReadAndWriteBack) {
  const auto fields = read_fields(
      R"({"id":7,"name":"Ann","update_time":"2026-01-01T00:00:00Z","custom_fields":{"9dc8":"x"}})",
      shape());
  ASSERT_TRUE(fields);
  EXPECT_EQ(*fields, (field_map{{"name", "\"Ann\""}, {"custom_fields/9dc8", "\"x\""}}));
  EXPECT_EQ(write_patch({{"custom_fields/9dc8", "null"}}, shape()),
            R"({"custom_fields":{"9dc8":null}})");
}
