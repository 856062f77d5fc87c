// Reads a page of CRM objects as HubSpot's list and search calls answer it. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/record.hpp"
#include "protocol/core/record_guard.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace nexte::hubspot {

/// Printable ASCII bytes of a paging cursor: it must fit a checkpoint, escaped. HubSpot's are some
/// twenty bytes.
inline constexpr size_t cursor_bytes_max = 1024;

/// The objects of one answer.
struct object_page {
  /// In the answer's order, as slices of it. `version` is `updatedAt` as written (`archivedAt` of
  /// an archived one) and `modified_at` the same instant, so that an archiving is newer than the
  /// last edit before it; epoch for an archived one that does not say when.
  page objects;
  std::optional<std::string> after; ///< Where the next page begins; absent: this was the last.
  std::optional<uint64_t> total;    ///< Of the whole search; lists do not say.
};

/// Reads `{"results":[{"id":"…","updatedAt":"…","archived":…,…}],"paging":{"next":{"after":"…"}},
/// "total":…}`; unknown members are stepped over. The page holds `bytes`.
///
/// An object without readable id or time, with one of these twice, or that `guard` bars, is stepped
/// over (`page::unread`); it is named by its id, or by its place where it has none.
///
/// `malformed`, naming the byte, for what is not JSON, an answer without `results`, a cursor that
/// is no string or past its limits, a member twice that decides paging, and several objects of
/// which none can be read.
/// @pre `bytes` is not null
result<object_page> read_object_page(std::shared_ptr<const std::string> bytes, record_guard& guard);

} // namespace nexte::hubspot
