#include "protocol/pipedrive/page_reader.hpp"

namespace nexte::pipedrive {
namespace {

constexpr std::string_view cursor[] = {"additional_data", "next_cursor"};

// pipedrive.md §2, §3.1.
constexpr listing_shape records{.records = "data",
                                .cursor = cursor,
                                .end = listing_end::null_cursor,
                                .total = "",
                                .id = "id",
                                .numeric_id = true,
                                .modified = "update_time",
                                .gone = {"is_deleted", "is_archived"},
                                .gone_at = ""};

} // namespace

result<listed_page> read_page(std::shared_ptr<const std::string> bytes, record_guard& guard) {
  return read_listing(std::move(bytes), records, guard);
}

} // namespace nexte::pipedrive
