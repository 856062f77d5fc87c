// Mail against canned answers: which requests are made, and what is proof of a deletion.
#include "protocol/microsoft/mail.hpp"

#include "protocol/microsoft/checkpoint.hpp"
#include "protocol/microsoft/mail_folders.hpp"
#include "protocol/microsoft/provider.hpp"
#include "tests/support/canned_io.hpp"

using namespace nexte;
using namespace nexte::microsoft;
using namespace nexte::testing;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
const std::string base = "https://graph.example/v1.0";
const std::string query = "?$top=100&$select=id,childFolderCount,isHidden";

using phase = mail_checkpoint::phase;
using ids = std::vector<std::string>;

std::string entry(std::string_view id, std::string_view folder = "A") {
  return R"({"id":")" + std::string{id}
         + R"(","changeKey":"K","createdDateTime":"2026-01-01T00:00:00Z","parentFolderId":")"
         + std::string{folder} + "\"}";
}
std::string removed(std::string_view id) {
  return R"({"id":")" + std::string{id} + R"(","@removed":{"reason":"deleted"}})";
}
http_response ok(std::string body) {
  return {200, std::move(body), "application/json"};
}
http_response refusal(int status, std::string_view code = {}) {
  return {status, R"({"error":{"code":")" + std::string{code} + "\"}}", "application/json"};
}
http_response page_of(const std::vector<std::string>& entries, std::string_view link,
                      bool ended = true) {
  std::string body = R"({"value":[)";
  for (size_t i = 0; i < entries.size(); ++i)
    body.append(i > 0 ? "," : "").append(entries[i]);
  body += R"(],"@odata.)";
  body += ended ? "delta" : "next";
  return ok(body + "Link\":\"" + base + std::string{link} + "\"}");
}
/// Folders without any in them.
http_response folders_of(const std::vector<std::string>& names) {
  std::string body = R"({"value":[)";
  for (size_t i = 0; i < names.size(); ++i)
    body.append(i > 0 ? "," : "").append(R"({"childFolderCount":0,"id":")" + names[i] + "\"}");
  return ok(body + "]}");
}

struct mail_run {
  void get(std::string_view path, http_response answer) {
    io.expect("GET", base + std::string{path}, "", std::move(answer));
  }
  void folders(const std::vector<std::string>& names) {
    get("/me/mailFolders" + query, folders_of(names));
  }
  void first(const std::string& folder, http_response answer) {
    get("/me/mailFolders/" + folder + "/messages/delta", std::move(answer));
  }
  result<bool> pull(const std::optional<mail_checkpoint>& from, bool full = false) {
    pull_request request;
    request.api_base = base;
    if (from)
      request.checkpoint = write_mail_checkpoint(*from);
    request.full = full;
    auto ended = run(io, pull_mail(io, std::move(request)));
    EXPECT_TRUE(io.exhausted()) << "a request was expected and not made";
    return ended;
  }
  mail_checkpoint last() const {
    return io.pages.empty() ? mail_checkpoint{} : *read_mail_checkpoint(io.pages.back().checkpoint);
  }
  /// Everything handed over, page after page.
  ids all() const {
    ids found;
    for (const auto& one : io.pages)
      found.insert(found.end(), one.ids.begin(), one.ids.end());
    return found;
  }

  canned_io io{now};
};

mail_checkpoint following(std::vector<folder_standing> folders, phase at = phase::changes) {
  mail_checkpoint from;
  from.at = at;
  from.folders = std::move(folders);
  return from;
}

const mail_checkpoint two = following({{"A", "/me/a1", true}, {"B", "/me/b1", true}});

} // namespace

TEST(MicrosoftMail, EnumeratesEachFolderAndFollowsAllOnceMoreBeforeItCloses) {
  mail_run r;
  r.folders({"A", "B"});
  r.first("A", page_of({entry("1")}, "/me/a1"));
  r.first("B", page_of({entry("2", "B")}, "/me/bs", false));
  r.get("/me/bs", page_of({entry("3", "B")}, "/me/b1"));
  r.folders({"A", "B"});
  r.get("/me/a1", page_of({entry("4")}, "/me/a2")); // came from B before B was read
  r.get("/me/b1", page_of({}, "/me/b2"));
  ASSERT_TRUE(r.pull(std::nullopt));
  ASSERT_EQ(r.io.pages.size(), 5u);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  for (size_t i = 1; i < 4; ++i)
    EXPECT_EQ(r.io.pages[i].enumeration, sweep::more) << i;
  EXPECT_EQ(r.io.pages[4].enumeration, sweep::last);
  EXPECT_EQ(r.all(), (ids{"1", "2", "3", "4"}));
  EXPECT_EQ(r.last(), following({{"A", "/me/a2", true}, {"B", "/me/b2", true}}));
}

TEST(MicrosoftMail, BeginsAnEnumerationAlsoWithAFolderThatIsEmpty) {
  mail_run r;
  r.folders({"A"});
  r.first("A", page_of({}, "/me/a1"));
  r.folders({"A"});
  r.get("/me/a1", page_of({}, "/me/a1"));
  ASSERT_TRUE(r.pull(std::nullopt));
  ASSERT_EQ(r.io.pages.size(), 2u);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  EXPECT_EQ(r.io.pages[1].enumeration, sweep::last);
  mail_run none;
  none.folders({});
  none.folders({});
  ASSERT_TRUE(none.pull(std::nullopt));
  EXPECT_EQ(none.io.pages.at(0).enumeration, sweep::whole);
}

TEST(MicrosoftMail, TakesAMoveForNoDeletion) {
  mail_run r;
  r.folders({"A", "B"});
  r.get("/me/a1", page_of({removed("1")}, "/me/a2"));
  r.get("/me/messages/1", ok(entry("1", "B")));
  r.get("/me/b1", page_of({entry("1", "B")}, "/me/b2"));
  ASSERT_TRUE(r.pull(two));
  EXPECT_EQ(r.all(), (ids{"1", "1"}));
}

TEST(MicrosoftMail, DeletesWhatGraphNoLongerHas) {
  mail_run r;
  r.folders({"A", "B"});
  r.get("/me/a1", page_of({removed("1/=")}, "/me/a2"));
  r.get("/me/messages/1%2F%3D", refusal(404, "ErrorItemNotFound"));
  r.get("/me/b1", page_of({}, "/me/b1"));
  ASSERT_TRUE(r.pull(two));
  EXPECT_EQ(r.all(), ids{"-1/="});
}

TEST(MicrosoftMail, DeletesNothingOnAnyOtherRefusal) {
  for (const auto& answer : {refusal(404), refusal(404, "ResourceNotFound"), refusal(400),
                             refusal(410, "ErrorItemNotFound")}) {
    mail_run r;
    r.folders({"A", "B"});
    r.get("/me/a1", page_of({removed("1")}, "/me/a2"));
    r.get("/me/messages/1", answer);
    EXPECT_EQ(r.pull(two).failure().code, ec::refused);
    EXPECT_TRUE(r.io.pages.empty());
  }
}

TEST(MicrosoftMail, TakesAFolderThatNobodySeesForTheBinOfDeletedMessages) {
  mail_run r;
  r.folders({"A", "B"});
  r.get("/me/a1", page_of({removed("1"), removed("2")}, "/me/a2"));
  r.get("/me/messages/1", ok(entry("1", "R")));
  r.folders({"A", "B"}); // R might be new: asked once
  r.get("/me/messages/2", ok(entry("2", "R")));
  r.get("/me/b1", page_of({}, "/me/b1"));
  ASSERT_TRUE(r.pull(two));
  EXPECT_EQ(r.all(), (ids{"-1", "-2"}));
}

TEST(MicrosoftMail, FollowsAMessageIntoAFolderMadeAMomentAgo) {
  mail_run r;
  r.folders({"A", "B"});
  r.get("/me/a1", page_of({removed("1")}, "/me/a2"));
  r.get("/me/messages/1", ok(entry("1", "C")));
  r.folders({"A", "B", "C"});
  r.get("/me/b1", page_of({}, "/me/b1"));
  r.first("C", page_of({entry("1", "C")}, "/me/c1"));
  ASSERT_TRUE(r.pull(two));
  EXPECT_EQ(r.all(), (ids{"1", "1"}));
  EXPECT_EQ(r.last().folders.size(), 3u);
}

TEST(MicrosoftMail, AsksForTheRestOfWhatChanged) {
  mail_run r;
  r.folders({"A", "B"});
  r.get("/me/a1", page_of({R"({"id":"1","isRead":"true"})"}, "/me/a2"));
  r.get("/me/messages/1", ok(entry("1")));
  r.get("/me/b1", page_of({}, "/me/b1"));
  ASSERT_TRUE(r.pull(two));
  EXPECT_EQ(r.all(), ids{"1"});
}

TEST(MicrosoftMail, CommitsNewLinksOnceWhereNothingElseIsNew) {
  mail_run moved;
  moved.folders({"A", "B"});
  moved.get("/me/a1", page_of({}, "/me/a2"));
  moved.get("/me/b1", page_of({}, "/me/b2"));
  ASSERT_TRUE(moved.pull(two));
  ASSERT_EQ(moved.io.pages.size(), 1u);
  EXPECT_EQ(moved.io.pages[0].enumeration, sweep::none);
  mail_run same;
  same.folders({"A", "B"});
  same.get("/me/a1", page_of({}, "/me/a1"));
  same.get("/me/b1", page_of({}, "/me/b1"));
  ASSERT_TRUE(same.pull(two));
  EXPECT_TRUE(same.io.pages.empty());
}

TEST(MicrosoftMail, BeginsAnewWhereAFolderWentOrALinkExpired) {
  const auto enumerates = [](mail_run& r) {
    r.folders({"A"});
    r.first("A", page_of({entry("1")}, "/me/a8"));
    r.folders({"A"});
    r.get("/me/a8", page_of({}, "/me/a9"));
    ASSERT_TRUE(r.pull(two));
    EXPECT_EQ(r.io.pages.at(0).enumeration, sweep::first);
    EXPECT_EQ(r.io.pages.back().enumeration, sweep::last);
  };
  mail_run went;
  went.folders({"A"});
  enumerates(went);
  for (const int status : {400, 404, 410}) {
    mail_run expired;
    expired.folders({"A", "B"});
    expired.get("/me/a1", refusal(status, "syncStateNotFound"));
    enumerates(expired);
  }
}

TEST(MicrosoftMail, BeginsAnewOnceARun) {
  mail_run r;
  r.folders({"A"});
  r.first("A", refusal(404, "ErrorItemNotFound"));
  r.folders({"A"});
  r.first("A", refusal(404, "ErrorItemNotFound"));
  const auto ended = r.pull(std::nullopt);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.failure().what.find("microsoft.mail_messages: "), 0u);
}

TEST(MicrosoftMail, TakesARefusedFirstRequestForNoGoneFolder) {
  for (const auto& answer : {refusal(404), refusal(400, "BadRequest"), refusal(410)}) {
    mail_run r;
    r.folders({"A"});
    r.first("A", answer);
    EXPECT_EQ(r.pull(std::nullopt).failure().code, ec::refused);
    EXPECT_TRUE(r.io.pages.empty());
  }
}

TEST(MicrosoftMail, GoesOnInTheMiddleOfAnEnumeration) {
  mail_run r;
  r.get("/me/bs", page_of({entry("3", "B")}, "/me/b1"));
  r.folders({"A", "B"});
  r.get("/me/a1", page_of({}, "/me/a1"));
  r.get("/me/b1", page_of({}, "/me/b1"));
  ASSERT_TRUE(r.pull(following({{"A", "/me/a1", true}, {"B", "/me/bs", false}}, phase::list)));
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::more);
  EXPECT_EQ(r.io.pages.back().enumeration, sweep::last);
  mail_run closes;
  closes.folders({"A"});
  closes.get("/me/a1", page_of({}, "/me/a1"));
  ASSERT_TRUE(closes.pull(following({{"A", "/me/a1", true}}, phase::closing)));
  EXPECT_EQ(closes.io.pages.at(0).enumeration, sweep::last);
}

TEST(MicrosoftMail, EnumeratesWhenAsked) {
  mail_run r;
  r.folders({"A"});
  r.first("A", page_of({entry("1")}, "/me/a1"));
  r.folders({"A"});
  r.get("/me/a1", page_of({}, "/me/a1"));
  ASSERT_TRUE(r.pull(two, true));
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
}

TEST(MicrosoftMail, ListsFoldersWithinFoldersAndLeavesHiddenOnesOut) {
  canned_io io{now};
  const auto list = [&](std::string_view path, std::string body) {
    io.expect("GET", base + std::string{path}, "", ok(std::move(body)));
  };
  list("/me/mailFolders" + query,
       R"({"value":[{"id":"A/","childFolderCount":2},{"id":"H","isHidden":true}],)"
       R"("@odata.nextLink":")"
           + base + R"(/me/next"})");
  list("/me/mailFolders/A%2F/childFolders" + query,
       R"({"value":[{"id":"C","childFolderCount":0},{"id":"D"}]})"); // of D it is not said
  list("/me/mailFolders/D/childFolders" + query, R"({"value":[]})");
  list("/me/next", R"({"value":[{"id":"B","childFolderCount":0}]})");
  constexpr collection any{"mail_messages", "/me/messages", 50, ""};
  const auto found = run(io, list_folders(io, any, base));
  ASSERT_TRUE(found) << found.failure().line();
  EXPECT_EQ(*found, (ids{"A/", "C", "D", "B"}));
}

TEST(MicrosoftMail, RefusesAListOfFoldersThatIsNone) {
  constexpr collection any{"mail_messages", "/me/messages", 50, ""};
  for (const auto* body : {"{}", "[]", R"({"value":[{}]})", R"({"value":[{"id":7}]})",
                           R"({"value":[],"@odata.nextLink":"https://evil.example/v1.0/me"})"}) {
    canned_io io{now};
    io.expect("GET", base + "/me/mailFolders" + query, "", ok(body));
    EXPECT_EQ(run(io, list_folders(io, any, base)).failure().code, ec::malformed) << body;
  }
  std::vector<std::string> many(folders_max, "A");
  canned_io most{now};
  most.expect("GET", base + "/me/mailFolders" + query, "", folders_of(many));
  EXPECT_TRUE(run(most, list_folders(most, any, base)));
  many.emplace_back("B");
  canned_io past{now};
  past.expect("GET", base + "/me/mailFolders" + query, "", folders_of(many));
  EXPECT_EQ(run(past, list_folders(past, any, base)).failure().code, ec::refused);
}

TEST(MicrosoftMail, TellsWhereAMessageLies) {
  const auto asked = [](int status, std::string folder) {
    canned_io io{now};
    io.expect("GET", base + "/me/messages/1", "", ok(entry("1", "F=")));
    io.expect("GET", base + "/me/mailFolders/F%3D?$select=displayName,isHidden", "",
              http_response{status, std::move(folder), "application/json"});
    return *run(io, look_up_message(io, {base, "1"}));
  };
  const auto shown = asked(200, R"({"displayName":"Bids","isHidden":false})");
  EXPECT_EQ(shown.found, standing::shown);
  EXPECT_EQ(shown.evidence.at(1), "It lies in the folder \"Bids\".");
  EXPECT_EQ(asked(200, R"({"displayName":"x","isHidden":true})").found, standing::archived);
  EXPECT_EQ(asked(404, "{}").found, standing::archived);
}
