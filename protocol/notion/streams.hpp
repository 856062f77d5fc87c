// Notion's stream: the pages that are shared with the connection, rows of data sources included.
#pragma once

#include "protocol/provider.hpp"

#include <vector>

namespace nexte::notion {

/// The search index trails the pages by seconds to minutes, and times are floored to the minute
/// (notion.md §3.1, §3.2): what is younger than this when it is read is read again by the next run,
/// and told apart by its content.
inline constexpr std::chrono::minutes overlap{10};

/// Whether going to the trash moves a page's time is not documented (notion.md §3.4). Should it
/// not, its place in the trash is that of its last edit: this often all of the trash is read.
inline constexpr std::chrono::hours trash_every{1};

/// `pages`. Its pull runs in steps, each resumable from the checkpoint of its last page
/// (notion.md §3):
///
/// 1. Enumerates by search, the last edited first: what is edited meanwhile moves to the front, so
///    that it may come twice, and step 3 finds it, for it begins `overlap` before the first page,
///    by Notion's own clock. A cursor that Notion refuses begins the list anew.
/// 2. Queries each data source, in the order in which its rows were created, for search does not
///    promise to show all. A query shows 10,000 rows: the next one begins in the minute of the
///    last. A data source that cannot be queried is passed over; search still shows its rows.
/// 3. Follows the changes: searches from the front down to what is known. The checkpoint moves only
///    once all of it was read. After an enumeration these pages still belong to it.
/// 4. Follows the trash in the same way, and each `trash_every` to its end.
///
/// A page that went to the trash, or is archived, is deleted: the trash tells at the next run. A
/// page that is no longer shared is merely absent, as is one that search leaves out, and no
/// enumeration by search is complete: absence deletes nothing, and what was read stays as it was.
/// A page that was shared only now, or came back from the trash with the one above it, has a time
/// of long ago: an enumeration finds it, each 6 hours.
///
/// With nothing new a run costs two requests and commits nothing. It is not proved where Notion
/// ended a list at its own limit.
std::vector<stream_description> streams();

} // namespace nexte::notion
