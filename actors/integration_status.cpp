// How an integration looks from outside: the `i` panel.
#include "actors/integration.hpp"

#include <algorithm>
#include <utility>

namespace nexte {
namespace {

/// The soonest of the times that are known.
std::optional<wall_time> sooner(std::optional<wall_time> a, std::optional<wall_time> b) {
  if (a && b)
    return std::min(*a, *b);
  return a ? a : b;
}

} // namespace

integration_status integration_state::status() const {
  const auto& row = deps_.row;
  integration_status all;
  all.id = row.id;
  all.workspace = row.workspace;
  all.provider = row.provider;
  all.account = row.account;
  all.state = to_string(at_);
  all.badge = badge_of(at_);
  all.mode = row.mode;
  all.granted_scopes = row.granted_scopes;
  all.restarts = deps_.restarts;
  all.history = row.history;
  all.last_error = last_error_;
  all.clock_skew = keeper_->clock_skew();
  if (clock_wrong_)
    all.warnings.push_back(clock_warning());
  describe_quota(all);
  if (!row.history.empty()) {
    const auto& latest = row.history.back();
    all.since = latest.at;
    all.code = latest.code;
    all.because = latest.because;
  }
  if (const auto stands_still = at_ == phase::connected ? no_progress() : std::nullopt) {
    all.badge = badge_of(phase::reconnecting); // connected without progress is not green
    all.code = stands_still->code;
    all.because = stands_still->sentence;
  }
  bool first = true;
  for (const auto& stream : streams_->streams()) {
    auto one = status_of(stream);
    all.records += one.records;
    all.synced_at = first ? one.synced_at : std::min(all.synced_at, one.synced_at);
    first = false;
    for (const auto& scope : one.missing_scopes)
      if (std::ranges::find(all.missing_scopes, scope) == all.missing_scopes.end())
        all.missing_scopes.push_back(scope);
    all.streams.push_back(std::move(one));
  }
  describe_next_step(all);
  all.conflict_rule = to_string(row.rule);
  if (const auto edits = deps_.data->count_edits(row.id)) {
    all.pending_edits = edits->waiting;
    all.rejected_edits = edits->rejected;
  }
  if (auto incidents = deps_.data->incidents(row.id))
    for (auto& incident : *incidents)
      if (!incident.closed_at)
        all.incidents.push_back(std::move(incident));
  if (auto quarantined = deps_.data->quarantine(row.id))
    all.quarantine = *std::move(quarantined);
  return all;
}

stream_status integration_state::status_of(const stream_state& stream) const {
  stream_status one;
  one.name = stream.what->name;
  one.title = stream.what->title;
  // Local edits count too, and pass by the runs that keep `row`.
  const auto stored = deps_.data->stream(deps_.row.id, one.name);
  one.records = stored ? stored->live_records : stream.row.live_records;
  one.running = stream.run != nullptr;
  one.full = stream.run && (stream.run->full() || stream.row.sweeping);
  one.verified = stream.verified;
  one.synced_at = stream.row.synced_at;
  one.verified_at = stream.row.verified_at;
  one.changed_at = stream.row.changed_at;
  one.held_deletes = stream.row.held_deletes;
  if (!stream.pause && !keeper_->empty() && deps_.row.mode != "paused")
    one.next_sync_at = next_poll_at_;
  if (stream.pause) {
    one.missing_scopes = stream.pause->missing_scopes;
    one.paused_because = stream.pause->because;
  }
  if (const auto* edits = edits_->find(stream.what->name)) {
    one.editable = true;
    if (edits->pause)
      one.edits_wait_because = edits->pause->because;
  }
  if (stream.run) {
    one.pages_this_run = stream.run->counts().pages;
    one.items_this_run = stream.run->counts().items;
  }
  return one;
}

/// When a request that waits for quota, at the limiter or after a refusal, may go; one that still
/// stands in line by then goes at any moment.
std::optional<wall_time> integration_state::quota_back_at() const {
  auto back_at = quota_back_at_;
  if (const auto due = calls_->outlook().quota_due)
    back_at = sooner(back_at, now() + std::chrono::ceil<milliseconds>(*due - steady_now()));
  return back_at ? std::max(*back_at, now()) : back_at;
}

/// Never leaves `next_step` empty: what happens next and when, or who must act.
void integration_state::describe_next_step(integration_status& all) const {
  const auto& title = deps_.provider->description->title;
  std::optional<wall_time> retry_at = all.quota_back_at;
  const auto wall_of = [this](steady_time due) {
    return now() + std::chrono::ceil<milliseconds>(due - steady_now());
  };
  if (const auto due = calls_->outlook().next_due)
    retry_at = sooner(retry_at, wall_of(*due));
  if (token_retry_due_)
    retry_at = sooner(retry_at, wall_of(*token_retry_due_));
  const bool paused = all.mode == "paused" && !streams_->running();
  if (paused && !keeper_->empty()) {
    all.next_step = "Paused by a person; set the mode to real_time or hourly to go on.";
    return;
  }
  switch (at_) {
    case phase::disconnected:
      all.next_step = row_is_new() ? "Connect: sign in at " + title + "."
                      : oauth::needs_admin(all.code)
                          ? "Ask an administrator of your organisation to allow this app at "
                                + title + "; then Reconnect."
                          : "Reconnect: sign in at " + title + " again.";
      return;
    case phase::reconnecting:
    case phase::rate_limited:
      if (keeper_->empty()) {
        all.next_step = "Finish the sign-in in the browser; it is given up after a while.";
        return;
      }
      all.next_step = at_ == phase::rate_limited
                          ? "The same request is sent again by itself when the provider allows it."
                          : "It is tried again by itself.";
      all.next_step_at = retry_at ? retry_at : next_poll_at_;
      return;
    case phase::connected:
      all.next_step = streams_->running() ? "Syncing now." : "Syncs again by itself.";
      all.next_step_at = retry_at ? retry_at : next_poll_at_;
      return;
  }
}

bool integration_state::row_is_new() const {
  return deps_.row.account.id.empty();
}

void integration_state::describe_quota(integration_status& all) const {
  all.quota_limit = quota_limit_;
  all.quota_used = steady_now() < quota_whole_due_ ? quota_used_ : 0;
  all.quota_back_at = quota_back_at();
}

// ---- the clock ----------------------------------------------------------------------------------

/// Told once when it is found wrong; a clock that wavers about the limit is no news.
void integration_state::note_clock() {
  const auto skew = std::chrono::abs(keeper_->clock_skew());
  if (clock_wrong_ || skew <= clock_skew_reported) {
    clock_wrong_ = clock_wrong_ && skew > clock_skew_reported / 2;
    return;
  }
  clock_wrong_ = true;
  log_error({}, "clock_skew", clock_warning());
}

std::string integration_state::clock_warning() const {
  const auto skew = keeper_->clock_skew();
  const auto minutes = std::chrono::round<std::chrono::minutes>(std::chrono::abs(skew)).count();
  return "This computer's clock is " + std::to_string(minutes) + " minutes "
         + (skew > milliseconds{0} ? "behind" : "ahead of") + " "
         + deps_.provider->description->title
         + "'s: set it right, best by turning automatic time on. Until then times are shown wrong "
           "and sign-ins are renewed at the wrong moment.";
}

} // namespace nexte
