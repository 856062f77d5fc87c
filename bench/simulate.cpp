// How fast does the whole engine run in simulated time?
//
// `engine N` is what `nexte-sync simulate --faults none` runs: the engine of production with N
// workspaces, the simulated providers and people, and every rule checked, in one thread. `timers N`
// is CAF's testing scheduler with N actors that are woken by a message every five simulated minutes
// and do nothing: what no simulation of as many polls could be faster than.
// The data lies on a RAM disk, as that of simulations does: simulated commits sync like real ones.
#include "actors/program/simulate/simulation.hpp"
#include "bench/suite.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <stdexcept>

using namespace nexte;
using namespace nexte::bench;

namespace {

using clock_type = std::chrono::steady_clock;
constexpr std::chrono::minutes poll_every{5};
constexpr const char* ram_disk = "/dev/shm";

figures speed(std::chrono::duration<double> simulated, clock_type::time_point begun,
              unsigned integrations) {
  const std::chrono::duration<double> took = clock_type::now() - begun;
  const double times = simulated / took;
  return {{"x real time", times},
          {"polls/s", times * integrations / std::chrono::duration<double>{poll_every}.count()}};
}

figures run_engine(unsigned workspaces, unsigned hours) {
  const run_folder folder{ram_disk, "simulate"};
  program::simulation_options options;
  options.workspaces = workspaces;
  options.hours = hours;
  options.faults = *program::fault_mix::parse("none");
  options.folder = folder.path();
  const auto begun = clock_type::now();
  const auto report = program::run_simulation(options);
  if (report.broken)
    throw std::runtime_error("the simulation broke a rule");
  return speed(report.simulated, begun, workspaces);
}

figures run_timers(unsigned actors, unsigned hours) {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("testing"));
  caf::actor_system system{config};
  auto& sched = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  std::vector<caf::actor> alive;
  for (unsigned i = 0; i < actors; ++i)
    alive.push_back(system.spawn([](caf::event_based_actor* self) -> caf::behavior {
      self->delayed_send(self, poll_every, 1);
      return {[self](int) { self->delayed_send(self, poll_every, 1); }};
    }));
  sched.run();
  const auto begun = clock_type::now();
  const auto ends = sched.clock().now() + std::chrono::hours{hours};
  while (sched.clock().now() < ends) {
    sched.clock().trigger_timeout();
    sched.run();
  }
  auto measured = speed(std::chrono::hours{hours}, begun, actors);
  for (const auto& one : alive)
    caf::anon_send_exit(one, caf::exit_reason::kill);
  sched.run();
  sched.clock().cancel_all();
  return measured;
}

benchmark make(bool quick) {
  benchmark made;
  made.name = "simulate";
  made.question = "How fast does the whole engine run in simulated time?";
  const std::vector<std::pair<unsigned, unsigned>> sizes // workspaces, hours
      = quick ? std::vector<std::pair<unsigned, unsigned>>{{20, 1}}
              : std::vector<std::pair<unsigned, unsigned>>{{20, 24}, {200, 6}, {1'000, 2}};
  for (const auto& [workspaces, hours] : sizes) {
    const auto size = " " + readable(workspaces);
    made.ways.push_back({"timers" + size, "",
                         [workspaces, hours](const auto&) { return run_timers(workspaces, hours); },
                         "timers alone", double(workspaces)});
    made.ways.push_back({"engine" + size, "",
                         [workspaces, hours](const auto&) { return run_engine(workspaces, hours); },
                         "engine", double(workspaces)});
    made.comparisons.push_back({"polls/s", "engine" + size, {}, aim_bound::at_least, 60'000});
    made.comparisons.push_back({"polls/s", "engine" + size, "timers" + size});
  }
  made.charts = {{"polls/s", "workspaces"}};
  return made;
}

} // namespace

int main(int argc, char** argv) {
  return run_benchmark(argc, argv, make);
}
