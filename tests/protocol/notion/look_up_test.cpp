#include "protocol/notion/provider.hpp"

#include "tests/support/canned_io.hpp"

using namespace nexte;
using namespace nexte::testing;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
constexpr auto id = "35261e8c-e0a3-80c8-bf92-f6fb2d4a6e04";

result<sighting> asked(int status, std::string body, std::string record = id) {
  canned_io io{now};
  io.expect("GET", "https://notion.example/v1/pages/" + percent_encode(record), "",
            http_response{status, std::move(body), "application/json"});
  return run(io, notion::provider().stream("pages")->look_up(
                     io, {"https://notion.example", std::move(record)}));
}

std::string shown_page(std::string_view marks) {
  return R"({"id":")" + std::string{id} + R"(","last_edited_time":"2026-02-01T00:00:00.000Z")"
         + std::string{marks} + "}";
}

} // namespace

TEST(NotionLookUp, TellsHowAPageStands) {
  const auto live = asked(200, shown_page(R"(,"in_trash":false)"));
  ASSERT_TRUE(live);
  EXPECT_EQ(live->found, standing::shown);
  EXPECT_EQ(live->version, "2026-02-01T00:00:00.000Z");
  EXPECT_EQ(live->modified_at, parse_iso_time("2026-02-01T00:00:00Z"));
  for (const auto* mark : {R"(,"in_trash":true)", R"(,"is_archived":true)"}) {
    const auto gone = asked(200, shown_page(mark));
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->found, standing::archived) << mark;
  }
}

TEST(NotionLookUp, TakesAnIdHoweverItIsWritten) {
  for (const auto* written :
       {"35261e8ce0a380c8bf92f6fb2d4a6e04", "35261E8C-E0A3-80C8-BF92-F6FB2D4A6E04"})
    EXPECT_TRUE(asked(200, shown_page(""), written)) << written;
}

TEST(NotionLookUp, TellsHowAnUnsharedPageIsShared) {
  for (const int status : {400, 404, 410}) {
    const auto none = asked(status, "{}", "a/b c");
    ASSERT_TRUE(none) << status;
    EXPECT_EQ(none->found, standing::absent);
    ASSERT_EQ(none->evidence.size(), 1u);
    EXPECT_NE(none->evidence[0].find("\"Connections\""), std::string::npos);
  }
}

TEST(NotionLookUp, SaysWhenTheAnswerIsOfNoUse) {
  EXPECT_EQ(asked(422, "{}").failure().code, ec::refused);
  for (const auto* other : {"{}", "[", R"({"id":"35261e8c-e0a3-80c8-bf92-f6fb2d4a6e05"})"})
    EXPECT_EQ(asked(200, other).failure().code, ec::malformed) << other;
}
