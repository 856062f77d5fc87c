// Google Workspace as the engine sees it.
#pragma once

#include "protocol/provider.hpp"

namespace nexte::google {

/// The description of Google Workspace: addresses, scopes, quotas, streams.
const provider_description& provider();

} // namespace nexte::google
