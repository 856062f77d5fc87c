// The records of one object type in one simulated portal, and the search index that trails them.
#pragma once

#include "protocol/hubspot/simulator_schema.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexte::simulation::hubspot {

/// Property values packed into one text, for hundreds of thousands of records.
class packed_properties {
public:
  /// Empty where there is no value.
  std::string_view get(uint16_t property) const;
  /// An empty value takes the property away.
  void set(uint16_t property, std::string_view value);
  /// Calls `visit(property, value)` for each value.
  template <class Visit>
  void each(Visit visit) const {
    for (size_t at = 0; at < bytes_.size();) {
      const auto found = entry_at(at);
      visit(found.property, found.value);
      at += entry_bytes(found.value);
    }
  }

private:
  // bytes_ = { property:u16 size:u32 value }*, native byte order
  static constexpr size_t head_bytes = 6;
  struct entry {
    uint16_t property;
    std::string_view value;
  };
  entry entry_at(size_t at) const;
  static size_t entry_bytes(std::string_view value) {
    return head_bytes + value.size();
  }
  std::string bytes_;
};

/// A value that a property had from `at` on.
struct history_entry {
  uint16_t property = 0;
  std::string value;
  wall_time at{};
  std::string_view source; ///< HubSpot's `sourceType`, static text.
};

/// One state of a record; never changed once it is stored.
struct object {
  uint64_t id = 0;
  wall_time created_at{};
  wall_time modified_at{};
  std::optional<wall_time> archived_at;
  packed_properties properties;
  std::vector<history_entry> history; ///< Oldest first; only properties that changed.
  std::string_view source = "IMPORT"; ///< What set the values at creation.
};

using object_ptr = std::shared_ptr<const object>;
/// Values by property; an empty one clears.
using property_values = std::vector<std::pair<uint16_t, std::string>>;

/// Where a search may look: the state as of `lag` ago, ordered by last modification. Ties come in
/// no particular order, but always the same.
struct index_key {
  wall_time modified_at{};
  uint64_t scattered = 0;
  uint64_t id = 0;
  friend auto operator<=>(const index_key&, const index_key&) = default;
};

/// All records of one type. Ids ascend with creation.
class object_store {
public:
  object_store(const schema& type, milliseconds search_lag);
  object_store(const object_store&) = delete;
  object_store& operator=(const object_store&) = delete;

  const schema& type() const {
    return type_;
  }
  /// Adds a text property of the account's own. @pre there is none of that name
  void define(std::string_view name, bool unique);
  /// Live or archived; null when there is none.
  object_ptr find(uint64_t id) const;
  /// The live record that has this value in a unique property; contacts also by a secondary
  /// address.
  std::optional<uint64_t> find_unique(uint16_t property, std::string_view value) const;
  /// Up to `limit` live (or archived) records from id `from` on, and the id that follows them.
  std::pair<std::vector<object_ptr>, std::optional<uint64_t>> list(bool archived, uint64_t from,
                                                                   size_t limit) const;
  size_t live_count() const {
    return records_.size() - archived_.size() - gone_;
  }

  /// @pre no unique value is taken
  object_ptr create(const property_values& values, wall_time now, std::string_view source);
  /// Fills in a record of the data set; it is in the index at once. @pre id is new
  void seed(object made);
  /// Last modification moves only if a value changed and not `silent` (as calculated properties
  /// do). @pre `id` is live, no unique value is taken by another
  object_ptr update(uint64_t id, const property_values& values, wall_time now,
                    std::string_view source, bool silent = false);
  /// Leaves last modification alone. @pre `id` is live
  void archive(uint64_t id, wall_time now);
  /// Moves last modification. @pre `id` is archived
  void restore(uint64_t id, wall_time now);
  /// Gone everywhere, at once.
  void erase(uint64_t id, wall_time now);

  /// What the index shows at `now`, by `index_key`.
  const std::vector<index_key>& index(wall_time now);
  /// The state that the index shows. @pre `id` is in `index`
  const object& indexed(uint64_t id) const;
  void set_search_lag(milliseconds lag) {
    lag_ = lag;
  }

private:
  struct record {
    object_ptr current; ///< Null once erased.
    object_ptr indexed; ///< Null when search does not show it.
  };
  struct pending {
    wall_time due{};
    uint64_t id = 0;
    object_ptr state;
  };
  using unique_key = std::pair<uint16_t, std::string>;

  void store(object_ptr state, wall_time now);
  void enlist_unique(const object& state);
  void delist_unique(const object& state);
  void show(uint64_t id, object_ptr state);
  void compute(object& state) const;
  std::vector<unique_key> unique_keys(const object& state) const;

  std::vector<property_description> properties_; ///< Those of every account, then its own.
  std::deque<std::string> own_names_;            ///< What names in `properties_` point into.
  schema type_;
  milliseconds lag_;
  std::map<uint64_t, record> records_;
  std::set<uint64_t> archived_;
  size_t gone_ = 0;
  std::map<unique_key, uint64_t> unique_;
  std::vector<index_key> index_; ///< Sorted, but for `index_dirty_`.
  bool index_dirty_ = false;
  std::deque<pending> pending_;
  uint64_t last_id_ = 0;
};

/// The value of a property as HubSpot gives it, computed ones included; empty for none.
std::string value_of(const schema& type, const object& state, uint16_t property);

} // namespace nexte::simulation::hubspot
