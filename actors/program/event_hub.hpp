// Keeps the readers of GET /v1/events told: hears which integrations changed, asks what became of
// them, tells what is new.
#pragma once

#include "actors/program/event_book.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

namespace nexte::program {

/// An integration that changes all the time is asked this often, however many messages it handles.
inline constexpr milliseconds event_tick{250};
/// So many are asked per tick at most; the others keep their turn.
inline constexpr size_t statuses_per_tick_max = 64;
inline constexpr seconds heartbeat_every{15};

/// While nobody reads, nothing is noted or asked; while nothing changes, no integration is touched.
/// Safe from any thread.
class event_hub : public std::enable_shared_from_this<event_hub> {
public:
  /// Observes the engine, which outlives `stop`.
  static std::shared_ptr<event_hub> start(engine& runs);
  /// Ends every stream and observes no more. Not on a thread of the engine. @post idempotent
  void stop();
  ~event_hub();

  /// A new reader; null when there are too many, or it stops.
  std::shared_ptr<byte_feed> open(std::string_view last_event_id);

private:
  explicit event_hub(engine& runs);
  void changed(integration_id id);
  void run();
  void ask(std::unique_lock<std::mutex>& lock);
  void told(const result<integration_status>& status);
  void tell_notifications();
  void skip_notifications();

  engine& runs_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  std::atomic<bool> wanted_{false};
  event_book book_;
  std::deque<integration_id> waiting_; ///< To be asked, in the order in which they changed …
  std::set<integration_id> noted_;     ///< … each once.
  size_t asked_ = 0;                   ///< Not answered yet.
  bool news_ = false;                  ///< Something changed since notifications were read.
  uint64_t notified_ = 0;              ///< The last notification that was told.
  steady_time beat_due_{};
  std::thread thread_;
};

} // namespace nexte::program
