// What a search or a query asks for, and what it gets of what there is (notion.md §3.2, §3.3).
#pragma once

#include "protocol/json/reader.hpp"
#include "protocol/notion/simulator_workspace.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexte::simulation::notion {

inline constexpr int64_t page_size_max = 100;

/// A condition on a page's time.
struct time_condition {
  bool of_creation = false; ///< Else of the last edit.
  std::string how;          ///< "on_or_after" and the like.
  wall_time at{};
};

struct list_request {
  size_t size = page_size_max;
  bool ascending = false;
  bool by_creation = false; ///< Else by the last edit.
  bool in_trash = false;
  bool pages = true;
  bool data_sources = false;
  std::vector<time_condition> times;
  uint64_t fingerprint = 0; ///< A cursor is good for the same body only.
  struct place {
    int64_t minute = 0;
    std::string id;
    uint64_t shown = 0; ///< So far.
  };
  std::optional<place> after;
};

/// A result: a page or a data source.
struct list_row {
  int64_t minute = 0; ///< Of the time by which the list is ordered.
  std::string_view id;
  const page_state* page = nullptr;
  const data_source* source = nullptr;
};

// Read a body; why it is refused, or empty. `cursor_epoch` is the workspace's.
std::string read_search(const json::value& body, uint64_t cursor_epoch, list_request& list);
std::string read_query(const json::value& body, uint64_t cursor_epoch, list_request& list);

bool passes(const list_request& list, const page_state& page);
int64_t minute_of(wall_time at);

/// The rows of the page that is asked for, in order, and whether more follow.
std::pair<std::vector<list_row>, bool> cut(std::vector<list_row> rows, const list_request& list);

std::string make_cursor(const list_request& list, const list_row& last, uint64_t shown,
                        uint64_t cursor_epoch);

} // namespace nexte::simulation::notion
