#include "actors/supervisor.hpp"

#include "actors/authorizer.hpp"
#include "actors/connection.hpp"
#include "actors/integration.hpp"
#include "actors/status_collector.hpp"
#include "protocol/http/url.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace nexte {
namespace {

error unknown_integration(integration_id id) {
  return {ec::not_found, "there is no integration " + id.str(),
          "`nexte-sync status` lists those that are there"};
}

/// Answers a command that cannot be carried out.
void refuse(integration_command& command, const error& why) {
  std::visit(
      [&why](auto& one) {
        if constexpr (requires { one.done(why); })
          one.done(why);
      },
      command);
}

/// One consent may be awaited by several: they all hear how it ended.
answer<connect_outcome> joined(std::vector<answer<connect_outcome>> outcomes) {
  return answer<connect_outcome>{
      [outcomes = std::move(outcomes)](const result<connect_outcome>& outcome) {
        for (const auto& one : outcomes)
          one(outcome);
      }};
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
      [this](timer_due due) {
        if (auto node = restarts_due_.extract(due.slot))
          restart(node.mapped());
      },
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
  one.defect = self_->home_system().render(down.reason);
  const auto now = deps_.ports->steady_now();
  const auto next = after_crash(one.record, now);
  deps_.ports->log("integration " + id.str() + " failed: " + one.defect);
  if (next.resting) {
    trouble news;
    news.integration = id;
    news.kind = "connector_failing";
    news.code = "connector_defect";
    news.sentence = "The connector fails again and again: " + one.defect;
    self_->send(deps_.incidents, std::move(news));
  }
  one.restart_at = deps_.ports->wall_now() + next.wait;
  deps_.ports->changes->tell(id);
  const auto slot = next_slot_++;
  restarts_due_[slot] = id;
  self_->send(deps_.timers, set_timer{weak(self_), now + next.wait, {slot, 0}});
}

void supervisor_state::restart(integration_id id) {
  auto* one = find(id);
  if (!one || one->actor)
    return;
  const auto row = deps_.data->integration(id);
  if (!row || !*row)
    return deps_.ports->log("integration " + id.str() + " cannot be started again: "
                            + (row ? "its row is gone" : row.failure().line()));
  ++one->restarts;
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
  if (auto* query = std::get_if<status_query>(&command.command); query && !one->actor)
    return query->done(status_at_rest(command.to, *one));
  if (!one->actor) { // a person asks: no need to wait any longer
    one->record = {};
    restart(command.to);
  }
  if (!one->actor)
    return refuse(command.command, {ec::storage, "the integration cannot be started"});
  if (std::holds_alternative<disconnect_command>(command.command))
    void_attempts(command.to, {"disconnected_by_person",
                               "Disconnect was chosen while the sign-in was open; it is void."});
  self_->send(one->actor, std::move(command.command));
}

/// What is known of an integration whose actor failed and waits to be started again.
integration_status supervisor_state::status_at_rest(integration_id id, const child& one) const {
  integration_status all;
  all.id = id;
  all.workspace = one.workspace;
  all.provider = one.provider;
  all.account = one.account;
  all.state = to_string(phase::reconnecting);
  all.badge = badge_of(phase::reconnecting);
  all.code = "connector_defect";
  all.because = "The connector failed: " + one.defect;
  all.next_step = "It is started again by itself, or at once by Refresh.";
  all.next_step_at = one.restart_at;
  all.restarts = one.restarts;
  if (auto row = deps_.data->integration(id); row && *row) {
    all.mode = (*row)->mode;
    all.granted_scopes = std::move((*row)->granted_scopes);
    all.history = std::move((*row)->history);
  }
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
      all.streams.push_back(std::move(here));
    }
  if (auto incidents = deps_.data->incidents(id))
    for (auto& incident : *incidents)
      if (!incident.closed_at)
        all.incidents.push_back(std::move(incident));
  return all;
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
  integration_row row;
  row.workspace = command.workspace;
  row.provider = command.provider;
  create(std::move(row), [done = command.done](const result<integration_id>& id) { done(id); });
}

void supervisor_state::create(integration_row row,
                              std::function<void(result<integration_id>)> then) {
  do
    row.id = integration_id::make(deps_.ports->random);
  while (children_.count(row.id));
  row.created_at = deps_.ports->wall_now();
  row.history.push_back({row.created_at, std::string{to_string(phase::disconnected)},
                         "not_connected", "Not connected yet."});
  commits_.send(self_, deps_.writer, {put_integration{row}},
                [this, row, then = std::move(then)](const committed& fact) {
                  if (const auto* failed = fact.failure())
                    return then(*failed);
                  spawn_child(row.id, row);
                  then(row.id);
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

// ---- consent ------------------------------------------------------------------------------------

void supervisor_state::begin_consent(connect_command& command) {
  auto* one = find(command.id);
  if (!one) {
    command.authorization_url(unknown_integration(command.id));
    return command.outcome(unknown_integration(command.id));
  }
  void_attempts(command.id, {"superseded", "Another sign-in was started; this one is void."});
  const auto number = next_attempt_++;
  authorizer_deps deps;
  deps.ports = deps_.ports;
  deps.provider = deps_.providers.at(one->provider).context;
  deps.timers = deps_.timers;
  deps.supervisor = self_;
  deps.attempt = number;
  deps.state = oauth::random_token(deps_.ports->random);
  deps.authorization_url = command.authorization_url;
  auto& begun = attempts_[number];
  begun.asked = command.id;
  begun.state = deps.state;
  begun.outcomes.push_back(command.outcome);
  begun.actor = self_->spawn(authorizer, std::move(deps));
  addressed_command news{command.id, nexte::consent_begun{}};
  route(news);
}

void supervisor_state::void_attempts(integration_id id, const abandon& why) {
  for (auto& [number, one] : attempts_)
    if (one.asked == id)
      self_->send(one.actor, why);
}

void supervisor_state::deliver(callback_command& command) {
  const auto parameters = parse_query(command.query);
  const auto* state = parameters ? find_parameter(*parameters, "state") : nullptr;
  for (auto& [number, one] : attempts_)
    if (state && *state == one.state) {
      one.outcomes.push_back(command.outcome);
      return self_->send(one.actor, callback_hit{command.query});
    }
  command.outcome(error{ec::not_found, "no sign-in waits for this callback",
                        "start again with Connect or Reconnect and use the newest tab"});
}

void supervisor_state::end_consent(consent_ended& fact) {
  auto node = attempts_.extract(fact.attempt);
  if (!node)
    return;
  if (auto* grant = std::get_if<consent_grant>(&fact.outcome))
    return settle_consent(std::move(node.mapped()), std::move(*grant));
  const auto& failed = std::get<consent_failed>(fact.outcome);
  joined(std::move(node.mapped().outcomes))(error{ec::refused, failed.sentence});
  const auto asked = node.mapped().asked;
  const bool superseded = std::ranges::any_of(
      attempts_, [asked](const auto& other) { return other.second.asked == asked; });
  if (superseded)
    return; // the newer attempt is what the integration waits for
  addressed_command news{asked, failed};
  route(news);
}

/// The same account returns to its integration; another one has, or gets, an integration of its
/// own, and the one that was asked about stays as it was.
void supervisor_state::settle_consent(attempt ended, consent_grant grant) {
  const auto& asked = children_.at(ended.asked);
  auto target = find_account(asked, grant.account);
  if (target == integration_id{} && asked.account.id.empty())
    target = ended.asked;
  if (target != integration_id{})
    return adopt(target, ended.asked, std::move(grant), std::move(ended.outcomes));
  integration_row row;
  row.workspace = asked.workspace;
  row.provider = asked.provider;
  create(std::move(row), [this, ended, grant](const result<integration_id>& made) {
    if (made)
      return adopt(*made, ended.asked, grant, ended.outcomes);
    joined(ended.outcomes)(made.failure());
    addressed_command news{ended.asked, consent_failed{"storage", made.failure().line()}};
    route(news);
  });
}

integration_id supervisor_state::find_account(const child& like,
                                              const account_identity& account) const {
  for (const auto& [id, one] : children_)
    if (one.workspace == like.workspace && one.provider == like.provider
        && one.account.id == account.id)
      return id;
  return {};
}

void supervisor_state::adopt(integration_id target, integration_id asked, consent_grant grant,
                             std::vector<answer<connect_outcome>> outcomes) {
  children_.at(target).account = grant.account;
  if (target != asked) {
    addressed_command news{
        asked, consent_failed{"other_account", "The sign-in was for another account, "
                                                   + grant.account.shown()
                                                   + ", which is an integration of its own."}};
    route(news);
  }
  addressed_command news{target, adopt_tokens{std::move(grant.tokens), std::move(grant.account),
                                              connect_outcome{target, target != asked},
                                              joined(std::move(outcomes))}};
  route(news);
}

supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self, supervisor_deps deps) {
  return state_of(self).make_behavior(std::move(deps));
}

} // namespace nexte
