#include "storage/conflicts.hpp"

#include "storage/two_way_rows.hpp"

namespace nexte {
namespace {

key conflict_key(integration_id integration, uint64_t id) {
  return key{'a'}.id(integration).number(id);
}
key place_key(uint64_t id) {
  return key{'z'}.number(id);
}

bool passes(const conflict_filter& filter, const conflict_row& row) {
  return (filter.stream.empty() || row.stream == filter.stream)
         && (filter.record.empty() || row.record == filter.record);
}

/// Nullopt where damage hides it: such a place must not stop every commit to come.
std::optional<conflict_place> place_of(const lmdb::cursor& at) {
  try {
    return decode_row<conflict_place>(at.key(), at.value());
  } catch (const damage&) {
    return std::nullopt;
  }
}

/// Calls `each(key, value)` downwards from the last key that begins with `prefix` and is below
/// `prefix` + `before`, until it yields false.
template <class Each>
void for_each_before(const lmdb::transaction& txn, MDB_dbi table, const key& prefix,
                     uint64_t before, Each&& each) {
  lmdb::cursor at{txn, table};
  const bool behind = at.seek_from(key{prefix}.number(before == 0 ? ~uint64_t{0} : before));
  bool more = behind ? at.previous() : at.last();
  for (; more && at.key().starts_with(prefix); more = at.previous())
    if (!each(at.key(), at.value()))
      return;
}

} // namespace

uint64_t archive(write_context& in, conflict_row row) {
  row.id = ++in.two_way.conflict;
  row.at = in.now;
  row.elapsed = in.passed.total;
  put_row(in.txn, in.at.rows, place_key(row.id), conflict_place{row.integration, row.elapsed});
  replace_conflict(in, row);
  return row.id;
}

void replace_conflict(write_context& in, const conflict_row& row) {
  put_row(in.txn, in.at.conflicts, conflict_key(row.integration, row.id), row);
}

std::vector<conflict_row> read_conflicts(const lmdb::transaction& txn, const tables& at,
                                         const conflict_filter& filter, size_t limit) {
  std::vector<conflict_row> rows;
  const auto take = [&](std::string_view row_key, std::string_view value) {
    auto row = decode_row<conflict_row>(row_key, value);
    if (passes(filter, row))
      rows.push_back(std::move(row));
    return rows.size() < limit;
  };
  if (limit == 0)
    return rows;
  if (filter.integration) {
    for_each_before(txn, at.conflicts, key{'a'}.id(*filter.integration), filter.before, take);
    return rows;
  }
  for_each_before(txn, at.rows, key{'z'}, filter.before, [&](auto place, auto value) {
    const auto owner = decode_row<conflict_place>(place, value).integration;
    const auto row_key = conflict_key(owner, number_at(place, 1));
    const auto stored = txn.get(at.conflicts, row_key);
    return !stored || take(row_key, *stored);
  });
  return rows;
}

std::optional<conflict_row> read_conflict(const lmdb::transaction& txn, const tables& at,
                                          uint64_t id) {
  const auto place = get_row<conflict_place>(txn, at.rows, place_key(id));
  if (!place)
    return std::nullopt;
  return get_row<conflict_row>(txn, at.conflicts, conflict_key(place->integration, id));
}

void purge_conflicts(write_context& in) {
  lmdb::cursor oldest{in.txn, in.at.rows};
  for (size_t left = conflicts_purged_max; left > 0; --left) {
    if (!oldest.seek_from(key{'z'}) || !oldest.key().starts_with('z'))
      return;
    const auto place = place_of(oldest);
    if (place && place->elapsed + conflicts_kept > in.passed.total)
      return;
    const auto id = number_at(oldest.key(), 1);
    oldest.erase();
    if (place)
      in.txn.erase(in.at.conflicts, conflict_key(place->integration, id));
  }
}

} // namespace nexte
