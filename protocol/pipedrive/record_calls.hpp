// Pipedrive's calls about single records as requests, and their answers read. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/http/message.hpp"
#include "protocol/http/url.hpp"
#include "protocol/push.hpp"

#include <string>
#include <string_view>

namespace nexte::pipedrive {

inline bool is_success(const http_response& answer) {
  return answer.status >= 200 && answer.status < 300;
}
/// Absent, purged or not visible; deleted a second time (pipedrive.md §1.4).
inline bool is_missing(const http_response& answer) {
  return answer.status == 404 || answer.status == 410;
}

/// A page of a list, of the most records that it takes.
http_request list_request(const std::string& url, query_parameters parameters,
                          const std::string& cursor, unsigned cost);

/// A list that a record made since some time is on.
struct made_list {
  std::string_view below;  ///< Of the entity's path.
  std::string_view status; ///< Asked for; empty: what is live.
  unsigned cost;
};
/// The first is of every entity, the others of those alone that tell departures.
extern const made_list made_lists[3];

http_request made_request(const std::string& url, const made_list& from, wall_time since,
                          const std::string& cursor);

/// Not repeatable: it stands on what was read just before.
http_request write_request(std::string method, std::string url, std::string body, unsigned cost);

/// The record in the answer about one; archived counts as deleted. `malformed` where there is none.
result<remote_record> record_in(const http_response& answer);

} // namespace nexte::pipedrive
