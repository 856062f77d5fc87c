// A push desk whose connector and store do as told. GoogleTest fixture.
#pragma once

#include "actors/push_desk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>

namespace nexte::test {

using namespace std::chrono_literals;

constexpr steady_time start{1000s};
inline constexpr wall_time noon{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h};

/// What the connector was asked, and shall say. A plain function has no other way to know.
struct script {
  std::vector<push_request> asked;
  std::deque<result<std::vector<push_outcome>>> answers; ///< None left: all confirmed.
  bool calls = false;                                    ///< It makes a call first.
  std::string bad;                                       ///< A record that breaks a whole push.
};
inline script* connector = nullptr;

inline push_outcome outcome(push_verdict what, std::string record = "1") {
  push_outcome made;
  made.what = what;
  made.record = remote_record{std::move(record), "v2", noon, false, "{}"};
  return made;
}

inline task<std::vector<push_outcome>> push(stream_io& io, push_request request) {
  connector->asked.push_back(request);
  if (connector->calls) {
    http_request call{"GET", "https://api.example/x"};
    auto answer = co_await io.fetch(std::move(call));
    if (!answer)
      co_return std::move(answer).failure();
  }
  for (const auto& edit : request.edits)
    if (!connector->bad.empty() && edit.record == connector->bad)
      co_return error{ec::malformed, "object " + edit.record + " cannot be read"};
  if (connector->answers.empty()) {
    std::vector<push_outcome> all;
    for (const auto& edit : request.edits)
      all.push_back(outcome(push_verdict::confirmed, edit.record));
    co_return all;
  }
  auto next = std::move(connector->answers.front());
  connector->answers.pop_front();
  co_return next;
}

/// A store in memory whose commits end when they are let.
class PushDesk : public ::testing::Test, protected push_effects {
protected:
  PushDesk() {
    connector = &said;
    for (auto* stream : {&contacts, &deals}) {
      stream->push = push;
      stream->write_scopes = {"write"};
    }
    contacts.name = contacts.title = "contacts";
    deals.name = deals.title = "deals";
    reads.name = "reads";
    desk.load({&contacts, &deals, &reads});
  }
  ~PushDesk() override {
    connector = nullptr;
  }

  /// Starts, and lets the edits of an earlier life be taken back.
  void begin() {
    desk.go();
    run();
    commits.clear();
  }
  uint64_t add(std::string record, edit_kind kind = edit_kind::update,
               std::string stream = "contacts") {
    edit_row edit;
    edit.id = ++last_id;
    edit.stream = std::move(stream);
    edit.record = std::move(record);
    edit.kind = kind;
    edit.fields["name"] = {"\"x\"", noon};
    rows[edit.id] = edit;
    desk.added(rows[edit.id].stream);
    return edit.id;
  }
  /// Everything that can happen without a call's answer or time.
  void run() {
    desk.settle();
    while (!waiting.empty()) {
      auto next = std::move(waiting.front());
      waiting.pop_front();
      next();
      desk.settle();
    }
  }
  size_t count(std::string_view prefix) const {
    return static_cast<size_t>(
        std::ranges::count_if(commits, [&](const auto& c) { return c.starts_with(prefix); }));
  }

  // ---- the port
  std::string api_base() const override {
    return "https://api.example";
  }
  wall_time sync_now() const override {
    return noon;
  }
  steady_time push_steady_now() const override {
    return now;
  }
  uint32_t draw() override {
    return 0;
  }
  void begin_push_call(const std::string& owner, http_request, call_desk::done on_done) override {
    calls.emplace_back(owner, std::move(on_done));
  }
  void cancel_calls(const std::string& owner) override {
    std::erase_if(calls, [&](const auto& call) { return call.first == owner; });
  }
  void commit_pushes(std::vector<store_write> writes, continuation then) override {
    std::vector<result<write_outcome>> outcomes;
    for (const auto& write : writes)
      outcomes.push_back(std::visit([this](const auto& one) { return apply(one); }, write));
    waiting.push_back([outcomes, then = std::move(then)] { then(outcomes); });
  }
  result<std::vector<edit_row>> stored_edits(uint64_t after, size_t limit) const override {
    std::vector<edit_row> found;
    for (auto at = rows.upper_bound(after); at != rows.end() && found.size() < limit; ++at)
      found.push_back(at->second);
    return found;
  }
  result<std::optional<edit_to_push>> stored_edit(uint64_t edit) const override {
    const auto at = rows.find(edit);
    if (at == rows.end())
      return std::optional<edit_to_push>{};
    edit_to_push stored;
    stored.edit = at->second;
    stored.base = record_copy{"v1", noon, false, "{}"};
    return std::optional{stored};
  }
  two_way_rules rules_of(const stream_description& what) const override {
    return {what.fields, conflict_rule::last_write_wins, 0ms};
  }
  void wake_pushes(steady_time due) override {
    alarm = due;
  }
  void conflicts_archived(const stream_description& what, uint64_t many) override {
    news.push_back(std::to_string(many) + " conflicts of " + what.name);
  }
  void push_done(const push_state& stream) override {
    news.push_back(stream.what->name + " done");
  }
  void edit_rejected(const push_state&, const edit_row& edit, const push_outcome& why) override {
    news.push_back(edit.record + " rejected: " + why.code);
  }
  void push_failed(const push_state& stream, const error& why) override {
    news.push_back(stream.what->name + " failed: " + std::string{to_string(why.code)});
  }
  void push_paused(const push_state& stream) override {
    news.push_back(stream.what->name + " paused: " + stream.pause->code);
  }

  // ---- the store
  result<write_outcome> apply(const begin_push& write) {
    commits.push_back("begin " + std::to_string(write.edit));
    auto& row = rows.at(write.edit);
    if (row.state != edit_state::pending)
      return error{ec::conflict, "not pending"};
    row.state = edit_state::in_flight;
    ++row.attempts;
    return write_outcome{};
  }
  result<write_outcome> apply(const confirm_edit& write) {
    commits.push_back("confirm " + std::to_string(write.edit) + " " + write.record
                      + (write.answer.deleted ? " deleted" : ""));
    if (unreadable > 0) {
      --unreadable;
      return error{ec::malformed, "the answer is no object"};
    }
    rows.erase(write.edit);
    if (write.edit == 0 && decides)
      for (auto& [id, row] : rows)
        row.attempts = 0; // rebased
    write_outcome done;
    done.conflicts = write.edit == 0 ? 1 : 0;
    return done;
  }
  result<write_outcome> apply(const reject_edit& write) {
    commits.push_back("reject " + std::to_string(write.edit) + " " + write.code);
    rows.at(write.edit).state = edit_state::rejected;
    return write_outcome{};
  }
  result<write_outcome> apply(const requeue_edits& write) {
    commits.push_back("requeue " + write.stream + " " + std::to_string(write.edit));
    for (auto& [id, row] : rows)
      if (row.stream == write.stream && row.state == edit_state::in_flight
          && (write.edit == 0 || write.edit == id))
        row.state = edit_state::pending;
    return write_outcome{};
  }
  result<write_outcome> apply(const auto&) {
    return error{ec::bug, "a push writes nothing else"};
  }

  script said;
  stream_description contacts, deals, reads;
  push_desk desk{integration_id{1}, *this};
  steady_time now = start;
  std::optional<steady_time> alarm;
  uint64_t last_id = 0;
  bool decides = false;    ///< What is told of a conflict changes the edit.
  unsigned unreadable = 0; ///< So many answers the store cannot take.
  std::map<uint64_t, edit_row> rows;
  std::deque<std::function<void()>> waiting;
  std::vector<std::pair<std::string, call_desk::done>> calls;
  std::vector<std::string> commits, news;
};

using texts = std::vector<std::string>;

} // namespace nexte::test
