#include "actors/incidents.hpp"

#include "actors/policy/backoff.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace nexte {
namespace {

constexpr size_t told_at_once_max = 1000; ///< Notifications read from the store in one go.

} // namespace

incidents_actor::behavior_type incidents_state::make_behavior(incidents_deps deps) {
  deps_ = std::move(deps);
  load();
  return {
      [this](const trouble& news) { open(news); },
      [this](const trouble_over& news) { close(news); },
      [this](const committed& fact) {
        commits_.answered(fact);
        tell_host();
      },
      [this](timer_due due) {
        if (due.slot == slot_retry) {
          save();
          return tell_host();
        }
        raise();
        arm();
      },
  };
}

void incidents_state::load() {
  const auto rows = deps_.data->incidents(std::nullopt);
  if (!rows)
    deps_.ports->log("the incidents cannot be read: " + rows.failure().line());
  else
    for (const auto& row : *rows)
      if (!row.closed_at)
        open_[{row.integration, row.kind, row.stream}] = {row, deps_.provider_of(row.integration)};
  raise();
  arm();
  tell_host(); // what was not acknowledged before the last stop
}

void incidents_state::open(const trouble& news) {
  const auto now = deps_.ports->wall_now();
  auto [at, is_new] = open_.try_emplace({news.integration, news.kind, news.stream});
  auto& [row, provider] = at->second;
  const bool same = !is_new && row.code == news.code && row.evidence == news.evidence;
  if (same)
    return; // one incident, however often it is seen
  if (is_new) {
    provider = deps_.provider_of(news.integration);
    row.integration = news.integration;
    row.kind = news.kind;
    row.stream = news.stream;
    row.opened_at = now;
    row.staged_at = now;
  }
  row.code = news.code;
  row.sentence = news.sentence;
  row.evidence = news.evidence;
  row.next_step = news.next_step.value_or(
      escalate(row.kind, provider, row.opened_at, now, row.stage).next_step);
  write(at->second, is_new, is_new);
  arm();
}

void incidents_state::close(const trouble_over& news) {
  const problem about{news.integration, news.kind, news.stream};
  const auto node = open_.extract(about);
  if (!node || forget_unsaved(about))
    return;
  close_incident write;
  write.id = news.integration;
  write.kind = news.kind;
  write.stream = news.stream;
  if (news.proved) {
    notification_row notice;
    notice.at = deps_.ports->wall_now();
    notice.integration = news.integration;
    notice.kind = "recovered";
    notice.sentence = "It is over: " + node.mapped().row.sentence;
    write.notice = std::move(notice);
  }
  unsaved_.push_back({about, false, std::move(write)});
  save();
}

/// Whether the incident never reached the store: then nobody was told, and nobody need be.
bool incidents_state::forget_unsaved(const problem& about) {
  for (auto at = unsaved_.size(); at-- > 0;)
    if (unsaved_[at].about == about && unsaved_[at].opens) {
      const auto opening = unsaved_.begin() + static_cast<ptrdiff_t>(at);
      unsaved_.erase(std::remove_if(opening, unsaved_.end(),
                                    [&about](const auto& one) { return one.about == about; }),
                     unsaved_.end());
      return true;
    }
  return false;
}

/// Takes every incident that has grown old enough to its next stage.
void incidents_state::raise() {
  const auto now = deps_.ports->wall_now();
  for (auto& [key, one] : open_) {
    auto& row = one.row;
    const auto stands = escalate(row.kind, one.provider, row.opened_at, now, row.stage);
    if (stands.stage <= row.stage)
      continue;
    row.stage = stands.stage;
    row.staged_at = now;
    row.next_step = stands.next_step;
    write(one, true);
  }
}

void incidents_state::arm() {
  const auto now = deps_.ports->wall_now();
  std::optional<wall_time> next;
  for (const auto& [key, one] : open_) {
    const auto stands = escalate(one.row.kind, one.provider, one.row.opened_at, now, one.row.stage);
    if (stands.next_stage_at && (!next || *stands.next_stage_at < *next))
      next = stands.next_stage_at;
  }
  if (!next)
    return;
  const auto wait = std::max(*next - now, milliseconds{0});
  self_->send(deps_.timers,
              set_timer{weak(self_), deps_.ports->steady_now() + wait, {slot_stage, 0}});
}

void incidents_state::write(const open_incident& incident, bool notify, bool opens) {
  const auto& row = incident.row;
  put_incident write;
  write.row = row;
  if (notify) {
    const auto now = deps_.ports->wall_now();
    const auto stands = escalate(row.kind, incident.provider, row.opened_at, now, row.stage);
    notification_row notice;
    notice.at = now;
    notice.integration = row.integration;
    notice.kind = stands.notification;
    notice.stage = row.stage;
    notice.sentence = std::string{stands.title} + ": " + row.sentence;
    notice.next_step = row.next_step;
    write.notice = std::move(notice);
  }
  unsaved_.push_back({{row.integration, row.kind, row.stream}, opens, std::move(write)});
  save();
}

/// One transaction at a time, so that what failed goes again before what came after it.
void incidents_state::save() {
  if (!saving_.empty() || unsaved_.empty())
    return;
  saving_ = std::exchange(unsaved_, {});
  std::vector<store_write> writes;
  for (const auto& one : saving_)
    writes.push_back(one.write);
  commits_.send(self_, deps_.writer, std::move(writes),
                [this](const committed& fact) { saved(fact); });
}

void incidents_state::saved(const committed& fact) {
  auto given = std::exchange(saving_, {});
  std::vector<unsaved_write> again;
  for (size_t i = 0; i < given.size(); ++i) {
    const auto& outcome = (*fact.outcomes)[i];
    if (outcome) {
      deps_.ports->changes->tell(std::get<integration_id>(given[i].about));
      continue;
    }
    deps_.ports->log("an incident could not be stored: " + outcome.failure().line());
    if (outcome.failure().code == ec::storage) // passes; of others the store wants none, ever
      again.push_back(std::move(given[i]));
  }
  if (again.empty()) {
    failures_ = 0;
    return save(); // what came meanwhile
  }
  unsaved_.insert(unsaved_.begin(), std::make_move_iterator(again.begin()),
                  std::make_move_iterator(again.end()));
  retry_later();
}

void incidents_state::retry_later() {
  self_->send(deps_.timers, set_timer{weak(self_),
                                      deps_.ports->steady_now() + backoff_wait(++failures_, {}),
                                      {slot_retry, 0}});
}

void incidents_state::tell_host() {
  if (!deps_.on_notification)
    return;
  for (bool more = true; more;) {
    const auto rows = deps_.data->notifications(told_, told_at_once_max);
    if (!rows) {
      deps_.ports->log("the notifications cannot be read: " + rows.failure().line());
      return retry_later();
    }
    for (const auto& row : *rows) {
      told_ = row.id;
      deps_.on_notification(row);
    }
    more = rows->size() == told_at_once_max;
  }
}

incidents_actor::behavior_type incidents(incidents_actor::stateful_pointer<incidents_state> self,
                                         incidents_deps deps) {
  return state_of(self).make_behavior(std::move(deps));
}

} // namespace nexte
