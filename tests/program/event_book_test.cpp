#include "actors/program/event_book.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::program;

namespace {

constexpr steady_time start{std::chrono::hours{1}};

integration_status syncing(uint64_t items) {
  integration_status status;
  status.id = integration_id{1};
  status.provider = "hubspot";
  status.state = "connected";
  status.badge = "green";
  stream_status contacts;
  contacts.name = "contacts";
  contacts.running = true;
  contacts.items_this_run = items;
  contacts.records = items;
  status.records = items;
  status.streams = {contacts};
  return status;
}

/// The names of the events, in order; "·" is a comment.
std::string names(std::string_view text) {
  std::string all;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    if (line.starts_with("event: "))
      all.append(all.empty() ? "" : " ").append(line.substr(7));
    if (line.starts_with(":"))
      all.append(all.empty() ? "" : " ").append("·");
    text.remove_prefix(line.size() + 1);
  }
  return all;
}

std::string last_id(std::string_view text) {
  const auto at = text.rfind("id: ") + 4;
  return std::string{text.substr(at, text.find('\n', at) - at)};
}

class EventBook : public ::testing::Test {
protected:
  std::string read() {
    return reader->take().bytes;
  }
  void put(const integration_status& status) {
    book.put(status, start);
  }

  event_book book{"run"};
  std::shared_ptr<byte_feed> reader = book.open("", start);
};

} // namespace

TEST_F(EventBook, BeginsWithAMarkThatAsksForTheLists) {
  const auto first = read();
  EXPECT_EQ(names(first), "snapshot");
  EXPECT_NE(first.find(R"(data: {"resumed":false})"), first.npos);
  EXPECT_TRUE(first.ends_with("\n\n"));
}

TEST_F(EventBook, TellsAStatusOnceUntilItDiffers) {
  read();
  put(syncing(0));
  EXPECT_EQ(names(read()), "status progress quota");
  put(syncing(0));
  EXPECT_EQ(read(), "");
  auto changed = syncing(0);
  changed.badge = "red";
  put(changed);
  EXPECT_EQ(names(read()), "status");
}

TEST_F(EventBook, TellsProgressAndQuotaWithoutTheWholePanel) {
  put(syncing(0));
  read();
  put(syncing(100));
  const auto progress = read();
  EXPECT_EQ(names(progress), "progress");
  EXPECT_NE(progress.find(R"("items_this_run":100)"), progress.npos) << progress;
  auto spent = syncing(100);
  spent.quota_used = 3;
  put(spent);
  EXPECT_EQ(names(read()), "quota");
}

TEST_F(EventBook, TellsIncidentsAndNamesThoseThatAreOver) {
  put(syncing(0));
  read();
  auto troubled = syncing(0);
  incident_row incident;
  incident.id = 7;
  incident.kind = "rate_limited";
  troubled.incidents = {incident};
  EXPECT_TRUE(book.put(troubled, start).empty());
  EXPECT_EQ(names(read()), "status incident");
  EXPECT_EQ(book.put(syncing(0), start), std::vector<uint64_t>{7});
  EXPECT_TRUE(book.put(syncing(0), start).empty());
  EXPECT_EQ(names(read()), "status");
  book.put(incident, start);
  book.put(notification_row{}, start);
  EXPECT_EQ(names(read()), "incident notification");
}

TEST_F(EventBook, GoesOnAfterTheLastEventThatWasSeen) {
  put(syncing(0));
  const auto seen = last_id(read());
  put(syncing(1));
  put(syncing(2));
  const auto again = book.open(seen, start)->take().bytes;
  EXPECT_EQ(names(again), "snapshot progress progress");
  EXPECT_NE(again.find(R"({"resumed":true})"), again.npos);
  EXPECT_EQ(last_id(again), last_id(read()));
  const auto nothing_new = book.open(last_id(again), start)->take().bytes;
  EXPECT_EQ(names(nothing_new), "snapshot");
  EXPECT_NE(nothing_new.find(R"({"resumed":true})"), nothing_new.npos);
}

TEST_F(EventBook, GoesOnAfterNoIdThatItDoesNotKnow) {
  put(syncing(0));
  const auto seen = last_id(read());
  for (const auto* id :
       {"other-1", "run-99", "run-", "run-x", "run", "run-99999999999999999999999"})
    EXPECT_NE(book.open(id, start)->take().bytes.find(R"({"resumed":false})"), std::string::npos)
        << id;
  for (uint64_t i = 0; i <= events_kept_max; ++i)
    put(syncing(i + 1));
  EXPECT_NE(book.open(seen, start)->take().bytes.find(R"({"resumed":false})"), std::string::npos);
}

TEST_F(EventBook, StaysForAReaderThatMayComeBackButNotForLong) {
  put(syncing(0));
  const auto seen = last_id(read());
  reader->abandon();
  book.beat(start);
  EXPECT_TRUE(book.wanted(start + event_linger - milliseconds{1}));
  EXPECT_FALSE(book.wanted(start + event_linger));
  const auto in_time = book.open(seen, start + event_linger - milliseconds{1});
  EXPECT_NE(in_time->take().bytes.find(R"({"resumed":true})"), std::string::npos);
  in_time->abandon();
  book.beat(start);
  const auto late = book.open(seen, start + event_linger);
  EXPECT_NE(late->take().bytes.find(R"({"resumed":false})"), std::string::npos);
  book.put(syncing(0), start + event_linger); // told anew to a reader that starts anew
  EXPECT_EQ(names(late->take().bytes), "status progress quota");
}

TEST_F(EventBook, HasOnlySoManyReaders) {
  std::vector<std::shared_ptr<byte_feed>> more;
  for (size_t i = 1; i < event_readers_max; ++i)
    more.push_back(book.open("", start));
  EXPECT_TRUE(more.back());
  EXPECT_FALSE(book.open("", start));
  more.back()->abandon();
  EXPECT_TRUE(book.open("", start));
}

TEST_F(EventBook, CutsAReaderThatIsTooSlow) {
  auto large = syncing(0);
  large.because = std::string(event_bytes_waiting_max / 3, 'x');
  for (const auto* badge : {"green", "amber", "red"}) {
    large.badge = badge;
    put(large);
  }
  EXPECT_EQ(reader->take().after, byte_feed::state::cut);
}

TEST_F(EventBook, BeatsForThoseWhoWait) {
  read();
  book.beat(start);
  EXPECT_EQ(names(read()), "·");
  book.end();
  EXPECT_EQ(reader->take().after, byte_feed::state::ended);
}
