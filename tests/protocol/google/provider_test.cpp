#include "protocol/google/provider.hpp"

#include "protocol/http/url.hpp"
#include "protocol/oauth/authorization.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

using namespace nexte;

namespace {

json::value parsed(std::string_view text) {
  return *json::parse_value(text);
}

std::optional<account_identity> identified_by(std::string_view claims) {
  const auto part
      = base64url(std::span{reinterpret_cast<const uint8_t*>(claims.data()), claims.size()});
  return google::provider().identity_from_token(parsed(R"({"id_token":"aa.)" + part + ".bb\"}"));
}

constexpr std::string_view prefix = "https://www.googleapis.com/auth/";

} // namespace

TEST(Providers, FindGoogleByName) {
  EXPECT_EQ(find_provider("google"), &google::provider());
  EXPECT_EQ(std::ranges::count(providers(), &google::provider()), 1);
}

TEST(GoogleProvider, AsksForOfflineAccessAndConsentEachTime) {
  oauth::client app;
  app.id = "id";
  app.authorize_url = google::provider().authorize_url;
  const auto url = parse_url(
      oauth::authorization_url(app, "http://127.0.0.1:1/x", {"openid"}, "state", "challenge"));
  ASSERT_TRUE(url);
  const auto query = *parse_query(url->query());
  EXPECT_EQ(*find_parameter(query, "access_type"), "offline");
  EXPECT_EQ(*find_parameter(query, "prompt"), "consent");
  EXPECT_EQ(*find_parameter(query, "client_id"), "id");
}

TEST(GoogleProvider, AsksForNoMoreThanItReads) {
  const auto scope = [](std::string_view name) { return std::string{prefix} + std::string{name}; };
  const std::pair<std::string_view, std::vector<std::string>> wanted[]
      = {{"gmail_messages", {scope("gmail.readonly")}},
         {"calendar_events",
          {scope("calendar.calendarlist.readonly"), scope("calendar.events.readonly")}},
         {"drive_files", {scope("drive.metadata.readonly")}}};
  ASSERT_EQ(google::provider().streams.size(), std::size(wanted));
  for (const auto& [name, scopes] : wanted) {
    const auto* stream = google::provider().stream(name);
    ASSERT_TRUE(stream) << name;
    EXPECT_EQ(stream->scopes, scopes) << name;
    EXPECT_TRUE(stream->write_scopes.empty()) << name;
  }
}

TEST(GoogleProvider, KnowsWhatAWiderScopeIncludes) {
  const auto read = [](std::string_view scope) {
    return google::provider().scopes_from_token(
        parsed(R"({"scope":"openid )" + std::string{scope} + "\"}"));
  };
  const auto holds = [](const std::vector<std::string>& scopes, std::string_view name) {
    return std::ranges::count(scopes, std::string{prefix} + std::string{name}) == 1;
  };
  for (const auto* wide :
       {"https://mail.google.com/", "https://www.googleapis.com/auth/gmail.modify",
        "https://www.googleapis.com/auth/gmail.readonly"})
    EXPECT_TRUE(holds(read(wide), "gmail.readonly")) << wide;
  EXPECT_FALSE(holds(read("https://www.googleapis.com/auth/gmail.metadata"), "gmail.readonly"));
  const auto calendar = read("https://www.googleapis.com/auth/calendar");
  for (const auto* narrow : {"calendar.readonly", "calendar.events", "calendar.events.readonly",
                             "calendar.calendarlist.readonly"})
    EXPECT_TRUE(holds(calendar, narrow)) << narrow;
  EXPECT_TRUE(
      holds(read("https://www.googleapis.com/auth/calendar.events"), "calendar.events.readonly"));
  EXPECT_FALSE(holds(read("https://www.googleapis.com/auth/calendar.events"),
                     "calendar.calendarlist.readonly")); // it cannot list calendars
  for (const auto* wide :
       {"https://www.googleapis.com/auth/drive", "https://www.googleapis.com/auth/drive.readonly"})
    EXPECT_TRUE(holds(read(wide), "drive.metadata.readonly")) << wide;
  EXPECT_TRUE(google::provider().scopes_from_token(parsed("{}")).empty());
}

TEST(GoogleProvider, TakesTheSubjectForTheAccount) {
  const auto who
      = identified_by(R"({"iss":"https://accounts.google.com","sub":"1102","email":"u@x"})");
  ASSERT_TRUE(who);
  EXPECT_EQ(who->id, "1102");
  EXPECT_EQ(who->name, "u@x");
  EXPECT_TRUE(identified_by(R"({"iss":"accounts.google.com","sub":"1"})"));
  for (const auto* claims : {"", "[]", R"({"sub":"1"})", R"({"iss":"https://evil","sub":"1"})",
                             R"({"iss":"accounts.google.com"})"})
    EXPECT_FALSE(identified_by(claims)) << claims;
  for (const auto* answer : {"{}", R"({"id_token":"x"})", R"({"id_token":"a.b"})",
                             R"({"id_token":"a.!.b"})", R"({"id_token":7})"})
    EXPECT_FALSE(google::provider().identity_from_token(parsed(answer))) << answer;
}

TEST(GoogleProvider, RevokesByTheRefreshTokenAlone) {
  token_set token;
  token.refresh_token = secret{"1//r f"};
  const auto request = google::provider().revoke_request("https://oauth2.example/revoke", "id",
                                                         secret{"s"}, token);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://oauth2.example/revoke");
  EXPECT_EQ(request.body, "token=1%2F%2Fr%20f");
  EXPECT_FALSE(request.headers.has("Authorization"));
}
