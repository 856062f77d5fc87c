// The connector against the simulated HubSpot, with people at work behind its back and kills in
// between: what it handed on is in the end what HubSpot holds.
#include "protocol/hubspot/change_search.hpp"
#include "protocol/hubspot/provider.hpp"
#include "protocol/hubspot/simulator.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr auto stream_name = "deals";

simulation::simulator_options options_of(uint64_t seed) {
  simulation::simulator_options options;
  options.seed = seed;
  options.records = 230;
  return options;
}

/// A store as record.hpp describes it, and a person who changes things between two requests.
class busy_account final : public stream_io {
public:
  explicit busy_account(uint64_t seed) : provider_(options_of(seed)), random_(seed) {
    provider_.mount(base_);
    for (const auto& [id, state] : provider_.snapshot(stream_name))
      ids_.push_back(id);
  }

  wall_time now() const override {
    return now_;
  }
  void wait(milliseconds span) {
    now_ += span;
  }
  void work(bool on) {
    working_ = on;
  }
  void pull(bool full, bool killable) {
    killable_ = killable;
    pull_request request;
    request.api_base = base_;
    request.checkpoint = checkpoint_;
    request.full = full;
    auto run = hubspot::provider().stream(stream_name)->pull(*this, std::move(request));
    std::optional<result<bool>> ended;
    run.start([&ended](result<bool> outcome) { ended.emplace(std::move(outcome)); });
    ASSERT_TRUE(ended);
    ASSERT_TRUE(killed_ || *ended) << ended->failure().what;
    killed_ = false;
  }
  void expect_converged(uint64_t seed) {
    std::set<std::string> live;
    for (const auto& [id, state] : provider_.snapshot(stream_name)) {
      if (state.archived)
        continue;
      live.insert(id);
      const auto found = stored_.find(id);
      ASSERT_TRUE(found != stored_.end() && !found->second.deleted)
          << "seed " << seed << ": lost " << id;
      EXPECT_EQ(found->second.version, state.version) << "seed " << seed << " id " << id;
    }
    for (const auto& [id, record] : stored_)
      EXPECT_TRUE(record.deleted || live.contains(id)) << "seed " << seed << ": kept " << id;
  }

protected:
  void start_fetch(http_request request,
                   std::function<void(result<http_response>)> on_done) override {
    now_ += 250ms; // below every quota
    if (working_ && below(2) == 0)
      change_something();
    request.headers.add("Authorization", "Bearer " + provider_.issue_access_token(now_));
    auto answer = provider_.handle(request, now_);
    answer.headers.set("Date", format_http_date(now_));
    on_done(std::move(answer));
  }
  void start_emit(page records, std::function<void(result<done_t>)> on_done) override {
    if (killable_ && below(6) == 0) {
      killed_ = true;
      return on_done(error{ec::cancelled, "killed"});
    }
    commit(records);
    on_done(done_t{});
  }

private:
  struct stored {
    std::string version;
    wall_time modified_at{};
    bool deleted = false;
  };
  unsigned below(unsigned n) {
    return static_cast<unsigned>(random_() % n);
  }
  void change_something() {
    const auto id = ids_[below(static_cast<unsigned>(ids_.size()))];
    const bool archived = provider_.snapshot(stream_name).at(id).archived;
    const unsigned what = below(10);
    if (archived) {
      if (what < 5)
        provider_.restore(stream_name, id, now_);
    } else if (what < 2) {
      provider_.archive(stream_name, id, now_);
    } else if (what < 9) {
      provider_.edit(stream_name, id, {{"dealname", "deal " + std::to_string(random_())}}, now_);
    } else {
      ids_.push_back(provider_.create(stream_name, {{"dealname", "new"}}, now_));
    }
  }
  void commit(const page& records) {
    if (records.enumeration == sweep::first)
      shown_.clear();
    for (const auto& record : records.records) {
      shown_.insert(std::string{record.id});
      const auto found = stored_.find(std::string{record.id});
      if (records.lagging && found != stored_.end()
          && record.modified_at < found->second.modified_at)
        continue;
      stored_[std::string{record.id}]
          = {std::string{record.version}, record.modified_at, record.deleted};
    }
    if (records.enumeration == sweep::last)
      for (auto& [id, record] : stored_)
        record.deleted = record.deleted || !shown_.contains(id);
    if (records.next_checkpoint)
      checkpoint_ = records.next_checkpoint;
  }

  const std::string base_ = "https://hubspot.example";
  simulation::hubspot_simulator provider_;
  std::mt19937_64 random_;
  wall_time now_ = *parse_iso_time("2026-03-01T10:00:00Z");
  std::vector<std::string> ids_;
  std::map<std::string, stored> stored_;
  std::set<std::string> shown_;
  std::optional<std::string> checkpoint_;
  bool working_ = true;
  bool killable_ = false;
  bool killed_ = false;
};

} // namespace

TEST(HubspotStream, HoldsInTheEndWhatTheAccountHolds) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    busy_account account{seed};
    for (unsigned polls = 0; polls < 12; ++polls) {
      account.pull(polls == 6, seed % 2 == 0);
      account.wait(polls % 3 == 0 ? 20s : 300s);
    }
    account.work(false);
    account.wait(hubspot::index_lag_max);
    account.pull(false, false);
    account.expect_converged(seed);
  }
}
