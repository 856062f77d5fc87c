// Notion as the engine sees it.
#pragma once

#include "protocol/provider.hpp"

namespace nexte::notion {

/// The pages of a Notion workspace that are shared with the connection.
const provider_description& provider();

} // namespace nexte::notion
