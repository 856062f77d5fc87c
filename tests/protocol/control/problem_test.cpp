#include "protocol/control/problem.hpp"

#include "protocol/json/reader.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::control;

TEST(Problem, HoldsTheErrorAsRfc9457HasIt) {
  const auto response = problem({ec::not_found, "there is no such \"thing\"", "name another"});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
  const auto body = json::parse_value(*response.body);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->string_or_empty("title"), "Not Found");
  EXPECT_EQ(body->find("status")->as_int(), 404);
  EXPECT_EQ(body->string_or_empty("detail"), "there is no such \"thing\"");
  EXPECT_EQ(body->string_or_empty("hint"), "name another");
  EXPECT_EQ(body->string_or_empty("code"), "not_found");
}

TEST(Problem, SurvivesARoundTrip) {
  for (const auto code : {ec::unauthorized, ec::limited, ec::refused, ec::transport, ec::malformed,
                          ec::conflict, ec::not_found, ec::storage, ec::cancelled, ec::bug}) {
    const auto read = read_problem(problem({code, "it broke", "mend it"}));
    EXPECT_EQ(read.code, code);
    EXPECT_EQ(read.line(), "it broke; mend it");
  }
}

TEST(Problem, IsNeverA401ForTroubleWithTheProvider) {
  EXPECT_EQ(status_of(ec::unauthorized), 409);
}

TEST(Problem, IsReadFromAnyBody) {
  EXPECT_EQ(read_problem({404, "<html>"}).code, ec::not_found);
  EXPECT_EQ(read_problem({418, "{}"}).code, ec::refused);
  const auto read = read_problem({502, ""});
  EXPECT_EQ(read.code, ec::transport);
  EXPECT_EQ(read.what, "the engine answered with status 502");
}
