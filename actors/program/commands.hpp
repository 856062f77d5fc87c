// The commands that talk to a running engine. Each prints a table for people, or the API's JSON.
#pragma once

#include "actors/program/control_client.hpp"
#include "actors/program/event_text.hpp"
#include "actors/program/render.hpp"

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace nexte::program {

/// Hears what came together of GET /v1/events, also when that was nothing but a sign of life;
/// false: enough.
using event_listener = std::function<bool(const std::vector<server_event>&)>;

/// What a command works with.
struct shell {
  control_client& engine;
  std::ostream& out;
  terminal screen;
  bool json = false; ///< Print the API's answer, one JSON text a line.
  std::function<wall_time()> now;
  std::function<void(milliseconds)> pause; ///< Between two looks at something that goes on.
  /// Reads the engine's events until they end or the listener has enough.
  std::function<result<void>(const event_listener&)> events = nullptr;
};

/// Prints a link that opens the Apps page, once.
result<void> login(const shell& with);

/// All integrations, or everything about one.
result<void> show_status(const shell& with, const std::string& id);

/// Makes an integration and begins its consent: prints the address to open and, with `wait`, tells
/// how the consent ended. `refused` when it ended badly.
result<void> connect(const shell& with, const std::string& workspace, const std::string& provider,
                     bool wait);
/// The same for an integration there is.
result<void> reconnect(const shell& with, const std::string& id, bool wait);
/// How all integrations are, live, until the engine stops: a table that is drawn over, a line for
/// each change where the screen cannot be drawn over, or with JSON the events.
result<void> watch(const shell& with);
result<void> disconnect(const shell& with, const std::string& id);
/// Begins a complete sync; with `wait` shows how far it is, and ends when it has.
result<void> refresh(const shell& with, const std::string& id, bool wait = false);
result<void> set_mode(const shell& with, const std::string& id, const std::string& mode);

struct record_range {
  std::string after;
  unsigned limit = 100;
};
result<void> show_records(const shell& with, const std::string& id, const std::string& stream,
                          const record_range& range);
/// The error log: a table, or the JSON Lines as they are.
result<void> show_errors(const shell& with, const std::string& id);
/// Why a record is, or is not, here.
result<void> explain(const shell& with, const std::string& id, const std::string& stream,
                     const std::string& record);

/// What a person wants to be changed.
struct record_edit {
  std::string record;                   ///< Empty: a new one.
  std::vector<std::string> assignments; ///< FIELD=VALUE; an empty value clears.
  std::string fields;                   ///< A JSON object beside them; may be empty.
};
result<void> put(const shell& with, const std::string& id, const std::string& stream,
                 const record_edit& edit);
result<void> erase(const shell& with, const std::string& id, const std::string& stream,
                   const std::string& record);
/// Edits that the provider has not confirmed.
result<void> show_edits(const shell& with, const std::string& id);
result<void> drop_edit(const shell& with, const std::string& id, uint64_t number);

/// Empty members let all pass.
struct conflict_choice {
  std::string integration;
  std::string stream;
  std::string record;
  std::string what_if; ///< "merge_fields": how they would have ended under it.
};
/// The audit log: a table, or JSON Lines.
result<void> show_conflicts(const shell& with, const conflict_choice& which);
/// Writes the losing version of conflict `number` forward.
result<void> restore(const shell& with, uint64_t number);
result<void> set_rule(const shell& with, const std::string& id, const std::string& rule);

/// Open ones, or all.
result<void> show_incidents(const shell& with, bool all);
/// Lets go what incident `number` holds back.
result<void> release(const shell& with, uint64_t number);
result<void> show_notifications(const shell& with);
/// Notification `number` has been dealt with.
result<void> acknowledge(const shell& with, uint64_t number);

} // namespace nexte::program
