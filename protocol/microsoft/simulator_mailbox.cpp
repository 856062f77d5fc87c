#include "protocol/microsoft/simulator_mailbox.hpp"

#include "protocol/core/text.hpp"
#include "protocol/simulation/data_set.hpp"
#include "protocol/simulation/seeded_random.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace nexte::simulation::microsoft {
namespace {

constexpr std::array<std::string_view, 3> streams
    = {"contacts", "mail_messages", "calendar_events"};
constexpr std::array<std::string_view, 4> people = {"Avery", "Blair", "Casey", "Drew"};

struct well_known {
  std::string_view alias;
  std::string_view name;
};
// microsoft.md §3.1. Their numbers are their places from 1 on.
constexpr well_known first_folders[]
    = {{"inbox", "Inbox"},          {"archive", "Archive"},
       {"sentitems", "Sent Items"}, {"deleteditems", "Deleted Items"},
       {"drafts", "Drafts"},        {"junkemail", "Junk Email"}};

/// Ids have characters that a path must escape (microsoft.md §2).
constexpr std::string_view immutable_prefix = "AAkALgAAAAAAHYQDEapmEc2byACqAC/EWg0A";
constexpr std::string_view moving_prefix = "AAMkADNkNjJiMWQwLWM5YzQtNDJjNi04ZDk4";
constexpr std::string_view folder_prefix = "AQMkADNkNjJiMWQwLWM5YzQtNDJjNi04ZDk4LTI4OWM5ZGE3NmNlNQ";

constexpr size_t digits_count = 16;
constexpr uint64_t folders_max = 1000; ///< What tells the number of an item from its folder's.
static_assert(recoverable_folder < folders_max);

std::string digits(uint64_t number) {
  std::array<uint8_t, 8> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<uint8_t>(number >> (56 - 8 * i));
  return hex(bytes);
}

bool is_in_window(const kept_item& item, const delta_scope& of) {
  return item.kind != item_kind::event || (item.start_at < of.until && item.end_at > of.from);
}

} // namespace

std::optional<item_kind> find_kind(std::string_view stream) {
  const auto* found = std::ranges::find(streams, stream);
  if (found == streams.end())
    return std::nullopt;
  return static_cast<item_kind>(found - streams.begin());
}

std::string_view stream_of(item_kind kind) {
  return streams[static_cast<size_t>(kind)];
}

mailbox::mailbox(size_t index, const simulator_options& options)
    : options_(options), data_id_(8'000'000 + index) {
  auto random = seeded_random{seeded_random::mix(options.seed * 100 + index)};
  id = random_uuid(random);
  name = std::string{people[index % people.size()]} + " "
         + (index < people.size() ? "Example" : std::to_string(index));
  login = "person" + std::to_string(index + 1) + "@contoso.example";
}

void mailbox::fill(wall_time now) {
  if (filled_)
    return;
  filled_ = true;
  for (const auto& known : first_folders)
    create_folder(std::string{known.name}, 0);
  create_folder("2026", create_folder("Projects", 0));
  create_folder("Conversation Action Settings", 0, true);
  for (const auto kind : {item_kind::contact, item_kind::message, item_kind::event})
    seed(kind, now);
}

void mailbox::seed(item_kind kind, wall_time now) {
  const data_set data{options_.seed, data_id_};
  uint64_t master = 0;
  for (uint64_t i = 0; i < options_.records; ++i) {
    const auto times = data.times_at(i, options_.records);
    // Most mail is in the first two folders, some in each other that is shown.
    const auto folder = kind != item_kind::message ? 0 : i % 4 < 2 ? 1 + i % 2 : 1 + i % 8;
    auto& made = create(kind, folder, seeded_values(kind, options_.seed, data_id_, i), now);
    made.created_at = times.created_at;
    made.modified_at = times.modified_at;
    if (kind != item_kind::event)
      continue;
    // Within half a year of today, and a weekly series now and then.
    const auto day = static_cast<int64_t>(seeded_random::mix(i + 1) % 360) - 180;
    made.start_at = std::chrono::floor<std::chrono::days>(now) + std::chrono::days{day}
                    + std::chrono::hours{7 + i % 10};
    made.end_at = made.start_at + std::chrono::minutes{30};
    if (i % 20 == 4) {
      made.type = "seriesMaster";
      master = made.number;
    } else if (i % 20 > 4 && i % 20 < 8) {
      made.type = "occurrence";
      made.master = master;
    }
  }
}

kept_item& mailbox::create(item_kind kind, uint64_t folder, const named_values& values,
                           wall_time now) {
  kept_item made;
  made.number = ++last_number_;
  made.kind = kind;
  made.folder = folder;
  made.created_at = made.modified_at = now;
  made.change = made.arrived = ++counter_;
  made.start_at = now;
  made.end_at = now + std::chrono::hours{1};
  auto& kept = items_.emplace(made.number, std::move(made)).first->second;
  for (const auto& [member, value] : values)
    kept.values[member] = value;
  if (const auto at = values.find("start"); at != values.end())
    kept.start_at = read_event_time(at->second).value_or(kept.start_at);
  if (const auto at = values.find("end"); at != values.end())
    kept.end_at = read_event_time(at->second).value_or(kept.end_at);
  kept.values.erase("start");
  kept.values.erase("end");
  return kept;
}

void mailbox::edit(uint64_t number, const named_values& values, wall_time now) {
  auto& item = items_.at(number);
  item.change = ++counter_;
  item.modified_at = now;
  for (const auto& [member, value] : values) {
    item.edited.insert(member);
    if (member == "start")
      item.start_at = read_event_time(value).value_or(item.start_at);
    else if (member == "end")
      item.end_at = read_event_time(value).value_or(item.end_at);
    else
      item.values[member] = value;
  }
}

void mailbox::leave(const kept_item& item) {
  left_[{item.kind, item.folder, item.number}] = ++counter_;
}

void mailbox::move(uint64_t number, uint64_t folder, wall_time now) {
  auto& item = items_.at(number);
  if (item.folder == folder)
    return;
  leave(item);
  item.folder = folder;
  item.change = item.arrived = ++counter_;
  item.modified_at = now;
  item.edited.clear();
  left_.erase({item.kind, folder, number});
}

void mailbox::remove(uint64_t number, wall_time now) {
  auto& item = items_.at(number);
  leave(item);
  item.gone = true;
  item.change = ++counter_;
  item.modified_at = now;
}

void mailbox::restore(uint64_t number, wall_time now) {
  auto& item = items_.at(number);
  item.gone = false;
  if (item.kind == item_kind::message && !folders_.contains(item.folder))
    item.folder = 1;
  item.change = item.arrived = ++counter_;
  item.modified_at = now;
  item.edited.clear();
  left_.erase({item.kind, item.folder, number});
}

uint64_t mailbox::create_folder(std::string folder_name, uint64_t parent, bool hidden) {
  const auto number = ++last_folder_;
  folders_[number] = {number, std::move(folder_name), parent, hidden};
  return number;
}

void mailbox::remove_folder(uint64_t number, wall_time now) {
  for (auto& [item_number, item] : items_)
    if (item.kind == item_kind::message && item.folder == number && !item.gone)
      remove(item_number, now);
  std::vector<uint64_t> below;
  for (const auto& [child, folder] : folders_)
    if (folder.parent == number)
      below.push_back(child);
  for (const auto child : below)
    remove_folder(child, now);
  folders_.erase(number);
}

const kept_item* mailbox::find(uint64_t number) const {
  const auto found = items_.find(number);
  return found == items_.end() ? nullptr : &found->second;
}

const kept_item* mailbox::find(item_kind kind, std::string_view item_id) const {
  if (item_id.size() <= digits_count)
    return nullptr;
  uint64_t number = 0;
  const auto* begin = item_id.data() + item_id.size() - digits_count - 1;
  std::from_chars(begin, begin + digits_count, number, 16);
  for (const auto* item : {find(number), find(number / folders_max)})
    if (item && item->kind == kind
        && (id_of(*item, true) == item_id || id_of(*item, false) == item_id))
      return item;
  return nullptr;
}

const mail_folder* mailbox::find_folder(uint64_t number) const {
  const auto found = folders_.find(number);
  return found == folders_.end() ? nullptr : &found->second;
}

const mail_folder* mailbox::find_folder(std::string_view folder_id) const {
  uint64_t number = 0;
  for (const auto& known : first_folders) {
    ++number;
    if (equal_ignoring_case(known.alias, folder_id))
      return find_folder(number);
  }
  for (const auto& [at, folder] : folders_)
    if (id_of_folder(at) == folder_id)
      return &folder;
  return nullptr;
}

bool mailbox::is_shown(const kept_item& item) const {
  if (item.gone || item.kind != item_kind::message)
    return !item.gone;
  const auto* folder = find_folder(item.folder);
  return folder && !folder->hidden;
}

bool mailbox::changes(const delta_scope& of, delta_position& at, size_t limit,
                      const strictness& rules, std::vector<delta_row>& rows) const {
  const bool first_round = at.seen < at.start || at.start == 0;
  const auto removed_after = std::max(at.start, at.seen);
  for (const auto& [number, item] : items_) {
    if (item.kind != of.kind)
      continue;
    const bool here = !item.gone && item.folder == of.folder;
    if (here && is_in_window(item, of)) {
      const bool partial = rules.partial_changes && item.kind == item_kind::message && !first_round
                           && item.arrived <= at.start && !item.edited.empty();
      if (item.change > at.seen)
        rows.push_back({&item, item.change, false, partial});
      continue;
    }
    const auto left = left_.find({item.kind, of.folder, number});
    const auto since = here ? item.change : left == left_.end() ? 0 : left->second;
    if (since > removed_after)
      rows.push_back({&item, since, true, false});
  }
  std::ranges::sort(rows, {}, &delta_row::at);
  const bool more = rows.size() > limit;
  if (more)
    rows.resize(limit);
  at.seen = more ? rows.back().at : std::max(at.seen, counter_);
  if (!more)
    at.start = at.seen;
  return more;
}

std::string mailbox::id_of(const kept_item& item, bool immutable) {
  return immutable
             ? std::string{immutable_prefix} + digits(item.number) + "="
             : std::string{moving_prefix} + digits(item.number * folders_max + item.folder) + "=";
}

std::string mailbox::id_of_folder(uint64_t number) {
  return std::string{folder_prefix} + digits(number) + "=";
}

std::string mailbox::change_key(const kept_item& item) {
  return "CQAAABYAAAARn2vdzPFjSbaP" + digits(item.change);
}

} // namespace nexte::simulation::microsoft
