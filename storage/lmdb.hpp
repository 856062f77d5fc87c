// A thin hand on LMDB: environment, transaction, cursor. Failures throw `disk_failure`. Private to
// this room.
#pragma once

#include "protocol/core/error.hpp"
#include "storage/failure.hpp"

#include <lmdb.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

namespace nexte::lmdb {

/// Transactions that may read at once; more of them wait (see reader_gate).
inline constexpr unsigned readers_max = 500;

/// What a failure with `code` in `directory` means to a person, and the mend.
error explain(int code, const std::filesystem::path& directory);

/// The data file, mapped. Its length is that of the map at all times (a sparse file): whatever the
/// last commit refers to is inside, or the file was shortened by somebody else.
class environment {
public:
  /// Opens `data.mdb` in `directory` (which exists), or makes it. Throws `damage` for a file that
  /// is shorter than its own last commit says, `disk_failure` otherwise.
  environment(const std::filesystem::path& directory, size_t map_bytes);
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

  MDB_env* get() const {
    return env_.get();
  }
  size_t map_bytes() const;
  /// @pre no transaction of this process is open
  void grow(size_t map_bytes);

private:
  void extend_file(size_t bytes);
  struct closer {
    void operator()(MDB_env* env) const {
      mdb_env_close(env);
    }
  };
  std::unique_ptr<MDB_env, closer> env_;
};

/// Aborts unless committed. Cursors of a writing one must be gone before `commit`.
class transaction {
public:
  enum class kind : unsigned { read = MDB_RDONLY, write = 0 };
  transaction(const environment& env, kind what);

  MDB_txn* get() const {
    return txn_.get();
  }
  void commit();

  /// The value lives until the next write or the end of the transaction.
  std::optional<std::string_view> get(MDB_dbi table, std::string_view key) const;
  void put(MDB_dbi table, std::string_view key, std::string_view value);
  /// Whether there was one.
  bool erase(MDB_dbi table, std::string_view key);
  uint64_t entries(MDB_dbi table) const;

private:
  struct aborter {
    void operator()(MDB_txn* txn) const {
      mdb_txn_abort(txn);
    }
  };
  std::unique_ptr<MDB_txn, aborter> txn_;
};

/// A place in a table. Moves tell whether they arrived at an entry; key and value of it live until
/// the next write.
class cursor {
public:
  cursor(const transaction& txn, MDB_dbi table);
  bool seek(std::string_view exact_key);
  bool seek_from(std::string_view least_key);
  bool next() {
    return move(MDB_NEXT);
  }
  bool previous() {
    return move(MDB_PREV);
  }
  bool first() {
    return move(MDB_FIRST);
  }
  bool last() {
    return move(MDB_LAST);
  }
  std::string_view key() const {
    return key_;
  }
  std::string_view value() const {
    return value_;
  }
  /// Nullopt when inserted, else the value that stands there and nothing is written.
  std::optional<std::string_view> insert(std::string_view new_key, std::string_view new_value);
  /// Inserts or replaces.
  void put(std::string_view new_key, std::string_view new_value);
  /// @pre above every key of the table
  void append(std::string_view new_key, std::string_view new_value);
  /// Removes the entry it stands at.
  void erase();

private:
  bool move(MDB_cursor_op how);
  struct closer {
    void operator()(MDB_cursor* at) const {
      mdb_cursor_close(at);
    }
  };
  std::unique_ptr<MDB_cursor, closer> at_;
  std::string_view key_;
  std::string_view value_;
};

} // namespace nexte::lmdb
