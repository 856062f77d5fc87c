// The outbox and the audit log as the control API writes them.
#include "actors/program/control_json.hpp"

namespace nexte::program {
namespace {

void write_body(json::writer& to, std::string_view key, const std::string& body) {
  to.key(key);
  if (body.empty())
    to.null();
  else
    to.raw(body);
}

void write_copy(json::writer& to, std::string_view key, const record_copy& copy) {
  to.key(key).begin_object().key("version").value(copy.version);
  write_time(to, "modified_at", copy.modified_at);
  to.key("deleted").value(copy.deleted);
  write_body(to, "body", copy.body);
  to.end_object();
}

void write_names(json::writer& to, std::string_view key, const std::vector<std::string>& names) {
  to.key(key).begin_array();
  for (const auto& name : names)
    to.value(name);
  to.end_array();
}

} // namespace

void write_json(json::writer& to, const edit_receipt& receipt) {
  to.begin_object().key("record").value(receipt.record).key("edit");
  if (receipt.edit == 0)
    to.null();
  else
    to.value(receipt.edit);
  to.end_object();
}

void write_json(json::writer& to, const edit_row& edit) {
  to.begin_object().key("id").value(edit.id);
  to.key("integration").value(edit.integration.str()).key("stream").value(edit.stream);
  to.key("record").value(edit.record).key("kind").value(to_string(edit.kind));
  to.key("fields").begin_object();
  for (const auto& [name, field] : edit.fields)
    to.key(name).raw(field.value);
  to.end_object();
  write_time(to, "edited_at", edit.edited_at);
  to.key("state").value(to_string(edit.state)).key("attempts").value(edit.attempts);
  to.key("code").value(edit.code).key("sentence").value(edit.sentence).end_object();
}

void write_json(json::writer& to, const conflict_row& conflict) {
  to.begin_object().key("id").value(conflict.id);
  to.key("integration").value(conflict.integration.str()).key("stream").value(conflict.stream);
  to.key("record").value(conflict.record);
  write_time(to, "at", conflict.at);
  to.key("rule").value(to_string(conflict.rule)).key("won").value(to_string(conflict.won));
  write_time(to, "local_at", conflict.local_at);
  write_time(to, "remote_at", conflict.remote_at);
  to.key("skew_ms").value(static_cast<int64_t>(conflict.skew.count()));
  to.key("differences").begin_array();
  for (const auto& one : conflict.differences) {
    to.begin_object().key("field").value(one.field).key("base").raw(one.base);
    to.key("winner").raw(one.winner).key("loser").raw(one.loser).end_object();
  }
  to.end_array();
  write_copy(to, "base", conflict.base);
  write_copy(to, "winner", conflict.winner);
  write_copy(to, "loser", conflict.loser);
  write_time(to, "restored_at", conflict.restored_at);
  const auto merged = preview_merge(conflict);
  to.key("under_merge_fields").begin_object().key("conflict").value(merged.conflict);
  write_names(to, "kept", merged.kept);
  write_names(to, "decided", merged.decided);
  to.end_object().end_object();
}

} // namespace nexte::program
