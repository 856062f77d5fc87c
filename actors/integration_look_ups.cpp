// Why a record is, or is not, here: what is known of it, and how the provider is asked.
#include "actors/explaining.hpp"
#include "actors/integration.hpp"

#include <algorithm>
#include <utility>

namespace nexte {

void integration_state::on(explain_query& query) {
  const auto* stream = streams_->find(query.stream);
  if (!stream)
    return query.done(explanation{
        "unknown_stream", "This integration has no stream \"" + query.stream + "\".", {}});
  const auto answer = [this, stream, query](const look_up_outcome& asked) {
    const auto known = facts_of(*stream, query.record); // as it is now: an answer took its time
    if (known)
      query.done(explain_record(*known, asked));
    else
      query.done(known.failure());
  };
  const auto known = facts_of(*stream, query.record);
  if (known && must_ask(*known))
    look_ups_->begin(*stream->what, query.record, steady_now(), answer);
  else
    answer({});
}

result<record_facts> integration_state::facts_of(const stream_state& stream,
                                                 const std::string& record) const {
  const auto& stream_name = stream.what->name;
  record_facts known;
  known.provider_title = deps_.provider->description->title;
  known.account = deps_.row.account.shown();
  known.stream = &stream;
  auto stored = deps_.data->record(deps_.row.id, stream_name, record);
  if (!stored)
    return std::move(stored).failure().with_context("the stored record cannot be read");
  known.stored = *std::move(stored);
  const auto set_aside = deps_.data->quarantine(deps_.row.id);
  if (!set_aside)
    return set_aside.failure();
  for (const auto& one : *set_aside)
    if (one.stream == stream_name && one.record == record)
      known.quarantined = one;
  known.granted_scopes = deps_.row.granted_scopes;
  known.signed_in = !keeper_->empty();
  known.paused = deps_.row.mode == "paused";
  known.limited = at_ == phase::rate_limited || quota_back_at_;
  known.quota_back_at = quota_back_at();
  known.next_sync_at = status_of(stream).next_sync_at;
  if (stream.failures == 0)
    return known;
  const auto errors = deps_.data->errors(deps_.row.id, errors_kept_max);
  if (!errors)
    return errors.failure();
  for (auto one = errors->rbegin(); one != errors->rend() && !known.last_error; ++one)
    if (one->stream == stream_name)
      known.last_error = *one;
  return known;
}

wall_time integration_state::look_up_now() const {
  return now();
}

void integration_state::look_up_call(const std::string& who, http_request request,
                                     call_desk::done on_done) {
  calls_->begin_once(who, std::move(request), quota_lane::person, std::move(on_done));
}

void integration_state::look_up_cancel(const std::string& who) {
  calls_->cancel(who);
}

void integration_state::wake_look_ups(steady_time due) {
  set_alarm(slot_look_ups, due);
}

} // namespace nexte
