#include "protocol/google/simulator_mailbox.hpp"

#include "protocol/core/text.hpp"

#include <algorithm>
#include <cstdio>
#include <span>

namespace nexte::simulation::google {
namespace {

/// Ids of the history ascend, but not one by one (google.md §2.1).
constexpr uint64_t history_step = 7;
constexpr uint64_t id_step = 0x1f3;

std::string hexadecimal(uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

std::string base64url_of(std::string_view text) {
  return base64url(std::span{reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

bool is_gone(const message& one) {
  return one.labels.contains("TRASH") || one.labels.contains("SPAM");
}

std::vector<std::string> labels_of(const message& one) {
  return {one.labels.begin(), one.labels.end()};
}

void write_headers(json::writer& out, const message& one) {
  const std::pair<std::string_view, std::string> headers[]
      = {{"From", one.from},
         {"Subject", one.subject},
         {"Date", format_http_date(one.received_at)},
         {"Message-ID", "<" + one.id + "@mail.example>"}};
  out.key("headers").begin_array();
  for (const auto& [name, value] : headers)
    out.begin_object().key("name").value(name).key("value").value(value).end_object();
  out.end_array();
}

} // namespace

std::vector<seen_record> mailbox::all() const {
  std::vector<seen_record> seen;
  for (const auto& [id, one] : messages_)
    seen.push_back({id, std::to_string(one.history_id), {}, is_gone(one)});
  return seen;
}

bool mailbox::holds(std::string_view id) const {
  return find(id) != nullptr;
}

std::string mailbox::create(std::string_view text, wall_time now) {
  message made;
  made.id = hexadecimal(last_id_ += id_step);
  made.thread = made.id;
  made.labels = {"INBOX", "UNREAD", "CATEGORY_PERSONAL"};
  made.received_at = now;
  made.from = "Somebody <somebody@else.example>";
  made.subject = text;
  made.text = "Hello,\r\n" + std::string{text} + "\r\n";
  made.history_id = note(history_entry::kind::added, made, labels_of(made), now);
  auto id = made.id;
  messages_.emplace(id, std::move(made));
  return id;
}

void mailbox::edit(std::string_view id, std::string_view, wall_time now) {
  const bool starred = find(id)->labels.contains("STARRED");
  change_labels(id, starred ? std::vector<std::string>{} : std::vector<std::string>{"STARRED"},
                starred ? std::vector<std::string>{"STARRED"} : std::vector<std::string>{}, now);
}

void mailbox::remove(std::string_view id, wall_time now) {
  change_labels(id, {"TRASH"}, {"INBOX", "SPAM"}, now);
}

void mailbox::restore(std::string_view id, wall_time now) {
  change_labels(id, {"INBOX"}, {"TRASH", "SPAM"}, now);
}

void mailbox::erase(std::string_view id, wall_time now) {
  const auto found = messages_.find(id);
  note(history_entry::kind::deleted, found->second, labels_of(found->second), now);
  messages_.erase(found);
}

void mailbox::seed(message made) {
  made.id = hexadecimal(last_id_ += id_step);
  made.thread = made.id;
  made.history_id = history_id_ += history_step;
  forgotten_ = history_id_;
  auto id = made.id;
  messages_.emplace(std::move(id), std::move(made));
}

const message* mailbox::find(std::string_view id) const {
  const auto found = messages_.find(id);
  return found == messages_.end() ? nullptr : &found->second;
}

void mailbox::change_labels(std::string_view id, const std::vector<std::string>& add,
                            const std::vector<std::string>& take, wall_time now) {
  auto& one = messages_.find(id)->second;
  std::vector<std::string> added;
  std::vector<std::string> taken;
  for (const auto& label : add)
    if (one.labels.insert(label).second)
      added.push_back(label);
  for (const auto& label : take)
    if (one.labels.erase(label) > 0)
      taken.push_back(label);
  if (!added.empty())
    one.history_id = note(history_entry::kind::labels_added, one, std::move(added), now);
  if (!taken.empty())
    one.history_id = note(history_entry::kind::labels_removed, one, std::move(taken), now);
}

std::pair<std::vector<const message*>, bool> mailbox::list(std::optional<std::string> after,
                                                           const std::vector<std::string>& labels,
                                                           bool everywhere, size_t most) const {
  std::vector<const message*> found;
  auto at = after ? std::make_reverse_iterator(messages_.lower_bound(*after)) : messages_.rbegin();
  for (; at != messages_.rend() && found.size() <= most; ++at) {
    const auto bears = [&](const std::string& label) { return at->second.labels.contains(label); };
    if ((everywhere || !is_gone(at->second)) && std::ranges::all_of(labels, bears))
      found.push_back(&at->second);
  }
  const bool more = found.size() > most;
  if (more)
    found.resize(most);
  return {std::move(found), more};
}

std::optional<std::vector<const history_entry*>> mailbox::history(uint64_t start, wall_time now) {
  while (!history_.empty() && history_.front().at + history_kept <= now) {
    forgotten_ = history_.front().id;
    history_.pop_front();
  }
  if (start < forgotten_ || start > history_id_)
    return std::nullopt;
  std::vector<const history_entry*> entries;
  for (const auto& entry : history_)
    if (entry.id > start)
      entries.push_back(&entry);
  return entries;
}

void mailbox::forget_history() {
  history_.clear();
  history_id_ += history_step;
  forgotten_ = history_id_;
}

uint64_t mailbox::note(history_entry::kind what, const message& of, std::vector<std::string> labels,
                       wall_time now) {
  history_id_ += history_step;
  history_.push_back({history_id_, now, what, of.id, of.thread, std::move(labels)});
  return history_id_;
}

void write_message(json::writer& out, const message& one, std::string_view format) {
  out.begin_object().key("id").value(one.id).key("threadId").value(one.thread);
  out.key("labelIds").begin_array();
  for (const auto& label : one.labels)
    out.value(label);
  out.end_array().key("snippet").value(one.text.substr(0, one.text.find('\r')));
  out.key("historyId").value(std::to_string(one.history_id));
  out.key("internalDate").value(std::to_string(one.received_at.time_since_epoch().count()));
  out.key("sizeEstimate").value(static_cast<uint64_t>(one.text.size() + 400));
  if (format != "minimal") {
    out.key("payload").begin_object().key("partId").value("").key("mimeType").value("text/plain");
    out.key("filename").value("");
    write_headers(out, one);
    out.key("body").begin_object().key("size").value(static_cast<uint64_t>(one.text.size()));
    if (format == "full")
      out.key("data").value(base64url_of(one.text));
    out.end_object().end_object();
  }
  out.end_object();
}

} // namespace nexte::simulation::google
