#include "protocol/google/simulator_account.hpp"

#include "protocol/simulation/data_set.hpp"

#include <algorithm>
#include <array>

namespace nexte::simulation::google {
namespace {

constexpr uint64_t first_subject = 110'248'495'921'238'986; // 21 digits with the two that follow
constexpr uint64_t gone_percent = 4; ///< In the bin or in spam, beside the rest.
/// Each message is a call, of which a person has 300 a minute (google.md §2.5): so a first sync
/// ends within that minute, however much the other streams hold.
constexpr uint64_t mailbox_begins_with = 250;
constexpr std::array<std::string_view, 4> names = {"ada", "ben", "chloe", "dmitri"};
constexpr std::array<std::string_view, 3> streams
    = {"gmail_messages", "calendar_events", "drive_files"};
constexpr std::array<std::string_view, 3> mime_types
    = {"application/vnd.google-apps.document", "application/pdf",
       "application/vnd.google-apps.folder"};

message message_of(const data_set& data, uint64_t index, uint64_t count) {
  const auto sender = data.person_at(index);
  const auto deal = data.opportunity_at(index);
  message made;
  made.received_at = data.times_at(index, count).created_at;
  made.from = sender.first_name + " <"
              + (sender.email.empty() ? "nobody@else.example" : sender.email) + ">";
  made.subject = deal.title;
  made.text = "Dear all,\r\nabout " + deal.title + ": " + sender.note + "\r\n";
  made.labels = {"INBOX", "CATEGORY_PERSONAL"};
  if (index % 3 == 0)
    made.labels.insert("UNREAD");
  if (index % 7 == 0)
    made.labels.erase("INBOX"); // archived
  return made;
}

std::string time_of(wall_time at) {
  json::writer out;
  out.begin_object().key("dateTime").value(format_iso_seconds(at));
  return out.key("timeZone").value("Europe/Zurich").end_object().take();
}

/// An event of an hour; every tenth is the beginning of a series, with an exception behind it.
void add_event(calendars& all, calendar& in, const data_set& data, uint64_t index, uint64_t count) {
  const auto meeting = data.opportunity_at(index);
  const auto changed_at = data.times_at(index, count).modified_at;
  const auto& begun = all.write(in, all.fresh_id(),
                                {{"summary", json::quoted(meeting.title)},
                                 {"start", time_of(meeting.closes_at)},
                                 {"end", time_of(meeting.closes_at + std::chrono::hours{1})}},
                                changed_at);
  if (index % 10 != 9)
    return;
  const std::string id = begun.id;
  all.write(in, id, {{"recurrence", R"(["RRULE:FREQ=WEEKLY"])"}}, changed_at);
  const auto instance = meeting.closes_at + std::chrono::days{7};
  auto& exception = all.write(in, id + "_" + std::to_string(instance.time_since_epoch().count()),
                              {{"originalStartTime", time_of(instance)}}, changed_at);
  exception.series = id;
  exception.cancelled = true;
}

} // namespace

std::span<const std::string_view> stream_names() {
  return streams;
}

account::account(size_t index, const simulator_options& options)
    : id(std::to_string(first_subject + index) + "042"), options_(options), index_(index) {
  const auto suffix = index < names.size() ? std::string{} : std::to_string(index);
  name = std::string{names[index % names.size()]} + suffix;
  login = name + "@workspace.example";
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
}

mailbox& account::mail() {
  if (mail_)
    return *mail_;
  mail_ = std::make_unique<mailbox>();
  const data_set data{options_.seed, index_};
  const auto live = std::min(options_.records, mailbox_begins_with);
  const auto gone = live * gone_percent / 100;
  for (uint64_t i = 0; i < live + gone; ++i) {
    auto made = message_of(data, i, live + gone);
    if (i >= live)
      made.labels = {i % 2 == 0 ? "TRASH" : "SPAM"};
    mail_->seed(std::move(made));
  }
  return *mail_;
}

calendars& account::events() {
  if (events_)
    return *events_;
  events_ = std::make_unique<calendars>();
  events_->add(login, name);
  events_->add("c_team" + std::to_string(index_) + "@group.calendar.google.com", "Team");
  events_->add("en.swiss#holiday@group.v.calendar.google.com", "Holidays").selected = false;
  const data_set data{options_.seed, index_};
  auto& all = events_->list();
  for (uint64_t i = 0; i < options_.records; ++i)
    add_event(*events_, all[i % 4 == 3 ? 1 : 0], data, i, options_.records);
  add_event(*events_, all[2], data, options_.records, options_.records + 1);
  return *events_;
}

files& account::drive() {
  if (drive_)
    return *drive_;
  drive_ = std::make_unique<files>();
  const data_set data{options_.seed, index_};
  const auto gone = options_.records * gone_percent / 100;
  for (uint64_t i = 0; i < options_.records + gone; ++i) {
    const auto times = data.times_at(i, options_.records + gone);
    file made;
    made.name = data.opportunity_at(i).title;
    made.mime_type = mime_types[i % mime_types.size()];
    made.created_at = times.created_at;
    made.modified_at = times.modified_at;
    made.trashed = i >= options_.records;
    if (i % 5 == 4)
      made.drive = "0AShared";
    drive_->seed(std::move(made));
  }
  return *drive_;
}

record_store* account::store(std::string_view stream) {
  if (stream == "gmail_messages")
    return &mail();
  if (stream == "calendar_events")
    return &events();
  if (stream == "drive_files")
    return &drive();
  return nullptr;
}

} // namespace nexte::simulation::google
