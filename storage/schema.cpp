#include "storage/schema.hpp"

#include "storage/integrations.hpp"
#include "storage/rows.hpp"
#include "storage/vault.hpp"

namespace nexte {
namespace {

const key version_key{'v'};
const key check_key{'k'};

MDB_dbi open_table(const lmdb::transaction& txn, const char* name, unsigned flags) {
  MDB_dbi table = 0;
  if (const int code = mdb_dbi_open(txn.get(), name, flags, &table); code != MDB_SUCCESS)
    throw disk_failure{code == MDB_NOTFOUND ? MDB_INVALID : code};
  return table;
}

/// Those of the first schema, which every later one has.
tables open_first_tables(const lmdb::transaction& txn, unsigned flags) {
  tables at;
  at.rows = open_table(txn, "rows", flags);
  at.records = open_table(txn, "records", flags);
  at.feed = open_table(txn, "feed", flags);
  at.marks = open_table(txn, "marks", flags);
  return at;
}

void open_two_way_tables(const lmdb::transaction& txn, unsigned flags, tables& at) {
  at.edits = open_table(txn, "edits", flags);
  at.edited = open_table(txn, "edited", flags);
  at.conflicts = open_table(txn, "conflicts", flags);
}

/// To schema 2: the tables of two-way sync, and a conflict rule for each integration.
void add_two_way_sync(lmdb::transaction& txn, const tables& at) {
  tables made = at;
  open_two_way_tables(txn, MDB_CREATE, made);
  std::vector<std::pair<std::string, std::string>> rows;
  for_each_row(txn, at.rows, key{'i'}, key{'i'}, [&](auto row_key, auto value) {
    const auto old = open_value(row_key, value, 1);
    if (!old)
      throw damage{damaged_row(row_key)};
    std::string fresh;
    begin_value(fresh, layout_of<integration_row>);
    field_writer to{fresh};
    to.rest(old->rest());
    to.u8(static_cast<uint8_t>(conflict_rule::last_write_wins));
    seal_value(fresh, row_key);
    rows.emplace_back(row_key, std::move(fresh));
    return true;
  });
  for (const auto& [row_key, value] : rows)
    txn.put(at.rows, row_key, value);
}

constexpr migration steps_here[] = {{1, add_two_way_sync}};

bool is_empty(const lmdb::environment& env) {
  const lmdb::transaction txn{env, lmdb::transaction::kind::read};
  return txn.entries(open_table(txn, nullptr, 0)) == 0; // the table of tables
}

tables make(const lmdb::environment& env, const vault& keys, uint64_t version) {
  lmdb::transaction txn{env, lmdb::transaction::kind::write};
  auto at = open_first_tables(txn, MDB_CREATE);
  open_two_way_tables(txn, MDB_CREATE, at);
  put_row(txn, at.rows, version_key, version);
  put_row(txn, at.rows, check_key, keys.key_check());
  txn.commit();
  return at;
}

} // namespace

std::span<const migration> migrations() {
  return steps_here;
}

tables open_schema(const lmdb::environment& env, const std::filesystem::path& directory,
                   const vault& keys, const vault* former, std::span<const migration> steps,
                   uint64_t version) {
  if (is_empty(env))
    return make(env, keys, version);
  lmdb::transaction look{env, lmdb::transaction::kind::read};
  auto at = open_first_tables(look, 0);
  auto stands = get_row<uint64_t>(look, at.rows, version_key);
  const auto check = get_row<std::string>(look, at.rows, check_key);
  look.commit(); // keeps the handles
  if (!stands || !check)
    throw disk_failure{MDB_INVALID};
  const bool changes_key = !keys.fits(*check);
  if (changes_key && !(former && former->fits(*check)))
    throw damage{{ec::refused, "the key does not fit the data in " + directory.string(),
                  "give the key it was made with, or choose another data_dir"}};
  if (*stands > version)
    throw damage{{ec::storage,
                  "the data in " + directory.string() + " was written by a newer version (schema "
                      + std::to_string(*stands) + ", this one knows " + std::to_string(version)
                      + ")",
                  "update this program, or choose another data_dir"}};
  for (const auto& step : steps) {
    if (step.from != *stands)
      continue;
    lmdb::transaction txn{env, lmdb::transaction::kind::write};
    step.apply(txn, at);
    put_row(txn, at.rows, version_key, ++*stands);
    txn.commit();
  }
  if (*stands != version)
    throw damage{{ec::storage,
                  "the data in " + directory.string() + " has schema " + std::to_string(*stands)
                      + ", from which no way leads to " + std::to_string(version),
                  "open it with the version of this program that wrote it"}};
  lmdb::transaction rest{env, lmdb::transaction::kind::read};
  open_two_way_tables(rest, 0, at);
  rest.commit(); // keeps the handles
  if (changes_key) {
    lmdb::transaction txn{env, lmdb::transaction::kind::write};
    reseal_tokens(txn, at, *former, keys);
    put_row(txn, at.rows, check_key, keys.key_check());
    txn.commit();
  }
  return at;
}

} // namespace nexte
