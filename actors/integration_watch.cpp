// What an integration watches over: that it moves, that it stays healthy, and how it dies.
#include "actors/integration.hpp"

#include "actors/policy/schedule.hpp"

#include <algorithm>
#include <utility>

namespace nexte {

/// Nothing is brought up to date any more, or something waits that nothing will answer.
void integration_state::watch() {
  if (auto hung = hang())
    return die(*std::move(hung));
  close_old_conflicts();
  const auto stands_still = no_progress();
  if (!stands_still)
    return;
  const auto& latest = deps_.row.history.back();
  switch (at_) {
    case phase::connected: return tell_trouble("stalled", {}, *stands_still);
    case phase::reconnecting:
      return tell_trouble(latest.code == defect_code ? "connector_failing" : "unreachable", {},
                          {latest.code, latest.because + " " + stands_still->sentence});
    case phase::rate_limited: // has an incident of its own, which grows with age
    case phase::disconnected: return;
  }
}

/// A wait has a call, a commit or a timer to end it, or it never ends.
std::optional<crash> integration_state::hang() const {
  crash what;
  what.hung = true;
  for (const auto& stream : streams_->streams())
    if (stream.run && stream.run->hangs()) {
      what.why = stream.what->name + ": the connector neither asks nor answers";
      what.stream = stream.what->name;
      what.record = stream.run->guard().record();
      what.version = stream.run->guard().version();
      return what;
    }
  for (const auto& stream : edits_->streams())
    if (stream.run && stream.run->hangs()) {
      what.why = stream.what->name + ": the connector neither asks nor answers";
      what.stream = stream.what->name;
      return what;
    }
  if (const auto* stream = calls_->lost(steady_now())) {
    what.why = *stream + ": the network never answered a request";
    what.stream = *stream;
    return what;
  }
  if (const auto since = keeper_->asked_since(); since && steady_now() - *since >= flight_max) {
    what.why = "the network never answered the renewal of the sign-in";
    return what;
  }
  return std::nullopt;
}

/// The stream that has waited for two cadences, and since when.
std::optional<integration_state::cause> integration_state::no_progress() const {
  if (keeper_->empty())
    return std::nullopt;
  for (const auto& stream : streams_->streams()) {
    if (stream.pause)
      continue;
    const auto since = std::max({stream.row.synced_at, stream.row.changed_at, sync_began_at_});
    const auto stalled = stalled_at(deps_.row.mode, deps_.provider->settings.poll_every, since);
    if (stalled && *stalled <= now())
      return cause{"no_progress", stream.what->title + " was last brought up to date at "
                                      + format_iso_time(since) + "."};
  }
  return std::nullopt;
}

/// Two minutes without a failure, and a stream brought up to date: the defect is over.
void integration_state::healthy() {
  healthy_ = true;
  if (proved_)
    tell_over("connector_failing", {});
}

void integration_state::die(std::string why) {
  die(broke(std::move(why)));
}

void integration_state::die(crash what) {
  if (!defect_)
    defect_ = std::move(what);
}

/// With the record that is being read, if one is.
crash integration_state::broke(std::string why) const {
  crash what;
  what.why = std::move(why);
  if (const auto* stream = streams_ ? streams_->reading() : nullptr) {
    what.stream = stream->what->name;
    what.record = stream->run->guard().record();
    what.version = stream->run->guard().version();
  }
  return what;
}

} // namespace nexte
