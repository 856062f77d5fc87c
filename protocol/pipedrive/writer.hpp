// Local edits written to Pipedrive's entities.
#pragma once

#include "protocol/pipedrive/entity.hpp"
#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::pipedrive {

/// The custom field that holds our key of a record we made: Pipedrive knows no idempotency key
/// (pipedrive.md §4). The first create in a company adds it.
inline constexpr std::string_view key_field = "Nexte Sync key";

/// Carries the edits over one by one: there is no batch, and no conditional write (pipedrive.md
/// §4).
///
/// - An update or erase is read (1 token) just before it is written (5 or 3) and compared with its
///   base by value, for two changes in one second have one time. What no longer is as its base is a
///   conflict; what already is as the edit wants it is confirmed unwritten; what is deleted or
///   archived is gone. The given fields alone are sent. The answer is the record as it then stands:
///   that is what is confirmed.
/// - A create (5) carries our key. One that may have arrived before is looked for by it first, in
///   the lists of what changed since it was first sent, where a search's index might lag: 10 tokens
///   per 500 records, of deals 40.
///
/// Between a look and its write another may write: Pipedrive then keeps the later one, field by
/// field, and the other fields are seen in the answer.
task<std::vector<push_outcome>> push(stream_io& io, const entity& type, push_request request);

} // namespace nexte::pipedrive
