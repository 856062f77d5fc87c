#include "protocol/hubspot/page_reader.hpp"

namespace nexte::hubspot {
namespace {

constexpr std::string_view cursor[] = {"paging", "next", "after"};

constexpr listing_shape objects{.records = "results",
                                .cursor = cursor,
                                .end = listing_end::no_cursor,
                                .total = "total",
                                .id = "id",
                                .numeric_id = false,
                                .modified = "updatedAt",
                                .gone = {"archived", ""},
                                .gone_at = "archivedAt"};

} // namespace

result<object_page> read_object_page(std::shared_ptr<const std::string> bytes,
                                     record_guard& guard) {
  return read_listing(std::move(bytes), objects, guard);
}

} // namespace nexte::hubspot
