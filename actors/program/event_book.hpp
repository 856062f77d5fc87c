// What the readers of GET /v1/events are told, in order. No thread, no clock.
#pragma once

#include "actors/engine.hpp"
#include "protocol/http/byte_feed.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::program {

inline constexpr size_t event_readers_max = 32;
/// A reader that leaves more than this waiting is cut; it comes back and goes on or starts anew.
inline constexpr size_t event_bytes_waiting_max = size_t{4} * 1024 * 1024;
/// What a reader that comes back can still be told, after its Last-Event-ID; less than may wait.
inline constexpr size_t events_kept_max = 1000;
inline constexpr size_t event_bytes_kept_max = event_bytes_waiting_max / 2;
/// How long events are still kept when nobody reads.
inline constexpr seconds event_linger{30};

/// Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html, read
/// 2026-11-24) of what differs from what was told before:
///
/// | event | data |
/// |---|---|
/// | `snapshot` | the first of each stream: `resumed` says whether nothing was missed; if not, read
/// the lists now | | `status` | an integration, whole | | `progress` | its counts while it syncs |
/// | `quota` | its quota |
/// | `incident` | one that opened, changed or closed |
/// | `notification` | a new one |
class event_book {
public:
  /// `run` begins every event's id, so that ids of another run are recognised.
  explicit event_book(std::string run) : run_(std::move(run)) {}

  /// A new reader; null when there are too many.
  std::shared_ptr<byte_feed> open(std::string_view last_event_id, steady_time now);
  /// Whether anybody reads, or may soon come back. While not, nothing need be put.
  bool wanted(steady_time now) const {
    return !readers_.empty() || now < linger_until_;
  }

  /// Tells what differs. Yields the incidents that are no longer open, to be put as they ended.
  std::vector<uint64_t> put(const integration_status& status, steady_time now);
  void put(const incident_row& incident, steady_time now);
  void put(const notification_row& notification, steady_time now);
  /// A comment to every reader: keeps connections alive and finds out who has gone.
  void beat(steady_time now);
  /// Ends every stream.
  void end();

private:
  struct told {
    size_t panel = 0; ///< Hashes of what was told.
    size_t counts = 0;
    size_t quota = 0;
    std::map<uint64_t, size_t> incidents; ///< Open ones.
  };
  void forget();
  std::string id_of(uint64_t number) const;
  bool is_kept_after(std::string_view last_event_id, uint64_t& number) const;
  void publish(std::string_view event, std::string_view data, steady_time now);
  void send(std::string_view text, steady_time now);

  std::string run_;
  uint64_t last_ = 0; ///< Number of the latest event.
  std::deque<std::string> kept_;
  size_t kept_bytes_ = 0;
  std::vector<std::shared_ptr<byte_feed>> readers_;
  steady_time linger_until_ = steady_time::min();
  std::map<integration_id, told> told_;
};

} // namespace nexte::program
