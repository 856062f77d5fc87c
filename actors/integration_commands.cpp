// What an integration is told by a person or the supervisor.
#include "actors/integration.hpp"

#include <utility>

namespace nexte {

void integration_state::on(adopt_tokens& command) {
  auto row = deps_.row;
  row.account = command.account;
  row.granted_scopes = command.tokens.scopes;
  const bool was_signed_in = !keeper_->empty();
  keeper_->forget(); // an older sign-in that is just being renewed must not overwrite the new one
  commit(
      {put_integration{row}, put_tokens{row.id, command.tokens}},
      [this, row, command, was_signed_in,
       disconnects = disconnects_asked_](const committed& fact) mutable {
        if (const auto* failed = fact.failure()) {
          consent_open_ = false;
          // What lies there still without being in use was refused by the provider.
          if (auto older = stored_tokens(); older && was_signed_in && at_ != phase::disconnected) {
            keeper_->adopt(*std::move(older), now());
            tokens_ready();
          } else {
            apply(signal::consent_failed, {"storage", "The sign-in could not be kept: "
                                                          + failed->what + ". Reconnect again."});
          }
          return command.done(*failed);
        }
        deps_.row.account = std::move(row.account);
        deps_.row.granted_scopes = std::move(row.granted_scopes);
        if (disconnects != disconnects_asked_)
          return give_back(command);
        commit({put_integration{deps_.row}}, [](const committed&) {}); // past other writes of it
        adopted(command);
      });
}

/// A person pressed Disconnect while the sign-in was being stored: it is void as well.
void integration_state::give_back(adopt_tokens& command) {
  consent_open_ = false;
  keeper_->adopt(std::move(command.tokens), now());
  revoke();
  keeper_->forget();
  command.done(error{ec::cancelled, "the integration was disconnected meanwhile",
                     "reconnect it to sign in again"});
}

void integration_state::adopted(adopt_tokens& command) {
  consent_open_ = false;
  keeper_->adopt(std::move(command.tokens), now());
  take_scopes();
  apply(signal::tokens_adopted, {"connected", "Signed in as " + deps_.row.account.shown() + "."});
  command.done(command.outcome);
}

/// The granted scopes are news: streams pause, or go on.
void integration_state::take_scopes() {
  streams_->grant(deps_.row.granted_scopes);
  edits_->grant(deps_.row.granted_scopes);
  for (const auto& stream : edits_->streams())
    if (!stream.pause)
      tell_over("write_scope_missing", stream.what->name);
  for (const auto& stream : streams_->streams())
    if (!stream.pause)
      tell_over("scope_missing", stream.what->name);
}

void integration_state::on(consent_begun&) {
  consent_open_ = true;
  if (keeper_->empty()) // else the old sign-in goes on meanwhile, and so does its state
    apply(signal::consent_begun, {std::string{consent_open_code},
                                  "Waiting for a person to finish the sign-in in the browser."});
}

void integration_state::on(consent_failed& command) {
  if (!std::exchange(consent_open_, false))
    return; // ended here already: by Disconnect, or by a start anew
  log_error({}, command.code, command.sentence);
  if (keeper_->empty()) // else the old sign-in goes on
    apply(signal::consent_failed, {command.code, command.sentence});
}

void integration_state::on(refresh_command& command) {
  if (keeper_->empty())
    return command.done(error{ec::unauthorized, "the integration is disconnected",
                              "reconnect it, then everything is brought up to date by itself"});
  lift_quarantine(streams_->lift_quarantine());
  streams_->refresh();
  edits_->retry();
  arm_poll();
  command.done({});
}

void integration_state::on(disconnect_command& command) {
  ++disconnects_asked_;
  revoke();
  keeper_->forget();
  consent_open_ = false;
  apply(signal::stopped_by_person,
        {"disconnected_by_person",
         "Disconnected here by a person. The data stays; Reconnect to go on."});
  commit({erase_tokens{deps_.row.id}}, [command](const committed& fact) {
    if (const auto* failed = fact.failure())
      command.done(*failed);
    else
      command.done({});
  });
}

void integration_state::on(mode_command& command) {
  if (command.mode != "real_time" && command.mode != "hourly" && command.mode != "paused")
    return command.done(error{ec::refused, "there is no mode \"" + command.mode + "\"",
                              "use real_time, hourly or paused"});
  const auto before = std::exchange(deps_.row.mode, command.mode); // other writes of the row follow
  commit({put_integration{deps_.row}}, [this, command, before](const committed& fact) {
    if (const auto* failed = fact.failure()) {
      if (deps_.row.mode == command.mode)
        deps_.row.mode = before;
      if (!keeper_->empty())
        arm_poll();
      return command.done(*failed);
    }
    take_mode();
    command.done({});
  });
}

void integration_state::take_mode() {
  if (deps_.row.mode == "paused") {
    streams_->stop();
    look_ups_->end_all("the integration was paused meanwhile.");
    edits_->stop();
    calls_->cancel_all();
    for (const auto* kind : {"stalled", "unreachable", "rate_limited"})
      tell_over(kind, {}, false); // whoever paused it waits for nothing
  } else if (!keeper_->empty()) {
    if (at_ == phase::rate_limited) // as long as nothing proved that it is over
      tell_trouble("rate_limited", {},
                   {deps_.row.history.back().code, deps_.row.history.back().because});
    push_on();
    poll();
  }
}

void integration_state::on(release_command& command) {
  const auto* stream = streams_->find(command.stream);
  if (!stream)
    return command.done(error{ec::not_found, "there is no stream \"" + command.stream + "\""});
  release_deletes write{deps_.row.id, command.stream, rules_of(*stream->what)};
  commit({std::move(write)}, [this, command, stream](const committed& fact) {
    if (const auto* failed = fact.failure())
      return command.done(*failed);
    if (const auto count = fact.outcomes->front()->conflicts; count > 0)
      conflicts_archived(*stream->what, count);
    edits_->added(command.stream); // an edit that outlived the deletion makes its record anew
    streams_->reread(command.stream);
    tell_over("mass_delete_held", command.stream);
    command.done({});
  });
}

void integration_state::on(status_query& query) {
  query.done(status());
}

} // namespace nexte
