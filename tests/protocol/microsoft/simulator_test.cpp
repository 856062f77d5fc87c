// What the simulated Graph refuses, and how its deltas behave.
#include "tests/protocol/microsoft/simulated.hpp"

#include <algorithm>
#include <set>

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* contacts = "/me/contacts/delta";
const std::string year = "/me/calendarView/delta?startDateTime=2025-03-01T00:00:00Z"
                         "&endDateTime=2027-03-01T00:00:00Z";

bool is_removed(const json::value& entry) {
  return entry.find("@removed") != nullptr;
}

} // namespace

TEST(MicrosoftSimulator, ServesNobodyWithoutAGoodToken) {
  simulated_microsoft at;
  at.token = "unknown";
  const auto unknown = at.get("/me");
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(at.code_of(unknown), "InvalidAuthenticationToken");
  EXPECT_TRUE(unknown.headers.has("WWW-Authenticate"));
  at.token = at.sim.issue_access_token(at.now);
  EXPECT_EQ(at.get("/me").status, 200);
  at.now += 3600s - 1ms;
  EXPECT_EQ(at.get("/me").status, 200);
  at.now += 1ms;
  EXPECT_EQ(at.get("/me").status, 401);
}

TEST(MicrosoftSimulator, AsksForEachKindsPermission) {
  simulated_microsoft at;
  at.token = at.sim.issue_tokens(at.now, 0, {"Contacts.Read"}).access_token;
  EXPECT_EQ(at.get(contacts).status, 200);
  EXPECT_EQ(at.code_of(at.get("/me")), "Authorization_RequestDenied");
  for (const auto& path : {std::string{"/me/mailFolders"}, year}) {
    EXPECT_EQ(at.get(path).status, 403) << path;
    EXPECT_EQ(at.code_of(at.get(path)), "ErrorAccessDenied") << path;
  }
  at.token = at.sim.issue_tokens(at.now, 0, {"Mail.ReadWrite"}).access_token;
  EXPECT_EQ(at.get("/me/mailFolders").status, 200);
}

TEST(MicrosoftSimulator, TellsEveryItemOnceInARoundAndThenWhatChanged) {
  simulated_microsoft at;
  const auto first = at.follow(contacts);
  EXPECT_EQ(first.entries.size(), 20u);
  EXPECT_EQ(first.pages, 3u);
  EXPECT_TRUE(at.follow(first.link).entries.empty());
  const std::string one{first.entries[0].string_or_empty("id")};
  const std::string two{first.entries[1].string_or_empty("id")};
  at.sim.edit("contacts", one, {{"displayName", "\"Ada\""}}, at.now);
  at.sim.remove("contacts", two, at.now);
  const auto three = at.sim.create("contacts", {{"displayName", "\"New\""}}, at.now);
  const auto second = at.follow(first.link);
  ASSERT_EQ(second.entries.size(), 3u);
  EXPECT_EQ(second.entries[0].string_or_empty("displayName"), "Ada");
  EXPECT_TRUE(is_removed(second.entries[1]));
  EXPECT_EQ(second.entries[2].string_or_empty("id"), three);
  EXPECT_EQ(at.follow(first.link).entries.size(), 3u); // a link may be used again
  EXPECT_TRUE(at.follow(second.link).entries.empty());
}

TEST(MicrosoftSimulator, ShowsWhatChangesDuringARound) {
  simulated_microsoft at;
  const auto page = at.read(at.get(contacts));
  const std::string shown{page.find("value")->items[0].string_or_empty("id")};
  at.sim.remove("contacts", shown, at.now);
  const auto rest = at.follow(std::string{page.string_or_empty("@odata.nextLink")});
  EXPECT_EQ(rest.entries.size(), 14u);
  EXPECT_TRUE(is_removed(rest.entries.back()));
}

TEST(MicrosoftSimulator, ChangesIdsOnAMoveUnlessTheyAreAskedToStay) {
  simulated_microsoft at{0};
  const auto stays = at.sim.create("mail_messages", {{"subject", "\"S\""}}, at.now);
  const auto id = [&](const std::string& prefer) {
    const auto item = at.read(at.get("/me/messages/" + percent_encode(stays), prefer));
    return std::string{item.string_or_empty("id")};
  };
  EXPECT_EQ(id(at.immutable), stays);
  const auto before = id("");
  EXPECT_NE(before, stays);
  at.sim.move(stays, "archive", at.now);
  EXPECT_NE(id(""), before);
  EXPECT_EQ(id(at.immutable), stays);
  EXPECT_EQ(at.get("/me/messages/" + percent_encode(before)).status, 404);
}

TEST(MicrosoftSimulator, TellsAMoveAsARemovalAndANewItem) {
  simulated_microsoft at{0};
  const auto id = at.sim.create("mail_messages", {{"subject", "\"S\""}}, at.now);
  const auto inbox = at.follow("/me/mailFolders/inbox/messages/delta");
  const auto archive = at.follow("/me/mailFolders('archive')/messages/delta");
  EXPECT_EQ(inbox.entries.size(), 1u);
  EXPECT_TRUE(archive.entries.empty());
  at.sim.move(id, "archive", at.now);
  const auto left = at.follow(inbox.link);
  ASSERT_EQ(left.entries.size(), 1u);
  EXPECT_TRUE(is_removed(left.entries[0]));
  const auto came = at.follow(archive.link);
  ASSERT_EQ(came.entries.size(), 1u);
  EXPECT_EQ(came.entries[0].string_or_empty("id"), id);
  at.sim.move(id, "inbox", at.now); // there and back
  EXPECT_FALSE(is_removed(at.follow(left.link).entries.at(0)));
}

TEST(MicrosoftSimulator, ShowsAnEditedMessageByWhatChangedAlone) {
  simulated_microsoft at{0};
  const auto id
      = at.sim.create("mail_messages", {{"subject", "\"S\""}, {"isRead", "false"}}, at.now);
  const auto first = at.follow("/me/mailFolders/inbox/messages/delta");
  at.sim.edit("mail_messages", id, {{"isRead", "true"}}, at.now);
  const auto changed = at.follow(first.link).entries.at(0);
  EXPECT_TRUE(changed.find("isRead"));
  EXPECT_FALSE(changed.find("subject"));
  EXPECT_FALSE(changed.find("createdDateTime"));
  at.sim.strict().partial_changes = false;
  EXPECT_TRUE(at.follow(first.link).entries.at(0).find("subject"));
}

TEST(MicrosoftSimulator, LetsLinksExpireInEachOfGraphsWays) {
  for (const int status : {410, 404, 400}) {
    simulated_microsoft at;
    at.sim.strict().expired_status = status;
    const auto first = at.follow(contacts);
    at.admin("expire_links");
    const auto refused = at.get(first.link);
    EXPECT_EQ(refused.status, status);
    EXPECT_EQ(at.code_of(refused), "SyncStateNotFound");
    EXPECT_EQ(refused.headers.has("Location"), status == 410);
    EXPECT_EQ(at.follow(contacts).entries.size(), 20u);
  }
  simulated_microsoft at;
  EXPECT_EQ(at.get(std::string{contacts} + "?$deltatoken=6e6f6e65").status, 400);
  EXPECT_EQ(at.get("/me/mailFolders/inbox/messages/delta?$deltatoken="
                   + at.follow(contacts).link.substr(at.follow(contacts).link.find('=') + 1))
                .status,
            400); // of another collection
}

TEST(MicrosoftSimulator, BindsADeltaOfEventsToItsWindow) {
  simulated_microsoft at{40};
  const auto first = at.follow(year);
  EXPECT_EQ(first.entries.size(), 40u);
  const auto sparse = std::ranges::find_if(first.entries, [](const json::value& entry) {
    return entry.string_or_empty("type") == "occurrence";
  });
  ASSERT_NE(sparse, first.entries.end());
  EXPECT_FALSE(sparse->find("subject"));
  EXPECT_TRUE(sparse->find("start"));
  const std::string id{first.entries[0].string_or_empty("id")};
  const auto at_time = [](std::string_view time) {
    return R"({"dateTime":")" + std::string{time} + R"(","timeZone":"UTC"})";
  };
  at.sim.edit("calendar_events", id,
              {{"start", at_time("2031-01-01T10:00:00")}, {"end", at_time("2031-01-01T11:00:00")}},
              at.now);
  EXPECT_TRUE(is_removed(at.follow(first.link).entries.at(0)));
}

TEST(MicrosoftSimulator, RefusesADeltaOfEventsWithoutOrPastAWindow) {
  simulated_microsoft at;
  const auto refuses = [&](const std::string& query) {
    return at.get("/me/calendarView/delta" + query).status == 400;
  };
  EXPECT_TRUE(refuses(""));
  EXPECT_TRUE(refuses("?startDateTime=2026-01-01T00:00:00Z"));
  EXPECT_TRUE(refuses("?startDateTime=2026-01-02T00:00:00Z&endDateTime=2026-01-01T00:00:00Z"));
  EXPECT_TRUE(refuses("?startDateTime=2026-01-01T00:00:00Z&endDateTime=2030-12-31T00:00:01Z"));
  EXPECT_FALSE(refuses("?startDateTime=2026-01-01T00:00:00Z&endDateTime=2030-12-31T00:00:00Z"));
  EXPECT_EQ(at.get(year + "&$select=subject").status, 400);
}

TEST(MicrosoftSimulator, ListsFoldersLevelByLevelAndPageByPage) {
  simulated_microsoft at{0};
  const auto names = [&](const std::string& path) {
    std::vector<std::string> all;
    for (std::string next = path; !next.empty();) {
      const auto whole = at.read(at.get(next));
      for (const auto& folder : whole.find("value")->items)
        all.emplace_back(folder.string_or_empty("displayName"));
      next = whole.string_or_empty("@odata.nextLink");
    }
    return all;
  };
  EXPECT_EQ(names("/me/mailFolders?$top=3").size(), 7u);
  EXPECT_EQ(names("/me/mailFolders?includeHiddenFolders=true").size(), 8u);
  const auto projects = at.sim.mailbox_at(0, at.now).id_of_folder(7);
  EXPECT_EQ(names("/me/mailFolders/" + percent_encode(projects) + "/childFolders"),
            std::vector<std::string>{"2026"});
}

TEST(MicrosoftSimulator, CountsRequestsOfEachMailbox) {
  simulated_microsoft at{0, 2};
  for (unsigned i = 0; i < 10'000; ++i)
    ASSERT_NE(at.get("/me/contacts/x").status, 429) << i;
  const auto refused = at.get("/me/contacts/x");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(at.code_of(refused), "ApplicationThrottled");
  EXPECT_EQ(refused.headers.get("Retry-After"), "10");
  at.token = at.sim.issue_tokens(at.now, 1).access_token;
  EXPECT_NE(at.get("/me/contacts/x").status, 429);
  EXPECT_EQ(at.sim.quota().violations(), 1u);
}

TEST(MicrosoftSimulator, LetsAnAdministratorTakeTheMailboxAway) {
  simulated_microsoft at;
  at.admin("unlicense", R"({"has_mailbox":false})");
  EXPECT_EQ(at.code_of(at.get(contacts)), "MailboxNotEnabledForRESTAPI");
  EXPECT_EQ(at.get("/me").status, 200);
  at.admin("unlicense", R"({"has_mailbox":true})");
  EXPECT_EQ(at.get(contacts).status, 200);
}

TEST(MicrosoftSimulator, PlaysWhatPeopleDo) {
  simulated_microsoft at{0};
  const auto made = at.admin(
      "create", R"({"type":"mail_messages","fields":{"subject":"S"},"folder":"drafts"})");
  const auto id = json::quoted(made.string_or_empty("id"));
  at.admin("edit", R"({"type":"mail_messages","fields":{"isRead":true},"id":)" + id + "}");
  at.admin("move", R"({"type":"mail_messages","folder":"archive","id":)" + id + "}");
  const auto folder = at.admin("create_folder", R"({"name":"Bids","parent":"archive"})");
  at.admin("move", R"({"type":"mail_messages","folder":)"
                       + json::quoted(folder.string_or_empty("id")) + ",\"id\":" + id + "}");
  at.admin("delete_folder", "{\"folder\":" + json::quoted(folder.string_or_empty("id")) + "}");
  EXPECT_TRUE(at.sim.holdings("mail_messages", 0).begin()->second.gone);
  at.admin("restore", R"({"type":"mail_messages","id":)" + id + "}");
  EXPECT_FALSE(at.sim.holdings("mail_messages", 0).begin()->second.gone);
  at.admin("delete", R"({"type":"mail_messages","id":)" + id + "}");
  at.admin("stats", R"({"reset":true})");
  for (const auto& [action, body] : {std::pair{"create", "{}"},
                                     {"create", R"({"type":"contacts"})"},
                                     {"edit", R"({"type":"contacts","id":"no"})"},
                                     {"move", "{}"},
                                     {"create_folder", "{}"},
                                     {"delete_folder", "{}"},
                                     {"sign_in_policy", "{}"},
                                     {"restore", "{}"},
                                     {"delete", "{}"}}) {
    const auto refused = at.sim.admin(action, body, at.now);
    EXPECT_EQ(refused.status, 400) << action << *refused.body;
  }
}
