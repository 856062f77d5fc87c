// A person's edits, and what becomes of them.
#include "actors/integration.hpp"

#include <algorithm>
#include <utility>

namespace nexte {
namespace {

/// A conflict is news for so long after the last one.
constexpr std::chrono::hours conflict_news{1};

error no_such_stream(const std::string& name, const std::vector<const stream_description*>& all) {
  std::string known;
  for (const auto* stream : all)
    known.append(known.empty() ? "" : ", ").append(stream->name);
  return {ec::not_found, "there is no stream \"" + name + "\"", "use one of " + known};
}

} // namespace

// ---- behaviour ----------------------------------------------------------------------------------

void integration_state::on(edit_command& command) {
  const auto& all = deps_.provider->streams;
  const auto at = std::ranges::find(all, command.stream, &stream_description::name);
  if (at == all.end())
    return command.done(no_such_stream(command.stream, all));
  const auto& what = **at;
  const auto& title = deps_.provider->description->title;
  if (!what.push)
    return command.done(
        error{ec::refused, what.title + " are read only here", "edit them at " + title});
  put_edit write;
  write.id = deps_.row.id;
  write.stream = what.name;
  write.kind = command.kind;
  write.edited_at = now();
  write.record = command.kind == edit_kind::create ? make_local_id(now(), deps_.ports->random)
                                                   : command.record;
  write.fields = command.fields;
  write.rules = rules_of(what);
  if (command.fields.size() > edit_bytes_max)
    return command.done(error{ec::refused,
                              "the edit has " + std::to_string(command.fields.size()) + " bytes",
                              "at most " + std::to_string(edit_bytes_max) + " are taken"});
  if (command.kind != edit_kind::erase && what.prepare) {
    auto own = what.prepare(write.fields);
    if (!own)
      return command.done(std::move(own).failure());
    write.fields = *std::move(own);
  }
  const auto record = write.record;
  commit({std::move(write)}, [this, command, record](const committed& fact) {
    take_edit(command.stream, record, fact.outcomes->front(), command.done);
  });
}

void integration_state::on(restore_command& command) {
  const auto& all = deps_.provider->streams;
  const auto& conflict = command.conflict;
  const auto at = std::ranges::find(all, conflict.stream, &stream_description::name);
  if (at == all.end())
    return command.done(no_such_stream(conflict.stream, all));
  restore_conflict write;
  write.conflict = conflict.id;
  write.edited_at = now();
  write.rules = rules_of(**at);
  commit({std::move(write)}, [this, command](const committed& fact) {
    take_edit(command.conflict.stream, command.conflict.record, fact.outcomes->front(),
              command.done);
  });
}

/// Durable: from here on it is pushed whatever happens.
void integration_state::take_edit(const std::string& stream, const std::string& record,
                                  const result<write_outcome>& outcome,
                                  const answer<edit_receipt>& done) {
  if (!outcome)
    return done(outcome.failure());
  if (outcome->stopped > 0)
    tell_trouble("edit_loop", stream,
                 {"edit_loop", "Record " + record + " of " + stream
                                   + " was changed back and forth between here and "
                                   + deps_.provider->description->title
                                   + ", so the edit is kept back here."});
  edits_->added(stream);
  done(edit_receipt{record, outcome->id});
}

void integration_state::on(drop_command& command) {
  const auto stored = deps_.data->edit(deps_.row.id, command.edit);
  if (!stored)
    return command.done(stored.failure());
  const auto* state = *stored ? edits_->find((*stored)->edit.stream) : nullptr;
  if (!state)
    return command.done(error{ec::not_found, "there is no edit " + std::to_string(command.edit)
                                                 + " waiting in this integration"});
  commit({drop_edit{deps_.row.id, command.edit, rules_of(*state->what)}},
         [this, command, state](const committed& fact) {
           if (const auto* failed = fact.failure())
             return command.done(*failed);
           forget_rejected(state->what->name);
           command.done({});
         });
}

void integration_state::on(rule_command& command) {
  const auto rule = parse_conflict_rule(command.rule);
  if (!rule)
    return command.done(error{ec::refused, "there is no conflict rule \"" + command.rule + "\"",
                              "use last_write_wins or merge_fields"});
  deps_.row.rule = *rule;
  commit({put_integration{deps_.row}}, [command](const committed& fact) {
    if (const auto* failed = fact.failure())
      command.done(*failed);
    else
      command.done({});
  });
}

/// A day of conflicts is one incident; it ends when they do.
void integration_state::close_old_conflicts() {
  std::erase_if(conflicts_at_, [this](const auto& last) {
    if (now() - last.second < conflict_news)
      return false;
    tell_over("conflict_archived", last.first, false);
    return true;
  });
}

// ---- effects ------------------------------------------------------------------------------------

steady_time integration_state::push_steady_now() const {
  return steady_now();
}

void integration_state::begin_push_call(const std::string& owner, http_request request,
                                        call_desk::done on_done) {
  calls_->begin(owner, std::move(request), quota_lane::person, std::move(on_done));
}

void integration_state::commit_pushes(std::vector<store_write> writes,
                                      push_effects::continuation then) {
  commit(std::move(writes),
         [then = std::move(then)](const committed& fact) { then(*fact.outcomes); });
}

result<std::vector<edit_row>> integration_state::stored_edits(uint64_t after, size_t limit) const {
  return deps_.data->edits(deps_.row.id, after, limit);
}

result<std::optional<edit_to_push>> integration_state::stored_edit(uint64_t edit) const {
  return deps_.data->edit(deps_.row.id, edit);
}

two_way_rules integration_state::rules_of(const stream_description& what) const {
  return {what.fields, deps_.row.rule, skew_.value()};
}

void integration_state::wake_pushes(steady_time due) {
  set_alarm(slot_pushes, due);
}

void integration_state::conflicts_archived(const stream_description& what, uint64_t count) {
  conflicts_at_[what.name] = now();
  const auto& title = deps_.provider->description->title;
  tell_trouble("conflict_archived", what.name,
               {"conflict_archived",
                (count == 1 ? std::string{"A record"} : std::to_string(count) + " records") + " of "
                    + what.title + " had been edited both here and at " + title
                    + ". One version stands on both sides, the other one is kept for 30 days."});
}

void integration_state::push_done(const push_state& stream) {
  tell_over("push_failing", stream.what->name);
  tell_over("write_scope_missing", stream.what->name);
  forget_rejected(stream.what->name);
}

/// Once the last rejected edit was mended or dropped.
void integration_state::forget_rejected(const std::string& stream) {
  const auto left = deps_.data->count_edits(deps_.row.id);
  if (!left || left->rejected > 0)
    return;
  tell_over("edit_rejected", stream, false);
  tell_over("edit_loop", stream, false);
}

void integration_state::edit_rejected(const push_state& stream, const edit_row& edit,
                                      const push_outcome& why) {
  const auto& stream_name = stream.what->name;
  const auto sentence = "The edit of record " + edit.record + " of " + stream_name
                        + " was refused: " + why.sentence;
  log_error(stream_name, why.code, sentence);
  tell_trouble("edit_rejected", stream_name, {why.code, sentence});
}

void integration_state::push_failed(const push_state& stream, const error& why) {
  const auto code = stream.refusal ? stream.refusal->code : std::string{to_string(why.code)};
  if (why.code == ec::unauthorized)
    return deny(code, why.line());
  log_error(stream.what->name, code, why.line());
  if (stream.failures > push_failures_tolerated)
    tell_trouble("push_failing", stream.what->name, {code, why.line()});
}

void integration_state::push_paused(const push_state& stream) {
  tell_trouble("write_scope_missing", stream.what->name,
               {stream.pause->code, stream.pause->because});
}

} // namespace nexte
