// The tree and the routing; consent is in supervisor_consent.cpp, what is said of an integration at
// rest in supervisor_rest.cpp.
#include "actors/supervisor.hpp"

#include "actors/connection.hpp"
#include "actors/crash.hpp"
#include "actors/integration.hpp"
#include "actors/status_collector.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace nexte {
namespace {

/// Answers a command that cannot be carried out.
void refuse(integration_command& command, const error& why) {
  std::visit(
      [&why](auto& one) {
        if constexpr (requires { one.done(why); })
          one.done(why);
      },
      command);
}

} // namespace

supervisor_actor::behavior_type supervisor_state::make_behavior(supervisor_deps deps) {
  deps_ = std::move(deps);
  self_->set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  load();
  return {
      [this](addressed_command& command) { route(command); },
      [this](add_command& command) { add(command); },
      [this](connect_command& command) { begin_consent(command); },
      [this](callback_command& command) { deliver(command); },
      [this](acknowledge_command& command) { acknowledge(command); },
      [this](list_query& query) { list(query); },
      [this](consent_ended& fact) { end_consent(fact); },
      [this](const committed& fact) { commits_.answered(fact); },
      [this](timer_due due) { on_timer(due); },
      [this](stop) { stop_all(); },
  };
}

// ---- the tree -----------------------------------------------------------------------------------

void supervisor_state::load() {
  const auto rows = deps_.data->integrations();
  if (!rows)
    return deps_.ports->log("the integrations cannot be read: " + rows.failure().line());
  for (const auto& row : *rows) {
    if (deps_.providers.count(row.provider))
      spawn_child(row.id, row);
    else
      deps_.ports->log("integration " + row.id.str() + " rests: provider " + row.provider
                       + " is not configured; add it to the configuration");
  }
}

void supervisor_state::spawn_child(integration_id id, const integration_row& row) {
  auto& one = children_[id];
  one.workspace = row.workspace;
  one.provider = row.provider;
  one.account = row.account;
  const auto& service = deps_.providers.at(row.provider);
  integration_deps deps;
  deps.ports = deps_.ports;
  deps.data = deps_.data;
  deps.provider = service.context;
  deps.writer = deps_.writer;
  deps.timers = deps_.timers;
  deps.limiter = service.limiter;
  deps.incidents = deps_.incidents;
  deps.row = row;
  deps.restarts = one.restarts;
  deps.defect = std::exchange(one.defect, {});
  if (one.record.streak == 0)
    one.awaited_since = deps_.ports->wall_now();
  deps.awaited_since = one.awaited_since;
  one.actor = self_->spawn<caf::monitored>(integration, std::move(deps));
  by_actor_[one.actor.id()] = id;
}

void supervisor_state::on_down(const caf::down_msg& down) {
  const auto at = by_actor_.find(down.source.id());
  if (at == by_actor_.end())
    return;
  const auto id = at->second;
  by_actor_.erase(at);
  auto& one = children_.at(id);
  one.actor = nullptr;
  self_->send(deps_.providers.at(one.provider).limiter, quota_forget{id});
  const auto what = read_crash(down.reason);
  one.defect = what.why;
  if (!what.record.empty())
    one.defect += " (while it read record " + what.record + " of " + what.stream + ")";
  deps_.ports->log("integration " + id.str() + " failed: " + one.defect);
  const auto next = after_crash(one.record, deps_.ports->steady_now(), what.hung);
  if (one.record.streak == 1)
    one.failing_since = deps_.ports->wall_now();
  note_crash(id, one, what);
  if (next.resting)
    tell_resting(id, one);
  wait(id, one, next.wait);
}

/// What is kept of a failure: an error entry, and the record that did it for the second time.
void supervisor_state::note_crash(integration_id id, const child& one, const crash& what) {
  auto& record = children_.at(id).record;
  const auto now = deps_.ports->wall_now();
  std::vector<store_write> writes{append_error{
      id,
      {now, what.stream, std::string{defect_code}, "The connector failed: " + one.defect + "."}}};
  if (!what.record.empty() && kills_again(record, what.stream, what.record))
    writes.push_back(
        put_quarantine{id,
                       {what.stream, what.record, now, "it broke its connector: " + what.why + ".",
                        what.version, true}});
  commits_.send(self_, deps_.writer, std::move(writes), [this](const committed& fact) {
    if (const auto* failed = fact.failure())
      deps_.ports->log("the failure of a connector could not be noted: " + failed->line());
  });
}

void supervisor_state::tell_resting(integration_id id, const child& one) {
  trouble news;
  news.integration = id;
  news.kind = "connector_failing";
  news.code = defect_code;
  news.sentence = "The connector fails again and again: " + one.defect + ".";
  self_->send(deps_.incidents, std::move(news));
}

void supervisor_state::wait(integration_id id, child& one, milliseconds span) {
  if (one.slot == 0) {
    one.slot = next_slot_++;
    by_slot_[one.slot] = id;
  }
  one.restart_at = deps_.ports->wall_now() + span;
  deps_.ports->changes->tell(id);
  self_->send(deps_.timers,
              set_timer{weak(self_), deps_.ports->steady_now() + span, {one.slot, ++one.failures}});
}

void supervisor_state::on_timer(timer_due due) {
  const auto at = by_slot_.find(due.slot);
  if (at != by_slot_.end() && children_.at(at->second).failures == due.epoch)
    restart(at->second);
}

void supervisor_state::restart(integration_id id) {
  auto* one = find(id);
  if (!one || one->actor)
    return;
  const auto row = deps_.data->integration(id);
  if (!row || !*row) {
    one->defect
        = "it cannot be started: " + (row ? std::string{"its row is gone"} : row.failure().line());
    deps_.ports->log("integration " + id.str() + ": " + one->defect);
    return wait(id, *one, after_crash(one->record, deps_.ports->steady_now()).wait);
  }
  ++one->restarts;
  ++deps_.ports->meters->restarts;
  started(one->record, deps_.ports->steady_now());
  spawn_child(id, **row);
}

void supervisor_state::stop_all() {
  self_->set_down_handler([](const caf::down_msg&) {});
  for (auto& [number, one] : attempts_)
    self_->send_exit(one.actor, caf::exit_reason::user_shutdown);
  for (auto& [id, one] : children_)
    if (one.actor)
      self_->send_exit(one.actor, caf::exit_reason::user_shutdown);
  self_->quit();
}

// ---- routing ------------------------------------------------------------------------------------

supervisor_state::child* supervisor_state::find(integration_id id) {
  const auto at = children_.find(id);
  return at == children_.end() ? nullptr : &at->second;
}

void supervisor_state::route(addressed_command& command) {
  auto* one = find(command.to);
  if (!one)
    return refuse(command.command, unknown_integration(command.to));
  if (!one->actor && answer_at_rest(command.to, *one, command.command))
    return;
  if (!one->actor) { // a person asks: no need to wait any longer
    // … but a record that killed it once is still suspected
    auto suspects = std::move(one->record.suspects);
    one->record = {};
    one->record.suspects = std::move(suspects);
    restart(command.to);
  }
  if (!one->actor)
    return refuse(command.command, {ec::storage, one->defect, "it is tried again by itself"});
  if (std::holds_alternative<disconnect_command>(command.command))
    void_attempts(command.to, {"disconnected_by_person",
                               "Disconnect was chosen while the sign-in was open; it is void."});
  self_->send(one->actor, std::move(command.command));
}

error supervisor_state::unknown_integration(integration_id id) {
  return {ec::not_found, "there is no integration " + id.str(),
          "`nexte-sync status` lists those that are there"};
}

void supervisor_state::add(add_command& command) {
  if (!deps_.providers.count(command.provider))
    return command.done(error{ec::refused,
                              "provider \"" + command.provider + "\" is not configured",
                              "add it under \"providers\" in the configuration"});
  for (const auto& [id, one] : children_)
    if (one.workspace == command.workspace && one.provider == command.provider
        && one.account.id.empty())
      return command.done(id); // was added before and never connected
  child like;
  like.workspace = command.workspace;
  like.provider = command.provider;
  create(like, {}, [done = command.done](const result<integration_id>& id) { done(id); });
}

/// One integration, however many ask for it before its row is durable: who comes second waits for
/// the first one's.
void supervisor_state::create(const child& like, const std::string& account, creation then) {
  identity key{like.workspace.str(), like.provider, account};
  auto& waiting = creating_[key];
  waiting.push_back(std::move(then));
  if (waiting.size() > 1)
    return;
  integration_row row;
  row.workspace = like.workspace;
  row.provider = like.provider;
  do
    row.id = integration_id::make(deps_.ports->random);
  while (children_.count(row.id));
  row.created_at = deps_.ports->wall_now();
  row.history.push_back({row.created_at, std::string{to_string(phase::disconnected)},
                         "not_connected", "Not connected yet."});
  commits_.send(self_, deps_.writer, {put_integration{row}},
                [this, row, key = std::move(key)](const committed& fact) {
                  const auto* failed = fact.failure();
                  if (!failed)
                    spawn_child(row.id, row);
                  const auto made = failed ? result<integration_id>{*failed} : row.id;
                  const auto asked = creating_.extract(key);
                  for (const auto& one : asked.mapped())
                    one(made);
                });
}

void supervisor_state::acknowledge(const acknowledge_command& command) {
  commits_.send(self_, deps_.writer, {nexte::acknowledge{command.notification}},
                [done = command.done](const committed& fact) {
                  if (const auto* failed = fact.failure())
                    done(*failed);
                  else
                    done({});
                });
}

void supervisor_state::list(list_query& query) {
  const auto all = std::make_shared<status_collector>(std::move(query.done));
  for (auto& [id, one] : children_) {
    addressed_command command{
        id, status_query{answer<integration_status>{[all](result<integration_status> status) {
          if (status)
            all->add(*std::move(status));
        }}}};
    route(command);
  }
}

supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self, supervisor_deps deps) {
  return state_of(self).make_behavior(std::move(deps));
}

} // namespace nexte
