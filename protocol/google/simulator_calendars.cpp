#include "protocol/google/simulator_calendars.hpp"

#include <algorithm>

namespace nexte::simulation::google {

std::string event::etag() const {
  const auto microseconds = updated_at.time_since_epoch().count() * 1000;
  return "\"" + std::to_string(2 * microseconds + static_cast<int64_t>(change)) + "\"";
}

calendar& calendars::add(std::string id, std::string summary) {
  calendar made;
  made.primary = calendars_.empty();
  made.id = std::move(id);
  made.summary = std::move(summary);
  calendars_.push_back(std::move(made));
  return calendars_.back();
}

calendar* calendars::find(std::string_view id) {
  const auto found = std::ranges::find_if(calendars_, [&](const calendar& one) {
    return one.id == id || (one.primary && id == "primary");
  });
  return found == calendars_.end() ? nullptr : &*found;
}

std::vector<seen_record> calendars::all() const {
  std::vector<seen_record> seen;
  for (const auto& one : calendars_)
    for (const auto& [id, held] : one.events) {
      const bool shown = one.selected || one.primary;
      const bool gone = held.cancelled && held.series.empty();
      const auto series = one.events.find(held.series);
      const bool lost = series != one.events.end() && series->second.cancelled;
      seen.push_back({one.id + "/" + id, held.etag(), held.updated_at, !shown || gone || lost});
    }
  return seen;
}

bool calendars::holds(std::string_view id) const {
  const auto slash = id.find('/');
  return std::ranges::any_of(calendars_, [&](const calendar& one) {
    return slash != std::string_view::npos && one.id == id.substr(0, slash)
           && one.events.contains(id.substr(slash + 1));
  });
}

std::pair<calendar*, event*> calendars::locate(std::string_view id) {
  const auto slash = id.find('/');
  auto* in = find(id.substr(0, slash));
  return {in, &in->events.find(id.substr(slash + 1))->second};
}

std::string calendars::create(std::string_view text, wall_time now) {
  const auto start = json::quoted(format_iso_seconds(now));
  json::writer when;
  when.begin_object().key("dateTime").raw(start).key("timeZone").value("UTC").end_object();
  const auto at = when.take();
  auto& in = calendars_.front();
  return in.id + "/"
         + write(in, fresh_id(), {{"summary", json::quoted(text)}, {"start", at}, {"end", at}}, now)
               .id;
}

void calendars::edit(std::string_view id, std::string_view text, wall_time now) {
  const auto [in, one] = locate(id);
  write(*in, one->id, {{"summary", json::quoted(text)}}, now);
}

void calendars::remove(std::string_view id, wall_time now) {
  const auto [in, one] = locate(id);
  cancel(*in, *one, now);
}

void calendars::restore(std::string_view id, wall_time now) {
  const auto [in, one] = locate(id);
  if (const auto series = in->events.find(one->series);
      series != in->events.end() && series->second.cancelled)
    return; // nothing there that it could be an exception of
  one->cancelled = false;
  touch(*in, *one, now);
  for (auto& [exception_id, exception] : in->events)
    if (exception.series == one->id) {
      exception.cancelled = false;
      touch(*in, exception, now);
    }
}

void calendars::erase(std::string_view id, wall_time now) {
  remove(id, now);
}

event& calendars::write(calendar& in, const std::string& id,
                        const std::vector<std::pair<std::string, std::string>>& members,
                        wall_time now) {
  auto& one = in.events[id];
  if (one.id.empty()) {
    one.id = id;
    one.created_at = now;
  }
  for (const auto& [name, value] : members) {
    if (value == "null")
      one.members.erase(name);
    else
      one.members[name] = value;
  }
  touch(in, one, now);
  return one;
}

void calendars::cancel(calendar& in, event& one, wall_time now) {
  if (one.cancelled)
    return;
  one.cancelled = true;
  touch(in, one, now);
  for (auto& [id, exception] : in.events)
    if (exception.series == one.id) {
      exception.cancelled = true;
      touch(in, exception, now);
    }
}

void calendars::touch(calendar& in, event& one, wall_time now) {
  one.updated_at = std::max(now, one.updated_at);
  one.change = ++in.last_change;
}

std::string calendars::fresh_id() {
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuv"; // base32hex
  std::string id = "ev";
  for (auto rest = ++last_id_ + (uint64_t{1} << 30); rest > 0; rest /= 32)
    id += digits[rest % 32];
  return id;
}

void write_event(json::writer& out, const event& one, bool as_deletion) {
  out.begin_object().key("kind").value("calendar#event").key("etag").value(one.etag());
  out.key("id").value(one.id).key("status").value(one.cancelled ? "cancelled" : "confirmed");
  if (!one.series.empty()) {
    out.key("recurringEventId").value(one.series);
    const auto original = one.members.find("originalStartTime");
    if (original != one.members.end())
      out.key("originalStartTime").raw(original->second);
  }
  if (!as_deletion) {
    out.key("htmlLink").value("https://www.google.com/calendar/event?eid=" + one.id);
    out.key("created").value(format_iso_time(one.created_at));
    out.key("updated").value(format_iso_time(one.updated_at));
    for (const auto& [name, value] : one.members)
      if (name != "originalStartTime")
        out.key(name).raw(value);
    out.key("iCalUID").value(one.id + "@google.com").key("sequence").value(0);
    out.key("eventType").value("default");
  }
  out.end_object();
}

} // namespace nexte::simulation::google
