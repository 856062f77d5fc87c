#include "actors/incidents.hpp"

#include <algorithm>
#include <utility>

namespace nexte {
namespace {

constexpr size_t told_at_once_max = 1000; ///< Notifications read from the store in one go.
constexpr uint32_t slot_stage = 0;

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
      [this](timer_due) {
        raise();
        arm();
      },
  };
}

void incidents_state::load() {
  const auto rows = deps_.data->incidents(std::nullopt);
  if (!rows)
    return deps_.ports->log("the incidents cannot be read: " + rows.failure().line());
  for (const auto& row : *rows)
    if (!row.closed_at)
      open_[{row.integration, row.kind, row.stream}] = {row, deps_.titles(row.integration)};
  raise();
  arm();
  tell_host(); // what was not acknowledged before the last stop
}

void incidents_state::open(const trouble& news) {
  const auto now = deps_.ports->wall_now();
  auto [at, is_new] = open_.try_emplace({news.integration, news.kind, news.stream});
  auto& [row, title] = at->second;
  title = news.provider_title;
  const bool same = !is_new && row.code == news.code && row.evidence == news.evidence;
  if (same)
    return; // one incident, however often it is seen
  if (is_new) {
    row.integration = news.integration;
    row.kind = news.kind;
    row.stream = news.stream;
    row.opened_at = now;
    row.staged_at = now;
  }
  row.code = news.code;
  row.sentence = news.sentence;
  row.evidence = news.evidence;
  row.next_step
      = news.next_step.value_or(escalate(row.kind, title, row.opened_at, now, row.stage).next_step);
  write(at->second, is_new);
  arm();
}

void incidents_state::close(const trouble_over& news) {
  const auto at = open_.find({news.integration, news.kind, news.stream});
  if (at == open_.end())
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
    notice.sentence = "It is over: " + at->second.row.sentence;
    write.notice = std::move(notice);
  }
  open_.erase(at);
  commits_.send(self_, deps_.writer, {std::move(write)},
                [this, id = news.integration](const committed& fact) {
                  deps_.ports->changes->tell(id);
                  if (const auto* failed = fact.failure())
                    deps_.ports->log("the end of an incident could not be stored: "
                                     + failed->line());
                });
}

/// Takes every incident that has grown old enough to its next stage.
void incidents_state::raise() {
  const auto now = deps_.ports->wall_now();
  for (auto& [key, one] : open_) {
    auto& row = one.row;
    const auto stands = escalate(row.kind, one.provider_title, row.opened_at, now, row.stage);
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
    const auto stands
        = escalate(one.row.kind, one.provider_title, one.row.opened_at, now, one.row.stage);
    if (stands.next_stage_at && (!next || *stands.next_stage_at < *next))
      next = stands.next_stage_at;
  }
  if (!next)
    return;
  const auto wait = std::max(*next - now, milliseconds{0});
  self_->send(deps_.timers,
              set_timer{weak(self_), deps_.ports->steady_now() + wait, {slot_stage, 0}});
}

void incidents_state::write(const open_incident& incident, bool notify) {
  const auto& row = incident.row;
  put_incident write;
  write.row = row;
  if (notify) {
    const auto now = deps_.ports->wall_now();
    const auto stands = escalate(row.kind, incident.provider_title, row.opened_at, now, row.stage);
    notification_row notice;
    notice.at = now;
    notice.integration = row.integration;
    notice.kind = stands.notification;
    notice.stage = row.stage;
    notice.sentence = std::string{stands.title} + ": " + row.sentence;
    notice.next_step = row.next_step;
    write.notice = std::move(notice);
  }
  commits_.send(self_, deps_.writer, {std::move(write)},
                [this, id = row.integration](const committed& fact) {
                  deps_.ports->changes->tell(id);
                  if (const auto* failed = fact.failure())
                    deps_.ports->log("an incident could not be stored: " + failed->line());
                });
}

void incidents_state::tell_host() {
  if (!deps_.on_notification)
    return;
  for (bool more = true; more;) {
    const auto rows = deps_.data->notifications(told_, told_at_once_max);
    if (!rows)
      return deps_.ports->log("the notifications cannot be read: " + rows.failure().line());
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
