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
  write_context(lmdb::transaction& transaction, const tables& tables_of, wall_time at_commit,
                const std::optional<uptime>& up)
      : txn(transaction),
        at(tables_of),
        now(at_commit),
        records(txn, at.records),
        feed(txn, at.feed),
        marks(txn, at.marks) {
    if (auto stored = get_row<counters>(txn, at.rows, counters_key()))
      counted = *stored;
    given = counted;
    if (auto stored = get_row<two_way_counters>(txn, at.rows, two_way_key()))
      two_way_counted = *stored;
    two_way = two_way_counted;
    if (auto stored = get_row<elapsed_row>(txn, at.rows, elapsed_key()))
      measured = *stored;
    passed = advanced(measured, now, up);
  }
  static key counters_key() {
    return key{'c'};
  }
  static key two_way_key() {
    return key{'d'};
  }
  static key elapsed_key() {
    return key{'h'};
  }
  /// Writes the counters if they moved, and the elapsed time if by a second.
  void finish() {
    if (!(given == counted))
      put_row(txn, at.rows, counters_key(), given);
    if (!(two_way == two_way_counted))
      put_row(txn, at.rows, two_way_key(), two_way);
    const auto boot = [](const elapsed_row& row) { return row.up ? row.up->boot : std::string{}; };
    if (passed.total - measured.total >= seconds{1} || boot(passed) != boot(measured)
        || passed.wall_at < measured.wall_at || measured.wall_at == wall_time{})
      put_row(txn, at.rows, elapsed_key(), passed);
  }

  lmdb::transaction& txn;
  const tables& at;
  const wall_time now;
  lmdb::cursor records;
  lmdb::cursor feed;
  lmdb::cursor marks;
  counters counted; ///< As they stood before.
  counters given;
  two_way_counters two_way_counted; ///< As they stood before.
  two_way_counters two_way;
  elapsed_row measured; ///< As it stood before.
  elapsed_row passed;   ///< Until `now`.
  std::string value;    ///< For building values; reused.
};

} // namespace nexte
