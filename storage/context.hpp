// What every write of a commit works on.
#pragma once

#include "storage/lmdb.hpp"
#include "storage/rows.hpp"
#include "storage/schema.hpp"

namespace nexte {

/// One attempt at a commit. The `apply` functions of this room take it, check everything that may
/// refuse their write, and only then touch the transaction: so a refused write leaves no trace
/// though all share one transaction.
struct write_context {
  write_context(lmdb::transaction& transaction, const tables& tables_of, wall_time at_commit)
      : txn(transaction),
        at(tables_of),
        now(at_commit),
        records(txn, at.records),
        feed(txn, at.feed),
        marks(txn, at.marks) {
    if (auto stored = get_row<counters>(txn, at.rows, counters_key()))
      counted = *stored;
    given = counted;
  }
  static key counters_key() {
    return key{'c'};
  }
  /// Writes the counters if they moved.
  void finish() {
    if (!(given == counted))
      put_row(txn, at.rows, counters_key(), given);
  }

  lmdb::transaction& txn;
  const tables& at;
  const wall_time now;
  lmdb::cursor records;
  lmdb::cursor feed;
  lmdb::cursor marks;
  counters counted; ///< As they stood before.
  counters given;
  std::string value; ///< For building values; reused.
};

} // namespace nexte
