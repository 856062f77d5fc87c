// The engine's values as the control API writes them: times in ISO 8601, an absent value is null.
#pragma once

#include "actors/engine.hpp"
#include "protocol/json/writer.hpp"

namespace nexte::program {

/// Everything of the `i` panel, as an object.
void write_json(json::writer& to, const integration_status& status);
/// How far it is, of what changes all the time while it syncs.
void write_progress(json::writer& to, const integration_status& status);
void write_quota(json::writer& to, const integration_status& status);
void write_json(json::writer& to, const stream_status& stream);
void write_json(json::writer& to, const quarantine_row& row);
void write_json(json::writer& to, const record_row& record);
void write_json(json::writer& to, const change_entry& change);
void write_json(json::writer& to, const transition_entry& step);
void write_json(json::writer& to, const error_entry& entry);
void write_json(json::writer& to, const incident_row& incident);
void write_json(json::writer& to, const notification_row& notification);
void write_json(json::writer& to, const explanation& why);
void write_json(json::writer& to, const edit_receipt& receipt);
void write_json(json::writer& to, const edit_row& edit);
/// With what merge_fields would have made of it.
void write_json(json::writer& to, const conflict_row& conflict);

/// Null for the epoch, and where there is none.
void write_time(json::writer& to, std::string_view key, wall_time at);
void write_time(json::writer& to, std::string_view key, const std::optional<wall_time>& at);

/// `rows` as a list.
template <class Rows>
void write_json_list(json::writer& to, const Rows& rows) {
  to.begin_array();
  for (const auto& row : rows)
    write_json(to, row);
  to.end_array();
}

/// `{"<name>": rows, "next": …}`; `rows` may be longer than the page by what comes after.
template <class Row>
void write_page(json::writer& to, std::string_view name, std::vector<Row> rows, size_t limit) {
  const bool more = rows.size() > limit;
  if (more)
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(limit), rows.end());
  to.begin_object().key(name);
  write_json_list(to, rows);
  to.key("next");
  if (more)
    to.value(rows.back().id);
  else
    to.null();
  to.end_object();
}

} // namespace nexte::program
