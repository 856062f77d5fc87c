// One simulated Notion workspace: its pages with their past, which a lagging index still shows, and
// its databases.
#pragma once

#include "protocol/simulation/simulator.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexte::simulation::notion {

enum class parent_kind : uint8_t { workspace, page, data_source };

struct page_state {
  std::string id;
  parent_kind kind = parent_kind::workspace;
  std::string parent; ///< Its id; empty below the workspace itself.
  wall_time created_at{};
  wall_time edited_at{};
  std::string edited_by;
  std::string title;
  std::string note;   ///< Rows only, like the next two.
  std::string amount; ///< A JSON number; empty: none.
  std::string stage;  ///< One of `stages`; empty: none.
  bool trashed = false;
  bool trashed_above = false; ///< A page above it is in the trash.
  bool archived = false;
  bool shared = true; ///< With the connection.

  bool in_trash() const {
    return trashed || trashed_above;
  }
};

/// What of a page is written; absent: left as it is.
struct page_changes {
  std::optional<std::string> title, note, amount, stage;
  std::optional<bool> in_trash, archived;
};

/// The rows of a table, which is part of a database (notion.md §2).
struct data_source {
  std::string id;
  std::string database;
  std::string name;
  wall_time created_at{};
};

inline constexpr std::array<std::string_view, 5> stages
    = {"Lead", "Qualified", "Proposal", "Won", "Lost"};

class workspace {
public:
  /// Workspace number `index` of a simulator with these options.
  workspace(size_t index, const simulator_options& options);

  /// The page as it stands; null where there is none.
  const page_state* find(std::string_view id) const;
  /// Calls `see` with each page as it was at `at`, one that was not there left out.
  void each(wall_time at, const std::function<void(const page_state&)>& see) const;

  /// @pre the parent is there
  const page_state& create(parent_kind kind, std::string parent, const page_changes& content,
                           std::string_view by, wall_time now);
  /// Edits, trashes, restores, archives. Into the trash and out of it the pages below go along,
  /// their times unmoved. @pre the page is there
  const page_state& change(std::string_view id, const page_changes& changes, std::string_view by,
                           wall_time now);
  /// Shows a page and those below to the connection, or no longer. Moves no time.
  void share(std::string_view id, bool shared, wall_time now);
  /// @pre both are there, and the new parent is not below the page
  void move(std::string_view id, std::string_view below, wall_time now);
  /// Deletes a page for good, and those below.
  void purge(std::string_view id);
  bool is_below(std::string_view id, std::string_view above) const;

  const data_source* find_source(std::string_view id) const;

  std::string bot_id; ///< The connection, as the token answer names it.
  std::string id;
  std::string name;
  std::string owner_id; ///< The person who connected it.
  std::string login;    ///< Whom `login_hint` selects.
  std::vector<data_source> sources;
  bool trashing_moves_time = true;                     ///< notion.md §3.4: by a single sample.
  uint64_t cursor_epoch = 0;                           ///< Cursors of another one are refused.
  std::map<std::string, uint32_t, std::less<>> served; ///< How often in an answer, by page.

private:
  /// A page's states with when each began, oldest first.
  using past = std::vector<std::pair<wall_time, page_state>>;

  page_state& next_state(past& of, wall_time now);
  void each_below(std::string_view id, const std::function<void(past&)>& see);
  void fill(const simulator_options& options, uint64_t seed);

  std::map<std::string, past, std::less<>> pages_;
  uint64_t seed_ = 0;
  uint64_t made_ = 0; ///< Ids drawn.
  std::string fresh_id();
};

} // namespace nexte::simulation::notion
