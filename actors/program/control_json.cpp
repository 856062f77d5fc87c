#include "actors/program/control_json.hpp"

#include <algorithm>
#include <functional>

namespace nexte::program {
namespace {

void write_texts(json::writer& to, std::string_view key, const std::vector<std::string>& texts) {
  to.key(key).begin_array();
  for (const auto& text : texts)
    to.value(text);
  to.end_array();
}

/// Never verified as long as one stream was not.
wall_time oldest(const std::vector<stream_status>& streams, wall_time stream_status::*at) {
  return streams.empty() ? wall_time{}
                         : std::invoke(at, *std::ranges::min_element(streams, {}, at));
}

wall_time newest(const std::vector<stream_status>& streams, wall_time stream_status::*at) {
  return streams.empty() ? wall_time{}
                         : std::invoke(at, *std::ranges::max_element(streams, {}, at));
}

/// Of those streams that are due at all.
wall_time earliest_due(const std::vector<stream_status>& streams) {
  wall_time due{};
  for (const auto& s : streams)
    if (s.next_sync_at != wall_time{} && (due == wall_time{} || s.next_sync_at < due))
      due = s.next_sync_at;
  return due;
}

void write_connection(json::writer& to, const integration_status& status) {
  to.key("id").value(status.id.str()).key("workspace").value(status.workspace.str());
  to.key("provider").value(status.provider).key("account");
  if (status.account.id.empty())
    to.null();
  else
    to.begin_object()
        .key("id")
        .value(status.account.id)
        .key("name")
        .value(status.account.name)
        .end_object();
  to.key("state").value(status.state).key("badge").value(status.badge);
  write_time(to, "since", status.since);
  to.key("code").value(status.code).key("because").value(status.because);
  to.key("next_step").value(status.next_step);
  write_time(to, "next_step_at", status.next_step_at);
  to.key("mode").value(status.mode);
}

} // namespace

void write_time(json::writer& to, std::string_view key, wall_time at) {
  to.key(key);
  if (at == wall_time{})
    to.null();
  else
    to.value(format_iso_time(at));
}

void write_time(json::writer& to, std::string_view key, const std::optional<wall_time>& at) {
  write_time(to, key, at.value_or(wall_time{}));
}

void write_json(json::writer& to, const integration_status& status) {
  to.begin_object();
  write_connection(to, status);
  write_time(to, "synced_at", status.synced_at);
  write_time(to, "verified_at", oldest(status.streams, &stream_status::verified_at));
  write_time(to, "changed_at", newest(status.streams, &stream_status::changed_at));
  write_time(to, "next_sync_at", earliest_due(status.streams));
  to.key("last_error");
  if (status.last_error)
    write_json(to, *status.last_error);
  else
    to.null();
  to.key("records").value(status.records).key("streams");
  write_json_list(to, status.streams);
  write_texts(to, "granted_scopes", status.granted_scopes);
  write_texts(to, "missing_scopes", status.missing_scopes);
  write_texts(to, "warnings", status.warnings);
  to.key("clock_skew_ms").value(static_cast<int64_t>(status.clock_skew.count()));
  to.key("quota").begin_object().key("used").value(status.quota_used);
  to.key("limit").value(status.quota_limit);
  write_time(to, "back_at", status.quota_back_at);
  to.end_object().key("edits").begin_object().key("pending").value(status.pending_edits);
  to.key("rejected").value(status.rejected_edits).end_object();
  to.key("conflict_rule").value(status.conflict_rule);
  to.key("restarts").value(status.restarts).key("incidents");
  write_json_list(to, status.incidents);
  to.key("quarantine");
  write_json_list(to, status.quarantine);
  to.key("history");
  write_json_list(to, status.history);
  to.end_object();
}

void write_progress(json::writer& to, const integration_status& status) {
  to.begin_object().key("integration").value(status.id.str());
  to.key("records").value(status.records).key("streams").begin_array();
  for (const auto& stream : status.streams) {
    to.begin_object().key("name").value(stream.name).key("records").value(stream.records);
    to.key("running").value(stream.running).key("full").value(stream.full);
    write_time(to, "changed_at", stream.changed_at);
    to.key("pages_this_run").value(stream.pages_this_run);
    to.key("items_this_run").value(stream.items_this_run).end_object();
  }
  to.end_array().end_object();
}

void write_quota(json::writer& to, const integration_status& status) {
  to.begin_object().key("integration").value(status.id.str());
  to.key("provider").value(status.provider).key("used").value(status.quota_used);
  to.key("limit").value(status.quota_limit);
  write_time(to, "back_at", status.quota_back_at);
  to.end_object();
}

void write_json(json::writer& to, const quarantine_row& row) {
  to.begin_object().key("stream").value(row.stream).key("record").value(row.record);
  write_time(to, "at", row.at);
  to.key("reason").value(row.reason).end_object();
}

void write_json(json::writer& to, const stream_status& stream) {
  to.begin_object().key("name").value(stream.name).key("title").value(stream.title);
  to.key("records").value(stream.records).key("running").value(stream.running);
  to.key("full").value(stream.full).key("verified").value(stream.verified);
  write_time(to, "synced_at", stream.synced_at);
  write_time(to, "verified_at", stream.verified_at);
  write_time(to, "changed_at", stream.changed_at);
  write_time(to, "next_sync_at", stream.next_sync_at);
  to.key("held_deletes").value(stream.held_deletes);
  write_texts(to, "missing_scopes", stream.missing_scopes);
  to.key("paused_because").value(stream.paused_because);
  to.key("pages_this_run").value(stream.pages_this_run);
  to.key("items_this_run").value(stream.items_this_run);
  to.key("editable").value(stream.editable);
  to.key("edits_wait_because").value(stream.edits_wait_because).end_object();
}

void write_json(json::writer& to, const record_row& record) {
  to.begin_object().key("id").value(record.id).key("version").value(record.version);
  write_time(to, "modified_at", record.modified_at);
  to.key("deleted").value(record.deleted).key("sequence").value(record.sequence).key("body");
  if (record.body.empty())
    to.null();
  else
    to.raw(record.body);
  to.end_object();
}

void write_json(json::writer& to, const change_entry& change) {
  to.begin_object().key("sequence").value(change.sequence);
  to.key("integration").value(change.integration.str()).key("stream").value(change.stream);
  to.key("record").value(change.record).key("deleted").value(change.deleted).end_object();
}

void write_json(json::writer& to, const transition_entry& step) {
  to.begin_object();
  write_time(to, "at", step.at);
  to.key("state").value(step.state).key("code").value(step.code);
  to.key("because").value(step.because).end_object();
}

void write_json(json::writer& to, const error_entry& entry) {
  to.begin_object();
  write_time(to, "at", entry.at);
  to.key("stream").value(entry.stream).key("code").value(entry.code);
  to.key("sentence").value(entry.sentence).end_object();
}

void write_json(json::writer& to, const incident_row& incident) {
  to.begin_object().key("id").value(incident.id);
  to.key("integration").value(incident.integration.str()).key("kind").value(incident.kind);
  to.key("stream").value(incident.stream).key("stage").value(incident.stage);
  write_time(to, "opened_at", incident.opened_at);
  write_time(to, "staged_at", incident.staged_at);
  write_time(to, "closed_at", incident.closed_at);
  to.key("code").value(incident.code).key("sentence").value(incident.sentence);
  to.key("next_step").value(incident.next_step);
  write_texts(to, "evidence", incident.evidence);
  to.end_object();
}

void write_json(json::writer& to, const notification_row& notification) {
  to.begin_object().key("id").value(notification.id);
  write_time(to, "at", notification.at);
  to.key("integration").value(notification.integration.str());
  to.key("incident");
  if (notification.incident == 0)
    to.null();
  else
    to.value(notification.incident);
  to.key("kind").value(notification.kind).key("stage").value(notification.stage);
  to.key("sentence").value(notification.sentence);
  to.key("next_step").value(notification.next_step).end_object();
}

void write_json(json::writer& to, const explanation& why) {
  to.begin_object().key("code").value(why.code).key("sentence").value(why.sentence);
  write_texts(to, "evidence", why.evidence);
  to.end_object();
}

} // namespace nexte::program
