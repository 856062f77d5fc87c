// `watch`: all integrations, live.
#include "actors/program/command_support.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace nexte::program {
namespace {

/// What is shown of one integration.
struct watched {
  std::string workspace;
  std::string provider;
  std::string account;
  std::string state;
  std::string badge;
  std::string because;
  std::string next_step;
  std::string busy; ///< What it syncs just now; empty: nothing.
  wall_time synced_at{};
  uint64_t records = 0;
};

/// "syncs contacts, deals: 1,200 so far"
std::string busy_of(const json::value& streams_of) {
  std::string names;
  uint64_t items = 0;
  for (const auto& stream : list_of(streams_of, "streams"))
    if (truth_of(stream, "running")) {
      names += (names.empty() ? "" : ", ") + text_of(stream, "name");
      items += count_of(stream, "items_this_run");
    }
  return names.empty() ? names : "syncs " + names + ": " + grouped(items) + " so far";
}

watched read_watched(const json::value& status) {
  watched one;
  one.workspace = text_of(status, "workspace");
  one.provider = text_of(status, "provider");
  if (const auto* account = status.find("account"); account && account->is_object()) {
    const auto name = text_of(*account, "name");
    one.account = name.empty() ? text_of(*account, "id") : name;
  }
  one.state = text_of(status, "state");
  one.badge = text_of(status, "badge");
  one.because = text_of(status, "because");
  one.next_step = text_of(status, "next_step");
  one.synced_at = time_of(status, "synced_at");
  one.records = count_of(status, "records");
  one.busy = busy_of(status);
  return one;
}

size_t rank(const watched& one) {
  return one.badge == "red" ? 0 : one.badge == "amber" ? 1 : 2;
}

class fleet {
public:
  explicit fleet(const shell& with) : with_(with) {
    if (drawn())
      with_.out << "\x1b[2J";
  }

  /// False: `failure` says why not to go on.
  bool take(const std::vector<server_event>& events) {
    for (const auto& event : events)
      if (with_.json)
        with_.out << R"({"event":")" << event.name << R"(","data":)" << event.data << "}\n";
      else if (!apply(event))
        return false;
    if (drawn())
      draw();
    with_.out << std::flush;
    return static_cast<bool>(with_.out); // a pipe that nobody reads any more
  }
  std::optional<error> failure;

private:
  bool drawn() const {
    return with_.screen.cursor && !with_.json;
  }

  bool apply(const server_event& event) {
    const auto data = json::parse_value(event.data);
    if (!data)
      return fail(data.failure());
    if (event.name == "snapshot")
      return truth_of(*data, "resumed") || load();
    if (event.name == "status")
      put(*data);
    if (event.name == "progress")
      if (const auto at = all_.find(text_of(*data, "integration")); at != all_.end()) {
        at->second.records = count_of(*data, "records");
        at->second.busy = busy_of(*data);
      }
    if (!drawn() && (event.name == "incident" || event.name == "notification"))
      tell(
          text_of(*data, "integration"),
          (event.name == "incident" && time_of(*data, "closed_at") != wall_time{} ? "closed: " : "")
              + text_of(*data, "kind") + ": " + text_of(*data, "sentence") + " "
              + text_of(*data, "next_step"));
    return true;
  }
  bool load() {
    all_.clear();
    auto plain = with_;
    plain.json = false;
    const auto done = each_row(plain, "/v1/integrations?limit=1000", "integrations",
                               [this](const json::value& one) { put(one); });
    return done || fail(done.failure());
  }
  bool fail(const error& why) {
    failure = why;
    return false;
  }

  void put(const json::value& status) {
    const auto id = text_of(status, "id");
    const auto now = read_watched(status);
    auto& before = all_[id];
    const bool news = before.state != now.state || before.because != now.because;
    before = now;
    if (news && !drawn())
      tell(id, now.state + ": " + now.because + " " + now.next_step);
  }
  void tell(const std::string& id, const std::string& text) {
    const auto at = all_.find(id);
    const auto who
        = at == all_.end() ? id : id + " " + at->second.workspace + " " + at->second.provider;
    with_.out << format_iso_seconds(with_.now()) << " " << printable(who + " " + text) << "\n";
  }

  void draw() const {
    std::vector<std::pair<std::string, const watched*>> order;
    std::map<std::string, size_t> states;
    for (const auto& [id, one] : all_) {
      order.emplace_back(id, &one);
      ++states[one.state];
    }
    std::ranges::sort(order, {}, [](const auto& row) {
      return std::tuple{rank(*row.second), row.second->workspace, row.first};
    });
    const auto now = with_.now();
    std::string head = format_iso_seconds(now) + "  " + grouped(all_.size()) + " integrations";
    for (const auto& [state, count] : states)
      head += ", " + grouped(count) + " " + state;
    constexpr size_t other_lines = 5; // head, gap, titles, what is left out, the cursor's
    const auto room = with_.screen.rows > other_lines ? with_.screen.rows - other_lines : 1;
    const auto shown = with_.screen.rows == 0 ? order.size() : std::min(order.size(), room);
    table rows{{{"ID"},
                {"WORKSPACE"},
                {"PROVIDER"},
                {"ACCOUNT"},
                {"STATE"},
                {"RECORDS", table::side::right},
                {"NOW"}}};
    for (size_t i = 0; i < shown; ++i) {
      const auto& [id, one] = order[i];
      const auto news = one->badge != "green" ? one->because + " " + one->next_step
                        : one->busy.empty()   ? "synced " + distance_text(one->synced_at, now)
                                              : one->busy;
      rows.add({id,
                one->workspace,
                one->provider,
                one->account.empty() ? "none yet" : one->account,
                {"\xE2\x97\x8F " + one->state, tint_of(one->badge)},
                grouped(one->records),
                news});
    }
    std::string text = printable(head) + "\n\n" + rows.str(with_.screen);
    if (shown < order.size())
      text += "and " + grouped(order.size() - shown) + " more that are no worse\n";
    with_.out << redrawn(text);
  }

  const shell& with_;
  std::map<std::string, watched> all_;
};

} // namespace

result<void> watch(const shell& with) {
  fleet all{with};
  const auto ended
      = with.events([&](const std::vector<server_event>& events) { return all.take(events); });
  if (all.failure)
    return *std::move(all.failure);
  return ended;
}

} // namespace nexte::program
