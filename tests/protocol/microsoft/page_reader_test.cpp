#include "protocol/microsoft/page_reader.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::microsoft;

namespace {

const std::string base = "https://graph.example/v1.0";

result<delta_page> read(const std::string& entries, const std::string& links,
                        record_guard guard = {}) {
  const auto text
      = std::make_shared<const std::string>(R"({"@odata.context":"x","value":[)" + entries + "]"
                                            + (links.empty() ? "" : "," + links) + "}");
  return read_delta(text, base, guard);
}

std::string link_of(std::string_view kind, std::string_view to) {
  return "\"@odata." + std::string{kind} + "Link\":\"" + std::string{to} + "\"";
}

const std::string ended = link_of("delta", base + "/me/contacts/delta?$deltatoken=d1");

constexpr std::string_view whole
    = R"({"@odata.etag":"W/\"K1\"","id":"A/1=","createdDateTime":"2026-01-01T10:00:00Z",)"
      R"("lastModifiedDateTime":"2026-01-02T10:00:00.5Z","changeKey":"K1","type":"x",)"
      R"("parentFolderId":"F1","more":{"id":"no"},"list":[{"id":"no"}]})";

} // namespace

TEST(MicrosoftPageReader, TakesAnEntryAsItStands) {
  const auto page = read(std::string{whole}, ended);
  ASSERT_TRUE(page) << page.failure().line();
  ASSERT_EQ(page->items.size(), 1u);
  const auto& item = page->items[0];
  EXPECT_EQ(item.record.id, "A/1=");
  EXPECT_EQ(item.record.version, "K1");
  EXPECT_EQ(item.record.modified_at, *parse_iso_time("2026-01-02T10:00:00.5Z"));
  EXPECT_EQ(item.record.body, whole);
  EXPECT_EQ(item.folder, "F1");
  EXPECT_TRUE(item.whole);
  EXPECT_FALSE(item.record.deleted);
}

TEST(MicrosoftPageReader, TellsWhatChangedAloneFromTheWhole) {
  const auto page = read(R"({"@odata.etag":"W/\"K2\"","id":"A","isRead":"true"},)"
                         R"({"id":"B","type":"occurrence","seriesMasterId":"M"},)"
                         R"({"id":"C","@removed":{"reason":"deleted"}},)"
                         R"({"id":"D","@removed":{"reason":"changed"}})",
                         ended);
  ASSERT_TRUE(page) << page.failure().line();
  ASSERT_EQ(page->items.size(), 4u);
  EXPECT_FALSE(page->items[0].whole);
  EXPECT_EQ(page->items[0].record.version, "K2");
  EXPECT_TRUE(page->items[1].whole);
  EXPECT_EQ(page->items[1].record.version, "");
  EXPECT_TRUE(page->items[2].record.deleted);
  EXPECT_TRUE(page->items[2].record.body.empty());
  EXPECT_TRUE(page->items[3].record.deleted);
}

TEST(MicrosoftPageReader, FollowsExactlyOneLink) {
  const auto next = link_of("next", base + "/me/contacts/delta?$skiptoken=s1");
  const auto more = read("", next);
  ASSERT_TRUE(more);
  EXPECT_EQ(more->link, "/me/contacts/delta?$skiptoken=s1");
  EXPECT_FALSE(more->ended);
  const auto last = read("", ended);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->link, "/me/contacts/delta?$deltatoken=d1");
  EXPECT_TRUE(last->ended);
  EXPECT_EQ(read("", "").failure().code, ec::malformed);
  EXPECT_EQ(read("", next + "," + ended).failure().code, ec::malformed);
  EXPECT_EQ(read("", ended + "," + ended).failure().code, ec::malformed);
}

TEST(MicrosoftPageReader, SendsNoTokenElsewhere) {
  for (const auto* to :
       {"https://evil.example/v1.0/me/contacts/delta", "http://graph.example/v1.0/me",
        "https://graph.example:444/v1.0/me", "https://graph.example.evil.example/v1.0/me",
        "https://graph.example/v1.0", "https://graph.example/v1.0x/me",
        "https://graph.example@evil.example/v1.0/me", "https://graph.example/beta/me", "/me/x",
        "//evil.example/v1.0/me"}) {
    EXPECT_FALSE(link_below(base, to)) << to;
    EXPECT_EQ(read("", link_of("next", to)).failure().code, ec::malformed) << to;
  }
  EXPECT_EQ(link_below(base, "https://GRAPH.example:443/V1.0/me/mailfolders('A=')/x?$t=1"),
            "/me/mailfolders('A=')/x?$t=1");
  EXPECT_EQ(link_below("https://127.0.0.1:9/m/v1.0", "https://127.0.0.1:9/m/v1.0/me"), "/me");
}

TEST(MicrosoftPageReader, RefusesALinkPastItsLimit) {
  const std::string path = "/me/" + std::string(link_bytes_max - 4, 'x');
  EXPECT_EQ(link_below(base, base + path), path);
  EXPECT_FALSE(link_below(base, base + path + "x"));
}

TEST(MicrosoftPageReader, StepsOverWhatItCannotRead) {
  for (const auto* bad : {R"({"changeKey":"K"})", R"({"id":""})", R"({"id":7})", R"({"id":"a b"})",
                          R"({"id":"A","id":"B"})", R"({"id":"A","lastModifiedDateTime":"soon"})",
                          R"({"id":"A","changeKey":["K"]})", R"({"id":null})"}) {
    const auto page = read(std::string{whole} + "," + bad, ended);
    ASSERT_TRUE(page) << bad;
    EXPECT_EQ(page->items.size(), 1u) << bad;
    ASSERT_EQ(page->texts.unread.size(), 1u) << bad;
    EXPECT_FALSE(page->texts.unread[0].reason.empty()) << bad;
  }
  const auto twice = read(std::string{whole} + R"(,{"id":"A","id":"B"})", ended);
  EXPECT_TRUE(twice->texts.unread[0].id.empty()); // nobody knows which it is
  EXPECT_EQ(read(R"({"id":7},{"id":8})", ended).failure().code, ec::malformed);
}

TEST(MicrosoftPageReader, RefusesAnotherShape) {
  record_guard guard;
  for (const auto* text :
       {"", "[]", "{}", R"({"value":{}})", R"({"value":[7],"@odata.deltaLink":"x"})",
        R"({"value":[[]],"@odata.deltaLink":"x"})", R"({"value":[],"@odata.deltaLink":7})",
        R"({"value":[],"@odata.deltaLink":null})", R"({"value":null})"}) {
    const auto page = read_delta(std::make_shared<const std::string>(text), base, guard);
    ASSERT_FALSE(page) << text;
    EXPECT_EQ(page.failure().code, ec::malformed) << text;
  }
}

TEST(MicrosoftPageReader, TellsTheGuardAndHeedsIt) {
  record_guard guard;
  guard.bar("A/1=", "K1");
  const auto page = read(std::string{whole}, ended, guard);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->items.empty());
  ASSERT_EQ(page->texts.unread.size(), 1u);
  EXPECT_EQ(page->texts.unread[0].id, "A/1=");
  EXPECT_TRUE(page->texts.unread[0].reason.empty());
}

TEST(MicrosoftPageReader, ReadsOneItem) {
  record_guard guard;
  page into;
  const auto item = read_item(std::string{whole}, into, guard);
  ASSERT_TRUE(item && *item);
  EXPECT_EQ((*item)->record.body, whole);
  EXPECT_TRUE((*item)->whole);
  const auto bad = read_item(R"({"id":7})", into, guard);
  ASSERT_TRUE(bad);
  EXPECT_FALSE(*bad);
  EXPECT_EQ(into.unread.size(), 1u);
  EXPECT_FALSE(read_item("[]", into, guard));
  EXPECT_FALSE(read_item("7", into, guard));
}
