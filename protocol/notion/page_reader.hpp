// Reads a page of results out of Notion's answers, as slices of them. Pure.
#pragma once

#include "protocol/listing_reader.hpp"

namespace nexte::notion {

/// The results of a search or a query.
struct results_page {
  listed_page list;
  /// Notion ended the list at its own limit: more is there than it shows (notion.md §3.3).
  bool cut_short = false;
};

/// Reads an answer (notion.md §2). What is in the trash, or archived, counts as deleted; `version`
/// is `last_edited_time`, which Notion floors to the minute: two states may share one.
/// @pre `bytes` is not null
result<results_page> read_page(std::shared_ptr<const std::string> bytes, record_guard& guard);

} // namespace nexte::notion
