// The audit log: archived conflicts, kept for 30 days of elapsed time.
#pragma once

#include "storage/context.hpp"

namespace nexte {

/// Archives a conflict; its id, time and age are given here.
uint64_t archive(write_context& in, conflict_row row);
void replace_conflict(write_context& in, const conflict_row& row);

std::vector<conflict_row> read_conflicts(const lmdb::transaction& txn, const tables& at,
                                         const conflict_filter& filter, size_t limit);
std::optional<conflict_row> read_conflict(const lmdb::transaction& txn, const tables& at,
                                          uint64_t id);

/// Removes conflicts archived `conflicts_kept` of elapsed time ago, a bounded number a commit.
void purge_conflicts(write_context& in);

} // namespace nexte
