#include "storage/rows.hpp"

namespace nexte {
namespace {

void write_transitions(field_writer& to, const std::vector<transition_entry>& entries) {
  to.varint(entries.size());
  for (const auto& entry : entries) {
    to.time(entry.at);
    to.text(entry.state);
    to.text(entry.code);
    to.text(entry.because);
  }
}

std::vector<transition_entry> read_transitions(field_reader& from) {
  std::vector<transition_entry> entries;
  for (uint64_t left = from.varint(); from.ok() && left > 0; --left) {
    auto& entry = entries.emplace_back();
    entry.at = from.time();
    entry.state = from.text();
    entry.code = from.text();
    entry.because = from.text();
  }
  return entries;
}

void write_sweep(field_writer& to, const sweep_state& sweep) {
  to.varint(sweep.number);
  to.varint(sweep.since);
  to.varint(sweep.absent);
  to.varint(sweep.live);
}

sweep_state read_sweep(field_reader& from) {
  sweep_state sweep;
  sweep.number = from.varint();
  sweep.since = from.varint();
  sweep.absent = from.varint();
  sweep.live = from.varint();
  return sweep;
}

std::string_view kind_name(char kind) {
  switch (kind) {
    case 'c': return "the counters";
    case 'i': return "the integration";
    case 't': return "the tokens";
    case 'f': return "the refresh note";
    case 's': return "a stream";
    case 'e': return "an error log entry";
    case 'q': return "a quarantined record";
    case 'p': return "an incident";
    case 'n': return "a notification";
    case 'w': return "the outbox's count";
    case 'u': return "a local edit";
    case 'b': return "the base of a local edit";
    case 'l': return "a record's other name";
    case 'a': return "a conflict";
    case 'z': return "the place of a conflict";
    case 'h': return "the elapsed time";
    default: return "a row";
  }
}

} // namespace

error damaged_row(std::string_view row_key) {
  constexpr std::string_view of_an_integration = "itfseqpwubla";
  std::string what = "the data file is damaged: " + std::string{kind_name(row_key[0])};
  if (of_an_integration.find(row_key[0]) != std::string_view::npos && row_key.size() >= 9)
    what += " of integration " + integration_id{number_at(row_key, 1)}.str();
  return {ec::storage, what + " does not match its checksum",
          "restore data.mdb from a backup; everything else can still be read"};
}

void write(field_writer& to, const counters& row) {
  to.u64(row.feed);
  to.u64(row.sweep);
  to.u64(row.incident);
  to.u64(row.notification);
}

void read(field_reader& from, counters& row) {
  row.feed = from.u64();
  row.sweep = from.u64();
  row.incident = from.u64();
  row.notification = from.u64();
}

void write(field_writer& to, const two_way_counters& row) {
  to.u64(row.edit);
  to.u64(row.conflict);
}

void read(field_reader& from, two_way_counters& row) {
  row.edit = from.u64();
  row.conflict = from.u64();
}

void write(field_writer& to, const elapsed_row& row) {
  to.u64(static_cast<uint64_t>(row.total.count()));
  to.time(row.wall_at);
  to.u8(row.up ? 1 : 0);
  to.text(row.up ? row.up->boot : "");
  to.u64(row.up ? static_cast<uint64_t>(row.up->since_boot.count()) : 0);
}

void read(field_reader& from, elapsed_row& row) {
  row.total = milliseconds{static_cast<int64_t>(from.u64())};
  row.wall_at = from.time();
  const bool has_up = from.u8() != 0;
  uptime up;
  up.boot = from.text();
  up.since_boot = milliseconds{static_cast<int64_t>(from.u64())};
  if (has_up)
    row.up = std::move(up);
}

void write(field_writer& to, const integration_row& row) {
  to.u64(row.id.value());
  to.text(row.workspace.str());
  to.text(row.provider);
  to.text(row.account.id);
  to.text(row.account.name);
  to.text(row.mode);
  to.texts(row.granted_scopes);
  to.time(row.created_at);
  write_transitions(to, row.history);
  write_transitions(to, row.disconnects);
  to.u8(static_cast<uint8_t>(row.rule));
}

void read(field_reader& from, integration_row& row) {
  row.id = integration_id{from.u64()};
  if (const auto text = from.text(); !text.empty())
    if (auto workspace = workspace_id::parse(text))
      row.workspace = *std::move(workspace);
  row.provider = from.text();
  row.account.id = from.text();
  row.account.name = from.text();
  row.mode = from.text();
  row.granted_scopes = from.texts();
  row.created_at = from.time();
  row.history = read_transitions(from);
  row.disconnects = read_transitions(from);
  row.rule = from.u8() == 1 ? conflict_rule::merge_fields : conflict_rule::last_write_wins;
}

void write(field_writer& to, const stream_standing& state) {
  const auto& row = state.row;
  to.u8(row.checkpoint ? 1 : 0);
  to.text(row.checkpoint.value_or(""));
  to.varint(row.sequence);
  to.varint(row.live_records);
  to.time(row.synced_at);
  to.time(row.verified_at);
  to.time(row.enumerated_at);
  to.time(row.changed_at);
  write_sweep(to, state.running);
  write_sweep(to, state.held);
}

void read(field_reader& from, stream_standing& state) {
  auto& row = state.row;
  const bool has_checkpoint = from.u8() != 0;
  const auto checkpoint = from.text();
  if (has_checkpoint)
    row.checkpoint = checkpoint;
  row.sequence = from.varint();
  row.live_records = from.varint();
  row.synced_at = from.time();
  row.verified_at = from.time();
  row.enumerated_at = from.time();
  row.changed_at = from.time();
  state.running = read_sweep(from);
  state.held = read_sweep(from);
  row.sweeping = state.running.number != 0;
  row.held_deletes = state.held.absent;
}

void write(field_writer& to, const error_entry& row) {
  to.time(row.at);
  to.text(row.stream);
  to.text(row.code);
  to.text(row.sentence);
}

void read(field_reader& from, error_entry& row) {
  row.at = from.time();
  row.stream = from.text();
  row.code = from.text();
  row.sentence = from.text();
}

void write(field_writer& to, const incident_row& row) {
  to.u64(row.id);
  to.u64(row.integration.value());
  to.text(row.kind);
  to.text(row.stream);
  to.varint(row.stage);
  to.time(row.opened_at);
  to.time(row.staged_at);
  to.u8(row.closed_at ? 1 : 0);
  to.time(row.closed_at.value_or(wall_time{}));
  to.text(row.code);
  to.text(row.sentence);
  to.text(row.next_step);
  to.texts(row.evidence);
}

void read(field_reader& from, incident_row& row) {
  row.id = from.u64();
  row.integration = integration_id{from.u64()};
  row.kind = from.text();
  row.stream = from.text();
  row.stage = static_cast<unsigned>(from.varint());
  row.opened_at = from.time();
  row.staged_at = from.time();
  const bool closed = from.u8() != 0;
  const auto closed_at = from.time();
  if (closed)
    row.closed_at = closed_at;
  row.code = from.text();
  row.sentence = from.text();
  row.next_step = from.text();
  row.evidence = from.texts();
}

void write(field_writer& to, const notification_row& row) {
  to.u64(row.id);
  to.time(row.at);
  to.u64(row.integration.value());
  to.u64(row.incident);
  to.text(row.kind);
  to.varint(row.stage);
  to.text(row.sentence);
  to.text(row.next_step);
}

void read(field_reader& from, notification_row& row) {
  row.id = from.u64();
  row.at = from.time();
  row.integration = integration_id{from.u64()};
  row.incident = from.u64();
  row.kind = from.text();
  row.stage = static_cast<unsigned>(from.varint());
  row.sentence = from.text();
  row.next_step = from.text();
}

void write(field_writer& to, const quarantine_row& row) {
  to.text(row.stream);
  to.text(row.record);
  to.time(row.at);
  to.text(row.reason);
  to.text(row.version);
  to.u8(row.killed ? 1 : 0);
}

void read(field_reader& from, quarantine_row& row) {
  row.stream = from.text();
  row.record = from.text();
  row.at = from.time();
  row.reason = from.text();
  row.version = from.text();
  row.killed = from.u8() != 0;
}

void write(field_writer& to, const integration_id& row) {
  to.u64(row.value());
}

void read(field_reader& from, integration_id& row) {
  row = integration_id{from.u64()};
}

void write(field_writer& to, const wall_time& row) {
  to.time(row);
}

void read(field_reader& from, wall_time& row) {
  row = from.time();
}

void write(field_writer& to, const uint64_t& row) {
  to.u64(row);
}

void read(field_reader& from, uint64_t& row) {
  row = from.u64();
}

void write(field_writer& to, const std::string& row) {
  to.text(row);
}

void read(field_reader& from, std::string& row) {
  row = from.text();
}

} // namespace nexte
