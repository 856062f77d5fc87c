#include "actors/program/event_book.hpp"

#include "actors/program/control_json.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

namespace nexte::program {
namespace {

constexpr std::string_view retry_line = "retry: 2000\n"; // milliseconds until a reader comes back
constexpr std::string_view heartbeat = ": still here\n\n";

std::string event_text(std::string_view id, std::string_view event, std::string_view data) {
  std::string text = "id: ";
  return text.append(id)
      .append("\nevent: ")
      .append(event)
      .append("\ndata: ")
      .append(data)
      .append("\n\n"); // JSON of ours holds no line break
}

template <class Value>
std::string json_text(const Value& value) {
  json::writer to;
  write_json(to, value);
  return to.take();
}

size_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

/// The status without what `progress` and `quota` tell.
std::string panel_text(integration_status status) {
  status.records = 0;
  status.quota_used = 0;
  status.quota_limit = 0;
  status.quota_back_at.reset();
  status.clock_skew = {}; // differs a little with every answer
  for (auto& stream : status.streams) {
    stream.records = 0;
    stream.changed_at = {};
    stream.pages_this_run = 0;
    stream.items_this_run = 0;
  }
  return json_text(status);
}

/// Tells what `text` says if it is news.
bool is_news(size_t& told, std::string_view text) {
  return std::exchange(told, hash_of(text)) != told;
}

} // namespace

std::shared_ptr<byte_feed> event_book::open(std::string_view last_event_id, steady_time now) {
  std::erase_if(readers_, [](const auto& reader) { return !reader->append({}); });
  if (readers_.size() >= event_readers_max)
    return nullptr;
  if (!wanted(now))
    forget();
  auto reader = std::make_shared<byte_feed>(event_bytes_waiting_max);
  uint64_t seen = 0;
  const bool resumed = is_kept_after(last_event_id, seen);
  std::string first{retry_line};
  first += event_text(resumed ? last_event_id : id_of(last_), "snapshot",
                      resumed ? R"({"resumed":true})" : R"({"resumed":false})");
  reader->append(first);
  if (resumed)
    for (auto at = kept_.size() - (last_ - seen); at < kept_.size(); ++at)
      reader->append(kept_[at]);
  readers_.push_back(reader);
  return reader;
}

std::vector<uint64_t> event_book::put(const integration_status& status, steady_time now) {
  std::vector<uint64_t> closed;
  auto& before = told_[status.id];
  if (is_news(before.panel, panel_text(status)))
    publish("status", json_text(status), now);
  json::writer counts;
  write_progress(counts, status);
  if (const auto text = counts.take(); is_news(before.counts, text))
    publish("progress", text, now);
  json::writer quota;
  write_quota(quota, status);
  if (const auto text = quota.take(); is_news(before.quota, text))
    publish("quota", text, now);
  for (const auto& [id, hash] : before.incidents)
    if (!std::ranges::count(status.incidents, id, &incident_row::id))
      closed.push_back(id);
  for (const auto id : closed)
    before.incidents.erase(id);
  for (const auto& incident : status.incidents)
    if (const auto text = json_text(incident); is_news(before.incidents[incident.id], text))
      publish("incident", text, now);
  return closed;
}

void event_book::put(const incident_row& incident, steady_time now) {
  publish("incident", json_text(incident), now);
}

void event_book::put(const notification_row& notification, steady_time now) {
  publish("notification", json_text(notification), now);
}

void event_book::beat(steady_time now) {
  send(heartbeat, now);
}

void event_book::end() {
  for (const auto& reader : readers_)
    reader->end();
  readers_.clear();
}

/// What happened while nobody was told is lost: no id of before may be taken up again.
void event_book::forget() {
  ++last_;
  kept_.clear();
  kept_bytes_ = 0;
  told_.clear();
}

std::string event_book::id_of(uint64_t number) const {
  return run_ + "-" + std::to_string(number);
}

/// Whether every event after that one is still kept.
bool event_book::is_kept_after(std::string_view last_event_id, uint64_t& number) const {
  const auto mark = last_event_id.rfind('-');
  if (mark == std::string_view::npos || last_event_id.substr(0, mark) != run_)
    return false;
  const auto digits = last_event_id.substr(mark + 1);
  const auto [end, failed] = std::from_chars(digits.begin(), digits.end(), number);
  return failed == std::errc{} && end == digits.end() && number <= last_
         && last_ - number <= kept_.size();
}

void event_book::publish(std::string_view event, std::string_view data, steady_time now) {
  kept_.push_back(event_text(id_of(++last_), event, data));
  kept_bytes_ += kept_.back().size();
  while (kept_.size() > events_kept_max || kept_bytes_ > event_bytes_kept_max) {
    kept_bytes_ -= kept_.front().size();
    kept_.pop_front();
    if (kept_.empty())
      return;
  }
  send(kept_.back(), now);
}

void event_book::send(std::string_view text, steady_time now) {
  const auto gone
      = std::erase_if(readers_, [&](const auto& reader) { return !reader->append(text); });
  if (gone > 0 && readers_.empty())
    linger_until_ = now + event_linger;
}

} // namespace nexte::program
