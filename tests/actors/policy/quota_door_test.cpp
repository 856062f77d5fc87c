// The property the ledger exists for: the provider's own counter is never exceeded.
#include "actors/policy/quota_ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <queue>
#include <random>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr steady_time start{1000h};

/// One counter at the provider's door: counts what arrives in every rolling window exactly.
class door {
public:
  explicit door(quota_window rule) : rule_(std::move(rule)) {}

  void arrive(unsigned units, steady_time at) {
    while (!seen_.empty() && seen_.front().first <= at - rule_.span) {
      used_ -= seen_.front().second;
      seen_.pop_front();
    }
    seen_.emplace_back(at, units);
    used_ += units;
    total_ += units;
    peak_ = std::max(peak_, used_);
  }
  uint64_t peak() const {
    return peak_;
  }
  uint64_t total() const {
    return total_;
  }

private:
  quota_window rule_;
  std::deque<std::pair<steady_time, unsigned>> seen_;
  uint64_t used_ = 0;
  uint64_t peak_ = 0;
  uint64_t total_ = 0;
};

struct event {
  steady_time at;
  bool arrives; ///< At the provider; else its answer reaches us.
  grant_id grant;
  unsigned cost;
  quota_key key;
  bool operator>(const event& other) const {
    return std::tie(at, arrives, grant) > std::tie(other.at, other.arrives, other.grant);
  }
};

/// Sends as fast as the ledger allows for `length`, with latencies of up to `latency_max` each
/// way, and lets every request knock at the door of each of its windows.
struct world {
  world(std::vector<quota_window> windows, uint64_t seed, milliseconds most = milliseconds{0})
      : rules(std::move(windows)), random(seed), latency_max(most), ledger(rules, {}, start, 0) {}

  std::vector<quota_window> rules;
  std::mt19937_64 random;
  milliseconds latency_max;
  unsigned cost_max = 1;
  uint64_t accounts = 1;
  quota_ledger ledger;
  std::map<std::pair<size_t, uint64_t>, door> doors;
  std::priority_queue<event, std::vector<event>, std::greater<>> events;

  std::chrono::nanoseconds latency() {
    const auto most = std::chrono::nanoseconds{latency_max}.count();
    return std::chrono::nanoseconds{
        most ? static_cast<int64_t>(random() % static_cast<uint64_t>(most)) : 0};
  }

  void knock(const event& e) {
    for (size_t i = 0; i < rules.size(); ++i) {
      const auto owner = rules[i].scope == counter_scope::app ? 0 : e.key.account;
      doors.try_emplace({i, owner}, rules[i]).first->second.arrive(e.cost, e.at);
    }
  }

  /// Sends what may go; yields when to try again.
  std::optional<steady_time> send_all(steady_time now) {
    std::optional<steady_time> next;
    for (uint64_t account = 0; account < accounts; ++account) {
      const quota_key key{account, account, 0};
      while (true) {
        const auto cost = 1 + static_cast<unsigned>(random() % cost_max);
        const auto decision = ledger.take(key, cost, now);
        if (decision.grant == 0) {
          if (decision.retry_due)
            next = next ? std::min(*next, *decision.retry_due) : decision.retry_due;
          break;
        }
        if (random() % 50 == 0) {
          ledger.not_sent(decision.grant, now);
          continue;
        }
        const auto arrives_at = now + latency();
        events.push({arrives_at, true, decision.grant, cost, key});
        events.push({arrives_at + latency(), false, decision.grant, cost, key});
      }
    }
    return next;
  }

  void run(std::chrono::nanoseconds length) {
    auto now = start;
    while (now < start + length) {
      const auto next = send_all(now);
      ASSERT_TRUE(next || !events.empty()) << "work waits for nothing";
      now = next ? std::max(*next, now) : now;
      if (!events.empty() && (!next || events.top().at <= *next))
        now = events.top().at;
      while (!events.empty() && events.top().at <= now) {
        const auto e = events.top();
        events.pop();
        if (e.arrives)
          knock(e);
        else
          ledger.answered(e.grant, e.at);
      }
    }
  }
};

quota_window app(unsigned limit, milliseconds span) {
  return {"APP", limit, span, counter_scope::app, "*"};
}
quota_window account(unsigned limit, milliseconds span) {
  return {"ACCOUNT", limit, span, counter_scope::account, ""};
}

} // namespace

TEST(QuotaDoor, IsNeverExceededWhateverTheLatency) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random{static_cast<uint32_t>(seed)};
    const auto pick = [&](unsigned from, unsigned below) {
      return from + static_cast<unsigned>(random() % (below - from));
    };
    const auto app_rule = app(pick(20, 220), milliseconds{pick(200, 3200)});
    const auto account_rule = account(pick(5, 65), milliseconds{pick(100, 2100)});
    world w{{app_rule, account_rule}, seed, milliseconds{pick(0, 4000)}};
    w.cost_max = pick(1, 6);
    w.accounts = pick(1, 5);
    w.run(20s);
    for (const auto& [which, door] : w.doors)
      ASSERT_LE(door.peak(), w.rules[which.first].limit) << "seed " << seed;
  }
}

TEST(QuotaDoor, IsNeverExceededWhereTheLogIsCompressed) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    const auto limit = 2000 + static_cast<unsigned>(seed) * 700;
    world w{{account(limit, 1s)}, seed, milliseconds{seed * 40}};
    w.run(5s);
    EXPECT_LE(w.doors.begin()->second.peak(), limit) << "seed " << seed;
  }
}

TEST(QuotaDoor, IsUsedAlmostWhollyWhileWorkWaitsAndAnswersAreQuick) {
  for (const auto& rule : {account(110, 10s), account(5, 1s), account(10'000, 10s)}) {
    world w{{rule}, 1};
    w.run(rule.span * 10 - 1ns);
    const auto& door = w.doors.begin()->second;
    EXPECT_LE(door.peak(), rule.limit);
    EXPECT_GT(door.total(), uint64_t{rule.limit} * 10 * 95 / 100);
  }
}
