// No tenant's failure slows another: 2,000 integrations at one provider, one in five of them broken
// for good, beside the same run without these.
//
// A cycle is what a person waits for: from the moment a poll is due to the moment its end is
// durable. Time is virtual, so that only waiting counts (for quota, timers, the writer, restarts);
// what broken ones take of the CPU is `bench/neighbours`' question.
#include "actors/policy/schedule.hpp"
#include "protocol/simulation/seeded_random.hpp"
#include "tests/support/world_view.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <set>
#include <stdexcept>

using namespace nexte;
using namespace nexte::test;

namespace {

constexpr unsigned integrations = 2000;
constexpr unsigned broken_one_in = 5;
constexpr auto cadence_asked = 300s;
constexpr auto day = 16min;            ///< Three polls of each, after the first sync.
constexpr auto client_gives_up = 120s; ///< An answer of one byte a second: the body's time limit.

enum class fate : uint8_t { healthy, crashes, hangs, refused, trickles };

fate fate_of(size_t account) {
  if (account % broken_one_in != 0)
    return fate::healthy;
  constexpr std::array broken{fate::crashes, fate::hangs, fate::refused, fate::trickles};
  return broken[account / broken_one_in % broken.size()];
}

integration_id id_of(size_t account) {
  return integration_id{1 + account};
}

class Neighbours : public virtual_world {
protected:
  Neighbours() {
    options.accounts = integrations;
    options.records = 3;
    options.quota_scale = 100;
    configure = [](engine_options& settings) {
      settings.providers[0].poll_every = cadence_asked;
      settings.providers[0].streams = {"contacts"};
    };
    road = std::make_shared<slow_road>(*this);
    on_settled = [this] { look(); };
  }

  /// Signs in every account, or the healthy ones alone, as a former run would have left it.
  void sign_in(bool broken_too) {
    hubspot();
    store_options where;
    where.directory = data_dir();
    auto opened = store::open(std::move(where), secret{std::string(32, 'k')});
    ASSERT_TRUE(opened) << opened.failure().line();
    std::vector<store_write> writes;
    for (size_t account = 0; account < integrations; ++account) {
      if (!broken_too && fate_of(account) != fate::healthy)
        continue;
      const auto issued = hubspot().issue_tokens(wall_now(), account);
      integration_row row;
      row.id = id_of(account);
      row.workspace = *workspace_id::parse("workspace-" + std::to_string(account));
      row.provider = "hubspot";
      row.account.id = std::to_string(account);
      row.created_at = wall_now();
      row.history.push_back({wall_now(), "connected", "connected", "Signed in."});
      token_set tokens;
      tokens.access_token = secret{issued.access_token};
      tokens.refresh_token = secret{issued.refresh_token};
      tokens.expires_at = wall_now() + issued.expires_in;
      writes.push_back(put_integration{row});
      writes.push_back(put_tokens{row.id, std::move(tokens)});
    }
    ASSERT_TRUE((*opened)->commit(writes, wall_now()));
  }

  /// A road of some length, at whose other end some accounts behave badly.
  class slow_road final : public transport {
  public:
    explicit slow_road(Neighbours& world) : world_(&world) {}
    void call(http_request request, done on_done) override {
      if (request.url.find("/crm/") == std::string::npos)
        return world_->net->call(std::move(request), std::move(on_done));
      world_->travel(std::move(request), std::move(on_done));
    }

  private:
    Neighbours* world_;
  };

  void travel(http_request request, transport::done on_done) {
    const auto bearer = request.headers.get("Authorization").substr(sizeof "Bearer " - 1);
    const auto* token = hubspot().oauth().grants().find_access(bearer);
    ASSERT_TRUE(token);
    const auto account = token->granted.account;
    ++calls_[static_cast<size_t>(fate_of(account))];
    const auto answer_late = [&](milliseconds wait, http_answer answer) {
      after(wait, [on_done, answer = std::move(answer)]() mutable { on_done(std::move(answer)); });
    };
    switch (fate_of(account)) {
      case fate::healthy:
        net->call(std::move(request),
                  [&](http_answer answer) { answer_late(latency(account), std::move(answer)); });
        touched_.insert(account);
        return;
      case fate::crashes: throw std::runtime_error{"a planted defect"};
      case fate::hangs: unanswered_.push_back(std::move(on_done)); return;
      case fate::refused:
        return answer_late(
            latency(account),
            {http_response{401, R"({"status":"error","category":"EXPIRED"})", "application/json"}});
      case fate::trickles:
        return answer_late(client_gives_up, {error{ec::transport, "the answer takes too long"}});
    }
  }
  /// The same for an account, whoever else is there.
  milliseconds latency(size_t account) {
    auto& chance = chances_.try_emplace(account, account + 1).first->second;
    return milliseconds{20 + chance.below(200)};
  }

  /// Notes each cycle that has ended since.
  void look() {
    for (auto at = touched_.begin(); at != touched_.end();) {
      const auto id = id_of(*at);
      const auto row = engine().data().stream(id, "contacts");
      auto& clock = clocks_.try_emplace(*at, cycle_clock{started_, {}}).first->second;
      if (!row || row->synced_at == clock.synced_at) {
        ++at;
        continue;
      }
      clock.synced_at = row->synced_at;
      cycles_.push_back(row->synced_at - clock.due_at);
      clock.due_at = next_poll_at(id, "real_time", cadence_asked, clock.due_at, clock.due_at);
      at = touched_.erase(at);
    }
  }

  /// Runs them all for a while; yields the cycle time that 99 in 100 of the healthy ones keep to.
  milliseconds run(bool broken_too) {
    sign_in(broken_too);
    started_ = wall_now();
    boot();
    advance(day);
    EXPECT_GE(cycles_.size(), 4u * integrations * (broken_one_in - 1) / broken_one_in);
    std::ranges::sort(cycles_);
    const auto p99 = cycles_[cycles_.size() * 99 / 100];
    std::cout << (broken_too ? "one in five broken: " : "all healthy:        ") << cycles_.size()
              << " cycles, median " << cycles_[cycles_.size() / 2].count() << " ms, p99 "
              << p99.count() << " ms, most " << cycles_.back().count() << " ms\n";
    return p99;
  }

  std::array<uint64_t, 5> calls_{}; ///< By fate.

private:
  struct cycle_clock {
    wall_time due_at{};
    wall_time synced_at{};
  };
  wall_time started_{};
  std::vector<milliseconds> cycles_;
  std::set<size_t> touched_; ///< Accounts with a cycle under way.
  std::map<size_t, cycle_clock> clocks_;
  std::map<size_t, simulation::seeded_random> chances_;
  std::vector<transport::done> unanswered_;
};

/// The same world without the broken ones.
class HealthyNeighbours final : public Neighbours {
public:
  ~HealthyNeighbours() override {
    stop();
  }
  using Neighbours::run;

private:
  void TestBody() override {}
};

} // namespace

TEST_F(Neighbours, AreNotSlowedByThoseThatAreBrokenForGood) {
  const auto alone = HealthyNeighbours{}.run(false);
  const auto beside = run(true);
  for (const auto some : {fate::crashes, fate::hangs, fate::refused, fate::trickles})
    EXPECT_GT(calls_[static_cast<size_t>(some)], 0u) << static_cast<int>(some);
  std::cout << "ratio of p99: "
            << static_cast<double>(beside.count()) / static_cast<double>(alone.count()) << "\n";
  EXPECT_LE(beside.count() * 10, alone.count() * 11);
}
