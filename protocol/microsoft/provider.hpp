// Microsoft 365 as the engine sees it.
#pragma once

#include "protocol/provider.hpp"

namespace nexte::microsoft {

/// Mail, calendar and contacts of one mailbox, through Microsoft Graph.
const provider_description& provider();

} // namespace nexte::microsoft
