// Pipedrive as the engine sees it.
#pragma once

#include "protocol/provider.hpp"

namespace nexte::pipedrive {

/// Persons, organizations and deals of one Pipedrive company.
const provider_description& provider();

} // namespace nexte::pipedrive
