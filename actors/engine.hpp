// The engine as a host sees it. No CAF, Boost, RapidJSON or LMDB in this header.
#pragma once

#include "actors/figures.hpp"
#include "protocol/core/error.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/secret.hpp"
#include "protocol/core/time.hpp"
#include "protocol/provider.hpp"
#include "storage/store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nexte {

class transport;
namespace oauth {
class callback_listeners;
}

/// How one provider is reached from this host. Empty texts and zeros: the provider's own.
struct provider_settings {
  std::string name; ///< "hubspot"
  std::string client_id;
  secret client_secret;
  std::string api_base;
  std::string authorize_url;
  std::string token_url;
  std::string revoke_url;
  /// "loopback": a listener of ours hears the browser. Else the host's own https address, and the
  /// host hands each hit to `engine::deliver_callback`.
  std::string redirect = "loopback";
  std::chrono::seconds poll_every{300};
  std::vector<std::string> streams; ///< Empty: all.
  std::vector<quota_window> quota;  ///< Empty: the provider's.
};

struct engine_options {
  std::filesystem::path data_dir;
  secret master_key; ///< 32 bytes
  /// The key before this one, while the data may still have it: then the tokens are sealed anew at
  /// the start. Empty: none.
  secret former_master_key;
  std::vector<provider_settings> providers;
  unsigned worker_threads = 2;
  /// Where warnings go (one line, no secret); any thread. Null: nowhere.
  std::function<void(std::string_view line)> log;
  /// Hears each new notification once it is durable, and at start those not acknowledged yet; on a
  /// thread of the engine, must not block. Null: the host polls `data().notifications`.
  std::function<void(const notification_row&)> on_notification;
};

/// One stream in the status panel.
struct stream_status {
  std::string name;
  std::string title;
  uint64_t records = 0;  ///< Live ones.
  bool running = false;  ///< A run is under way.
  bool full = false;     ///< … and enumerates completely.
  bool verified = false; ///< The last run ended with the provider's end marker.
  wall_time synced_at{};
  wall_time verified_at{};
  wall_time changed_at{};
  wall_time next_sync_at{};
  uint64_t held_deletes = 0;
  std::vector<std::string> missing_scopes;
  std::string paused_because; ///< Empty: it is not.
  uint64_t pages_this_run = 0;
  uint64_t items_this_run = 0;
  bool editable = false;          ///< Records can be edited here.
  std::string edits_wait_because; ///< Edits are not sent, and why; empty: they are.
};

/// Everything of the `i` panel.
struct integration_status {
  integration_id id;
  workspace_id workspace;
  std::string provider;
  account_identity account;
  std::string state; ///< One of the four.
  std::string badge; ///< "green", "amber", "red".
  wall_time since{};
  std::string code;                      ///< Why, for programs.
  std::string because;                   ///< Why, for people.
  std::string next_step;                 ///< What happens next, or who must do what. Never empty.
  std::optional<wall_time> next_step_at; ///< When the engine acts by itself; absent: a person must.
  std::string mode;
  wall_time synced_at{}; ///< Oldest of its streams.
  std::optional<error_entry> last_error;
  uint64_t records = 0;
  std::vector<stream_status> streams;
  std::vector<std::string> granted_scopes;
  std::vector<std::string> missing_scopes;
  /// What a person should mend though work goes on, one sentence each.
  std::vector<std::string> warnings;
  milliseconds clock_skew{0}; ///< The provider's clock minus ours, as last measured.
  unsigned quota_used = 0;    ///< Units in the tightest window of its account.
  unsigned quota_limit = 0;
  std::optional<wall_time> quota_back_at; ///< When a request that waits for quota may go.
  unsigned restarts = 0;                  ///< Of its actor, since the engine started.
  std::string conflict_rule;              ///< "last_write_wins" or "merge_fields".
  uint64_t pending_edits = 0;             ///< Local edits that the provider has not confirmed.
  uint64_t rejected_edits = 0;            ///< … and that it never will, as they stand.
  std::vector<incident_row> incidents;    ///< Open ones.
  std::vector<quarantine_row> quarantine;
  std::vector<transition_entry> history;
};

/// A local edit that is durable.
struct edit_receipt {
  std::string record; ///< Its id; of a new record one of ours, which finds it for ever.
  uint64_t edit = 0;  ///< In the outbox; 0: nothing was to be changed.
};

/// Why a record is, or is not, here.
struct explanation {
  std::string code;                  ///< e.g. "synced": all of them are in explaining.hpp.
  std::string sentence;              ///< For people.
  std::vector<std::string> evidence; ///< What was looked at and what it said, one sentence each.
};

/// What a consent attempt came to.
struct connect_outcome {
  integration_id id;          ///< Which integration is connected now.
  bool other_account = false; ///< The person signed in elsewhere: `id` is a new integration.
};

template <class T>
using reply = std::function<void(result<T>)>;

/// Runs the integrations of a data directory. All functions may be called from any thread; each
/// answers once through its reply, on a thread of the engine or inside the call: a reply must not
/// block. After the destructor began, what is open is answered with `cancelled`.
class engine {
public:
  /// Opens the store and starts everything in it. `net` outlives the engine's last call (the
  /// destructor waits). Errors are those of store::open, and `refused` for bad settings.
  static result<std::unique_ptr<engine>>
  start(engine_options options, std::shared_ptr<transport> net,
        std::shared_ptr<oauth::callback_listeners> listeners);
  virtual ~engine() = default;

  /// Makes an integration, disconnected and without account, or yields the one of this workspace
  /// and provider that never was connected.
  virtual void add(workspace_id workspace, std::string provider, reply<integration_id> done) = 0;
  /// Begins consent: yields the address to open. A new attempt ends an older one. `on_outcome`
  /// (may be empty) hears how the attempt ended: connected, refused, timed out.
  virtual void connect(integration_id id, reply<std::string> authorization_url,
                       reply<connect_outcome> on_outcome)
      = 0;
  /// A hit on the host's own redirect address: the raw query. `not_found` when no attempt has its
  /// state.
  virtual void deliver_callback(std::string query, reply<connect_outcome> done) = 0;
  virtual void status(integration_id id, reply<integration_status> done) = 0;
  virtual void list(reply<std::vector<integration_status>> done) = 0;
  /// Enumerates every stream completely, starting now. Answered when it has begun; `unauthorized`
  /// when disconnected.
  virtual void refresh(integration_id id, reply<void> done) = 0;
  /// Stops sync, revokes at the provider (best effort) and erases the tokens here; keeps records.
  virtual void disconnect(integration_id id, reply<void> done) = 0;

  /// "real_time", "hourly" or "paused"; `refused` for another word. Durable when answered.
  virtual void set_mode(integration_id id, std::string mode, reply<void> done) = 0;
  /// Lets go what an incident holds back: carries out the deletions of a `mass_delete_held`. For
  /// other kinds `refused`.
  virtual void release(uint64_t incident, reply<void> done) = 0;
  /// Edits a record, or makes one where `record` is empty. `fields`: a JSON object of the fields to
  /// set, as the stream's bodies hold them (see `stream_description::fields`); null clears one.
  /// When answered the edit is durable and seen by reads; it is pushed as soon as the provider can
  /// be reached. `not_found`: stream or record; `refused`: a stream or field that is read only, an
  /// unknown field, too large, too many edits waiting; `malformed`: the JSON.
  virtual void put(integration_id id, std::string stream, std::string record, std::string fields,
                   reply<edit_receipt> done)
      = 0;
  /// Deletes a record, here at once and then at the provider.
  virtual void erase(integration_id id, std::string stream, std::string record,
                     reply<edit_receipt> done)
      = 0;
  /// Takes an edit back that waits or was rejected. `conflict`: it is being sent.
  virtual void drop_edit(integration_id id, uint64_t edit, reply<void> done) = 0;
  /// Writes the losing version of a conflict forward as a new edit. `not_found`: no such conflict,
  /// or past its 30 days; `conflict`: it was restored before.
  virtual void restore(uint64_t conflict, reply<edit_receipt> done) = 0;
  /// "last_write_wins" or "merge_fields"; `refused` for another word. Durable when answered.
  virtual void set_conflict_rule(integration_id id, std::string rule, reply<void> done) = 0;
  /// The host has dealt with a notification: it is not delivered again.
  virtual void acknowledge(uint64_t notification, reply<void> done) = 0;
  /// Answers "why is it (not) here", asking the provider where the store cannot tell.
  virtual void explain(integration_id id, std::string stream, std::string record,
                       reply<explanation> done)
      = 0;

  /// From now on `on_change` hears of each integration whose status, incidents or notifications may
  /// have changed: up to thousands of times a second, on threads of the engine, so it must do
  /// little and call nothing of the engine (note the id, and ask for the status later). Null:
  /// nobody hears. Once this returns, the former `on_change` is not called any more.
  virtual void observe(std::function<void(integration_id)> on_change) = 0;

  /// What an operator measures, since the engine started. Cheap.
  virtual engine_figures figures() const = 0;

  /// Reads; on the caller's thread, straight from the store.
  virtual const store& data() const = 0;
};

/// Starts an asynchronous call and waits for its answer; for hosts that may block. Use:
/// `wait_for<integration_status>([&](auto done) { engine.status(id, done); })`.
/// @pre not called on a thread of the engine
template <class T, class Start>
result<T> wait_for(Start&& start) {
  auto answer = std::make_shared<std::promise<result<T>>>();
  auto answered = answer->get_future();
  std::forward<Start>(start)(reply<T>{[answer](result<T> r) { answer->set_value(std::move(r)); }});
  return answered.get();
}

} // namespace nexte
