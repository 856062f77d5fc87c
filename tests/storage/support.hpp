// What the storage tests share: a directory per test, a key, pages from few words.
#pragma once

#include "storage/store.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nexte::test {

/// Gone at the end of the test.
class temp_dir {
public:
  temp_dir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nexte-store-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~temp_dir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;
  const std::filesystem::path& path() const {
    return path_;
  }

private:
  std::filesystem::path path_;
};

inline secret master_key(char fill = 'k') {
  return secret{std::string(32, fill)};
}

inline wall_time at(int64_t seconds_since_1970) {
  return wall_time{seconds{seconds_since_1970}};
}

struct item {
  std::string id;
  std::string body = "{}";
  std::string version = "1";
  int64_t modified = 0; ///< Seconds.
  bool deleted = false;
};

inline item gone(std::string id, int64_t modified = 0) {
  return {std::move(id), "", "", modified, true};
}

/// A page that holds the items' texts.
inline page make_page(const std::vector<item>& items, sweep enumeration = sweep::none) {
  page made;
  made.enumeration = enumeration;
  for (const auto& i : items) {
    const auto id = made.keep(i.id);
    const auto version = made.keep(i.version);
    const auto body = made.keep(i.body);
    made.records.push_back({id, version, at(i.modified), i.deleted, body});
  }
  return made;
}

/// Items "000000", "000001", ….
inline std::vector<item> numbered(size_t begin, size_t end, const std::string& body = "{}") {
  std::vector<item> items;
  for (size_t i = begin; i < end; ++i) {
    const auto digits = std::to_string(i);
    items.push_back({std::string(6 - digits.size(), '0') + digits, body});
  }
  return items;
}

inline workspace_id workspace(const char* name = "acme") {
  return *workspace_id::parse(name);
}

inline put_integration integration(integration_id id) {
  put_integration write;
  write.row.id = id;
  write.row.workspace = workspace();
  write.row.provider = "hubspot";
  return write;
}

inline token_set tokens(const std::string& access, const std::string& refresh) {
  token_set made;
  made.access_token = secret{access};
  made.refresh_token = secret{refresh};
  made.expires_at = at(5000);
  made.scopes = {"crm.read", "crm.write"};
  return made;
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// A store in its own directory, small enough to grow soon.
class StoreTest : public testing::Test {
protected:
  StoreTest() {
    options_.directory = dir_.path() / "data";
    open();
  }
  void open() {
    store_.reset();
    auto opened = store::open(options_, master_key());
    ASSERT_TRUE(opened) << opened.failure().line();
    store_ = *std::move(opened);
  }
  /// One write, which the disk takes.
  result<write_outcome> write(store_write what, wall_time now = at(1000)) {
    auto outcomes = store_->commit({&what, 1}, now);
    if (!outcomes)
      return std::move(outcomes).failure();
    return std::move(outcomes->front());
  }
  /// As `write`, where it has to succeed.
  write_outcome done(store_write what, wall_time now = at(1000)) {
    auto outcome = write(std::move(what), now);
    EXPECT_TRUE(outcome) << outcome.failure().line();
    return outcome ? *outcome : write_outcome{};
  }
  /// A page on top of whatever stands.
  put_page on_top(page records, const std::string& stream = "contacts") {
    return {id_, stream, stands(stream).sequence, std::move(records)};
  }
  write_outcome put(const std::vector<item>& items, sweep enumeration = sweep::none,
                    wall_time now = at(1000)) {
    return done(on_top(make_page(items, enumeration)), now);
  }
  write_outcome put_lagging(const std::vector<item>& items) {
    auto records = make_page(items);
    records.lagging = true;
    return done(on_top(std::move(records)));
  }
  stream_row stands(const std::string& stream = "contacts") const {
    auto row = store_->stream(id_, stream);
    EXPECT_TRUE(row) << row.failure().line();
    return *row;
  }
  std::vector<record_row> records(const std::string& stream = "contacts") const {
    auto rows = store_->records(id_, stream, "", 1'000'000);
    EXPECT_TRUE(rows) << rows.failure().line();
    return *std::move(rows);
  }
  record_row record(const std::string& record_id) const {
    auto row = store_->record(id_, "contacts", record_id);
    EXPECT_TRUE(row && *row) << record_id;
    return **row;
  }
  std::vector<change_entry> changes(uint64_t after = 0) const {
    auto entries = store_->changes(after, 1'000'000);
    EXPECT_TRUE(entries) << entries.failure().line();
    return *std::move(entries);
  }
  std::string live_ids() const {
    std::string ids;
    for (const auto& row : records())
      if (!row.deleted)
        ids += (ids.empty() ? "" : " ") + row.id;
    return ids;
  }

  temp_dir dir_;
  store_options options_{{}, size_t{1} << 20, size_t{1} << 30, os_random()};
  const integration_id id_{42};
  std::unique_ptr<store> store_;
};

} // namespace nexte::test
