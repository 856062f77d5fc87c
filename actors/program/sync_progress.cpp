// Waits for a sync, and shows how far it is to whoever waits.
#include "actors/program/command_support.hpp"

#include <algorithm>

namespace nexte::program {
namespace {

constexpr milliseconds look_every{500};
constexpr size_t bar_columns = 24;

/// Lines that are drawn over again and again.
class drawn_lines {
public:
  explicit drawn_lines(const shell& with) : with_(with) {}
  void show(const std::vector<std::string>& lines) {
    if (!with_.screen.cursor || with_.json)
      return;
    if (shown_ > 0)
      with_.out << "\x1b[" << shown_ << "A";
    const auto columns = with_.screen.columns;
    for (const auto& line : lines)
      with_.out << (columns > 1 ? fitted(line, columns - 1) : line) << "\x1b[K\n";
    with_.out << std::flush;
    shown_ = lines.size();
  }

private:
  const shell& with_;
  size_t shown_ = 0;
};

bool is_over(const json::value& stream, const verified_times& before) {
  const auto verified_at = text_of(stream, "verified_at");
  const auto known = before.find(text_of(stream, "name"));
  return !truth_of(stream, "running") && !verified_at.empty()
         && (known == before.end() || known->second != verified_at);
}

/// `contacts   ████████░░░░  6,000 of 15,000`; without a bar where nobody knows how many there are.
std::string line_of(const json::value& stream, const verified_times& before) {
  const auto name = fitted(printable(text_of(stream, "name")), 20);
  const auto label = name + std::string(22 - display_width(name), ' ');
  const auto records = count_of(stream, "records");
  const auto paused = text_of(stream, "paused_because");
  if (!paused.empty())
    return label + "paused: " + printable(paused);
  if (is_over(stream, before))
    return label + bar(1, bar_columns) + "  " + grouped(records) + " records";
  const auto items = count_of(stream, "items_this_run");
  if (!truth_of(stream, "running"))
    return label + "waits for its turn";
  const auto known = before.find(text_of(stream, "name"));
  if (known == before.end() || known->second.empty() || records == 0)
    return label + grouped(items) + " so far";
  const auto all = std::max(items, records);
  return label + bar(static_cast<double>(items) / static_cast<double>(all), bar_columns) + "  "
         + grouped(items) + " of " + grouped(all);
}

error disconnected(const json::value& status) {
  auto because = text_of(status, "because");
  if (because.ends_with('.')) // an error's text goes on after it
    because.pop_back();
  return {ec::unauthorized, std::move(because), text_of(status, "next_step")};
}

} // namespace

verified_times verified_of(const json::value& status) {
  verified_times all;
  for (const auto& stream : list_of(status, "streams"))
    all.emplace(text_of(stream, "name"), text_of(stream, "verified_at"));
  return all;
}

result<void> await_sync(const shell& with, const std::string& id, const verified_times& before) {
  drawn_lines screen{with};
  for (;;) {
    const auto status = with.engine.call_json("GET", integration_target(id));
    if (!status)
      return status.failure();
    const auto state = text_of(*status, "state");
    std::vector<std::string> lines;
    bool over = true;
    for (const auto& stream : list_of(*status, "streams")) {
      lines.push_back(line_of(stream, before));
      over = over && (is_over(stream, before) || !text_of(stream, "paused_because").empty());
    }
    if (state != "connected") // why it takes long
      lines.push_back(printable(text_of(*status, "because") + " " + text_of(*status, "next_step")));
    screen.show(lines);
    if (state == "disconnected")
      return disconnected(*status);
    if (over)
      return {};
    with.pause(look_every);
  }
}

} // namespace nexte::program
