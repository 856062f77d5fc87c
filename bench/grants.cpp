// How fast does one limiter hand out quota, and how fairly?
//
// `limiter N`: N actors ask one limiter, are granted, report the answer and ask again, on as many
// threads as there are cores. `ledger N` makes the same decisions in a loop without actors, `fifo
// N` is an actor that grants whatever comes, in order. Quota is out of reach in all three: what
// counts is the cost of deciding. A wait runs from asking to being granted; with N waiters that all
// ask at once it is about N divided by the rate. The other ways share a small quota among tenants
// that always want more, in time that a loop turns.
#include "actors/rate_limiter.hpp"
#include "actors/timers.hpp"
#include "bench/spread.hpp"
#include "bench/suite.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <map>
#include <stdexcept>

using namespace nexte;
using namespace nexte::bench;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

constexpr unsigned out_of_reach = 1'000'000'000;

steady_time clock_now() {
  return std::chrono::time_point_cast<steady_time::duration>(clock_type::now());
}

workspace_id workspace_of(uint64_t number) {
  return *workspace_id::parse("workspace-" + std::to_string(number));
}

figures rate_and_waits(uint64_t grants, std::chrono::duration<double> took,
                       std::vector<double>& waits_ms) {
  return {{"grants/s", static_cast<double>(grants) / took.count()},
          {"wait p50, ms", percentile(waits_ms, 0.5)},
          {"wait p99, ms", percentile(waits_ms, 0.99)}};
}

// ---- actors
// --------------------------------------------------------------------------------------

/// What the waiters of one run share.
struct round_trip {
  uint64_t grants_wanted = 0;
  std::atomic<uint64_t> granted = 0;
  std::atomic<uint64_t> waiters_left = 0;
  std::promise<void> ended;
  std::vector<std::vector<double>> waits_ms; ///< Of each waiter.
};

/// Asks, is granted, reports, asks again, until the round has all its grants.
template <class Limiter, bool Reports>
struct waiter_state {
  explicit waiter_state(spender_actor::pointer own) : self(own) {}

  void ask() {
    quota_request asked;
    asked.integration = integration_id{number + 1};
    asked.ticket = 1;
    asked.workspace = workspace;
    asked.account = account;
    asked.who = weak(self);
    asked_at = clock_type::now();
    caf::anon_send(limiter, std::move(asked));
  }
  void on_granted() {
    const std::chrono::duration<double, std::milli> waited = clock_type::now() - asked_at;
    round->waits_ms[number].push_back(waited.count());
    if constexpr (Reports) {
      caf::anon_send(limiter, quota_sent{integration_id{number + 1}, 1});
      caf::anon_send(limiter, quota_report{integration_id{number + 1}, 1, {}});
    }
    if (++round->granted < round->grants_wanted)
      return ask();
    limiter = nullptr;
    if (--round->waiters_left == 0)
      round->ended.set_value();
    self->quit();
  }
  spender_actor::behavior_type make_behavior() {
    return {[this](const quota_granted&) { on_granted(); }, [](const quota_waits&) {}};
  }

  spender_actor::pointer self;
  size_t number = 0;
  workspace_id workspace = workspace_of(0);
  std::string account;
  Limiter limiter;
  std::shared_ptr<round_trip> round;
  clock_type::time_point asked_at;
};

template <class Limiter, bool Reports>
figures run_waiters(caf::actor_system& system, const Limiter& limiter, unsigned waiters,
                    uint64_t grants) {
  using state = waiter_state<Limiter, Reports>;
  auto round = std::make_shared<round_trip>();
  round->grants_wanted = grants;
  round->waiters_left = waiters;
  round->waits_ms.resize(waiters);
  const auto behave = [&](typename spender_actor::template stateful_pointer<state> self,
                          size_t number) -> spender_actor::behavior_type {
    auto& own = state_of(self);
    own.number = number;
    own.workspace = workspace_of(number);
    own.account = std::to_string(number);
    own.limiter = limiter;
    own.round = round;
    own.ask();
    return own.make_behavior();
  };
  auto ended = round->ended.get_future();
  const auto begun = clock_type::now();
  std::vector<spender_actor> alive; // an actor that is only known weakly is destroyed
  for (size_t number = 0; number < waiters; ++number)
    alive.push_back(system.spawn(behave, number));
  ended.wait();
  const std::chrono::duration<double> took = clock_type::now() - begun;
  std::vector<double> waits_ms;
  for (const auto& of_one : round->waits_ms)
    waits_ms.insert(waits_ms.end(), of_one.begin(), of_one.end());
  return rate_and_waits(round->granted, took, waits_ms);
}

figures run_limiter(unsigned waiters, uint64_t grants) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  auto ports = std::make_shared<engine_ports>();
  ports->steady_now = clock_now;
  ports->log = [](std::string_view) {};
  rate_limiter_deps deps;
  deps.ports = ports;
  deps.timers = system.spawn(timers, ports);
  deps.windows = {{"NONE", out_of_reach, 10s, counter_scope::account, "*", quota_unit::request}};
  deps.spent_percent = 0;
  const auto clock = deps.timers;
  const auto limiter = system.spawn(rate_limiter, std::move(deps));
  auto measured = run_waiters<rate_limiter_actor, true>(system, limiter, waiters, grants);
  caf::anon_send_exit(limiter, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(clock, caf::exit_reason::user_shutdown);
  return measured;
}

using fifo_actor = caf::typed_actor<rpc<void, quota_request>>;

figures run_fifo(unsigned waiters, uint64_t grants) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  const auto fifo = system.spawn([](fifo_actor::pointer self) -> fifo_actor::behavior_type {
    return {[self](const quota_request& asked) {
      quota_granted fact;
      fact.ticket = asked.ticket;
      if (const auto alive = caf::actor_cast<caf::strong_actor_ptr>(asked.who))
        self->send(caf::actor_cast<spender_actor>(alive), fact);
    }};
  });
  auto measured = run_waiters<fifo_actor, false>(system, fifo, waiters, grants);
  caf::anon_send_exit(fifo, caf::exit_reason::user_shutdown);
  return measured;
}

// ---- loops
// ---------------------------------------------------------------------------------------

waiting_request request_of(const quota_ledger& ledger, uint64_t number) {
  waiting_request asked{workspace_of(number), integration_id{number + 1}, {}};
  asked.key = {number + 1, 0, ledger.endpoint("")};
  return asked;
}

/// As the limiter does it: everybody waits, who was granted reports and waits again.
figures run_ledger(unsigned waiters, uint64_t grants) {
  quota_ledger ledger{
      {{"NONE", out_of_reach, 10s, counter_scope::account, "*", quota_unit::request}},
      {},
      clock_now(),
      0};
  fair_queue queue;
  std::vector<waiting_request> requests;
  for (uint64_t number = 0; number < waiters; ++number)
    requests.push_back(request_of(ledger, number));
  std::map<waiting_id, size_t> waiting;
  std::vector<clock_type::time_point> asked_at(waiters);
  std::vector<double> waits_ms;
  const auto ask = [&](size_t number) {
    asked_at[number] = clock_type::now();
    waiting[queue.push(requests[number])] = number;
  };
  const auto begun = clock_type::now();
  for (size_t number = 0; number < waiters; ++number)
    ask(number);
  uint64_t granted = 0;
  while (granted < grants)
    for (const auto& grant : queue.pop_ready(ledger, clock_now())) {
      const auto of = waiting.extract(grant.waiting).mapped();
      const std::chrono::duration<double, std::milli> waited = clock_type::now() - asked_at[of];
      waits_ms.push_back(waited.count());
      ledger.answered(grant.grant, clock_now());
      ++granted;
      ask(of);
    }
  return rate_and_waits(granted, clock_type::now() - begun, waits_ms);
}

/// Tenants that always have so many requests waiting at a quota of the app, for a turned hour.
/// Tenant 0 has `heavy` times as many as the others.
figures run_saturated(unsigned tenants, unsigned heavy) {
  constexpr unsigned a_second = 50;
  constexpr auto lasts = 1h;
  steady_time now{1h};
  quota_ledger ledger{
      {{"SECOND", a_second, 1s, counter_scope::app, "*", quota_unit::request}}, {}, now, 0};
  fair_queue queue;
  struct asked {
    uint64_t tenant;
    steady_time at;
  };
  std::map<waiting_id, asked> waiting;
  const auto ask = [&](uint64_t tenant) {
    waiting[queue.push(request_of(ledger, tenant))] = {tenant, now};
  };
  for (uint64_t tenant = 0; tenant < tenants; ++tenant)
    for (unsigned i = 0; i < (tenant == 0 ? heavy : 1); ++i)
      ask(tenant);
  std::vector<double> served(tenants);
  std::vector<double> light_waits_ms;
  std::deque<steady_time> last_second;
  double exceeded = 0;
  for (const auto end = now + lasts; now < end; now += 5ms)
    for (const auto& grant : queue.pop_ready(ledger, now)) {
      const auto of = waiting.extract(grant.waiting).mapped();
      ++served[of.tenant];
      if (of.tenant != 0)
        light_waits_ms.push_back(std::chrono::duration<double, std::milli>{now - of.at}.count());
      last_second.push_back(now);
      while (now - last_second.front() >= 1s)
        last_second.pop_front();
      exceeded += last_second.size() > a_second;
      ledger.answered(grant.grant, now);
      ask(of.tenant);
    }
  double sum = 0;
  double squares = 0;
  for (const double one : served) {
    sum += one;
    squares += one * one;
  }
  return {{"quota used, %", 100 * sum / (a_second * std::chrono::duration<double>{lasts}.count())},
          {"windows exceeded", exceeded},
          {"Jain's index", sum * sum / (tenants * squares)},
          {"wait p99, ms", percentile(light_waits_ms, 0.99)}};
}

benchmark make(bool quick) {
  const uint64_t grants = quick ? 20'000 : 400'000;
  const unsigned tenants = quick ? 100 : 1'000;
  benchmark made;
  made.name = "grants";
  made.question = "How fast does one limiter hand out quota, and how fairly?";
  made.settings = {{"grants", readable(static_cast<double>(grants)) + " at least"}};
  const std::vector<unsigned> sizes
      = quick ? std::vector<unsigned>{1, 1'000} : std::vector<unsigned>{1, 100, 1'000, 10'000};
  for (const auto waiters : sizes) {
    const auto size = " " + readable(waiters);
    made.ways.push_back({"ledger" + size, "",
                         [=](const auto&) { return run_ledger(waiters, grants); },
                         "ledger in a loop", double(waiters)});
    made.ways.push_back({"fifo" + size, "", [=](const auto&) { return run_fifo(waiters, grants); },
                         "fifo actor", double(waiters)});
    made.ways.push_back({"limiter" + size, "",
                         [=](const auto&) { return run_limiter(waiters, grants); }, "limiter",
                         double(waiters)});
    made.comparisons.push_back({"grants/s", "limiter" + size, "fifo" + size});
    made.comparisons.push_back({"grants/s", "limiter" + size, "ledger" + size});
  }
  const auto largest = "limiter " + readable(sizes.back());
  made.comparisons.push_back({"grants/s", largest, {}, aim_bound::at_least, 1.2e6});
  made.comparisons.push_back({"wait p99, ms", largest, {}});
  made.ways.push_back({"shared", "tenants of one request each at 50 a second, an hour turned",
                       [=](const auto&) { return run_saturated(tenants, 1); }});
  made.ways.push_back({"shared, one heavy", "the same, and one of them wants 100 times as much",
                       [=](const auto&) { return run_saturated(tenants, 100); }});
  made.comparisons.push_back({"quota used, %", "shared", {}, aim_bound::at_least, 99.5});
  made.comparisons.push_back({"windows exceeded", "shared", {}, aim_bound::at_most, 0});
  made.comparisons.push_back({"Jain's index", "shared", {}, aim_bound::at_least, 0.999});
  made.comparisons.push_back(
      {"wait p99, ms", "shared, one heavy", "shared", aim_bound::at_most, 1.2});
  made.charts = {{"grants/s", "waiters"}};
  return made;
}

} // namespace

int main(int argc, char** argv) {
  return run_benchmark(argc, argv, make);
}
