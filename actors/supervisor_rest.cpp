// What is said of an integration whose actor failed and waits to be started again.
#include "actors/supervisor.hpp"

#include "actors/connection.hpp"
#include "actors/integration.hpp"

#include <algorithm>
#include <utility>

namespace nexte {

/// Questions are no reason to try again before its time, and the end of an attempt has lost its
/// sense; for anything else a person asks. True: `command` is dealt with.
bool supervisor_state::answer_at_rest(integration_id id, const child& one,
                                      integration_command& command) const {
  if (auto* query = std::get_if<status_query>(&command)) {
    query->done(status_at_rest(id, one));
    return true;
  }
  if (auto* query = std::get_if<explain_query>(&command)) {
    query->done(explain_at_rest(id, one, *query));
    return true;
  }
  return std::holds_alternative<consent_failed>(command);
}

integration_status supervisor_state::status_at_rest(integration_id id, const child& one) const {
  integration_status all;
  all.id = id;
  all.workspace = one.workspace;
  all.provider = one.provider;
  all.account = one.account;
  all.state = to_string(phase::reconnecting);
  all.badge = badge_of(phase::reconnecting);
  all.since = one.failing_since;
  all.code = defect_code;
  all.because = "The connector failed: " + one.defect + ".";
  all.next_step = "It is started again by itself, or at once by Refresh.";
  all.next_step_at = one.restart_at;
  all.restarts = one.restarts;
  if (auto row = deps_.data->integration(id); row && *row) {
    all.mode = (*row)->mode;
    all.granted_scopes = std::move((*row)->granted_scopes);
    all.history = std::move((*row)->history);
    all.conflict_rule = to_string((*row)->rule);
  }
  if (const auto edits = deps_.data->count_edits(id)) {
    all.pending_edits = edits->waiting;
    all.rejected_edits = edits->rejected;
  }
  bool first = true;
  for (const auto* stream : deps_.providers.at(one.provider).context->streams)
    if (const auto stored = deps_.data->stream(id, stream->name)) {
      stream_status here;
      here.name = stream->name;
      here.title = stream->title;
      here.records = stored->live_records;
      here.synced_at = stored->synced_at;
      here.verified_at = stored->verified_at;
      here.changed_at = stored->changed_at;
      here.held_deletes = stored->held_deletes;
      all.records += here.records;
      all.synced_at = first ? here.synced_at : std::min(all.synced_at, here.synced_at);
      first = false;
      all.streams.push_back(std::move(here));
    }
  if (auto errors = deps_.data->errors(id, 1); errors && !errors->empty())
    all.last_error = std::move(errors->back());
  if (auto incidents = deps_.data->incidents(id))
    for (auto& incident : *incidents)
      if (!incident.closed_at)
        all.incidents.push_back(std::move(incident));
  if (auto quarantined = deps_.data->quarantine(id))
    all.quarantine = *std::move(quarantined);
  return all;
}

explanation supervisor_state::explain_at_rest(integration_id id, const child& one,
                                              const explain_query& query) const {
  explanation why;
  if (const auto quarantined = deps_.data->quarantine(id))
    for (const auto& row : *quarantined)
      if (row.stream == query.stream && row.record == query.record) {
        why.code = "quarantined";
        why.sentence = "The stream steps over it: " + row.reason;
        return why;
      }
  const auto stored = deps_.data->record(id, query.stream, query.record);
  const bool known = stored && *stored;
  if (known)
    why.evidence.push_back("It is stored in version " + (*stored)->version
                           + ((*stored)->deleted ? ", as deleted." : "."));
  if (known && !(*stored)->deleted) {
    why.code = "synced";
    why.sentence = "It is here.";
    return why;
  }
  why.evidence.push_back("The connector failed: " + one.defect + ".");
  why.code = defect_code;
  why.sentence = "Nothing is read until the connector is started again at "
                 + format_iso_time(one.restart_at) + ".";
  return why;
}

} // namespace nexte
