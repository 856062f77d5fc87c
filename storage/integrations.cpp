#include "storage/integrations.hpp"

#include <algorithm>

namespace nexte {
namespace {

key integration_key(integration_id id) {
  return key{'i'}.id(id);
}
key tokens_key(integration_id id) {
  return key{'t'}.id(id);
}
key note_key(integration_id id) {
  return key{'f'}.id(id);
}
key errors_key(integration_id id) {
  return key{'e'}.id(id);
}
key quarantine_key(integration_id id) {
  return key{'q'}.id(id);
}

void keep_last(std::vector<transition_entry>& entries, size_t kept_max) {
  if (entries.size() > kept_max)
    entries.erase(entries.begin(), entries.end() - static_cast<ptrdiff_t>(kept_max));
}

std::optional<error> refuse_record(std::string_view stream, std::string_view record) {
  if (!stream.empty() && stream.size() <= stream_name_bytes_max && !record.empty()
      && record.size() <= record_id_bytes_max)
    return std::nullopt;
  return error{ec::malformed, "the name of a stream or the id of a record is empty or too long",
               "a stream may have 1 to " + std::to_string(stream_name_bytes_max)
                   + " bytes, a record's id 1 to " + std::to_string(record_id_bytes_max)};
}

/// Moves to the last row whose key begins with `prefix`.
bool seek_last(lmdb::cursor& at, const key& prefix) {
  const bool behind = at.seek_from(key{prefix}.number(~uint64_t{0}));
  return (behind ? at.previous() : at.last()) && at.key().starts_with(prefix);
}

} // namespace

result<write_outcome> apply(write_context& in, const put_integration& write) {
  auto row = write.row;
  keep_last(row.history, transitions_kept_max);
  keep_last(row.disconnects, disconnects_kept_max);
  put_row(in.txn, in.at.rows, integration_key(row.id), row);
  return write_outcome{};
}

result<write_outcome> apply(write_context& in, const put_tokens& write, const vault& seals) {
  const auto owner = read_integration(in.txn, in.at, write.id);
  if (!owner)
    return error{ec::not_found, "there is no integration " + write.id.str() + " to keep tokens of",
                 "store the integration first"};
  const auto stored = get_row<std::string>(in.txn, in.at.rows, tokens_key(write.id));
  put_row(in.txn, in.at.rows, tokens_key(write.id),
          seals.seal({write.id, owner->workspace.str()}, write.tokens, stored));
  in.txn.erase(in.at.rows, note_key(write.id));
  return write_outcome{};
}

result<write_outcome> apply(write_context& in, const erase_tokens& write) {
  in.txn.erase(in.at.rows, tokens_key(write.id)); // the data key is in the same row
  in.txn.erase(in.at.rows, note_key(write.id));
  return write_outcome{};
}

result<write_outcome> apply(write_context& in, const note_refresh& write) {
  put_row(in.txn, in.at.rows, note_key(write.id), write.at);
  return write_outcome{};
}

result<write_outcome> apply(write_context& in, const append_error& write) {
  const auto prefix = errors_key(write.id);
  lmdb::cursor at{in.txn, in.at.rows};
  const uint64_t number = seek_last(at, prefix) ? number_at(at.key(), prefix.size()) + 1 : 1;
  put_row(in.txn, in.at.rows, key{prefix}.number(number), write.entry);
  // Numbers have no gaps, so the first one tells how many there are.
  while (at.seek_from(prefix) && number - number_at(at.key(), prefix.size()) >= errors_kept_max)
    at.erase();
  return write_outcome{};
}

result<write_outcome> apply(write_context& in, const put_quarantine& write) {
  const auto& row = write.row;
  if (auto refused = refuse_record(row.stream, row.record))
    return *std::move(refused);
  const auto prefix = quarantine_key(write.id);
  const auto row_key = key{prefix}.name(row.stream).rest(row.record);
  size_t others = 0;
  for_each_row(in.txn, in.at.rows, prefix, prefix, [&](auto other_key, auto) {
    others += other_key != std::string_view{row_key} ? 1 : 0;
    return true;
  });
  if (others >= quarantined_max)
    return error{ec::refused,
                 std::to_string(others) + " records of integration " + write.id.str()
                     + " are in quarantine already",
                 "find what they have in common, mend it and lift them"};
  put_row(in.txn, in.at.rows, row_key, row);
  return write_outcome{};
}

result<write_outcome> apply(write_context& in, const lift_quarantine& write) {
  if (auto refused = refuse_record(write.stream, write.record))
    return *std::move(refused);
  in.txn.erase(in.at.rows, quarantine_key(write.id).name(write.stream).rest(write.record));
  return write_outcome{};
}

std::vector<integration_row> read_integrations(const lmdb::transaction& txn, const tables& at) {
  std::vector<integration_row> rows;
  for_each_row(txn, at.rows, key{'i'}, key{'i'}, [&](auto row_key, auto value) {
    rows.push_back(decode_row<integration_row>(row_key, value));
    return true;
  });
  return rows;
}

std::optional<integration_row> read_integration(const lmdb::transaction& txn, const tables& at,
                                                integration_id id) {
  return get_row<integration_row>(txn, at.rows, integration_key(id));
}

std::optional<token_set> read_tokens(const lmdb::transaction& txn, const tables& at,
                                     integration_id id, const vault& seals) {
  const auto stored = get_row<std::string>(txn, at.rows, tokens_key(id));
  const auto owner = read_integration(txn, at, id);
  if (!stored)
    return std::nullopt;
  auto tokens = seals.open({id, owner ? owner->workspace.str() : std::string_view{}}, *stored);
  if (!tokens)
    throw damage{{ec::storage,
                  "the seal on the tokens of integration " + id.str()
                      + " does not hold: they were not written by this store",
                  "reconnect the integration"}};
  return tokens;
}

void reseal_tokens(lmdb::transaction& txn, const tables& at, const vault& from, const vault& to) {
  for (const auto& row : read_integrations(txn, at)) {
    const vault_owner owner{row.id, row.workspace.str()};
    const auto stored = get_row<std::string>(txn, at.rows, tokens_key(row.id));
    if (const auto tokens = stored ? from.open(owner, *stored) : std::nullopt)
      put_row(txn, at.rows, tokens_key(row.id), to.seal(owner, *tokens, std::nullopt));
  }
}

std::optional<wall_time> read_refresh_note(const lmdb::transaction& txn, const tables& at,
                                           integration_id id) {
  return get_row<wall_time>(txn, at.rows, note_key(id));
}

std::vector<error_entry> read_errors(const lmdb::transaction& txn, const tables& at,
                                     integration_id id, size_t limit) {
  std::vector<error_entry> entries;
  const auto prefix = errors_key(id);
  lmdb::cursor place{txn, at.rows};
  bool more = seek_last(place, prefix);
  for (; more && entries.size() < limit && place.key().starts_with(prefix); more = place.previous())
    entries.push_back(decode_row<error_entry>(place.key(), place.value()));
  std::reverse(entries.begin(), entries.end());
  return entries;
}

std::vector<quarantine_row> read_quarantine(const lmdb::transaction& txn, const tables& at,
                                            integration_id id) {
  std::vector<quarantine_row> rows;
  const auto prefix = quarantine_key(id);
  for_each_row(txn, at.rows, prefix, prefix, [&](auto row_key, auto value) {
    rows.push_back(decode_row<quarantine_row>(row_key, value));
    return true;
  });
  return rows;
}

} // namespace nexte
