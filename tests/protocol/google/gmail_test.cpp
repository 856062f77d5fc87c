#include "protocol/google/gmail.hpp"

#include "protocol/google/checkpoint.hpp"
#include "protocol/google/provider.hpp"

#include "tests/support/canned_io.hpp"

using namespace nexte;
using namespace nexte::google;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
const std::string base = "https://gmail.googleapis.com/gmail/v1/users/me";

http_response ok(std::string body) {
  return {200, std::move(body), "application/json"};
}

http_response refusal(int status, std::string_view reason) {
  return {status,
          R"({"error":{"errors":[{"reason":")" + std::string{reason} + R"("}],"code":)"
              + std::to_string(status) + "}}",
          "application/json"};
}

std::string quoted_list(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts)
    text.append(text.empty() ? "" : ",").append(part);
  return "[" + text + "]";
}

/// An entry of the history.
std::string entry(int id, std::string_view kind, std::string_view message) {
  return R"({"id":")" + std::to_string(id) + "\",\"" + std::string{kind}
         + R"(":[{"message":{"id":")" + std::string{message} + "\"}}]}";
}

struct mail_run {
  void profile(std::string_view history) {
    io.expect("GET", base + "/profile", "", ok(R"({"historyId":")" + std::string{history} + "\"}"));
  }
  void list(std::string_view cursor, http_response answer) {
    io.expect("GET", base + "/messages?maxResults=100" + behind(cursor), "", std::move(answer));
  }
  void list(std::string_view cursor, const std::vector<std::string>& ids,
            std::string_view next = {}) {
    std::vector<std::string> messages;
    for (const auto& id : ids)
      messages.push_back(R"({"id":")" + id + "\"}");
    list(cursor, ok(R"({"messages":)" + quoted_list(messages) + token(next) + "}"));
  }
  void message(const std::string& id, std::string_view label = "INBOX") {
    message(id, ok(R"({"id":")" + id + R"(","historyId":"5","labelIds":[")" + std::string{label}
                   + "\"]}"));
  }
  void message(const std::string& id, http_response answer) {
    io.expect("GET", base + "/messages/" + id + "?format=full", "", std::move(answer));
  }
  void history(std::string_view from, std::string_view cursor, http_response answer) {
    io.expect("GET",
              base + "/history?startHistoryId=" + std::string{from} + "&maxResults=100"
                  + behind(cursor),
              "", std::move(answer));
  }
  void history(std::string_view from, std::string_view cursor,
               const std::vector<std::string>& entries, std::string_view at,
               std::string_view next = {}) {
    const auto changes
        = entries.empty() ? std::string{} : "\"history\":" + quoted_list(entries) + ",";
    history(from, cursor,
            ok("{" + changes + R"("historyId":")" + std::string{at} + "\"" + token(next) + "}"));
  }
  static std::string behind(std::string_view cursor) {
    return cursor.empty() ? std::string{} : "&pageToken=" + std::string{cursor};
  }
  static std::string token(std::string_view next) {
    return next.empty() ? std::string{} : R"(,"nextPageToken":")" + std::string{next} + "\"";
  }
  result<bool> pull(const std::optional<checkpoint>& from, bool full = false) {
    pull_request request;
    request.api_base = "https://www.googleapis.com";
    if (from)
      request.checkpoint = write_checkpoint(*from);
    request.full = full;
    auto ended = run(io, provider().stream("gmail_messages")->pull(io, std::move(request)));
    EXPECT_TRUE(io.exhausted()) << "a request was expected and not made";
    return ended;
  }
  checkpoint last() const {
    return io.pages.empty() ? checkpoint{} : *read_checkpoint(io.pages.back().checkpoint);
  }

  canned_io io{now};
};

checkpoint at_history(std::string from) {
  checkpoint at;
  at.at = phase::changes;
  at.from = std::move(from);
  return at;
}

using ids = std::vector<std::string>;

} // namespace

TEST(GmailStream, EnumeratesThenClosesWithWhatChangedMeanwhile) {
  mail_run r;
  r.profile("10");
  r.list("", {"c", "b"}, "p2");
  r.message("c");
  r.message("b", "TRASH");
  r.list("p2", {"a"});
  r.message("a");
  r.history("10", "", {entry(11, "labelsAdded", "c")}, "12");
  r.message("c", "TRASH");
  ASSERT_TRUE(r.pull(std::nullopt));
  ASSERT_EQ(r.io.pages.size(), 3u);
  EXPECT_EQ(r.io.pages[0].ids, (ids{"c", "-b"}));
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  EXPECT_EQ(r.io.pages[1].enumeration, sweep::more);
  EXPECT_EQ(r.io.pages[2].enumeration, sweep::last);
  EXPECT_EQ(r.io.pages[2].ids, (ids{"-c"}));
  EXPECT_EQ(r.last(), at_history("12"));
  for (const auto& endpoint : r.io.endpoints)
    EXPECT_EQ(endpoint, "gmail");
}

TEST(GmailStream, BeginsTheSweepAndClosesItInAnEmptyMailbox) {
  mail_run r;
  r.profile("10");
  r.list("", ok(R"({"resultSizeEstimate":0})"));
  r.history("10", "", {}, "10");
  ASSERT_TRUE(r.pull(std::nullopt));
  ASSERT_EQ(r.io.pages.size(), 2u);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  EXPECT_EQ(r.io.pages[1].enumeration, sweep::last);
}

TEST(GmailStream, GoesOnInTheMiddleOfAnEnumeration) {
  checkpoint middle;
  middle.from = "10";
  middle.cursor = "p2";
  mail_run r;
  r.list("p2", {"a"});
  r.message("a");
  r.history("10", "", {}, "10");
  ASSERT_TRUE(r.pull(middle));
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::more);
  EXPECT_EQ(r.last(), at_history("10"));
}

TEST(GmailStream, BeginsTheListAnewOnceWhereItsCursorIsRefused) {
  checkpoint middle;
  middle.from = "10";
  middle.cursor = "p2";
  mail_run r;
  r.list("p2", refusal(400, "invalidArgument"));
  r.profile("15");
  r.list("", {"a"}, "p9");
  r.message("a");
  r.list("p9", refusal(400, "invalidArgument"));
  const auto ended = r.pull(middle);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.failure().code, ec::refused);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  EXPECT_EQ(r.last().from, "15"); // nothing that changed while the first list was read is missed
}

TEST(GmailStream, CommitsNothingWhereNothingChanged) {
  mail_run r;
  r.history("10", "", {}, "10");
  ASSERT_TRUE(r.pull(at_history("10")));
  EXPECT_TRUE(r.io.pages.empty());
}

TEST(GmailStream, KeepsUpWithAHistoryIdThatMovesByItself) {
  mail_run r; // else it would be too old some day
  r.history("10", "", {}, "11");
  ASSERT_TRUE(r.pull(at_history("10")));
  ASSERT_EQ(r.io.pages.size(), 1u);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::none);
  EXPECT_EQ(r.last(), at_history("11"));
}

TEST(GmailStream, StandsWhereTheFirstPageOfTheHistorySaid) {
  mail_run r;
  r.history("10", "", {entry(11, "messagesAdded", "a")}, "12", "h2");
  r.message("a");
  r.history("10", "h2", {entry(12, "messagesDeleted", "b")}, "15"); // 13 to 15 may not show
  ASSERT_TRUE(r.pull(at_history("10")));
  ASSERT_EQ(r.io.pages.size(), 2u);
  const auto between = *read_checkpoint(r.io.pages[0].checkpoint);
  EXPECT_EQ(between.from, "10");
  EXPECT_EQ(between.until, "12");
  EXPECT_EQ(between.cursor, "h2");
  EXPECT_EQ(r.io.pages[1].ids, (ids{"-b"}));
  EXPECT_EQ(r.last(), at_history("12"));
}

TEST(GmailStream, ReadsTheHistoryAnewWhereItsCursorIsRefused) {
  auto middle = at_history("10");
  middle.until = "12";
  middle.cursor = "h2";
  mail_run r;
  r.history("10", "h2", refusal(400, "invalidArgument"));
  r.history("10", "", {entry(11, "messagesDeleted", "a")}, "14");
  ASSERT_TRUE(r.pull(middle));
  EXPECT_EQ(r.last(), at_history("14"));
}

TEST(GmailStream, EnumeratesOnceWhereTheHistoryIsGone) {
  mail_run r;
  r.history("10", "", refusal(404, "notFound"));
  r.profile("90");
  r.list("", {"a"});
  r.message("a");
  r.history("90", "", refusal(404, "notFound"));
  const auto ended = r.pull(at_history("10"));
  ASSERT_FALSE(ended); // and not again and again
  EXPECT_EQ(ended.failure().code, ec::refused);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
}

TEST(GmailStream, TakesAMessageForDeletedOnlyWhenGmailItselfSaysSo) {
  mail_run gone;
  gone.history("10", "", {entry(11, "messagesAdded", "a")}, "12");
  gone.message("a", refusal(404, "notFound"));
  ASSERT_TRUE(gone.pull(at_history("10")));
  EXPECT_EQ(gone.io.pages[0].ids, (ids{"-a"}));
  mail_run odd; // something in between
  odd.history("10", "", {entry(11, "messagesAdded", "a")}, "12");
  odd.message("a", http_response{404, "{}", "application/json"});
  EXPECT_FALSE(odd.pull(at_history("10")));
  EXPECT_TRUE(odd.io.pages.empty());
  mail_run listed; // it was deleted between the list and the call
  listed.profile("10");
  listed.list("", {"a", "b"});
  listed.message("a", refusal(404, "notFound"));
  listed.message("b");
  listed.history("10", "", {}, "12");
  ASSERT_TRUE(listed.pull(std::nullopt));
  EXPECT_EQ(listed.io.pages[0].ids, (ids{"b"}));
}

TEST(GmailStream, HandsOverWhatIsMuchBeforeThePageIsThrough) {
  const auto large = [](const std::string& id) {
    return ok(R"({"id":")" + id + R"(","historyId":"5","raw":")"
              + std::string(gmail_page_bytes_max, 'x') + "\"}");
  };
  mail_run r;
  r.profile("10");
  r.list("", {"b", "a"});
  r.message("b", large("b"));
  r.message("a");
  r.history("10", "", {entry(11, "labelsAdded", "b"), entry(12, "messagesDeleted", "a")}, "12");
  r.message("b", large("b"));
  ASSERT_TRUE(r.pull(std::nullopt));
  ASSERT_EQ(r.io.pages.size(), 4u);
  EXPECT_EQ(r.io.pages[0].enumeration, sweep::first);
  EXPECT_EQ(read_checkpoint(r.io.pages[0].checkpoint)->cursor, ""); // the page is read again
  EXPECT_EQ(r.io.pages[1].enumeration, sweep::more);
  EXPECT_EQ(r.io.pages[2].enumeration, sweep::more);
  EXPECT_EQ(read_checkpoint(r.io.pages[2].checkpoint)->at, phase::closing);
  EXPECT_EQ(r.io.pages[3].enumeration, sweep::last);
}

TEST(GmailStream, EnumeratesAgainWhenAskedOrWhereTheCheckpointIsOfNoUse) {
  mail_run asked;
  asked.profile("20");
  asked.list("", ids{});
  asked.history("20", "", {}, "20");
  ASSERT_TRUE(asked.pull(at_history("10"), true));
  EXPECT_EQ(asked.io.pages[0].enumeration, sweep::first);
  mail_run damaged;
  damaged.profile("20");
  damaged.list("", ids{});
  damaged.history("20", "", {}, "20");
  pull_request request;
  request.api_base = "https://www.googleapis.com";
  request.checkpoint = R"({"v":99})";
  ASSERT_TRUE(run(damaged.io, provider().stream("gmail_messages")->pull(damaged.io, request)));
}

TEST(GmailStream, RefusesAPageThatStandsStill) {
  auto middle = at_history("10");
  middle.cursor = "h2";
  mail_run r;
  r.history("10", "h2", {}, "12", "h2");
  EXPECT_EQ(r.pull(middle).failure().code, ec::malformed);
}

TEST(GmailStream, EndsWithTheErrorOfAnEmit) {
  mail_run r;
  r.io.fail_emit_after(0);
  r.profile("10");
  r.list("", ids{});
  const auto ended = r.pull(std::nullopt);
  EXPECT_EQ(ended.failure().code, ec::cancelled);
  EXPECT_EQ(ended.failure().what.find("google.gmail_messages: "), 0u);
}

TEST(GmailStream, GoesWhereverTheHostSaysThatGoogleIs) {
  canned_io io{now};
  io.expect("GET", "https://127.0.0.1:4711/google/gmail/v1/users/me/messages/a%2F?format=minimal",
            "", refusal(404, "notFound"));
  const auto seen = run(
      io,
      provider().stream("gmail_messages")->look_up(io, {"https://127.0.0.1:4711/google", "a/"}));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->found, standing::absent);
}

TEST(GmailLookUp, TellsHowAMessageStands) {
  const auto asked = [](http_response answer) {
    canned_io io{now};
    io.expect("GET", base + "/messages/18c?format=minimal", "", std::move(answer));
    return run(io, look_up_message(io, {"https://www.googleapis.com", "18c"}));
  };
  const auto labelled = [&](std::string_view label) {
    return asked(ok(R"({"id":"18c","historyId":"9","labelIds":[")" + std::string{label} + "\"]}"));
  };
  const auto live = labelled("INBOX");
  ASSERT_TRUE(live);
  EXPECT_EQ(live->found, standing::shown);
  EXPECT_EQ(live->version, "9");
  EXPECT_EQ(live->evidence.at(0),
            "Gmail was asked for the message 18c and showed it: in the inbox.");
  EXPECT_EQ(labelled("TRASH")->found, standing::archived);
  EXPECT_EQ(labelled("SPAM")->found, standing::archived);
  EXPECT_EQ(labelled("STARRED")->found, standing::shown);
  EXPECT_EQ(asked(refusal(400, "invalidArgument"))->found, standing::absent);
  EXPECT_FALSE(asked(http_response{404, "{}", "application/json"}));
  EXPECT_FALSE(asked(ok(R"({"id":"18d"})")));
}
