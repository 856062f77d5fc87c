// The outbox: local edits, from the host's call to the provider's answer.
#pragma once

#include "storage/context.hpp"

namespace nexte {

result<write_outcome> apply(write_context& in, const put_edit& write);
result<write_outcome> apply(write_context& in, const begin_push& write);
result<write_outcome> apply(write_context& in, const confirm_edit& write);
result<write_outcome> apply(write_context& in, const reject_edit& write);
result<write_outcome> apply(write_context& in, const requeue_edits& write);
result<write_outcome> apply(write_context& in, const drop_edit& write);
result<write_outcome> apply(write_context& in, const restore_conflict& write);

std::vector<edit_row> read_edits(const lmdb::transaction& txn, const tables& at, integration_id id,
                                 uint64_t after, size_t limit);
edit_counts read_edit_counts(const lmdb::transaction& txn, const tables& at, integration_id id);
std::optional<edit_to_push> read_edit(const lmdb::transaction& txn, const tables& at,
                                      integration_id id, uint64_t edit);

} // namespace nexte
