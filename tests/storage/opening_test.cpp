#include "storage/lmdb.hpp"
#include "storage/rows.hpp"
#include "storage/schema.hpp"
#include "storage/vault.hpp"
#include "tests/storage/support.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

using namespace nexte;
using namespace nexte::test;

namespace {

class Opening : public StoreTest {
protected:
  std::filesystem::path data_file() const {
    return options_.directory / "data.mdb";
  }
  error refusal(const secret& master = master_key()) {
    store_.reset();
    auto opened = store::open(options_, master);
    EXPECT_FALSE(opened);
    return opened ? error{ec::bug, "opened"} : opened.failure();
  }
};

/// Runs `body` on the tables of a closed store.
template <class Body>
void with_tables(const std::filesystem::path& directory, Body body) {
  const lmdb::environment env{directory, size_t{1} << 20};
  const auto at = open_schema(env, directory, vault{master_key(), os_random()});
  lmdb::transaction txn{env, lmdb::transaction::kind::write};
  body(txn, at);
  txn.commit();
}

void add_counter_rows(lmdb::transaction& txn, const tables& at) {
  put_row(txn, at.rows, "zmigrated", uint64_t{7});
}

void add_and_fail(lmdb::transaction& txn, const tables& at) {
  put_row(txn, at.rows, "zhalf", uint64_t{7});
  throw disk_failure{EIO};
}

} // namespace

TEST_F(Opening, MakesTheDirectoryForItsOwnerOnly) {
  struct stat about {};
  ASSERT_EQ(::stat(options_.directory.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0700u);
  for (const auto& entry : std::filesystem::directory_iterator{options_.directory}) {
    ASSERT_EQ(::stat(entry.path().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u) << entry.path();
  }
}

TEST_F(Opening, MakesMissingParents) {
  options_.directory = dir_.path() / "a" / "b" / "data";
  open();
}

TEST_F(Opening, OfADirectoryThatCannotBeMadeIsToldAsSuch) {
  std::ofstream{dir_.path() / "file"} << "x";
  options_.directory = dir_.path() / "file" / "data";
  const auto refused = refusal();
  EXPECT_EQ(refused.code, ec::storage);
  EXPECT_NE(refused.line().find(options_.directory.string()), std::string::npos);
  options_.directory.clear();
  EXPECT_EQ(refusal().code, ec::refused);
}

TEST_F(Opening, IsForOneStoreAtATime) {
  auto second = store::open(options_, master_key());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.failure().code, ec::conflict);
  EXPECT_EQ(second.failure().line(), options_.directory.string() + " is in use by process "
                                         + std::to_string(::getpid())
                                         + "; stop it or choose another data_dir");
  put({{"a"}}); // the first one goes on
  store_.reset();
  open();
  EXPECT_EQ(live_ids(), "a");
}

TEST_F(Opening, NamesTheProcessThatHasTheDirectory) {
  store_.reset();
  std::array<int, 2> ready{};
  std::array<int, 2> quit{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  ASSERT_EQ(::pipe(quit.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(quit[1]);
    const auto held = store::open(options_, master_key());
    char c = held ? 'y' : 'n';
    const bool told = ::write(ready[1], &c, 1) == 1;
    ::_exit(told && ::read(quit[0], &c, 1) == 0 ? 0 : 1); // until the parent closes its end
  }
  char opened = 0;
  ASSERT_EQ(::read(ready[0], &opened, 1), 1);
  EXPECT_EQ(opened, 'y');
  const auto refused = refusal();
  EXPECT_EQ(refused.code, ec::conflict);
  EXPECT_NE(refused.what.find("process " + std::to_string(child)), std::string::npos);
  for (const int fd : {ready[0], ready[1], quit[0], quit[1]})
    ::close(fd);
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  open(); // the lock fell with the process
}

TEST_F(Opening, WithAnotherKeyIsRefusedAndChangesNothing) {
  done(integration(id_));
  done(put_tokens{id_, tokens("a", "r")});
  store_.reset();
  const auto before = bytes_of(data_file());
  const auto refused = refusal(master_key('x'));
  EXPECT_EQ(refused.code, ec::refused);
  EXPECT_NE(refused.what.find("the key does not fit the data in " + options_.directory.string()),
            std::string::npos);
  EXPECT_EQ(bytes_of(data_file()), before);
  open();
  EXPECT_EQ((**store_->tokens(id_)).access_token.reveal(), "a");
}

TEST_F(Opening, WithTheFormerKeyBesideANewOneSealsEveryTokenAnew) {
  const auto other = integration_id::make(os_random());
  done(integration(id_));
  done(put_tokens{id_, tokens("a", "r")});
  done(integration(other));
  done(put_tokens{other, tokens("b", "s")});
  store_.reset();
  options_.former_key = master_key('k');
  for (int turn = 0; turn < 2; ++turn) { // … and is not needed, but allowed, later on
    auto opened = store::open(options_, master_key('x'));
    ASSERT_TRUE(opened) << opened.failure().line();
    EXPECT_EQ((**(*opened)->tokens(id_)).access_token.reveal(), "a");
    EXPECT_EQ((**(*opened)->tokens(other)).refresh_token.reveal(), "s");
  }
  options_.former_key = {};
  EXPECT_EQ(refusal(master_key('k')).code, ec::refused) << "the former key opens nothing now";
  EXPECT_TRUE(store::open(options_, master_key('x')));
}

TEST_F(Opening, WithTwoKeysOfWhichNoneFitsIsRefusedAndChangesNothing) {
  done(integration(id_));
  done(put_tokens{id_, tokens("a", "r")});
  store_.reset();
  const auto before = bytes_of(data_file());
  options_.former_key = master_key('y');
  EXPECT_EQ(refusal(master_key('x')).code, ec::refused);
  options_.former_key = secret{"short"};
  EXPECT_EQ(refusal(master_key('k')).code, ec::refused);
  EXPECT_EQ(bytes_of(data_file()), before);
}

TEST_F(Opening, NeedsAKeyOf32Bytes) {
  for (const size_t bytes : {size_t{0}, size_t{31}, size_t{33}})
    EXPECT_EQ(refusal(secret{std::string(bytes, 'k')}).code, ec::refused);
}

TEST_F(Opening, OfAFileCutShortIsRefused) {
  put(numbered(0, 500, std::string(500, 'x')));
  store_.reset();
  const auto whole = bytes_of(data_file());
  const auto used = whole.find_last_not_of('\0') + 1;
  for (const size_t bytes : {size_t{0}, size_t{3 * 4096}, used / 2, used - 4096}) {
    std::ofstream{data_file(), std::ios::binary} << whole.substr(0, bytes);
    const auto refused = refusal();
    EXPECT_EQ(refused.code, ec::storage);
    EXPECT_NE(refused.what.find("data.mdb was cut short"), std::string::npos) << refused.what;
    EXPECT_EQ(std::filesystem::file_size(data_file()), bytes);
  }
  std::ofstream{data_file(), std::ios::binary} << whole;
  open();
  EXPECT_EQ(stands().live_records, 500u);
}

TEST_F(Opening, OfAnotherKindOfFileIsRefused) {
  store_.reset();
  for (const auto& content : {std::string(10'000, 'x'), std::string{"short"}}) {
    std::ofstream{data_file(), std::ios::binary} << content;
    const auto refused = refusal();
    EXPECT_EQ(refused.code, ec::storage);
    EXPECT_NE(refused.what.find("is not a database of this program"), std::string::npos);
    EXPECT_EQ(bytes_of(data_file()), content);
  }
}

TEST_F(Opening, OfAnotherProgramsDatabaseIsRefused) {
  store_.reset();
  std::filesystem::remove(data_file());
  {
    const lmdb::environment env{options_.directory, size_t{1} << 20};
    lmdb::transaction txn{env, lmdb::transaction::kind::write};
    MDB_dbi table = 0;
    ASSERT_EQ(mdb_dbi_open(txn.get(), "theirs", MDB_CREATE, &table), 0);
    txn.commit();
  }
  EXPECT_NE(refusal().what.find("is not a database of this program"), std::string::npos);
}

TEST_F(Opening, OfANewerSchemaIsRefused) {
  store_.reset();
  with_tables(options_.directory,
              [](auto& txn, auto& at) { put_row(txn, at.rows, key{'v'}, schema_version + 1); });
  const auto refused = refusal();
  EXPECT_EQ(refused.code, ec::storage);
  EXPECT_NE(refused.what.find("newer version"), std::string::npos);
}

TEST_F(Opening, BringsOlderDataUpToDateInOrder) {
  put({{"a"}});
  store_.reset();
  const vault keys{master_key(), os_random()};
  const lmdb::environment env{options_.directory, size_t{1} << 20};
  const migration steps[] = {{schema_version, add_counter_rows},
                             {schema_version + 1, [](auto& txn, const tables& at) {
                                auto row = get_row<uint64_t>(txn, at.rows, "zmigrated");
                                put_row(txn, at.rows, "zmigrated", *row * 6);
                              }}};
  for (int twice = 0; twice < 2; ++twice) { // the second time there is nothing left to do
    const auto at = open_schema(env, options_.directory, keys, nullptr, steps, schema_version + 2);
    const lmdb::transaction txn{env, lmdb::transaction::kind::read};
    EXPECT_EQ(get_row<uint64_t>(txn, at.rows, "zmigrated"), 42u);
    EXPECT_EQ(get_row<uint64_t>(txn, at.rows, key{'v'}), schema_version + 2);
    EXPECT_EQ(txn.entries(at.records), 1u);
  }
}

TEST_F(Opening, LeavesOlderDataAsItWasWhenAStepFails) {
  store_.reset();
  const vault keys{master_key(), os_random()};
  const lmdb::environment env{options_.directory, size_t{1} << 20};
  const migration steps[]
      = {{schema_version, add_counter_rows}, {schema_version + 1, add_and_fail}};
  EXPECT_THROW(open_schema(env, options_.directory, keys, nullptr, steps, schema_version + 2),
               disk_failure);
  const lmdb::transaction txn{env, lmdb::transaction::kind::read};
  MDB_dbi rows = 0;
  ASSERT_EQ(mdb_dbi_open(txn.get(), "rows", 0, &rows), 0);
  EXPECT_EQ(get_row<uint64_t>(txn, rows, key{'v'}), schema_version + 1);
  EXPECT_TRUE(txn.get(rows, "zmigrated"));
  EXPECT_FALSE(txn.get(rows, "zhalf"));
}

TEST_F(Opening, OfOlderDataWithoutAWayIsRefused) {
  store_.reset();
  const vault keys{master_key(), os_random()};
  const lmdb::environment env{options_.directory, size_t{1} << 20};
  const migration steps[] = {{schema_version + 1, add_counter_rows}};
  EXPECT_THROW(open_schema(env, options_.directory, keys, nullptr, steps, schema_version + 2),
               damage);
}

/// As the first schema had it: no tables of two-way sync, integrations without a conflict rule.
void make_first_schema(const std::filesystem::path& directory, const integration_row& row) {
  const lmdb::environment env{directory, size_t{1} << 20};
  lmdb::transaction txn{env, lmdb::transaction::kind::write};
  MDB_dbi rows = 0;
  for (const char* name : {"records", "feed", "marks", "rows"})
    ASSERT_EQ(mdb_dbi_open(txn.get(), name, MDB_CREATE, &rows), 0);
  put_row(txn, rows, key{'v'}, uint64_t{1});
  put_row(txn, rows, key{'k'}, vault{master_key(), os_random()}.key_check());
  std::string value;
  begin_value(value, 1);
  field_writer to{value};
  write(to, row);
  value.pop_back(); // the rule, which came with the second one
  const auto row_key = key{'i'}.id(row.id);
  seal_value(value, row_key);
  txn.put(rows, row_key, value);
  txn.commit();
}

TEST_F(Opening, BringsTheFirstSchemaToTwoWaySync) {
  store_.reset();
  std::filesystem::remove(data_file());
  auto before = integration(id_).row;
  before.disconnects = {{at(3), "disconnected", "invalid_grant", "The grant is gone."}};
  make_first_schema(options_.directory, before);
  open();
  const auto after = store_->integration(id_);
  ASSERT_TRUE(after && *after);
  EXPECT_EQ((*after)->provider, "hubspot");
  EXPECT_EQ((*after)->disconnects.size(), 1u);
  EXPECT_EQ((*after)->rule, conflict_rule::last_write_wins);
  put({{"a", R"({"x":1})"}});
  done(put_edit{id_, "contacts", "a", edit_kind::update, R"({"x":2})", at(5), {}});
  EXPECT_EQ(store_->count_edits(id_)->waiting, 1u);
  open();
  EXPECT_EQ(record("a").body, R"({"x":2})");
}
