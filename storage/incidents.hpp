// Incidents and the notifications about them.
#pragma once

#include "storage/context.hpp"

namespace nexte {

result<write_outcome> apply(write_context& in, const put_incident& write);
result<write_outcome> apply(write_context& in, const close_incident& write);
result<write_outcome> apply(write_context& in, const acknowledge& write);

std::vector<incident_row> read_incidents(const lmdb::transaction& txn, const tables& at,
                                         std::optional<integration_id> id);
std::optional<incident_row> read_incident(const lmdb::transaction& txn, const tables& at,
                                          uint64_t id);
std::vector<notification_row> read_notifications(const lmdb::transaction& txn, const tables& at,
                                                 uint64_t after, size_t limit);

/// Removes incidents closed `incidents_kept` ago or earlier, a bounded number a commit.
void purge_incidents(write_context& in);

} // namespace nexte
