#include "actors/sync_desk.hpp"

#include <algorithm>
#include <utility>

namespace nexte {
namespace {

/// What a person sees while the run goes on; its end brings the row anew.
void take_outcome(stream_row& row, const write_outcome& outcome, wall_time now) {
  row.sequence = outcome.sequence;
  row.live_records += outcome.inserted;
  row.live_records -= std::min<uint64_t>(row.live_records, outcome.deleted);
  if (outcome.held_deletes > 0)
    row.held_deletes = outcome.held_deletes;
  if (outcome.inserted + outcome.updated + outcome.deleted > 0)
    row.changed_at = now;
}

} // namespace

result<void> sync_desk::load(const std::vector<const stream_description*>& streams) {
  streams_.clear();
  for (const auto* what : streams) {
    auto row = effects_->stored_stream(what->name);
    if (!row)
      return std::move(row).failure();
    auto& stream = streams_.emplace_back();
    stream.what = what;
    stream.row = *std::move(row);
    stream.verified
        = stream.row.synced_at != wall_time{} && stream.row.verified_at == stream.row.synced_at;
  }
  auto stepped_over = effects_->stored_quarantine();
  if (!stepped_over)
    return std::move(stepped_over).failure();
  for (auto& row : *stepped_over)
    if (auto* stream = find(row.stream))
      stream->quarantined.insert_or_assign(row.record, std::move(row));
  return {};
}

void sync_desk::grant(const std::vector<std::string>& granted) {
  for (auto& stream : streams_) {
    auto missing = missing_scopes(stream.what->scopes, granted);
    if (missing.empty()) {
      stream.pause.reset();
      continue;
    }
    stream.pause = scope_pause(stream.what->title, "read", std::move(missing));
    stream.due = false;
    effects_->stream_paused(stream);
  }
}

void sync_desk::poll() {
  stopped_ = false;
  for (auto& stream : streams_)
    if (!stream.pause && !stream.run)
      stream.due = true;
}

void sync_desk::refresh() {
  stopped_ = false;
  for (auto& stream : streams_) {
    // A refusal for a permission may have been lifted at the provider: asking again tells.
    if (stream.pause && stream.pause->code != "scope_missing")
      stream.pause.reset();
    if (stream.pause || (stream.run && stream.run->full() && stream.person_waits))
      continue;
    stream.due = true;
    stream.full_due = true;
    stream.person_waits = true;
    if (stream.run) // it ends first, and what it waits for must not hold the person up
      effects_->hurry_calls(stream.what->name);
  }
}

void sync_desk::stop() {
  stopped_ = true;
  for (auto& stream : streams_) {
    stream.due = false;
    stream.full_due = false;
    stream.person_waits = false;
    if (!stream.run)
      continue;
    effects_->cancel_calls(stream.what->name);
    ended_.push_back(std::move(stream.run));
  }
}

void sync_desk::reread(std::string_view name) {
  auto* stream = find(name);
  if (!stream)
    return;
  if (auto row = effects_->stored_stream(name))
    stream->row = *std::move(row);
}

std::vector<quarantine_row> sync_desk::lift_quarantine() {
  std::vector<quarantine_row> lifted;
  for (auto& stream : streams_)
    for (auto& [id, row] : std::exchange(stream.quarantined, {}))
      lifted.push_back(std::move(row));
  return lifted;
}

const stream_state* sync_desk::reading() const {
  const auto at = std::ranges::find_if(streams_, [](const stream_state& stream) {
    return stream.run && !stream.run->guard().record().empty();
  });
  return at == streams_.end() ? nullptr : &*at;
}

void sync_desk::settle() {
  // Beginning a run may end it at once, and so leave another one due.
  for (bool more = true; more;) {
    more = false;
    ended_.clear();
    for (auto& stream : streams_)
      more |= !stopped_ && stream.due && !stream.run && stream.writes_in_flight == 0
              && begin_run(stream);
  }
}

bool sync_desk::begin_run(stream_state& stream) {
  stream.due = false;
  auto row = effects_->stored_stream(stream.what->name);
  if (!row) {
    fail(stream, row.failure());
    return false;
  }
  stream.row = *std::move(row);
  stream.refusal.reset();
  const bool full = wants_full(stream);
  stream.full_due = false;
  run_effects& here = *this;
  stream.run = std::make_unique<stream_run>(id_, *stream.what, effects_->api_base(), stream.row,
                                            full, next_run_++, here);
  for (const auto& [id, held] : stream.quarantined)
    if (held.killed)
      stream.run->guard().bar(id, held.version);
  stream.began_at = effects_->sync_now();
  stream.run->begin();
  return true;
}

bool sync_desk::wants_full(const stream_state& stream) const {
  if (stream.full_due)
    return true;
  // An enumeration under way is the checkpoint's business; a finished one may be too old.
  return !stream.row.sweeping && stream.row.checkpoint
         && effects_->sync_now() - stream.row.enumerated_at >= stream.what->reconcile_every;
}

const stream_state* sync_desk::find(std::string_view name) const {
  const auto at = std::ranges::find(streams_, name, [](const stream_state& stream) {
    return std::string_view{stream.what->name};
  });
  return at == streams_.end() ? nullptr : &*at;
}

stream_state* sync_desk::find(std::string_view name) {
  return const_cast<stream_state*>(std::as_const(*this).find(name));
}

bool sync_desk::running() const {
  return std::ranges::any_of(streams_, [](const auto& stream) { return stream.run != nullptr; });
}

stream_run* sync_desk::running(stream_state& stream, uint64_t number) {
  return stream.run && stream.run->number() == number ? stream.run.get() : nullptr;
}

stream_state& sync_desk::stream_of(const stream_run& run) {
  return *find(run.what().name);
}

wall_time sync_desk::run_now() const {
  return effects_->sync_now();
}

void sync_desk::run_calls(stream_run& run, http_request request,
                          std::function<void(result<http_response>)> on_done) {
  const auto& stream = stream_of(run);
  effects_->begin_call(stream.what->name, std::move(request),
                       stream.person_waits ? quota_lane::person : quota_lane::background,
                       std::move(on_done));
}

result<void> sync_desk::run_reads(stream_run& run, const page& records) {
  auto& stream = stream_of(run);
  auto& known = stream.quarantined;
  std::vector<std::string> readable;
  if (!known.empty())
    for (const auto& item : records.records)
      if (const auto at = known.find(item.id); at != known.end())
        readable.push_back(known.extract(at).key());
  std::vector<quarantine_row> unread;
  for (const auto& item : records.unread) {
    const auto at = known.find(item.id);
    if (item.reason.empty() || (at != known.end() && at->second.version == item.version))
      continue; // told already
    quarantine_row row{stream.what->name, std::string{item.id}, effects_->sync_now(),
                       item.reason + ".", std::string{item.version}};
    if (at == known.end() && !item.id.empty() && quarantined() >= quarantined_max)
      return error{ec::refused,
                   std::to_string(quarantined_max) + " records are stepped over already; "
                       + row.reason,
                   "find what they have in common, mend it, then press Refresh"};
    if (!item.id.empty())
      known.insert_or_assign(row.record, row);
    unread.push_back(std::move(row));
  }
  if (!readable.empty())
    effects_->records_readable(stream, std::move(readable));
  if (!unread.empty())
    effects_->records_unread(stream, std::move(unread));
  return {};
}

size_t sync_desk::quarantined() const {
  size_t sum = 0;
  for (const auto& stream : streams_)
    sum += stream.quarantined.size();
  return sum;
}

void sync_desk::run_commits(stream_run& run, put_page write) {
  auto& stream = stream_of(run);
  ++stream.writes_in_flight;
  write.rules = effects_->rules_of(*stream.what);
  effects_->commit_write(std::move(write), [this, &stream, number = run.number()](
                                               const result<write_outcome>& outcome) {
    --stream.writes_in_flight;
    if (outcome) {
      if (outcome->conflicts > 0)
        effects_->conflicts_archived(*stream.what, outcome->conflicts);
      const auto held_before = stream.row.held_deletes;
      take_outcome(stream.row, *outcome, effects_->sync_now());
      if (outcome->held_deletes > 0 && outcome->held_deletes != held_before)
        effects_->deletes_held(stream);
    }
    if (auto* same = running(stream, number))
      same->page_committed(outcome);
  });
}

void sync_desk::run_commits(stream_run& run, end_run write) {
  auto& stream = stream_of(run);
  ++stream.writes_in_flight;
  effects_->commit_write(std::move(write), [this, &stream, number = run.number()](
                                               const result<write_outcome>& outcome) {
    --stream.writes_in_flight;
    if (auto row = effects_->stored_stream(stream.what->name))
      stream.row = *std::move(row); // the store dates what happened
    if (auto* same = running(stream, number))
      same->end_committed(outcome);
  });
}

void sync_desk::run_ended(stream_run& run, result<done_t> how) {
  auto& stream = stream_of(run);
  stream.verified = how && run.verified();
  if (how) {
    stream.failures = 0;
    effects_->stream_synced(stream);
  } else {
    keep_full(stream, run);
    fail(stream, how.failure());
  }
  if (!stream.full_due && !stream.due)
    stream.person_waits = false;
  if (stream.run) // `stop` inside the news has moved it away already
    ended_.push_back(std::move(stream.run));
}

/// A complete run that ended before its first page was stored has left no trace in the checkpoint:
/// the next one must be told again.
void sync_desk::keep_full(stream_state& stream, const stream_run& run) {
  const auto stored = effects_->stored_stream(stream.what->name);
  if (run.full() && stored && !stored->sweeping
      && stored->enumerated_at == stream.row.enumerated_at)
    stream.full_due = true;
}

void sync_desk::fail(stream_state& stream, const error& why) {
  if (why.code == ec::cancelled)
    return;
  ++stream.failures;
  if (why.code == ec::conflict && stream.failures == 1) { // a release went between its pages
    stream.due = true;
    return;
  }
  // Only a permission that is lacking stays so until a person acts; what else was refused, such as
  // an answer past its limits, may go well the next time.
  if (why.code == ec::refused && stream.refusal && lacks_permission(stream.refusal->kind)) {
    const auto& refusal = *stream.refusal;
    stream.pause = stream_pause{refusal.code, refusal.sentence, refusal.missing_scopes};
    if (refusal.kind == verdict_kind::scope_missing)
      stream.pause->code = "scope_missing";
    effects_->stream_paused(stream);
  }
  effects_->stream_failed(stream, why);
}

} // namespace nexte
