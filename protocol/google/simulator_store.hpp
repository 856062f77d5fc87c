// What the three kinds of records of a simulated Google account have in common. Times are of
// milliseconds.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::simulation::google {

/// A record as an omniscient observer sees it.
struct seen_record {
  std::string id;
  std::string version;
  wall_time modified_at{}; ///< Epoch where Google does not say.
  bool gone = false;       ///< In the bin, in spam, cancelled.
};

/// One account's records of one stream, as its people use it. Ids exist.
class record_store {
public:
  virtual ~record_store() = default;

  virtual std::vector<seen_record> all() const = 0;
  /// Null where there is none, or none any more.
  virtual bool holds(std::string_view id) const = 0;
  /// Yields the new record's id.
  virtual std::string create(std::string_view text, wall_time now) = 0;
  virtual void edit(std::string_view id, std::string_view text, wall_time now) = 0;
  /// To the bin; an event is cancelled.
  virtual void remove(std::string_view id, wall_time now) = 0;
  /// And back.
  virtual void restore(std::string_view id, wall_time now) = 0;
  /// For ever; of a file: it is no longer shared with this account.
  virtual void erase(std::string_view id, wall_time now) = 0;

  std::map<std::string, uint32_t, std::less<>> served; ///< How often each was in an answer.
};

} // namespace nexte::simulation::google
