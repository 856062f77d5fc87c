// What an integration does to the world: calls, commits, timers, news.
#include "actors/integration.hpp"

#include "actors/policy/disconnect_diagnosis.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace nexte {
namespace {

constexpr size_t quarantine_told_max = 20; ///< Records named in one incident.

/// What the limiter must know of an answer that its integration did not live to read; perhaps it
/// died of reading it.
quota_use use_unread(const provider_context& provider, const http_answer& answer, wall_time now) {
  try {
    return use_of(*provider.description, answer, now);
  } catch (...) {
    return {}; // counted, and no more is known
  }
}

} // namespace

// ---- calls --------------------------------------------------------------------------------------

void integration_state::ask_quota(uint64_t call, const quota_class& cost, quota_lane lane) {
  quota_request request;
  request.integration = deps_.row.id;
  request.ticket = call;
  request.workspace = deps_.row.workspace;
  request.account = deps_.row.account.id;
  request.cost = cost;
  request.lane = lane;
  request.who = weak(self_);
  self_->send(deps_.limiter, std::move(request));
}

void integration_state::withdraw_quota(uint64_t call) {
  self_->send(deps_.limiter, quota_withdrawn{deps_.row.id, call});
}

void integration_state::hurry_quota(uint64_t call) {
  self_->send(deps_.limiter, quota_hurried{deps_.row.id, call});
}

void integration_state::report_quota(uint64_t call, const quota_use& use) {
  self_->send(deps_.limiter, quota_report{deps_.row.id, call, use});
}

bool integration_state::token_usable() {
  return keeper_->ready(now());
}

void integration_state::want_token() {
  keeper_->want(now());
}

uint64_t integration_state::token_generation() {
  return keeper_->generation();
}

bool integration_state::token_refused(uint64_t generation) {
  return keeper_->refused(generation, now());
}

void integration_state::send(uint64_t call, const http_request& request) {
  auto authorized = request;
  authorized.headers.set("Authorization", "Bearer " + std::string{keeper_->access().reveal()});
  transmit(call, 0, std::move(authorized));
  self_->send(deps_.limiter, quota_sent{deps_.row.id, call});
}

void integration_state::wake_desk(steady_time due) {
  set_alarm(slot_desk, due);
}

uint32_t integration_state::draw() {
  uint8_t bytes[4];
  deps_.ports->random(bytes);
  return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16
         | static_cast<uint32_t>(bytes[2]) << 8 | bytes[3];
}

void integration_state::calls_changed(const verdict* why) {
  const auto outlook = calls_->outlook();
  if (!why) {
    if (at_ != phase::connected && outlook.limited == 0 && outlook.failing == 0)
      apply(signal::recovered, {"recovered", "Requests succeed again."});
    return;
  }
  if (why->kind == verdict_kind::limited)
    apply(signal::call_limited, {"rate_limited", why->sentence});
  else if (outlook.failing > 0)
    apply(signal::call_failed, {why->code, why->sentence});
}

void integration_state::call_failed(const std::string& stream, const verdict& why) {
  if (look_ups_->refused(stream, why) || edits_->note_refusal(stream, why))
    return;
  if (auto* failed = streams_->find(stream))
    failed->refusal = why;
}

// ---- tokens -------------------------------------------------------------------------------------

void integration_state::note_refresh() {
  commit({nexte::note_refresh{deps_.row.id, now()}},
         [this](const committed& fact) { keeper_->noted(!fact.failure(), now(), steady_now()); });
}

void integration_state::send_refresh(uint64_t number, http_request request) {
  transmit(0, number, std::move(request));
}

void integration_state::store_tokens(const token_set& tokens) {
  auto row = deps_.row;
  row.granted_scopes = tokens.scopes; // an administrator may have taken one away
  commit({put_tokens{row.id, tokens}, put_integration{row}}, [this, row](const committed& fact) {
    const bool durable = !fact.failure();
    if (durable && !keeper_->empty() && row.granted_scopes != deps_.row.granted_scopes) {
      deps_.row.granted_scopes = row.granted_scopes;
      commit({put_integration{deps_.row}}, [](const committed&) {}); // past other writes of it
      take_scopes();
    }
    keeper_->stored(durable, now(), steady_now());
  });
}

std::optional<token_set> integration_state::stored_tokens() {
  auto stored = deps_.data->tokens(deps_.row.id);
  return stored ? *std::move(stored) : std::nullopt;
}

void integration_state::wake_keeper(steady_time due) {
  set_alarm(slot_keeper, due);
}

void integration_state::tokens_ready() {
  token_retry_due_.reset();
  calls_->token_ready(steady_now());
}

void integration_state::tokens_refused(const oauth::token_failure& why) {
  deny(why.code, why.sentence);
}

void integration_state::tokens_failing(const oauth::token_failure& why, steady_time due) {
  quota_back_at_.reset();
  token_retry_due_ = due;
  log_error({}, why.code, why.sentence);
  apply(signal::call_failed, {why.code, why.sentence});
}

// ---- streams ------------------------------------------------------------------------------------

wall_time integration_state::sync_now() const {
  return now();
}

std::string integration_state::api_base() const {
  return api_base_of(*deps_.provider, keeper_->tokens());
}

void integration_state::begin_call(const std::string& stream, http_request request, quota_lane lane,
                                   call_desk::done on_done) {
  calls_->begin(stream, std::move(request), lane, std::move(on_done));
}

void integration_state::cancel_calls(const std::string& stream) {
  calls_->cancel(stream);
}

void integration_state::hurry_calls(const std::string& stream) {
  calls_->hurry(stream);
}

void integration_state::commit_write(store_write write, sync_effects::continuation then) {
  const auto* page = std::get_if<put_page>(&write);
  auto stream = page ? page->stream : std::string{};
  std::vector<store_write> writes;
  writes.push_back(std::move(write));
  commit(std::move(writes),
         [this, stream = std::move(stream), then = std::move(then)](const committed& fact) {
           const auto& outcome = fact.outcomes->front();
           if (outcome && outcome->conflicts + outcome->echoes > 0)
             edits_->added(stream); // what a page settles may have to be written to the provider
           then(outcome);
         });
}

result<stream_row> integration_state::stored_stream(std::string_view stream) const {
  return deps_.data->stream(deps_.row.id, stream);
}

result<std::vector<quarantine_row>> integration_state::stored_quarantine() const {
  return deps_.data->quarantine(deps_.row.id);
}

void integration_state::stream_synced(const stream_state& stream) {
  proved_ = true;
  deps_.ports->meters->cycle_seconds.add(now() - stream.began_at);
  tell_over("connector_failing", stream.what->name);
  if (healthy_)
    tell_over("connector_failing", {});
  tell_over("stalled", {});
  if (!stream.pause)
    tell_over("scope_missing", stream.what->name);
  if (stream.quarantined.empty())
    tell_over("quarantined", stream.what->name);
  if (stream.row.held_deletes == 0)
    tell_over("mass_delete_held", stream.what->name);
  if (!deps_.row.disconnects.empty()
      && !diagnose_disconnects(deps_.row, deps_.provider->description->title, now()))
    tell_over("keeps_disconnecting", {});
}

void integration_state::stream_failed(const stream_state& stream, const error& why) {
  const auto& stream_name = stream.what->name;
  const auto code = stream.refusal ? stream.refusal->code : std::string{to_string(why.code)};
  if (why.code == ec::bug) {
    crash what;
    what.why = stream_name + ": " + why.what;
    what.stream = stream_name;
    if (stream.run) {
      what.record = stream.run->guard().record();
      what.version = stream.run->guard().version();
    }
    return die(std::move(what));
  }
  if (why.code == ec::unauthorized)
    return deny(code, why.line());
  log_error(stream_name, code, why.line());
  if (!stream.pause)
    tell_trouble("connector_failing", stream_name, {code, why.line()});
}

void integration_state::stream_paused(const stream_state& stream) {
  tell_trouble("scope_missing", stream.what->name, {stream.pause->code, stream.pause->because});
}

void integration_state::records_unread(const stream_state& stream,
                                       std::vector<quarantine_row> rows) {
  std::vector<store_write> writes;
  for (auto& row : rows) {
    const auto subject
        = row.record.empty() ? std::string{"A record of"} : "Record " + row.record + " of";
    last_error_
        = error_entry{row.at, row.stream, "unreadable_record",
                      subject + " " + stream.what->title + " is stepped over: " + row.reason};
    writes.push_back(append_error{deps_.row.id, *last_error_});
    if (!row.record.empty())
      writes.push_back(put_quarantine{deps_.row.id, std::move(row)});
  }
  commit(std::move(writes), [](const committed&) {}); // the writer tells of a failing disk
  if (!stream.quarantined.empty())
    tell_quarantine(stream);
}

void integration_state::records_readable(const stream_state& stream, std::vector<std::string> ids) {
  std::vector<quarantine_row> rows;
  for (auto& id : ids)
    rows.push_back({stream.what->name, std::move(id), {}, {}});
  lift_quarantine(std::move(rows));
  if (!stream.quarantined.empty())
    tell_quarantine(stream); // the end is told when the run has ended well
}

void integration_state::deletes_held(const stream_state& stream) {
  tell_trouble("mass_delete_held", stream.what->name,
               {"mass_delete_held",
                std::to_string(stream.row.held_deletes) + " of " + stream.what->title
                    + " vanished at once and were kept here. Look whether that was meant; if so, "
                      "release the deletion."});
}

// ---- effects ------------------------------------------------------------------------------------

wall_time integration_state::now() const {
  return deps_.ports->wall_now();
}

steady_time integration_state::steady_now() const {
  return deps_.ports->steady_now();
}

void integration_state::commit(std::vector<store_write> writes,
                               pending_commits::continuation then) {
  commits_.send(self_, deps_.writer, std::move(writes), std::move(then));
}

void integration_state::set_alarm(slot which, steady_time due) {
  self_->send(deps_.timers, set_timer{weak(self_), due, {which, epoch_}});
}

void integration_state::transmit(uint64_t call, uint64_t refresh, http_request request) {
  call_end::listener if_unread;
  if (refresh == 0)
    if_unread = [ports = deps_.ports, provider = deps_.provider, id = deps_.row.id, call,
                 limiter
                 = caf::actor_cast<caf::weak_actor_ptr>(deps_.limiter)](const http_answer& answer) {
      if (const auto counts = caf::actor_cast<caf::strong_actor_ptr>(limiter))
        caf::anon_send(caf::actor_cast<rate_limiter_actor>(counts),
                       quota_report{id, call, use_unread(*provider, answer, ports->wall_now())});
    };
  deps_.ports->net->call(std::move(request), [me = weak(self_), if_unread = std::move(if_unread),
                                              call, refresh, sent_at = now()](http_answer answer) {
    auto end = std::make_shared<call_end>(std::move(answer), if_unread);
    if (const auto alive = caf::actor_cast<caf::strong_actor_ptr>(me))
      caf::anon_send(caf::actor_cast<integration_actor>(alive),
                     call_done{call, refresh, std::move(end), sent_at});
  });
}

void integration_state::log_error(std::string stream, std::string code, std::string sentence) {
  last_error_ = error_entry{now(), std::move(stream), std::move(code), std::move(sentence)};
  commit({append_error{deps_.row.id, *last_error_}}, [](const committed&) {});
}

void integration_state::tell_trouble(std::string kind, std::string stream, const cause& why) {
  trouble news;
  news.integration = deps_.row.id;
  news.kind = std::move(kind);
  news.stream = std::move(stream);
  news.code = why.code;
  news.sentence = why.sentence;
  self_->send(deps_.incidents, std::move(news));
}

void integration_state::tell_over(std::string kind, std::string stream, bool proved) {
  self_->send(deps_.incidents,
              trouble_over{deps_.row.id, std::move(kind), std::move(stream), proved});
}

/// One incident per stream: names what it steps over.
void integration_state::tell_quarantine(const stream_state& stream) {
  const auto count = stream.quarantined.size();
  trouble news;
  news.integration = deps_.row.id;
  news.kind = "quarantined";
  news.stream = stream.what->name;
  news.code = "quarantined";
  news.sentence = std::to_string(count) + (count == 1 ? " record of " : " records of ")
                  + stream.what->title + (count == 1 ? " is" : " are") + " stepped over.";
  for (const auto& [id, row] : stream.quarantined) {
    if (news.evidence.size() == quarantine_told_max) {
      news.evidence.push_back("… and more: see the list of what is stepped over.");
      break;
    }
    news.evidence.push_back("Record " + id + ": " + row.reason);
  }
  self_->send(deps_.incidents, std::move(news));
}

void integration_state::lift_quarantine(std::vector<quarantine_row> rows) {
  if (rows.empty())
    return;
  std::vector<store_write> writes;
  for (auto& row : rows)
    writes.push_back(
        nexte::lift_quarantine{deps_.row.id, std::move(row.stream), std::move(row.record)});
  commit(std::move(writes), [](const committed&) {}); // the writer tells of a failing disk
}

/// Best effort: the tokens are erased here whatever the provider says.
void integration_state::revoke() {
  const auto& provider = *deps_.provider;
  if (keeper_->empty() || !provider.description->revoke_request)
    return;
  auto request = provider.description->revoke_request(
      provider.app.revoke_url, provider.app.id, provider.app.client_secret, keeper_->tokens());
  deps_.ports->net->call(std::move(request), [ports = deps_.ports,
                                              id = deps_.row.id](const http_answer& answer) {
    if (!answer.response)
      ports->log("integration " + id.str() + ": the sign-in could not be revoked at the provider: "
                 + answer.response.failure().what);
    else if (answer.response->status >= 400)
      ports->log("integration " + id.str() + ": the provider answered "
                 + std::to_string(answer.response->status) + " to the revocation");
  });
}

} // namespace nexte
