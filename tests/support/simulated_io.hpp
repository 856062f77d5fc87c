// A stream_io whose other end is a simulator, and a store as record.hpp describes it.
#pragma once

#include "protocol/provider.hpp"
#include "protocol/simulation/simulator.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace nexte::test {

/// Carries a connector's calls to a simulator under a clock of its own. Each call gets a token
/// that is good, and no fault: those are the engine's business.
class simulated_io final : public stream_io {
public:
  struct stored {
    std::string version;
    bool deleted = false;
    wall_time modified_at{};
    bool shown = false; ///< In the enumeration under way.
  };

  simulated_io(const provider_description& provider, simulation::simulator& other_end,
               std::string api_base, wall_time at)
      : provider_(provider), other_end_(other_end), api_base_(std::move(api_base)), now_(at) {}

  std::map<std::string, stored> records;
  std::optional<std::string> checkpoint;
  size_t requests = 0;
  milliseconds per_call{250};             ///< What a call takes.
  std::function<void()> before_call;      ///< People at work.
  std::function<bool()> killed_at_commit; ///< Whether the process dies before the page is stored.

  wall_time now() const override {
    return now_;
  }
  void wait(milliseconds span) {
    now_ += span;
  }
  /// One run; true where it ended in good order, false where it was killed.
  bool pull(std::string_view stream, bool full = false) {
    pull_request request;
    request.api_base = api_base_;
    request.checkpoint = checkpoint;
    request.full = full;
    auto work = provider_.stream(stream)->pull(*this, std::move(request));
    std::optional<result<bool>> ended;
    work.start([&ended](result<bool> outcome) { ended.emplace(std::move(outcome)); });
    EXPECT_TRUE(ended);
    const bool killed = std::exchange(killed_, false);
    EXPECT_TRUE(killed || (ended && *ended)) << ended->failure().line();
    return !killed;
  }
  /// Both sides hold the same live records in the same versions.
  void expect_same(std::string_view stream, const std::string& hint = {}) {
    const auto theirs = other_end_.holdings(stream, 0);
    for (const auto& [id, record] : theirs) {
      const auto found = records.find(id);
      const bool here = found != records.end() && !found->second.deleted;
      EXPECT_EQ(here, !record.gone) << hint << stream << ' ' << id;
      if (here && !record.gone) {
        EXPECT_EQ(found->second.version, record.version) << hint << stream << ' ' << id;
      }
    }
    for (const auto& [id, record] : records)
      EXPECT_TRUE(record.deleted || theirs.contains(id)) << hint << stream << " kept " << id;
  }

protected:
  void start_fetch(http_request request,
                   std::function<void(result<http_response>)> on_done) override {
    ++requests;
    now_ += per_call;
    if (before_call)
      before_call();
    request.headers.set("Authorization", "Bearer " + other_end_.issue_access_token(now_));
    auto answer = other_end_.handle(request, now_);
    answer.headers.set("Date", format_http_date(now_));
    on_done(std::move(answer));
  }
  void start_emit(page read, std::function<void(result<done_t>)> on_done) override {
    if (killed_at_commit && killed_at_commit()) {
      killed_ = true;
      return on_done(error{ec::cancelled, "killed"});
    }
    commit(read);
    on_done(done_t{});
  }

private:
  void commit(page& read) {
    if (read.enumeration == sweep::first || read.enumeration == sweep::whole)
      for (auto& [id, record] : records)
        record.shown = false;
    for (const auto& record : read.records) {
      auto& held = records[std::string{record.id}];
      held.shown = true;
      if (!read.lagging || held.modified_at <= record.modified_at)
        held = {std::string{record.version}, record.deleted, record.modified_at, true};
    }
    for (auto& [id, record] : records) // what cannot be read is not gone; unnamed, it may be any
      for (const auto& unread : read.unread)
        record.shown = record.shown || unread.id.empty() || unread.id == id;
    if (read.enumeration == sweep::last || read.enumeration == sweep::whole)
      for (auto& [id, record] : records)
        record.deleted = record.deleted || !record.shown;
    if (read.next_checkpoint)
      checkpoint = std::move(read.next_checkpoint);
  }

  const provider_description& provider_;
  simulation::simulator& other_end_;
  std::string api_base_;
  wall_time now_;
  bool killed_ = false;
};

} // namespace nexte::test
