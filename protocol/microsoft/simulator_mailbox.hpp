// One simulated mailbox: its folders, its items, and what each delta tells of them.
#pragma once

#include "protocol/json/writer.hpp"
#include "protocol/simulation/simulator.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nexte::simulation::microsoft {

enum class item_kind : uint8_t { contact, message, event };

/// Its stream's name: "contacts", "mail_messages", "calendar_events"; nullopt: there is none.
std::optional<item_kind> find_kind(std::string_view stream);
std::string_view stream_of(item_kind kind);

/// JSON texts by member.
using named_values = std::map<std::string, std::string>;

/// How the sheet's unsure facts are read.
struct strictness {
  bool partial_changes = true; ///< A delta shows an edited message by what changed alone (§3.3).
  bool sparse_occurrences = true; ///< An occurrence of a series comes without the rest (§4.2).
  /// A deleted message can still be read by its immutable id, in a folder that no list shows.
  bool reads_deleted = true;
  int expired_status = 410; ///< Or 404 or 400, with `syncStateNotFound`.
};

struct kept_item {
  uint64_t number = 0;
  item_kind kind = item_kind::contact;
  uint64_t folder = 0; ///< Of a message.
  wall_time created_at{};
  wall_time modified_at{};
  uint64_t change = 0;  ///< The mailbox's counter at its last change: what its change key tells.
  uint64_t arrived = 0; ///< The counter when it came where it is.
  bool gone = false;
  named_values values;
  std::set<std::string> edited; ///< Members that were edited since it arrived.
  // Of an event:
  wall_time start_at{};
  wall_time end_at{};
  std::string type = "singleInstance";
  uint64_t master = 0; ///< Of an occurrence.
};

struct mail_folder {
  uint64_t number = 0;
  std::string name;
  uint64_t parent = 0; ///< 0: at the top.
  bool hidden = false;
};

/// What one delta is about.
struct delta_scope {
  item_kind kind = item_kind::contact;
  uint64_t folder = 0;
  wall_time from{}; ///< The window of events.
  wall_time until{};
};

/// How far it was read: removals are told from `start` on, the rest from `seen` on.
struct delta_position {
  uint64_t start = 0;
  uint64_t seen = 0;
};

struct delta_row {
  const kept_item* item = nullptr;
  uint64_t at = 0;
  bool removed = false;
  bool partial = false;
};

/// Items deleted for good lie here, where no list shows them.
inline constexpr uint64_t recoverable_folder = 999;

class mailbox {
public:
  mailbox(size_t index, const simulator_options& options);

  /// Fills it from the data set; events are around `now`. Once.
  void fill(wall_time now);

  kept_item& create(item_kind kind, uint64_t folder, const named_values& values, wall_time now);
  /// @pre the item is there; so for the others
  void edit(uint64_t number, const named_values& values, wall_time now);
  void move(uint64_t number, uint64_t folder, wall_time now);
  void remove(uint64_t number, wall_time now);
  void restore(uint64_t number, wall_time now);
  uint64_t create_folder(std::string name, uint64_t parent, bool hidden = false);
  /// For good, with what it holds.
  void remove_folder(uint64_t number, wall_time now);

  const kept_item* find(uint64_t number) const;
  /// By its immutable id, or by the one that it has where it is.
  const kept_item* find(item_kind kind, std::string_view id) const;
  const mail_folder* find_folder(uint64_t number) const;
  /// By id or by well-known name ("inbox").
  const mail_folder* find_folder(std::string_view id) const;
  const std::map<uint64_t, mail_folder>& folders() const {
    return folders_;
  }
  const std::map<uint64_t, kept_item>& items() const {
    return items_;
  }
  /// Whether a list of its stream shows it.
  bool is_shown(const kept_item& item) const;

  /// The next rows, oldest change first, at most `limit`; the position moves on. True: there are
  /// more.
  bool changes(const delta_scope& of, delta_position& at, size_t limit, const strictness& rules,
               std::vector<delta_row>& rows) const;
  uint64_t counter() const {
    return counter_;
  }

  static std::string id_of(const kept_item& item, bool immutable);
  static std::string id_of_folder(uint64_t number);
  static std::string change_key(const kept_item& item);

  std::string id;    ///< Of the person.
  std::string login; ///< Whom `login_hint` selects.
  std::string name;
  uint64_t link_epoch = 0; ///< Links of another one are refused.
  bool has_mailbox = true;
  int64_t refused_by = 0;     ///< The AADSTS number that every refresh fails with; 0: none.
  bool claims_wanted = false; ///< Tokens that have ended are refused with a claims challenge.
  std::unordered_map<uint64_t, uint32_t> served; ///< How often each item was in an answer.

private:
  void leave(const kept_item& item);
  void seed(item_kind kind, wall_time now);

  simulator_options options_;
  uint64_t data_id_;
  bool filled_ = false;
  uint64_t counter_ = 0;
  uint64_t last_number_ = 0;
  uint64_t last_folder_ = 0;
  std::map<uint64_t, kept_item> items_;
  std::map<uint64_t, mail_folder> folders_;
  /// When an item left a collection: the counter by kind, folder and number.
  std::map<std::tuple<item_kind, uint64_t, uint64_t>, uint64_t> left_;
};

/// An item as Graph shows it, without or with all of it.
void write_item(json::writer& out, const kept_item& item, bool immutable, bool partial,
                const strictness& rules);
void write_folder(json::writer& out, const mailbox& in, const mail_folder& folder);

/// Reads the `dateTime` of a start or end; nullopt where it is none.
std::optional<wall_time> read_event_time(std::string_view value);
/// The values that a new item of the data set has.
named_values seeded_values(item_kind kind, uint64_t seed, uint64_t account, uint64_t index);

} // namespace nexte::simulation::microsoft
