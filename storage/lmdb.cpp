#include "storage/lmdb.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace nexte::lmdb {
namespace {

constexpr unsigned tables_max = 8;
constexpr mode_t file_mode = 0600;

void check(int code) {
  if (code != MDB_SUCCESS)
    throw disk_failure{code};
}

bool found(int code) {
  if (code == MDB_NOTFOUND)
    return false;
  check(code);
  return true;
}

MDB_val val(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())}; // LMDB reads it only
}

std::string_view view(const MDB_val& bytes) {
  return {static_cast<const char*>(bytes.mv_data), bytes.mv_size};
}

error cut_short(const std::filesystem::path& file, size_t stands, size_t needed) {
  return {ec::storage,
          file.string() + " was cut short: it has " + std::to_string(stands) + " bytes of at least "
              + std::to_string(needed),
          "restore it from a backup, or move it away and connect again"};
}

size_t file_bytes(MDB_env* env, int& fd) {
  struct stat about {};
  check(mdb_env_get_fd(env, &fd));
  if (::fstat(fd, &about) != 0)
    throw disk_failure{errno};
  return static_cast<size_t>(about.st_size);
}

} // namespace

error explain(int code, const std::filesystem::path& directory) {
  const auto where = directory.string();
  const auto file = (directory / "data.mdb").string();
  switch (code) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EIO: // also LMDB's word for a write that the disk took only in part
      return {ec::storage, file + " could not be written: the disk is full or fails",
              "free some space or check the disk; nothing of this was stored, give it again"};
    case EACCES:
    case EPERM:
    case EROFS:
      return {ec::storage, where + " may not be written",
              "give its files to the user this runs as, or choose another data_dir"};
    case MDB_MAP_FULL:
      return {ec::storage, "the data in " + where + " reached its limit",
              "raise the limit (map_bytes_max), or remove data"};
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
      return {ec::storage, file + " is not a database of this program",
              "choose another data_dir, or put the right file back"};
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_PANIC:
      return {ec::storage, file + " is damaged",
              "restore it from a backup, or move it away and connect again"};
    default: return {ec::storage, where + ": " + mdb_strerror(code)};
  }
}

environment::environment(const std::filesystem::path& directory, size_t map_bytes) {
  const auto file = directory / "data.mdb";
  std::error_code absent;
  if (std::filesystem::file_size(file, absent) == 0 && !absent) // LMDB would begin anew in it
    throw damage{cut_short(file, 0, 1)};
  MDB_env* env = nullptr;
  check(mdb_env_create(&env));
  env_.reset(env);
  check(mdb_env_set_mapsize(env, map_bytes));
  check(mdb_env_set_maxdbs(env, tables_max));
  check(mdb_env_set_maxreaders(env, readers_max));
  // NOTLS ties a reader's slot to its transaction, not to its thread. Nothing else: durability
  // is LMDB's default, a sync at every commit.
  check(mdb_env_open(env, directory.c_str(), MDB_NOTLS, file_mode));
  MDB_envinfo info{};
  MDB_stat about{};
  check(mdb_env_info(env, &info));
  check(mdb_env_stat(env, &about));
  int fd = -1;
  const size_t stands = file_bytes(env, fd);
  const size_t needed = (info.me_last_pgno + 1) * about.ms_psize;
  if (stands < needed) // reading on would end in SIGBUS
    throw damage{cut_short(file, stands, needed)};
  extend_file(info.me_mapsize);
}

size_t environment::map_bytes() const {
  MDB_envinfo info{};
  check(mdb_env_info(env_.get(), &info));
  return info.me_mapsize;
}

void environment::grow(size_t bytes) {
  extend_file(bytes); // first: a commit must never refer past the end
  check(mdb_env_set_mapsize(env_.get(), bytes));
}

void environment::extend_file(size_t bytes) {
  int fd = -1;
  if (file_bytes(env_.get(), fd) < bytes && ::ftruncate(fd, static_cast<off_t>(bytes)) != 0)
    throw disk_failure{errno};
}

transaction::transaction(const environment& env, kind what) {
  MDB_txn* txn = nullptr;
  check(mdb_txn_begin(env.get(), nullptr, static_cast<unsigned>(what), &txn));
  txn_.reset(txn);
}

void transaction::commit() {
  check(mdb_txn_commit(txn_.release())); // frees it in any case
}

std::optional<std::string_view> transaction::get(MDB_dbi table, std::string_view key) const {
  MDB_val k = val(key);
  MDB_val v{};
  if (!found(mdb_get(txn_.get(), table, &k, &v)))
    return std::nullopt;
  return view(v);
}

void transaction::put(MDB_dbi table, std::string_view key, std::string_view value) {
  MDB_val k = val(key);
  MDB_val v = val(value);
  check(mdb_put(txn_.get(), table, &k, &v, 0));
}

bool transaction::erase(MDB_dbi table, std::string_view key) {
  MDB_val k = val(key);
  return found(mdb_del(txn_.get(), table, &k, nullptr));
}

uint64_t transaction::entries(MDB_dbi table) const {
  MDB_stat about{};
  check(mdb_stat(txn_.get(), table, &about));
  return about.ms_entries;
}

cursor::cursor(const transaction& txn, MDB_dbi table) {
  MDB_cursor* at = nullptr;
  check(mdb_cursor_open(txn.get(), table, &at));
  at_.reset(at);
}

bool cursor::seek(std::string_view exact_key) {
  key_ = exact_key;
  return move(MDB_SET_KEY);
}

bool cursor::seek_from(std::string_view least_key) {
  key_ = least_key;
  return move(MDB_SET_RANGE);
}

bool cursor::move(MDB_cursor_op how) {
  MDB_val k = val(key_);
  MDB_val v{};
  if (!found(mdb_cursor_get(at_.get(), &k, &v, how)))
    return false;
  key_ = view(k);
  value_ = view(v);
  return true;
}

std::optional<std::string_view> cursor::insert(std::string_view new_key,
                                               std::string_view new_value) {
  MDB_val k = val(new_key);
  MDB_val v = val(new_value);
  const int code = mdb_cursor_put(at_.get(), &k, &v, MDB_NOOVERWRITE);
  if (code == MDB_KEYEXIST)
    return view(v);
  check(code);
  return std::nullopt;
}

void cursor::put(std::string_view new_key, std::string_view new_value) {
  MDB_val k = val(new_key);
  MDB_val v = val(new_value);
  check(mdb_cursor_put(at_.get(), &k, &v, 0));
}

void cursor::append(std::string_view new_key, std::string_view new_value) {
  MDB_val k = val(new_key);
  MDB_val v = val(new_value);
  check(mdb_cursor_put(at_.get(), &k, &v, MDB_APPEND));
}

void cursor::erase() {
  check(mdb_cursor_del(at_.get(), 0));
}

} // namespace nexte::lmdb
