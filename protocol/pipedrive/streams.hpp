// Pipedrive's streams: persons, organizations and deals, each brought up to date by the same pull.
#pragma once

#include "protocol/provider.hpp"

#include <vector>

namespace nexte::pipedrive {

/// A change may show this much later than its time says (pipedrive.md §3.1): what is younger when
/// it is read is read again by the next run.
inline constexpr seconds overlap{60};

/// The lists of deleted and of archived deals cost 30 tokens, where the changes cost 10: asked each
/// poll they alone would spend more than a quarter of a small company's day. So a deal that went
/// shows after this long, and the budget that all its apps share is left to them.
inline constexpr std::chrono::minutes departures_every{15};

/// The three streams. Their pull runs in steps, each resumable from the checkpoint of its last page
/// (pipedrive.md §3):
///
/// 1. Enumerates by id. Ids never change, so what is edited meanwhile neither moves nor hides; step
///    2 finds it, for it begins `overlap` before the first page, by Pipedrive's own clock. A cursor
///    that Pipedrive refuses begins the enumeration anew.
/// 2. Follows the changes by update time. The clock ticks in seconds, and `updated_since` includes
///    its second: the next run begins in the second behind the last change, or `overlap` before
///    this one's first answer, whichever is earlier. After an enumeration these pages still belong
///    to it: a record that was brought back behind the list's back is so shown before it closes.
/// 3. Deals only, each `departures_every`: follows the lists of deleted and of archived ones in the
///    same way.
///
/// No list tells which persons and organizations were deleted (unless their rows should come marked
/// among the changes, which is then taken): a complete enumeration finds it, each 12 hours, for 10
/// tokens per 500 records. It also finds what an import made with an update time of long ago.
///
/// With nothing new a run costs one request and commits nothing.
std::vector<stream_description> streams();

} // namespace nexte::pipedrive
