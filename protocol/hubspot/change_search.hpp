// The walk through a search for changed objects: which request comes next, and up to where all
// changes are known. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/hubspot/page_reader.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nexte::hubspot {

/// One type of CRM object (hubspot.md §2).
struct object_type {
  std::string_view name;                        ///< As in paths, "contacts".
  std::string_view last_modified;               ///< The property that searches filter and sort by.
  std::span<const std::string_view> properties; ///< Those asked for.
};

/// How far HubSpot's search index may trail the objects: seconds to minutes (hubspot.md §3.1).
/// What was modified within it of a search is searched again by the next one.
inline constexpr std::chrono::minutes index_lag_max{10};

/// Filters at the epoch itself have been answered with 500 (hubspot.md §3.1).
inline constexpr wall_time search_since_min{seconds{1}};

/// Walks by time, never by offset: each request begins anew where the last answer stopped, so that
/// neither an object that is modified meanwhile shifts others past a page, nor the 10,000 results
/// of one query are ever reached. A millisecond that fills a page alone (imports do this) is
/// drained in id order.
///
/// Which answers to trust: an object is shown with its newest time, yet may stand where an older
/// one sorted it, and the index may lack what was modified within `index_lag_max`. So only times
/// before the horizon (HubSpot's clock at the first answer, less `index_lag_max`) move `known`, and
/// whatever the walk passes beyond it is searched again by the next walk. The walk ends at the
/// first answer that names no next page, or at the time of the first answer: under constant change
/// it would not end otherwise.
class change_search {
public:
  /// All objects modified from `since` on; of that millisecond only ids above `since_id`, if given.
  change_search(wall_time since, std::string since_id);

  /// The body of the next request.
  std::string request_body(const object_type& type) const;

  /// Takes in the answer to it. `server_now` is HubSpot's clock. `malformed` when the answer cannot
  /// follow from the request: the walk would not move on.
  result<void> advance(const object_page& answer, wall_time server_now);

  bool done() const {
    return done_;
  }
  /// The next walk begins here and misses nothing; with `known_id`.
  wall_time known() const {
    return known_;
  }
  const std::string& known_id() const {
    return known_id_;
  }

private:
  result<void> drain(const object_page& answer);
  void walk(const object_page& answer);
  void note_known();

  wall_time since_;
  std::string id_; ///< Not empty: the millisecond `since_` is being drained.
  std::optional<wall_time> horizon_;
  wall_time seen_max_{};
  bool leapt_ = false; ///< Went on past the horizon from before it: `known` stays.
  bool done_ = false;
  wall_time known_;
  std::string known_id_;
};

} // namespace nexte::hubspot
