// What belongs to an integration as a whole: its row, tokens, error log, quarantine.
#pragma once

#include "storage/context.hpp"
#include "storage/vault.hpp"

namespace nexte {

result<write_outcome> apply(write_context& in, const put_integration& write);
result<write_outcome> apply(write_context& in, const put_tokens& write, const vault& seals);
result<write_outcome> apply(write_context& in, const erase_tokens& write);
result<write_outcome> apply(write_context& in, const note_refresh& write);
result<write_outcome> apply(write_context& in, const append_error& write);
result<write_outcome> apply(write_context& in, const put_quarantine& write);
result<write_outcome> apply(write_context& in, const lift_quarantine& write);

std::vector<integration_row> read_integrations(const lmdb::transaction& txn, const tables& at);
std::optional<integration_row> read_integration(const lmdb::transaction& txn, const tables& at,
                                                integration_id id);
/// Throws `damage` when the seal does not hold.
std::optional<token_set> read_tokens(const lmdb::transaction& txn, const tables& at,
                                     integration_id id, const vault& seals);
/// Seals the tokens of every integration under `to` instead of `from`. What does not open stays as
/// it is, and is told when it is read.
void reseal_tokens(lmdb::transaction& txn, const tables& at, const vault& from, const vault& to);
std::optional<wall_time> read_refresh_note(const lmdb::transaction& txn, const tables& at,
                                           integration_id id);
std::vector<error_entry> read_errors(const lmdb::transaction& txn, const tables& at,
                                     integration_id id, size_t limit);
std::vector<quarantine_row> read_quarantine(const lmdb::transaction& txn, const tables& at,
                                            integration_id id);

} // namespace nexte
