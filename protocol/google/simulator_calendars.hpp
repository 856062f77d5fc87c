// The calendars of a simulated Google account (google.md §3).
#pragma once

#include "protocol/google/simulator_store.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

#include <optional>
#include <utility>

namespace nexte::simulation::google {

/// A sync token is good for so long (google.md §3.2: "observed ~weeks").
inline constexpr std::chrono::days sync_token_life{21};

struct event {
  std::string id;
  bool cancelled = false;
  std::string series; ///< `recurringEventId` of an exception.
  wall_time created_at{};
  wall_time updated_at{};
  uint64_t change = 0; ///< Ascends with each change in its calendar.
  /// JSON texts by member: what may be written.
  std::map<std::string, std::string, std::less<>> members;

  std::string etag() const; ///< With its quotes.
};

struct calendar {
  std::string id;
  std::string summary;
  std::string role = "owner";
  bool primary = false;
  bool selected = true;
  std::map<std::string, event, std::less<>> events;
  uint64_t last_change = 0;
  uint64_t token_epoch = 0; ///< Sync tokens of another one are refused.
};

class calendars final : public record_store {
public:
  /// Yields the calendar, which the account owns.
  calendar& add(std::string id, std::string summary);
  calendar* find(std::string_view id); ///< "primary" is the first one.
  std::vector<calendar>& list() {
    return calendars_;
  }

  /// An event's id in the engine's words names its calendar first: `<calendar>/<event>`.
  std::vector<seen_record> all() const override;
  bool holds(std::string_view id) const override;
  std::string create(std::string_view text, wall_time now) override; ///< In the primary one.
  void edit(std::string_view id, std::string_view text, wall_time now) override;
  void remove(std::string_view id, wall_time now) override;
  void restore(std::string_view id, wall_time now) override;
  void erase(std::string_view id, wall_time now) override; ///< As `remove`: cancelled ones stay.

  /// Creates or changes an event; a null clears a member. The series of an exception goes with it.
  event& write(calendar& in, const std::string& id,
               const std::vector<std::pair<std::string, std::string>>& members, wall_time now);
  void cancel(calendar& in, event& one, wall_time now);
  std::string fresh_id();

  uint64_t cursor_epoch = 0; ///< Page tokens of another one are refused.

private:
  std::pair<calendar*, event*> locate(std::string_view id);
  void touch(calendar& in, event& one, wall_time now);

  std::vector<calendar> calendars_;
  uint64_t last_id_ = 0;
};

/// As `events` shows it. Of a deletion among changes only what is promised: its id, and of an
/// exception what it is one of.
void write_event(json::writer& out, const event& one, bool as_deletion);

} // namespace nexte::simulation::google
