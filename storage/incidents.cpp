#include "storage/incidents.hpp"

#include <algorithm>

namespace nexte {
namespace {

constexpr size_t incidents_purged_max = 100; ///< A commit.

key incident_key(integration_id integration, uint64_t id) {
  return key{'p'}.id(integration).number(id);
}
key owner_key(uint64_t id) {
  return key{'P'}.number(id);
}
key open_key(integration_id integration, std::string_view kind, std::string_view stream) {
  return key{'o'}.id(integration).name(kind).name(stream);
}
key closed_key(wall_time closed_at, uint64_t id) {
  return key{'x'}.time(closed_at).number(id);
}
key notification_key(uint64_t id) {
  return key{'n'}.number(id);
}

std::optional<error> refuse_names(std::string_view kind, std::string_view stream) {
  if (!kind.empty() && kind.size() <= incident_kind_bytes_max
      && stream.size() <= stream_name_bytes_max)
    return std::nullopt;
  return error{ec::malformed, "an incident's kind or stream is empty or too long",
               "a kind may have 1 to " + std::to_string(incident_kind_bytes_max)
                   + " bytes, a stream up to " + std::to_string(stream_name_bytes_max)};
}

void notify(write_context& in, notification_row notice, const incident_row& about) {
  notice.id = ++in.given.notification;
  notice.integration = about.integration;
  notice.incident = about.id;
  put_row(in.txn, in.at.rows, notification_key(notice.id), notice);
}

/// The open incident of that key.
std::optional<incident_row> find_open(const write_context& in, integration_id integration,
                                      std::string_view kind, std::string_view stream) {
  const auto id = get_row<uint64_t>(in.txn, in.at.rows, open_key(integration, kind, stream));
  if (!id)
    return std::nullopt;
  return get_row<incident_row>(in.txn, in.at.rows, incident_key(integration, *id));
}

} // namespace

result<write_outcome> apply(write_context& in, const put_incident& write) {
  if (auto refused = refuse_names(write.row.kind, write.row.stream))
    return *std::move(refused);
  auto row = write.row;
  row.closed_at.reset();
  if (const auto open = find_open(in, row.integration, row.kind, row.stream)) {
    row.id = open->id;
    row.opened_at = open->opened_at;
  } else {
    row.id = ++in.given.incident;
    put_row(in.txn, in.at.rows, open_key(row.integration, row.kind, row.stream), row.id);
    put_row(in.txn, in.at.rows, owner_key(row.id), row.integration);
  }
  put_row(in.txn, in.at.rows, incident_key(row.integration, row.id), row);
  if (write.notice)
    notify(in, *write.notice, row);
  write_outcome outcome;
  outcome.id = row.id;
  return outcome;
}

result<write_outcome> apply(write_context& in, const close_incident& write) {
  write_outcome outcome;
  if (auto refused = refuse_names(write.kind, write.stream))
    return *std::move(refused);
  auto row = find_open(in, write.id, write.kind, write.stream);
  if (!row)
    return outcome;
  // Never before it was opened: a clock that was set back would have it forgotten too soon.
  row->closed_at = std::max({in.now, row->opened_at, row->staged_at});
  in.txn.erase(in.at.rows, open_key(write.id, write.kind, write.stream));
  put_row(in.txn, in.at.rows, incident_key(write.id, row->id), *row);
  put_row(in.txn, in.at.rows, closed_key(*row->closed_at, row->id), row->integration);
  if (write.notice)
    notify(in, *write.notice, *row);
  outcome.id = row->id;
  return outcome;
}

result<write_outcome> apply(write_context& in, const acknowledge& write) {
  if (!in.txn.erase(in.at.rows, notification_key(write.notification)))
    return error{ec::not_found, "there is no notification " + std::to_string(write.notification),
                 "it may be acknowledged already; list the notifications"};
  return write_outcome{};
}

std::vector<incident_row> read_incidents(const lmdb::transaction& txn, const tables& at,
                                         std::optional<integration_id> id) {
  std::vector<incident_row> rows;
  if (id) {
    const auto prefix = key{'p'}.id(*id);
    for_each_row(txn, at.rows, prefix, prefix, [&](auto row_key, auto value) {
      rows.push_back(decode_row<incident_row>(row_key, value));
      return true;
    });
    return rows;
  }
  const key owners{'P'};
  for_each_row(txn, at.rows, owners, owners, [&](auto row_key, auto value) {
    const auto owner = decode_row<integration_id>(row_key, value);
    const auto incident = incident_key(owner, number_at(row_key, 1));
    if (auto row = get_row<incident_row>(txn, at.rows, incident))
      rows.push_back(*std::move(row));
    return true;
  });
  return rows;
}

std::optional<incident_row> read_incident(const lmdb::transaction& txn, const tables& at,
                                          uint64_t id) {
  const auto owner = get_row<integration_id>(txn, at.rows, owner_key(id));
  if (!owner)
    return std::nullopt;
  return get_row<incident_row>(txn, at.rows, incident_key(*owner, id));
}

std::vector<notification_row> read_notifications(const lmdb::transaction& txn, const tables& at,
                                                 uint64_t after, size_t limit) {
  std::vector<notification_row> rows;
  if (after == ~uint64_t{0})
    return rows;
  for_each_row(txn, at.rows, key{'n'}, notification_key(after + 1), [&](auto row_key, auto value) {
    if (rows.size() >= limit)
      return false;
    rows.push_back(decode_row<notification_row>(row_key, value));
    return true;
  });
  return rows;
}

void purge_incidents(write_context& in) {
  lmdb::cursor closed{in.txn, in.at.rows};
  for (size_t left = incidents_purged_max; left > 0; --left) {
    if (!closed.seek_from(key{'x'}) || !closed.key().starts_with('x')
        || time_at(closed.key(), 1) + incidents_kept > in.now)
      return;
    const auto id = number_at(closed.key(), 9);
    const auto owner = get_row<integration_id>(in.txn, in.at.rows, owner_key(id));
    closed.erase();
    in.txn.erase(in.at.rows, owner_key(id));
    if (owner)
      in.txn.erase(in.at.rows, incident_key(*owner, id));
  }
}

} // namespace nexte
