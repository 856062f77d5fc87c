// The tables, their schema version and how an older one is brought up to date.
#pragma once

#include "storage/lmdb.hpp"

#include <cstdint>
#include <span>

namespace nexte {

class vault;

/// Handles of the tables; keys.hpp has their grammar.
struct tables {
  MDB_dbi rows = 0;
  MDB_dbi records = 0;
  MDB_dbi feed = 0;
  MDB_dbi marks = 0;
  MDB_dbi edits = 0;
  MDB_dbi edited = 0;
  MDB_dbi conflicts = 0;
};

/// Brings data of schema `from` to `from` + 1, inside one transaction together with the new
/// version number: it happens whole or not at all.
struct migration {
  uint64_t from = 0;
  void (*apply)(lmdb::transaction& txn, const tables& at) = nullptr;
};

/// The schema this program writes.
inline constexpr uint64_t schema_version = 2;
/// How to get there from each older one, in order.
std::span<const migration> migrations();

/// Opens the tables, making them in an empty environment, and brings older data to `version`, one
/// transaction a step. Where `former` (may be null) fits instead of `keys`, every token is sealed
/// anew under `keys`, in one transaction. Throws `damage` (as `refused`) for a key that does not
/// fit, with nothing changed, and (as `storage`) for data of a newer schema or of another program.
tables open_schema(const lmdb::environment& env, const std::filesystem::path& directory,
                   const vault& keys, const vault* former = nullptr,
                   std::span<const migration> steps = migrations(),
                   uint64_t version = schema_version);

} // namespace nexte
