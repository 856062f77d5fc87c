// Streams: what a page does to records, checkpoint, change feed and enumeration.
#pragma once

#include "storage/context.hpp"

namespace nexte {

result<write_outcome> apply(write_context& in, const put_page& write);
result<write_outcome> apply(write_context& in, const end_run& write);
result<write_outcome> apply(write_context& in, const release_deletes& write);

/// A zero state for a stream never written.
stream_standing read_stream(const lmdb::transaction& txn, const tables& at, integration_id id,
                            std::string_view stream);

void save_stream(write_context& in, integration_id id, std::string_view stream,
                 const stream_standing& state);
/// A stream's name that may not be.
std::optional<error> refuse_name(std::string_view stream);

/// Removes marks of ended enumerations, a bounded number a commit.
void purge_marks(write_context& in);

} // namespace nexte
