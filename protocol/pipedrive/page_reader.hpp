// Reads a page of records as Pipedrive's v2 lists answer it. Pure.
#pragma once

#include "protocol/listing_reader.hpp"

namespace nexte::pipedrive {

/// Reads `{"data":[{"id":1,"update_time":"…","is_deleted":…,"is_archived":…,…}],
/// "additional_data":{"next_cursor":"…"|null}}`. A record that is deleted or archived counts as
/// gone; it is dated by `update_time`, as the others are.
result<listed_page> read_page(std::shared_ptr<const std::string> bytes, record_guard& guard);

} // namespace nexte::pipedrive
