#include "protocol/hubspot/look_up.hpp"

#include "protocol/hubspot/provider.hpp"

#include "tests/support/canned_io.hpp"

using namespace nexte;
using namespace nexte::testing;

namespace {

constexpr const char* url = "https://api.example/crm/v3/objects/contacts/";

struct contact_look_up {
  canned_io io{wall_time{}};

  void live(http_response answer, std::string_view id = "501") {
    io.expect("GET", url + std::string{id}, "", std::move(answer));
  }
  void archived(http_response answer) {
    io.expect("GET", url + std::string{"501?archived=true"}, "", std::move(answer));
  }
  result<sighting> ask(std::string record = "501") {
    auto seen = run(io, hubspot::look_up(io, "contacts", {"https://api.example", record}));
    EXPECT_TRUE(io.exhausted());
    return seen;
  }
};

http_response object(std::string_view id, std::string_view more) {
  return {200,
          R"({"id":")" + std::string{id} + R"(","properties":{},"updatedAt":"2026-03-01T10:00:00Z")"
              + std::string{more} + "}",
          "application/json"};
}
http_response not_found() {
  return {404, R"({"category":"OBJECT_NOT_FOUND"})", "application/json"};
}

} // namespace

TEST(HubspotLookUp, FindsALiveObjectWithOneRequest) {
  contact_look_up contact;
  contact.live(object("501", R"(,"archived":false)"));
  const auto seen = contact.ask();
  ASSERT_TRUE(seen) << seen.failure().line();
  EXPECT_EQ(seen->found, standing::shown);
  EXPECT_EQ(seen->modified_at, *parse_iso_time("2026-03-01T10:00:00Z"));
  ASSERT_EQ(seen->evidence.size(), 1u);
  EXPECT_NE(seen->evidence[0].find("live, last changed at 2026-03-01T10:00"), std::string::npos);
}

TEST(HubspotLookUp, LooksAmongTheArchivedWhereNoneIsLive) {
  contact_look_up contact;
  contact.live(not_found());
  contact.archived(object("501", R"(,"archived":true,"archivedAt":"2026-03-02T10:00:00Z")"));
  const auto seen = contact.ask();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->found, standing::archived);
  EXPECT_EQ(seen->modified_at, *parse_iso_time("2026-03-02T10:00:00Z"));
}

TEST(HubspotLookUp, SaysThatItIsNeither) {
  contact_look_up contact;
  contact.live(not_found());
  contact.archived(not_found());
  const auto seen = contact.ask();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->found, standing::absent);
  EXPECT_EQ(seen->evidence.size(), 1u);
}

TEST(HubspotLookUp, NamesTheObjectThatItWasMergedInto) {
  contact_look_up contact;
  contact.live(object("777", R"(,"archived":false)"));
  const auto seen = contact.ask();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->found, standing::absent);
  EXPECT_NE(seen->evidence.at(0).find("777, into which it was merged"), std::string::npos);
}

TEST(HubspotLookUp, EscapesWhatAPersonWrote) {
  contact_look_up contact;
  contact.live(object("a/b?c", ""), "a%2Fb%3Fc");
  EXPECT_TRUE(contact.ask("a/b?c"));
}

TEST(HubspotLookUp, IsAnErrorWhereTheAnswerTellsNothing) {
  for (const auto* body : {"[]", "{", R"({"id":5})"}) {
    contact_look_up contact;
    contact.live({200, body, "application/json"});
    const auto seen = contact.ask();
    ASSERT_FALSE(seen) << body;
    EXPECT_EQ(seen.failure().code, ec::malformed);
  }
  contact_look_up refused;
  refused.live({409, "{}", "application/json"});
  EXPECT_EQ(refused.ask().failure().code, ec::refused);
}

TEST(HubspotLookUp, StandsInEveryStream) {
  for (const auto& stream : hubspot::provider().streams)
    EXPECT_TRUE(stream.look_up) << stream.name;
}
