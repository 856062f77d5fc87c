#include "protocol/pipedrive/provider.hpp"

#include "tests/support/canned_io.hpp"

using namespace nexte;
using namespace nexte::testing;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");

result<sighting> asked(int status, std::string body, std::string record = "12") {
  canned_io io{now};
  io.expect("GET", "https://north.example/api/v2/deals/" + percent_encode(record), "",
            http_response{status, std::move(body), "application/json"});
  return run(io, pipedrive::provider().stream("deals")->look_up(
                     io, {"https://north.example", std::move(record)}));
}

result<sighting> shown(std::string_view marks) {
  return asked(200, R"({"data":{"id":12,"update_time":"2026-02-01T00:00:00Z")" + std::string{marks}
                        + "}}");
}

} // namespace

TEST(PipedriveLookUp, TellsHowARecordStands) {
  const auto live = shown("");
  ASSERT_TRUE(live);
  EXPECT_EQ(live->found, standing::shown);
  EXPECT_EQ(live->version, "2026-02-01T00:00:00Z");
  EXPECT_EQ(live->evidence.at(0), "Pipedrive was asked for 12 among the deals and showed it: live, "
                                  "last changed at 2026-02-01T00:00:00Z.");
  for (const auto* mark : {R"(,"is_deleted":true)", R"(,"is_archived":true)"}) {
    const auto gone = shown(mark);
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->found, standing::archived) << mark;
  }
}

TEST(PipedriveLookUp, TakesARefusedIdForAbsent) {
  for (const int status : {400, 404, 410}) {
    const auto none = asked(status, "{}", "a/b c");
    ASSERT_TRUE(none) << status;
    EXPECT_EQ(none->found, standing::absent);
    EXPECT_EQ(none->evidence.size(), 1u);
  }
}

TEST(PipedriveLookUp, SaysWhenTheAnswerIsOfNoUse) {
  EXPECT_EQ(asked(415, "{}").failure().code, ec::refused);
  for (const auto* other : {"{}", "[", R"({"data":null})", R"({"data":{"id":13}})"})
    EXPECT_EQ(asked(200, other).failure().code, ec::malformed) << other;
}
