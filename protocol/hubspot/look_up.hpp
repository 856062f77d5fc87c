// One object, asked for by its id.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>

namespace nexte::hubspot {

/// Reads one object of `type` ("contacts"), and where there is no live one the archived one
/// (hubspot.md §3): one or two requests. `malformed` for an answer that is no object; `refused`
/// where HubSpot does not let it be read.
task<sighting> look_up(stream_io& io, std::string_view type, look_up_request request);

} // namespace nexte::hubspot
