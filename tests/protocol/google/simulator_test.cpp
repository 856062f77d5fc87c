#include "tests/protocol/google/simulated.hpp"

#include <algorithm>
#include <set>

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

class GoogleSimulator : public ::testing::Test {
protected:
  static std::vector<std::string> ids_of(const json::value& list, std::string_view member) {
    std::vector<std::string> ids;
    if (const auto* items = list.find(member))
      for (const auto& item : items->items)
        ids.emplace_back(item.string_or_empty("id"));
    return ids;
  }
  std::vector<std::string> messages(const std::string& more = {}) {
    std::vector<std::string> all;
    for (std::string cursor;;) {
      const auto page
          = at.read(at.mail("messages?maxResults=7" + more + (cursor.empty() ? "" : "&pageToken=")
                            + percent_encode(cursor)));
      const auto ids = ids_of(page, "messages");
      all.insert(all.end(), ids.begin(), ids.end());
      cursor = page.string_or_empty("nextPageToken");
      if (cursor.empty())
        return all;
    }
  }
  std::string history_id() {
    return std::string{at.read(at.mail("profile")).string_or_empty("historyId")};
  }

  simulated_google at{20};
};

} // namespace

TEST_F(GoogleSimulator, RefusesWhomItDoesNotKnow) {
  at.token = "ya29.nobody";
  EXPECT_EQ(at.mail("profile").status, 401);
  EXPECT_EQ(at.reason(at.mail("profile")), "authError");
  at.token = at.sim.issue_access_token(at.now);
  at.now += 3599s - 1ms;
  EXPECT_EQ(at.mail("profile").status, 200);
  at.now += 1ms;
  EXPECT_EQ(at.mail("profile").status, 401);
}

TEST_F(GoogleSimulator, NamesTheScopesThatAreMissing) {
  at.token = at.sim.issue_tokens(at.now, 0, {"openid"}).access_token;
  const auto refused = at.mail("messages");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(at.reason(refused), "insufficientPermissions");
  EXPECT_NE(refused.headers.get("WWW-Authenticate").find("auth/gmail.readonly"),
            std::string_view::npos);
  at.token = at.sim.issue_tokens(at.now, 0, {"https://www.googleapis.com/auth/gmail.metadata"})
                 .access_token;
  const auto id = messages().front();
  EXPECT_EQ(at.mail("messages/" + id + "?format=minimal").status, 200);
  EXPECT_EQ(at.mail("messages/" + id).status, 403); // no bodies
}

TEST_F(GoogleSimulator, CountsUnitsOfEachMethod) {
  const auto id = messages().front();
  at.now += 1min;
  for (int i = 0; i < 300; ++i)
    ASSERT_EQ(at.mail("messages/" + id).status, 200) << i;
  const auto refused = at.mail("history?startHistoryId=" + std::string{"1"});
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(at.reason(refused), "userRateLimitExceeded");
  at.now += 1min;
  EXPECT_EQ(at.mail("messages/" + id).status, 200);
}

TEST_F(GoogleSimulator, ListsTheMailboxNewestFirstWithoutBinAndSpam) {
  const auto all = messages();
  EXPECT_EQ(all.size(), 20u);
  EXPECT_TRUE(std::ranges::is_sorted(all, std::ranges::greater{}));
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 20u);
  at.admin("delete", R"({"type":"gmail_messages","id":")" + all[3] + "\"}");
  EXPECT_EQ(messages().size(), 19u);
  EXPECT_EQ(messages("&includeSpamTrash=true").size(), 20u);
  EXPECT_EQ(messages("&labelIds=TRASH&includeSpamTrash=true"), std::vector<std::string>{all[3]});
}

TEST_F(GoogleSimulator, RefusesParametersThatThereAreNot) {
  for (const auto* path :
       {"messages?limit=5", "messages?maxResults=501", "messages?maxResults=0",
        "messages?pageToken=x", "messages?includeSpamTrash=1", "history",
        "history?startHistoryId=x", "history?startHistoryId=4711000&historyTypes=all",
        "messages/1?format=whole", "profile?fields=a("})
    EXPECT_GE(at.mail(path).status, 400) << path;
  const auto page = at.read(at.mail("messages?maxResults=5"));
  const auto token = percent_encode(page.string_or_empty("nextPageToken"));
  EXPECT_EQ(at.mail("messages?maxResults=5&pageToken=" + token).status, 200);
  EXPECT_EQ(at.mail("messages?labelIds=INBOX&pageToken=" + token).status, 400); // another list's
  at.admin("expire_cursors");
  EXPECT_EQ(at.mail("messages?maxResults=5&pageToken=" + token).status, 400);
}

TEST_F(GoogleSimulator, TellsInItsHistoryWhatHappened) {
  const auto start = history_id();
  const auto all = messages();
  at.admin("edit", R"({"type":"gmail_messages","id":")" + all[0] + "\"}");
  at.admin("delete", R"({"type":"gmail_messages","id":")" + all[1] + "\"}");
  at.admin("erase", R"({"type":"gmail_messages","id":")" + all[2] + "\"}");
  at.admin("create", R"({"type":"gmail_messages","text":"Lunch?"})");
  at.sim.strict().short_pages = false;
  const auto told = at.read(at.mail("history?startHistoryId=" + start));
  std::vector<std::string> kinds;
  for (const auto& entry : told.find("history")->items)
    kinds.push_back(entry.members.back().first);
  EXPECT_EQ(kinds, (std::vector<std::string>{"labelsAdded", "labelsAdded", "labelsRemoved",
                                             "messagesDeleted", "messagesAdded"}));
  EXPECT_EQ(told.string_or_empty("historyId"), history_id());
  const auto nothing = at.read(at.mail("history?startHistoryId=" + history_id()));
  EXPECT_FALSE(nothing.find("history"));
}

TEST_F(GoogleSimulator, KeepsHistoryForAWeek) {
  const auto start = history_id();
  at.admin("create", R"({"type":"gmail_messages"})");
  at.now += 7 * 24h - 1ms;
  at.token = at.sim.issue_access_token(at.now);
  EXPECT_EQ(at.mail("history?startHistoryId=" + start).status, 200);
  at.now += 1ms;
  EXPECT_EQ(at.mail("history?startHistoryId=" + start).status, 404);
  EXPECT_EQ(at.mail("history?startHistoryId=" + history_id()).status, 200);
  const auto before = history_id();
  at.admin("forget_history");
  EXPECT_EQ(at.mail("history?startHistoryId=" + before).status, 404);
}

TEST_F(GoogleSimulator, ChangesLabelsAsItsApiIsAsked) {
  const auto id = messages().front();
  const auto url = "https://gmail.googleapis.com/gmail/v1/users/me/messages/" + id;
  const auto post = [&](const std::string& verb, std::string body = {}) {
    return at.send({"POST", url + "/" + verb, std::move(body), "application/json"});
  };
  EXPECT_EQ(post("trash").status, 200);
  EXPECT_EQ(messages().size(), 19u);
  EXPECT_EQ(post("untrash").status, 200);
  const auto starred = at.read(post("modify", R"({"addLabelIds":["STARRED"]})"));
  const auto labels = json::texts_of(starred.find("labelIds"));
  EXPECT_EQ(std::ranges::count(labels, "STARRED"), 1);
  EXPECT_EQ(post("modify", R"({"addLabelIds":["SENT"]})").status, 400);
  EXPECT_EQ(at.send({"DELETE", url}).status, 204);
  EXPECT_EQ(at.mail("messages/" + id).status, 404);
}

TEST_F(GoogleSimulator, ShowsTheFieldsThatAreAskedFor) {
  const auto page = at.read(at.mail("messages?maxResults=3&fields=messages/id,nextPageToken"));
  ASSERT_EQ(page.members.size(), 2u);
  EXPECT_EQ(page.find("messages")->items[0].members.size(), 1u);
}

TEST_F(GoogleSimulator, DescribesItsActionsAndNamesWhatIsWrong) {
  const auto described = at.read(at.sim.admin("", "", at.now));
  for (const auto& [name, action] : described.find("actions")->members)
    EXPECT_TRUE(action.find("example")->is_object()) << name;
  EXPECT_EQ(at.sim.admin("explode", "{}", at.now).status, 404);
  for (const auto& [action, body] : std::initializer_list<std::pair<const char*, const char*>>{
           {"edit", "["},
           {"edit", R"({"type":"contacts"})"},
           {"edit", R"({"type":"gmail_messages","id":"x"})"},
           {"label", R"({"id":"x"})"},
           {"refuse_refresh", R"({"kind":"x"})"},
           {"limit", R"({"x":1})"},
           {"revoke", R"({"account":"nobody"})"}})
    EXPECT_EQ(at.sim.admin(action, body, at.now).status, 400) << action << body;
}

TEST_F(GoogleSimulator, DoesWhatItsAdminSays) {
  at.admin("limit", R"({"policy":"dailyLimitExceeded","count":1})");
  EXPECT_EQ(at.reason(at.mail("profile")), "dailyLimitExceeded");
  at.admin("limit", R"({"policy":"concurrent","count":1})");
  EXPECT_EQ(at.mail("profile").status, 429);
  at.admin("fail", R"({"status":503,"count":1})");
  EXPECT_EQ(at.mail("profile").status, 503);
  at.admin("expire");
  EXPECT_EQ(at.mail("profile").status, 401);
  const auto count = [&] {
    const auto stats = at.admin("stats", R"({"reset":true})");
    const auto* refused = stats.find("requests")->find("unauthenticated");
    return refused ? refused->text : std::string{};
  };
  EXPECT_EQ(count(), "1");
  EXPECT_EQ(count(), ""); // it began anew
}
