// One page, asked for by its id.
#pragma once

#include "protocol/provider.hpp"

namespace nexte::notion {

/// Reads one page, trashed ones too while Notion keeps them (notion.md §2): one request. The id may
/// be written with or without hyphens. A page that is not shared with the connection is answered as
/// one that there is none of. `malformed` for an answer that is no such page; `refused` where
/// Notion does not let it be read.
task<sighting> look_up(stream_io& io, look_up_request request);

} // namespace nexte::notion
