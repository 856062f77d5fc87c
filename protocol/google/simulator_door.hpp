// A request on its way into a simulated API of Google's. Private to the simulator.
#pragma once

#include "protocol/google/simulator.hpp"

namespace nexte::simulation {

struct google_simulator::door {
  const http_request& request;
  const access_view& token;
  google::account& at;
  std::vector<std::string> path; ///< Below the API's base, decoded.
  query_parameters query;
  wall_time now;

  const std::string* parameter(std::string_view name) const {
    return find_parameter(query, name);
  }
  /// Whether it is `method` on a path of `size` segments that begins with `first`.
  bool is(std::string_view method, std::string_view first, size_t size) const {
    return request.method == method && path.size() == size && !path.empty() && path[0] == first;
  }
};

namespace google {

/// A whole number of 1 to `most`, `otherwise` where it is not given; nullopt for anything else.
std::optional<size_t> read_count(const std::string* text, size_t otherwise, size_t most);
/// Whether a parameter says "true"; nullopt where it says neither.
std::optional<bool> read_flag(const std::string* text, bool otherwise);
/// A parameter that is none of these, nor one that all of Google's APIs know; empty: there is none.
std::string_view unknown_parameter(const query_parameters& query,
                                   std::initializer_list<std::string_view> known);
http_response refuse_parameter(std::string_view name);

/// A page token: opaque to whoever has it, bound to the list it is of.
struct page_place {
  std::string after; ///< The last id, or place, that was shown.
  uint64_t list = 0; ///< Stands for the list's path and parameters.
  uint64_t epoch = 0;
  uint64_t snapshot = 0; ///< Where a feed stood when its first page was read.
  wall_time made_at{};
};
std::string write_place(const page_place& place);
std::optional<page_place> read_place(std::string_view token);
/// What stands for a list, whichever of its pages is asked for: `page_place::list`.
uint64_t fingerprint(const std::vector<std::string>& path, const query_parameters& query);

/// `fields=nextPageToken,files(id,owners(me))` applied to an answer; nullopt for no such mask
/// (google.md §4.1).
std::optional<std::string> apply_fields(std::string_view mask, std::string_view body);

} // namespace google
} // namespace nexte::simulation
