#include "protocol/hubspot/rejections.hpp"

#include "protocol/json/writer.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::hubspot;

namespace {

constexpr std::string_view properties[] = {"email", "firstname"};
constexpr object_type contacts{"contacts", "lastmodifieddate", properties};

push_outcome rejected(int status, std::string_view category, std::string_view message) {
  json::writer body;
  body.begin_object().key("status").value("error").key("category").value(category);
  body.key("message").value(message).end_object();
  return rejection_of({status, body.take(), "application/json"}, contacts);
}

push_outcome invalid(std::string_view problem) {
  return rejected(400, "VALIDATION_ERROR",
                  "Property values were not valid: [" + std::string{problem} + "]");
}

bool says(const push_outcome& outcome, std::string_view words) {
  return outcome.sentence.find(words) != std::string::npos;
}

} // namespace

TEST(HubspotRejection, NamesTheObjectThatHasTheValue) {
  const auto taken = rejected(409, "CONFLICT", "Contact already exists. Existing ID: 512");
  EXPECT_EQ(taken.what, push_verdict::rejected);
  EXPECT_EQ(taken.code, "duplicate");
  EXPECT_TRUE(says(taken, "512")) << taken.sentence;
  EXPECT_TRUE(says(taken, "edit that one")) << taken.sentence;
  EXPECT_EQ(rejected(409, "CONFLICT", "taken").code, "duplicate");
}

TEST(HubspotRejection, NamesThePropertyAndWhatToDo) {
  const auto wrong
      = invalid(R"({"isValid":false,"message":"secret was not a number","error":"INVALID_INTEGER",)"
                R"("name":"amount"})");
  EXPECT_EQ(wrong.code, "INVALID_INTEGER");
  EXPECT_TRUE(says(wrong, "\"amount\"")) << wrong.sentence;
  EXPECT_FALSE(says(wrong, "secret")) << "HubSpot's text is not shown";
  const auto unknown = invalid(R"({"error":"PROPERTY_DOESNT_EXIST","name":"shoe_size"})");
  EXPECT_EQ(unknown.code, "PROPERTY_DOESNT_EXIST");
  EXPECT_TRUE(says(unknown, "has no property \"shoe_size\"")) << unknown.sentence;
  const auto fixed = invalid(R"({"error":"READ_ONLY_VALUE","name":"hs_object_id"})");
  EXPECT_TRUE(says(fixed, "leave it out")) << fixed.sentence;
}

TEST(HubspotRejection, ReadsTheOnlyErrorOfABatch) {
  const auto taken = rejection_of(
      {207,
       R"({"status":"COMPLETE","results":[],"numErrors":1,"errors":[{"status":"error",)"
       R"("category":"CONFLICT","message":"Contact already exists. Existing ID: 7"}]})",
       "application/json"},
      contacts);
  EXPECT_EQ(taken.code, "duplicate");
}

TEST(HubspotRejection, ShowsNothingThatIsNoName) {
  const auto odd = invalid("{\"error\":\"a b\",\"name\":\"<script>\"}");
  EXPECT_EQ(odd.code, "VALIDATION_ERROR");
  EXPECT_FALSE(says(odd, "<")) << odd.sentence;
  EXPECT_EQ(rejection_of({414, "<html>", "text/html"}, contacts).code, "http_414");
  EXPECT_EQ(rejected(400, "no name", "x").code, "http_400");
}
