// HubSpot as the engine sees it.
#pragma once

#include "protocol/provider.hpp"

namespace nexte::hubspot {

/// CRM contacts, companies and deals of one HubSpot account ("hub").
const provider_description& provider();

} // namespace nexte::hubspot
