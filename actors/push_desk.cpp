#include "actors/push_desk.hpp"

#include "actors/edit_settlement.hpp"
#include "actors/policy/backoff.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace nexte {
namespace {

constexpr size_t edits_per_read = 500;

size_t bytes_of(const edit_row& edit) {
  size_t sum = 0;
  for (const auto& [name, field] : edit.fields)
    sum += name.size() + field.value.size();
  return sum;
}

bool is_about_an_edit(const error& why) {
  return why.code == ec::malformed || why.code == ec::refused;
}

/// Gone already, or settled by a page: as good as done.
bool is_news(const error& why) {
  return why.code == ec::not_found || why.code == ec::conflict;
}

error no_progress(const stream_description& what) {
  return {ec::conflict,
          "local edits of " + what.title + " do not fit what the provider shows, again and again",
          "it goes on trying; if it stays so, drop them and edit the records anew"};
}

push_outcome rejection(const error& why) {
  push_outcome outcome;
  outcome.what = push_verdict::rejected;
  outcome.code = to_string(why.code);
  outcome.sentence = why.line();
  return outcome;
}

} // namespace

void push_desk::load(const std::vector<const stream_description*>& streams) {
  streams_.clear();
  for (const auto* what : streams)
    if (what->push) {
      auto& stream = streams_.emplace_back();
      stream.what = what;
      stream.owner = what->name + " edits";
    }
}

void push_desk::grant(const std::vector<std::string>& granted) {
  for (auto& stream : streams_) {
    auto missing = missing_scopes(stream.what->write_scopes, granted);
    stream.due = true;
    if (missing.empty()) {
      stream.pause.reset();
      stream.pause_told = false;
    } else if (!stream.pause || stream.pause->missing_scopes != missing) {
      stream.pause = scope_pause(stream.what->title, "written", std::move(missing));
      stream.pause_told = false;
    }
  }
}

void push_desk::go() {
  stopped_ = false;
  for (auto& stream : streams_)
    stream.due = true;
}

void push_desk::stop() {
  stopped_ = true;
  for (auto& stream : streams_) {
    stream.retry_due.reset();
    stream.unsettled = true;
    if (!stream.run)
      continue;
    effects_->cancel_calls(stream.owner);
    ended_.push_back(std::move(stream.run));
  }
}

void push_desk::retry() {
  for (auto& stream : streams_) {
    if (stream.pause && stream.pause->code != "scope_missing")
      stream.pause.reset();
    stream.retry_due.reset();
    stream.due = true;
  }
}

void push_desk::added(std::string_view name) {
  if (auto* stream = find(name))
    stream->due = true;
}

void push_desk::wake(steady_time now) {
  for (auto& stream : streams_)
    if (stream.retry_due && *stream.retry_due <= now) {
      stream.retry_due.reset();
      stream.due = true;
    }
  arm();
}

void push_desk::arm() {
  std::optional<steady_time> first;
  for (const auto& stream : streams_)
    if (stream.retry_due && (!first || *stream.retry_due < *first))
      first = stream.retry_due;
  if (first)
    effects_->wake_pushes(*first);
}

void push_desk::settle() {
  ended_.clear();
  const auto now = effects_->push_steady_now();
  for (auto& stream : streams_)
    if (may_begin(stream, now))
      begin(stream);
}

bool push_desk::may_begin(const push_state& stream, steady_time now) const {
  return !stopped_ && stream.due && !stream.run && stream.commits_in_flight == 0
         && (!stream.retry_due || *stream.retry_due <= now);
}

void push_desk::begin(push_state& stream) {
  stream.due = false;
  auto edits = choose(stream);
  if (!edits)
    return failed(stream, edits.failure());
  if (stream.pause) {
    if (!edits->empty() && !std::exchange(stream.pause_told, true))
      effects_->push_paused(stream);
    return;
  }
  if (stream.unsettled)
    return take_back(stream);
  if (edits->empty())
    return;
  stream.refusal.reset();
  std::vector<store_write> writes;
  for (const auto edit : *edits)
    writes.push_back(begin_push{id_, edit});
  commit(stream, std::move(writes),
         [this, &stream, edits = *std::move(edits)](const auto& outcomes) {
           begun(stream, edits, outcomes);
         });
}

void push_desk::take_back(push_state& stream) {
  stream.unsettled = false;
  requeue_edits write;
  write.id = id_;
  write.stream = stream.what->name;
  write.rules = effects_->rules_of(*stream.what);
  commit(stream, {std::move(write)}, [this, &stream](const auto& outcomes) {
    if (!outcomes.front())
      return failed(stream, outcomes.front().failure());
    tell_conflicts(stream, outcomes);
    stream.due = true;
  });
}

/// Pending edits, the first of each record, oldest first.
result<std::vector<uint64_t>> push_desk::choose(const push_state& stream) const {
  const size_t most = stream.alone > 0 ? 1 : push_edits_max;
  std::vector<uint64_t> chosen;
  std::set<std::string> records;
  size_t bytes = 0;
  uint64_t after = 0;
  for (bool more = true; more;) {
    const auto rows = effects_->stored_edits(after, edits_per_read);
    if (!rows)
      return rows.failure();
    for (const auto& row : *rows) {
      after = row.id;
      if (row.stream != stream.what->name || row.state == edit_state::rejected
          || !records.insert(row.record).second || row.state != edit_state::pending)
        continue;
      bytes += bytes_of(row);
      if (!chosen.empty() && (bytes > push_bytes_max || chosen.size() == most))
        return chosen;
      chosen.push_back(row.id);
    }
    more = rows->size() == edits_per_read;
  }
  return chosen;
}

void push_desk::begun(push_state& stream, const std::vector<uint64_t>& edits,
                      const std::vector<result<write_outcome>>& outcomes) {
  std::vector<edit_row> sent;
  push_request request;
  request.api_base = effects_->api_base();
  for (size_t i = 0; i < edits.size(); ++i) {
    if (!outcomes[i] && outcomes[i].failure().code == ec::storage)
      return failed(stream, outcomes[i].failure());
    if (!outcomes[i]) // a page has settled it meanwhile
      continue;
    const auto stored = effects_->stored_edit(edits[i]);
    if (!stored)
      return failed(stream, stored.failure());
    if (!*stored)
      continue;
    request.edits.push_back(outgoing(**stored, stream.what->fields));
    sent.push_back((*stored)->edit);
  }
  if (stopped_ || sent.empty()) {
    stream.unsettled = true;
    // What a page settled is gone; what waits behind it goes now.
    for (const auto& one : outcomes)
      stream.due = stream.due || (!one && one.failure().code == ec::not_found);
    return;
  }
  push_run_effects& here = *this;
  stream.run = std::make_unique<push_run>(*stream.what, std::move(sent), std::move(request), here);
  stream.run->begin();
}

void push_desk::run_ended(push_run& run, result<std::vector<push_outcome>> how) {
  auto& stream = state_of(run);
  const auto& edits = run.edits();
  ended_.push_back(std::move(stream.run));
  if (how)
    return settle_outcomes(stream, edits, *std::move(how));
  const auto& why = how.failure();
  const bool is_one_of_them = is_about_an_edit(why) && !stream.refusal;
  if (is_one_of_them && edits.size() == 1)
    return settle_outcomes(stream, edits, {rejection(why)});
  if (is_one_of_them)
    stream.alone = edits.size();
  failed(stream, why);
}

void push_desk::settle_outcomes(push_state& stream, const std::vector<edit_row>& edits,
                                std::vector<push_outcome> outcomes) {
  const auto rules = effects_->rules_of(*stream.what);
  std::vector<store_write> writes;
  std::vector<std::pair<edit_row, push_outcome>> rejected;
  for (size_t i = 0; i < edits.size(); ++i) {
    add_settlement(writes, edits[i], outcomes[i], rules);
    if (outcomes[i].what == push_verdict::rejected)
      rejected.emplace_back(edits[i], std::move(outcomes[i]));
  }
  if (stream.alone > 0)
    stream.alone -= std::min(stream.alone, edits.size());
  commit(stream, std::move(writes), [this, &stream, edits, rejected](const auto& done) {
    for (const auto& one : done)
      if (!one && one.failure().code == ec::storage)
        return failed(stream, one.failure());
    tell_conflicts(stream, done);
    for (const auto& [edit, why] : rejected)
      effects_->edit_rejected(stream, edit, why);
    for (const auto& one : done)
      if (!one && !is_news(one.failure()))
        return failed(stream, one.failure());
    stream.standstills = has_moved(edits) ? 0 : stream.standstills + 1;
    if (stream.standstills > 1)
      return failed(stream, no_progress(*stream.what));
    stream.failures = 0;
    stream.due = true; // there may be more
    effects_->push_done(stream);
  });
}

/// Whether one of them ended, or was decided anew.
bool push_desk::has_moved(const std::vector<edit_row>& edits) const {
  return std::ranges::any_of(edits, [this](const edit_row& sent) {
    const auto stored = effects_->stored_edit(sent.id);
    if (!stored || !*stored)
      return true;
    const auto& now = (*stored)->edit;
    return now.state == edit_state::rejected || now.attempts < sent.attempts;
  });
}

/// What was in flight stays so until the next push takes it back.
void push_desk::failed(push_state& stream, const error& why) {
  stream.unsettled = true;
  if (why.code == ec::cancelled || stopped_)
    return;
  // As for reading: only a permission that is lacking stays so until a person acts.
  if (why.code == ec::refused && stream.refusal && lacks_permission(stream.refusal->kind)) {
    const auto& refusal = *stream.refusal;
    stream.pause = stream_pause{refusal.code, refusal.sentence, refusal.missing_scopes};
    if (refusal.kind == verdict_kind::scope_missing)
      stream.pause->code = "scope_missing";
    stream.pause_told = true;
    return effects_->push_paused(stream);
  }
  stream.due = true;
  if (why.code == ec::limited)
    return; // it has waited already
  ++stream.failures;
  stream.retry_due = effects_->push_steady_now()
                     + spread_backoff_wait(stream.failures, std::nullopt, effects_->draw());
  arm();
  effects_->push_failed(stream, why);
}

void push_desk::commit(push_state& stream, std::vector<store_write> writes,
                       push_effects::continuation then) {
  ++stream.commits_in_flight;
  effects_->commit_pushes(std::move(writes),
                          [&stream, then = std::move(then)](const auto& outcomes) {
                            --stream.commits_in_flight;
                            then(outcomes);
                          });
}

void push_desk::tell_conflicts(const push_state& stream,
                               const std::vector<result<write_outcome>>& outcomes) {
  uint64_t count = 0;
  for (const auto& one : outcomes)
    count += one ? one->conflicts : 0;
  if (count > 0)
    effects_->conflicts_archived(*stream.what, count);
}

const push_state* push_desk::find(std::string_view name) const {
  const auto at = std::ranges::find(
      streams_, name, [](const push_state& stream) { return std::string_view{stream.what->name}; });
  return at == streams_.end() ? nullptr : &*at;
}

push_state* push_desk::find(std::string_view name) {
  return const_cast<push_state*>(std::as_const(*this).find(name));
}

push_state& push_desk::state_of(const push_run& run) {
  return *find(run.what().name);
}

bool push_desk::note_refusal(std::string_view owner, const verdict& why) {
  const auto at = std::ranges::find(streams_, owner, &push_state::owner);
  if (at == streams_.end())
    return false;
  at->refusal = why;
  return true;
}

wall_time push_desk::run_now() const {
  return effects_->sync_now();
}

void push_desk::run_calls(push_run& run, http_request request,
                          std::function<void(result<http_response>)> on_done) {
  effects_->begin_push_call(state_of(run).owner, std::move(request), std::move(on_done));
}

} // namespace nexte
