#include "protocol/microsoft/provider.hpp"

#include "tests/support/canned_io.hpp"

using namespace nexte;
using namespace nexte::testing;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");

result<sighting> asked(int status, std::string body, std::string record = "A/1=") {
  canned_io io{now};
  io.expect("GET", "https://graph.example/v1.0/me/contacts/" + percent_encode(record), "",
            http_response{status, std::move(body), "application/json"});
  return run(io, microsoft::provider()
                     .stream("contacts")
                     ->look_up(io, {"https://graph.example/v1.0", std::move(record)}));
}

} // namespace

TEST(MicrosoftLookUp, TellsHowARecordStands) {
  const auto live = asked(
      200, R"({"id":"A/1=","changeKey":"K","lastModifiedDateTime":"2026-02-01T00:00:00Z"})");
  ASSERT_TRUE(live) << live.failure().line();
  EXPECT_EQ(live->found, standing::shown);
  EXPECT_EQ(live->version, "K");
  EXPECT_EQ(live->evidence.at(0), "Microsoft 365 was asked for the contact A/1= and showed it: "
                                  "last changed at 2026-02-01T00:00:00.000Z.");
}

TEST(MicrosoftLookUp, TakesARefusedIdForAbsent) {
  for (const int status : {400, 404, 410}) {
    const auto none = asked(status, "{}", "a/b c");
    ASSERT_TRUE(none) << status;
    EXPECT_EQ(none->found, standing::absent);
    EXPECT_EQ(none->evidence.size(), 1u);
  }
}

TEST(MicrosoftLookUp, SaysWhenTheAnswerIsOfNoUse) {
  EXPECT_EQ(asked(409, "{}").failure().code, ec::refused);
  EXPECT_EQ(asked(200, "{}").failure().code, ec::malformed);
  EXPECT_EQ(asked(200, "[]").failure().code, ec::malformed);
  EXPECT_EQ(asked(200, R"({"id":"another"})").failure().code, ec::malformed);
}
