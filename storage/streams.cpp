#include "storage/streams.hpp"

#include "storage/stream_writer.hpp"

#include <algorithm>

namespace nexte {
namespace {

constexpr size_t marks_purged_max = 2000; ///< A commit; some milliseconds.
constexpr size_t version_bytes_max = 4096;

key state_key(integration_id id, std::string_view stream) {
  return key{'s'}.id(id).name(stream);
}

error malformed(std::string what, std::string mend) {
  return {ec::malformed, std::move(what), std::move(mend)};
}

std::optional<error> refuse_sequence(std::string_view stream, uint64_t expected, uint64_t stands) {
  if (expected == stands)
    return std::nullopt;
  return error{ec::conflict,
               "stream " + std::string{stream} + " stands at sequence " + std::to_string(stands)
                   + ", not at " + std::to_string(expected),
               "read the stream and go on from its checkpoint"};
}

/// What in a page may not be stored.
std::optional<error> refuse_page(const put_page& write, const stream_standing& state) {
  const auto& page = write.records;
  if (page.next_checkpoint && page.next_checkpoint->size() > checkpoint_bytes_max)
    return malformed("a checkpoint of " + write.stream + " has "
                         + std::to_string(page.next_checkpoint->size()) + " bytes",
                     "it may have " + std::to_string(checkpoint_bytes_max));
  for (const auto& item : page.records)
    if (auto refused = refuse_record(write.stream, item))
      return refused;
  if ((page.enumeration == sweep::more || page.enumeration == sweep::last)
      && state.running.number == 0)
    return malformed("a page of " + write.stream + " goes on with an enumeration not begun",
                     "begin it with sweep::first");
  return std::nullopt;
}

} // namespace

std::optional<error> refuse_name(std::string_view stream) {
  if (!stream.empty() && stream.size() <= stream_name_bytes_max)
    return std::nullopt;
  return malformed("a stream's name has " + std::to_string(stream.size()) + " bytes",
                   "it may have 1 to " + std::to_string(stream_name_bytes_max));
}

void save_stream(write_context& in, integration_id id, std::string_view stream,
                 const stream_standing& state) {
  put_row(in.txn, in.at.rows, state_key(id, stream), state);
}

std::optional<error> refuse_record(std::string_view stream_name, const record_view& item) {
  const auto refuse = [&](std::string_view part, size_t bytes, std::string_view mend) {
    return malformed("the " + std::string{part} + " of a record of " + std::string{stream_name}
                         + " has " + std::to_string(bytes) + " bytes",
                     "it may have " + std::string{mend});
  };
  if (item.id.empty() || item.id.size() > record_id_bytes_max)
    return refuse("id", item.id.size(), "1 to " + std::to_string(record_id_bytes_max));
  if (item.version.size() > version_bytes_max)
    return refuse("version", item.version.size(), std::to_string(version_bytes_max));
  if (item.body.size() > record_body_bytes_max)
    return refuse("body", item.body.size(), std::to_string(record_body_bytes_max));
  if (item.body.empty() && !item.deleted)
    return refuse("body", 0, "none only if the record is deleted");
  return std::nullopt;
}

stream_standing read_stream(const lmdb::transaction& txn, const tables& at, integration_id id,
                            std::string_view stream) {
  if (refuse_name(stream))
    return {};
  return get_row<stream_standing>(txn, at.rows, state_key(id, stream)).value_or(stream_standing{});
}

result<write_outcome> apply(write_context& in, const put_page& write) {
  if (auto refused = refuse_name(write.stream))
    return *std::move(refused);
  auto state = read_stream(in.txn, in.at, write.id, write.stream);
  if (auto refused = refuse_sequence(write.stream, write.expected_sequence, state.row.sequence))
    return *std::move(refused);
  if (auto refused = refuse_page(write, state))
    return *std::move(refused);
  const auto& page = write.records;
  stream_writer stream{in, write.id, write.stream, state, write.rules};
  for (const auto& item : page.records)
    if (auto refused = stream.refuse(item))
      return *std::move(refused);
  if (page.enumeration == sweep::first || page.enumeration == sweep::whole)
    stream.begin_sweep();
  for (const auto& item : page.records)
    stream.take(item, page.lagging);
  for (const auto& item : page.unread)
    stream.pass_over(item.id);
  if (page.enumeration == sweep::last || page.enumeration == sweep::whole)
    stream.finish_sweep();
  stream.finish();
  if (page.next_checkpoint)
    state.row.checkpoint = page.next_checkpoint;
  save_stream(in, write.id, write.stream, state);
  return stream.outcome;
}

result<write_outcome> apply(write_context& in, const end_run& write) {
  if (auto refused = refuse_name(write.stream))
    return *std::move(refused);
  auto state = read_stream(in.txn, in.at, write.id, write.stream);
  if (auto refused = refuse_sequence(write.stream, write.expected_sequence, state.row.sequence))
    return *std::move(refused);
  state.row.sequence += 1;
  state.row.synced_at = in.now;
  if (write.verified)
    state.row.verified_at = in.now;
  save_stream(in, write.id, write.stream, state);
  write_outcome outcome;
  outcome.sequence = state.row.sequence;
  return outcome;
}

result<write_outcome> apply(write_context& in, const release_deletes& write) {
  if (auto refused = refuse_name(write.stream))
    return *std::move(refused);
  auto state = read_stream(in.txn, in.at, write.id, write.stream);
  stream_writer stream{in, write.id, write.stream, state, write.rules};
  if (state.held.number == 0) {
    stream.outcome.sequence = state.row.sequence;
    return stream.outcome;
  }
  stream.release_held();
  stream.finish();
  save_stream(in, write.id, write.stream, state);
  return stream.outcome;
}

void purge_marks(write_context& in) {
  lmdb::cursor ended{in.txn, in.at.rows};
  size_t left = marks_purged_max;
  while (ended.seek_from(key{'m'}) && ended.key().starts_with('m')) {
    const auto marks = key{}.number(number_at(ended.key(), 1));
    for (; in.marks.seek_from(marks) && in.marks.key().starts_with(marks); --left) {
      if (left == 0)
        return;
      in.marks.erase();
    }
    in.txn.erase(in.at.rows, key{'m'}.number(number_at(marks, 0)));
  }
}

} // namespace nexte
