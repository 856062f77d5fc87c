// The parameters of Pipedrive's lists, and its cursors (pipedrive.md §3.1).
#pragma once

#include "protocol/http/url.hpp"
#include "protocol/pipedrive/simulator_store.hpp"

#include <string>
#include <variant>

namespace nexte::simulation::pipedrive {

/// What the sheet leaves open, at its stricter reading.
struct strictness {
  bool lists_deleted = false;       ///< Deleted rows come in a list that asks `updated_since`.
  bool reads_deleted = true;        ///< A deleted record is read with `is_deleted`; else 404.
  bool delete_twice_is_gone = true; ///< 410 with a success-looking body; else 404.
  bool create_is_201 = false;       ///< As v1 does.
};

/// The query, or why it is refused. `cursor_epoch` is the company's.
std::variant<list_query, field_problem> read_list_query(const schema& type,
                                                        const query_parameters& parameters,
                                                        bool archived, const strictness& strict,
                                                        uint64_t cursor_epoch);

/// The cursor that goes on behind `last`. It is bound to the parameters of its list.
std::string make_cursor(const query_parameters& parameters, const list_query& query,
                        const kept_record& last, uint64_t cursor_epoch);

/// A whole number of 1 or more.
std::optional<int64_t> read_id(std::string_view text);

} // namespace nexte::simulation::pipedrive
