// Local edits written to HubSpot's objects.
#pragma once

#include "protocol/hubspot/change_search.hpp"
#include "protocol/provider.hpp"

#include <vector>

namespace nexte::hubspot {

/// Carries the edits over in batches. HubSpot has no conditional write (hubspot.md §4), so the
/// objects are read before and compared with their bases, and read again after:
///
/// 1. A create goes by upsert on our key: however often it is repeated, one object comes of it.
///    One that may have arrived before is looked up by the key first, for an upsert would undo what
///    was edited in HubSpot meanwhile.
/// 2. Updates and erases are read. What no longer is as its base is a conflict; what already is as
///    the edit wants it is confirmed unwritten; what is archived is gone.
/// 3. The others are written, the given properties alone. A batch that HubSpot refuses is halved
///    until the one object is found that it means.
/// 4. What was written is read again, in the shape of the pull: that is what is confirmed, but for
///    properties that somebody has changed since HubSpot answered the write.
///
/// Between 2 and 3 another may write: HubSpot then keeps the later one, property by property.
task<std::vector<push_outcome>> push(stream_io& io, const object_type& type, push_request request);

} // namespace nexte::hubspot
