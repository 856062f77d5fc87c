#include "tests/storage/support.hpp"
#include "tests/support/full_disk.hpp"

#include <atomic>
#include <fstream>
#include <thread>

using namespace nexte;
using namespace nexte::test;

namespace {

class Disk : public StoreTest {
protected:
  std::filesystem::path data_file() const {
    return options_.directory / "data.mdb";
  }
  std::string digest() const {
    std::string all;
    for (const auto& row : records())
      all += row.id + row.version + row.body + std::to_string(row.sequence) + ";";
    for (const auto& entry : changes())
      all += entry.record + std::to_string(entry.sequence) + ";";
    return all + std::to_string(stands().sequence) + stands().checkpoint.value_or("none");
  }
  /// Flips a bit of the first place where `text` stands in the closed data file.
  void damage_at(const std::string& text) {
    store_.reset();
    auto bytes = bytes_of(data_file());
    size_t places = 0;
    for (auto at = bytes.find(text); at != bytes.npos; at = bytes.find(text, at + 1), ++places)
      bytes[at] = static_cast<char>(bytes[at] ^ 1);
    ASSERT_GT(places, 0u);
    std::ofstream{data_file(), std::ios::binary} << bytes;
    open();
  }
};

} // namespace

TEST_F(Disk, FullAtAnyPlaceLosesNothingAndTheSameWritesSucceedLater) {
  put(numbered(0, 100, std::string(300, 'a')));
  auto records = make_page(numbered(50, 300, std::string(470, 'b')));
  records.next_checkpoint = "later";
  const store_write again = on_top(std::move(records));
  const auto before = digest();
  size_t failures = 0;
  for (size_t bytes = 8192; bytes < (size_t{1} << 20); bytes += 36'864) {
    {
      const full_disk full{bytes};
      auto outcome = store_->commit({&again, 1}, at(1));
      if (outcome)
        break;
      EXPECT_EQ(outcome.failure().code, ec::storage);
      EXPECT_NE(outcome.failure().what.find("data.mdb could not be written"), std::string::npos)
          << outcome.failure().line();
      ++failures;
    }
    ASSERT_EQ(digest(), before) << bytes;
  }
  EXPECT_GT(failures, 3u);
  if (stands().sequence == 1) {
    auto outcome = store_->commit({&again, 1}, at(1));
    ASSERT_TRUE(outcome);
    ASSERT_TRUE(outcome->front());
  }
  EXPECT_EQ(stands().checkpoint, "later");
  EXPECT_EQ(stands().live_records, 300u);
  const auto after = digest();
  open();
  EXPECT_EQ(digest(), after);
}

TEST_F(Disk, IsLookedAtAfreshAfterAFailedWrite) {
  put({{"a"}});
  const auto aside = dir_.path() / "aside.mdb";
  std::filesystem::rename(data_file(), aside);
  std::ofstream{data_file()} << "what the disk really has";
  const store_write big = on_top(make_page(numbered(0, 100, std::string(470, 'b'))));
  {
    const full_disk full{8192};
    ASSERT_FALSE(store_->commit({&big, 1}, at(1)));
  }
  const auto read = store_->stream(id_, "contacts");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.failure().code, ec::storage);
  auto outcome = store_->commit({&big, 1}, at(1));
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.failure().what.find("is not a database"), std::string::npos);
  std::filesystem::rename(aside, data_file());
  ASSERT_TRUE(store_->commit({&big, 1}, at(1)));
  EXPECT_EQ(stands().live_records, 101u);
}

TEST_F(Disk, FullWhileTheMapGrowsLosesNothing) {
  options_.directory = dir_.path() / "small";
  options_.map_bytes_initial = size_t{128} << 10;
  open();
  put({{"a"}});
  const store_write big = on_top(make_page(numbered(0, 1000, std::string(470, 'b'))));
  {
    const full_disk full{size_t{200} << 10};
    auto outcome = store_->commit({&big, 1}, at(1));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.failure().code, ec::storage);
  }
  ASSERT_TRUE(store_->commit({&big, 1}, at(1)));
  EXPECT_EQ(stands().live_records, 1001u);
}

TEST_F(Disk, MapGrowsUnderReadersUnseen) {
  options_.directory = dir_.path() / "small";
  options_.map_bytes_initial = 1; // the least there can be
  open();
  std::atomic<bool> stop = false;
  std::atomic<size_t> reads = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      size_t last = 0;
      while (!stop) {
        const auto rows = store_->records(id_, "contacts", "", 100'000);
        ASSERT_TRUE(rows) << rows.failure().line();
        EXPECT_EQ(rows->size() % 100, 0u); // whole pages only
        EXPECT_GE(rows->size(), last);
        last = rows->size();
        ++reads;
      }
    });
  for (size_t i = 0; i < 60; ++i)
    put(numbered(i * 100, i * 100 + 100, std::string(470, 'x')));
  while (reads == 0)
    std::this_thread::yield();
  stop = true;
  for (auto& reader : readers)
    reader.join();
  EXPECT_EQ(stands().live_records, 6000u);
  EXPECT_GT(std::filesystem::file_size(data_file()), size_t{2} << 20);
  open(); // in a map that fits it
  EXPECT_EQ(records().size(), 6000u);
}

TEST_F(Disk, MapEndsAtItsLimitWithoutLoss) {
  options_.directory = dir_.path() / "small";
  options_.map_bytes_initial = size_t{128} << 10;
  options_.map_bytes_max = size_t{512} << 10;
  open();
  put(numbered(0, 100));
  const store_write big = on_top(make_page(numbered(0, 2000, std::string(470, 'b'))));
  auto outcome = store_->commit({&big, 1}, at(1));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.failure().code, ec::storage);
  EXPECT_NE(outcome.failure().line().find("map_bytes_max"), std::string::npos);
  EXPECT_EQ(records().size(), 100u);
  put({{"small enough"}});
  options_.map_bytes_max = size_t{64} << 20;
  open();
  put(numbered(0, 2000, std::string(470, 'b')));
  EXPECT_EQ(stands().live_records, 2001u);
}

TEST_F(Disk, DamagedRecordIsNamedAndTheOthersAreRead) {
  put({{"a"}, {"b", "the one body"}, {"c"}});
  damage_at("the one body");
  auto read = store_->record(id_, "contacts", "b");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.failure().code, ec::storage);
  for (const auto& name : {id_.str(), std::string{"contacts"}, std::string{"record b"}})
    EXPECT_NE(read.failure().what.find(name), std::string::npos) << name;
  EXPECT_FALSE(store_->records(id_, "contacts", "", 10));
  EXPECT_TRUE(*store_->record(id_, "contacts", "a"));
  EXPECT_EQ(store_->records(id_, "contacts", "b", 10)->size(), 1u);
  EXPECT_EQ(store_->records(id_, "contacts", "", 1)->size(), 1u);
}

TEST_F(Disk, DamagedRecordIsMendedByThePageThatHasIt) {
  put({{"a"}, {"b", "the one body"}, {"c"}});
  put({}, sweep::first);
  damage_at("the one body");
  put({{"b", "the one body"}});
  EXPECT_EQ(record("b").body, "the one body");
  EXPECT_EQ(stands().live_records, 3u);
  EXPECT_EQ(changes().size(), 3u);
  put({{"a"}, {"c"}}, sweep::last);
  EXPECT_EQ(live_ids(), "a b c");
}

TEST_F(Disk, DamagedRowFailsItsOwnWriteOnly) {
  auto row = integration(id_);
  row.row.account.name = "the one name";
  done(row);
  damage_at("the one name");
  const store_write writes[] = {put_tokens{id_, tokens("a", "r")}, append_error{id_, {}}};
  auto outcomes = store_->commit(writes, at(1));
  ASSERT_TRUE(outcomes);
  ASSERT_FALSE(outcomes->front());
  EXPECT_EQ(outcomes->front().failure().code, ec::storage);
  EXPECT_NE(outcomes->front().failure().what.find(id_.str()), std::string::npos);
  EXPECT_TRUE(outcomes->back());
  EXPECT_FALSE(store_->integration(id_));
  EXPECT_EQ(store_->errors(id_, 9)->size(), 1u);
}
