#include "actors/program/event_hub.hpp"

#include "protocol/oauth/pkce.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace nexte::program {
namespace {

constexpr size_t notifications_per_read = 1000;

steady_time steady_now() {
  return std::chrono::steady_clock::now();
}

} // namespace

event_hub::event_hub(engine& runs) : runs_(runs), book_(oauth::random_token(os_random())) {}

std::shared_ptr<event_hub> event_hub::start(engine& runs) {
  std::shared_ptr<event_hub> made{new event_hub{runs}};
  runs.observe([hub = made.get()](integration_id id) { hub->changed(id); });
  made->thread_ = std::thread{[hub = made.get()] { hub->run(); }};
  return made;
}

event_hub::~event_hub() {
  stop();
}

void event_hub::stop() {
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(stopping_, true))
      return;
    book_.end();
  }
  runs_.observe(nullptr);
  woken_.notify_all();
  thread_.join();
}

std::shared_ptr<byte_feed> event_hub::open(std::string_view last_event_id) {
  const std::lock_guard lock{mutex_};
  if (stopping_)
    return nullptr;
  auto reader = book_.open(last_event_id, steady_now());
  if (!wanted_.exchange(true))
    skip_notifications(); // the reader finds those in the lists
  woken_.notify_all();
  return reader;
}

void event_hub::changed(integration_id id) {
  if (!wanted_)
    return;
  const std::lock_guard lock{mutex_};
  news_ = true;
  if (noted_.insert(id).second)
    waiting_.push_back(id);
}

void event_hub::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (!book_.wanted(steady_now())) {
      wanted_ = false;
      waiting_.clear();
      noted_.clear();
      woken_.wait(lock, [this] { return stopping_ || wanted_; });
      beat_due_ = steady_now() + heartbeat_every;
      continue;
    }
    ask(lock);
    if (std::exchange(news_, false))
      tell_notifications();
    if (const auto now = steady_now(); now >= beat_due_) {
      book_.beat(now);
      beat_due_ = now + heartbeat_every;
    }
    woken_.wait_for(lock, event_tick, [this] { return stopping_; });
  }
}

void event_hub::ask(std::unique_lock<std::mutex>& lock) {
  std::vector<integration_id> now_asked;
  while (!waiting_.empty() && asked_ < statuses_per_tick_max) {
    now_asked.push_back(waiting_.front());
    noted_.erase(waiting_.front());
    waiting_.pop_front();
    ++asked_;
  }
  lock.unlock(); // an answer may come inside the call
  for (const auto id : now_asked)
    runs_.status(id, [weak = weak_from_this()](const result<integration_status>& status) {
      if (const auto hub = weak.lock())
        hub->told(status);
    });
  lock.lock();
}

void event_hub::told(const result<integration_status>& status) {
  const std::lock_guard lock{mutex_};
  --asked_;
  if (stopping_ || !status) // an engine that stops answers so too
    return;
  const auto now = steady_now();
  for (const auto closed : book_.put(*status, now))
    if (const auto incident = runs_.data().incident(closed); incident && *incident)
      book_.put(**incident, now);
}

/// What cannot be read now is read with the next change.
void event_hub::tell_notifications() {
  const auto rows = runs_.data().notifications(notified_, notifications_per_read);
  if (!rows)
    return;
  for (const auto& row : *rows) {
    book_.put(row, steady_now());
    notified_ = row.id;
  }
  news_ = rows->size() == notifications_per_read;
}

void event_hub::skip_notifications() {
  for (bool more = true; more;) {
    const auto rows = runs_.data().notifications(notified_, notifications_per_read);
    more = rows && rows->size() == notifications_per_read;
    if (rows && !rows->empty())
      notified_ = rows->back().id;
  }
}

} // namespace nexte::program
