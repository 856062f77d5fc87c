#include "actors/program/simulate/simulation.hpp"

#include "actors/program/simulate/people.hpp"

#include <signal.h>

namespace nexte::program {
namespace {

using namespace std::chrono_literals;

/// Two cycles of 5 minutes, the longest wait of the supervisor (30 minutes) and of a provider.
constexpr auto heals_within = 60min;
/// Three cycles, and the search index's lag.
constexpr auto silent_for = 16min;
constexpr unsigned spare_accounts = 2;

} // namespace

simulation_report run_simulation(const simulation_options& options) {
  const auto before = ::signal(SIGXFSZ, SIG_IGN);
  fault_draw faults{options.seed, options.faults};
  trace told{options.trace_lines};
  ruling rules;
  simulation_report report;
  {
    world_options made;
    made.seed = options.seed;
    made.accounts = options.workspaces + spare_accounts;
    made.records = options.records;
    made.folder = options.folder;
    simulated_world world{made, faults, told, rules};
    watch sees{world, rules};
    people who{world, faults, sees, options.seed + 3, options.workspaces};
    const auto run = [&](milliseconds until) {
      while (!rules.first() && world.step(until))
        if (world.is_running())
          sees.follow();
    };
    world.boot();
    who.begin();
    run(std::chrono::hours{options.hours});
    if (!rules.first())
      who.rest();
    run(world.elapsed() + heals_within);
    if (!rules.first())
      sees.compare();
    const auto last = std::pair{sees.last_change(), sees.writes_seen()};
    run(world.elapsed() + silent_for);
    if (!rules.first() && std::pair{sees.last_change(), sees.writes_seen()} != last)
      rules.broken(invariant::falls_silent,
                   "something was written although nobody changed anything");
    report.calls = world.net().calls;
    report.steps = world.steps;
    report.simulated = world.elapsed();
  }
  ::signal(SIGXFSZ, before);
  report.digest = told.digest();
  report.events = told.events();
  report.struck = faults.struck();
  report.trace = told.lines();
  report.broken = rules.first();
  return report;
}

} // namespace nexte::program
