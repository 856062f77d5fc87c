// `status`: all integrations as a table, or one as the `i` panel has it.
#include "actors/program/command_support.hpp"

namespace nexte::program {
namespace {

using side = table::side;

/// A circle in the badge's colour and the state in words.
cell badge_of(const json::value& status) {
  return {"\xE2\x97\x8F " + text_of(status, "state"), tint_of(status.string_or_empty("badge"))};
}

std::string account_of(const json::value& status) {
  const auto* account = status.find("account");
  if (!account || !account->is_object())
    return "none yet";
  const auto name = text_of(*account, "name");
  const auto id = text_of(*account, "id");
  return name.empty() ? id : name + " (" + id + ")";
}

std::string since_of(const json::value& object, std::string_view name, wall_time now) {
  return distance_text(time_of(object, name), now);
}

/// "never" would sound as if nothing ever came again.
std::string due_of(const json::value& object, wall_time now) {
  const auto at = time_of(object, "next_sync_at");
  return at == wall_time{} ? "none" : distance_text(at, now);
}

result<void> show_all(const shell& with) {
  table rows{{{"ID"},
              {"WORKSPACE"},
              {"PROVIDER"},
              {"ACCOUNT"},
              {"STATE"},
              {"RECORDS", side::right},
              {"SYNCED"},
              {"NEXT STEP"}}};
  const auto now = with.now();
  const auto done
      = each_row(with, "/v1/integrations?limit=1000", "integrations", [&](const json::value& one) {
          rows.add({text_of(one, "id"), text_of(one, "workspace"), text_of(one, "provider"),
                    account_of(one), badge_of(one), grouped(count_of(one, "records")),
                    since_of(one, "synced_at", now), text_of(one, "next_step")});
        });
  if (!done || with.json)
    return done;
  if (rows.empty())
    with.out << "No integration yet. Make one with: nexte-sync connect WORKSPACE PROVIDER\n";
  else
    with.out << rows.str(with.screen);
  return {};
}

std::string quota_of(const json::value& status, wall_time now) {
  const auto* quota = status.find("quota");
  if (!quota || count_of(*quota, "limit") == 0)
    return "not used yet";
  auto text = grouped(count_of(*quota, "used")) + " of " + grouped(count_of(*quota, "limit"));
  if (const auto back_at = time_of(*quota, "back_at"); back_at != wall_time{})
    text += ", back " + distance_text(back_at, now);
  return text;
}

std::string last_error_of(const json::value& status, wall_time now) {
  const auto* last = status.find("last_error");
  if (!last || !last->is_object())
    return "none";
  const auto stream = text_of(*last, "stream");
  return since_of(*last, "at", now) + (stream.empty() ? "" : ", " + stream) + ": "
         + text_of(*last, "code") + ", " + text_of(*last, "sentence");
}

std::string edits_of(const json::value& status) {
  const auto* edits = status.find("edits");
  if (!edits)
    return "none";
  const auto pending = count_of(*edits, "pending");
  const auto rejected = count_of(*edits, "rejected");
  std::string text = pending == 0 ? "none waiting" : grouped(pending) + " waiting";
  if (rejected > 0)
    text += ", " + grouped(rejected) + " rejected (see: nexte-sync edits)";
  return text;
}

void print_panel(const shell& with, const json::value& one, wall_time now) {
  table panel{{{""}, {""}}};
  panel.add({"integration", text_of(one, "id")});
  panel.add({"workspace", text_of(one, "workspace")});
  panel.add({"provider", text_of(one, "provider")});
  panel.add({"account", account_of(one)});
  panel.add({"state", badge_of(one)});
  panel.add({"since", since_of(one, "since", now)});
  panel.add({"because", text_of(one, "because") + " [" + text_of(one, "code") + "]"});
  const auto step_at = time_of(one, "next_step_at");
  panel.add(
      {"next step",
       text_of(one, "next_step")
           + (step_at == wall_time{} ? std::string{} : " (" + distance_text(step_at, now) + ")")});
  panel.add({"mode", text_of(one, "mode")});
  panel.add({"synced", since_of(one, "synced_at", now)});
  panel.add({"verified", since_of(one, "verified_at", now)});
  panel.add({"changed", since_of(one, "changed_at", now)});
  panel.add({"next sync", due_of(one, now)});
  panel.add({"records", grouped(count_of(one, "records"))});
  panel.add({"last error", last_error_of(one, now)});
  panel.add({"quota", quota_of(one, now)});
  panel.add({"scopes", texts_of(one, "granted_scopes")});
  if (const auto missing = texts_of(one, "missing_scopes"); !missing.empty())
    panel.add({"missing", cell{missing, tint::amber}});
  panel.add({"edits", edits_of(one)});
  for (const auto& warning : list_of(one, "warnings"))
    panel.add({"warning", cell{warning.text, tint::amber}});
  panel.add({"restarts", grouped(count_of(one, "restarts"))});
  with.out << panel.str({with.screen.colours, 0}); // sentences are shown whole
}

/// `connected`: whether the integration is not disconnected; nothing is up to date that is not.
std::string doing(const json::value& stream, bool connected) {
  if (const auto paused = text_of(stream, "paused_because"); !paused.empty())
    return "paused: " + paused;
  if (!connected)
    return "disconnected";
  if (!truth_of(stream, "running")) {
    const auto held = count_of(stream, "held_deletes");
    return std::string{truth_of(stream, "verified") ? "up to date" : "not verified"}
           + (held > 0 ? ", " + grouped(held) + " deletions held back" : "");
  }
  return std::string{truth_of(stream, "full") ? "full sync" : "sync"} + ", "
         + grouped(count_of(stream, "items_this_run")) + " items";
}

void print_lists(const shell& with, const json::value& one, wall_time now) {
  table streams{{{"STREAM"},
                 {"RECORDS", side::right},
                 {"SYNCED"},
                 {"VERIFIED"},
                 {"CHANGED"},
                 {"NEXT"},
                 {"NOW"}}};
  const bool connected = text_of(one, "state") != "disconnected";
  for (const auto& s : list_of(one, "streams"))
    streams.add({text_of(s, "name"), grouped(count_of(s, "records")), since_of(s, "synced_at", now),
                 since_of(s, "verified_at", now), since_of(s, "changed_at", now), due_of(s, now),
                 doing(s, connected)});
  table incidents{{{"INCIDENT"}, {"KIND"}, {"OPENED"}, {"WHAT"}, {"WHAT TO DO"}}};
  for (const auto& i : list_of(one, "incidents"))
    incidents.add({std::to_string(count_of(i, "id")), text_of(i, "kind"),
                   since_of(i, "opened_at", now), text_of(i, "sentence"), text_of(i, "next_step")});
  table quarantine{{{"STEPPED OVER"}, {"RECORD"}, {"SINCE"}, {"WHY"}}};
  for (const auto& q : list_of(one, "quarantine"))
    quarantine.add(
        {text_of(q, "stream"), text_of(q, "record"), since_of(q, "at", now), text_of(q, "reason")});
  table history{{{"WHEN"}, {"STATE"}, {"WHY"}}};
  for (const auto& h : list_of(one, "history"))
    history.add({since_of(h, "at", now), text_of(h, "state"), text_of(h, "because")});
  for (const auto* list : {&streams, &incidents, &quarantine, &history})
    if (!list->empty())
      with.out << "\n" << list->str(with.screen);
}

} // namespace

result<void> show_status(const shell& with, const std::string& id) {
  if (id.empty())
    return show_all(with);
  const auto text = with.engine.call("GET", integration_target(id));
  if (!text)
    return text.failure();
  if (print_json(with, *text))
    return {};
  const auto one = json::parse_value(*text);
  if (!one)
    return one.failure();
  const auto now = with.now();
  print_panel(with, *one, now);
  print_lists(with, *one, now);
  return {};
}

} // namespace nexte::program
