// Reads a page of CRM objects as HubSpot's list and search calls answer it. Pure.
#pragma once

#include "protocol/listing_reader.hpp"

namespace nexte::hubspot {

using object_page = listed_page;

/// Reads `{"results":[{"id":"…","updatedAt":"…","archived":…,…}],"paging":{"next":{"after":"…"}},
/// "total":…}`; lists do not tell `total`. An archived object's time is `archivedAt`.
result<object_page> read_object_page(std::shared_ptr<const std::string> bytes, record_guard& guard);

} // namespace nexte::hubspot
