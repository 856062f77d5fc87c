// One record, asked for by its id.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>

namespace nexte::pipedrive {

/// Reads one record of `entity` ("persons"), deleted ones too while Pipedrive keeps them
/// (pipedrive.md §3.2): one request. `malformed` for an answer that is no record; `refused` where
/// Pipedrive does not let it be read.
task<sighting> look_up(stream_io& io, std::string_view entity, look_up_request request);

} // namespace nexte::pipedrive
