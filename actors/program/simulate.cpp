#include "actors/program/simulate.hpp"

#include "actors/program/cli.hpp"
#include "actors/program/scratch_folder.hpp"
#include "actors/program/simulate/simulation.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <thread>

namespace nexte::program {
namespace {

constexpr size_t lines_shown = 40;
constexpr size_t lines_kept = 20'000;

/// What a run of seeds adds up to. Plain data: it crosses a pipe.
struct tally {
  uint64_t seeds = 0;
  uint64_t broken = 0;
  uint64_t events = 0;
  uint64_t steps = 0;
  uint64_t calls = 0;
  int64_t simulated_ms = 0;
  std::array<uint64_t, fault_site_count> struck{};

  void add(const tally& other) {
    seeds += other.seeds;
    broken += other.broken;
    events += other.events;
    steps += other.steps;
    calls += other.calls;
    simulated_ms += other.simulated_ms;
    for (size_t at = 0; at < struck.size(); ++at)
      struck[at] += other.struck[at];
  }
};

simulation_report run_once(const simulation_options& options) {
  auto folder = scratch_folder::make_in_memory(); // each commit waits for the disk
  if (!folder) {
    simulation_report none;
    none.broken = broken_rule{std::string{invariant::starts_again}, folder.failure().line(), {}};
    return none;
  }
  auto with = options;
  with.folder = folder->path();
  return run_simulation(with);
}

std::string replay(const simulation_options& options) {
  return "nexte-sync simulate --seed " + std::to_string(options.seed) + " --workspaces "
         + std::to_string(options.workspaces) + " --hours " + std::to_string(options.hours)
         + " --faults " + options.faults.text();
}

/// Leaves out faults, then hours and workspaces, for as long as the same rule breaks.
simulation_options shrink(simulation_options options, const simulation_report& found) {
  const auto still = [&](const simulation_options& less) {
    const auto report = run_once(less);
    return report.broken && report.broken->invariant == found.broken->invariant;
  };
  options.trace_lines = 0;
  for (size_t at = 0; at < fault_site_count; ++at) {
    auto less = options;
    const auto site = static_cast<fault_site>(at);
    less.faults = less.faults.pinned(options.seed);
    if (!less.faults.has(site))
      continue;
    less.faults.drop(site);
    if (still(less))
      options = less;
  }
  for (auto less = options; less.hours > 1;) {
    less.hours /= 2;
    if (!still(less))
      break;
    options = less;
  }
  for (auto less = options; less.workspaces > 1;) {
    less.workspaces /= 2;
    if (!still(less))
      break;
    options = less;
  }
  return options;
}

void tell_broken(const simulation_options& options, const simulation_report& report) {
  std::printf("seed %llu breaks %s: %s\n", static_cast<unsigned long long>(options.seed),
              report.broken->invariant.c_str(), report.broken->says.c_str());
  std::vector<std::string> shown;
  for (const auto& line : report.trace)
    if ((report.broken->who.empty() || line.find(report.broken->who + " ") != line.npos
         || line.find("engine") != line.npos)
        && !line.ends_with(" changes"))
      shown.push_back(line);
  const auto first = shown.size() > lines_shown ? shown.size() - lines_shown : 0;
  for (size_t at = first; at < shown.size(); ++at)
    std::printf("  %s\n", shown[at].c_str());
  const auto small = shrink(options, report);
  std::printf("run it again:\n  %s\nwith less:\n  %s\n", replay(options).c_str(),
              replay(small).c_str());
  std::fflush(stdout);
}

/// Whether `options` run again tell what they told in `report`; says so if not.
bool tells_the_same(simulation_options options, const simulation_report& report) {
  options.trace_lines = 0;
  const auto again = run_once(options);
  if (again.digest == report.digest)
    return true;
  std::printf("seed %llu tells %s when it is run again\n",
              static_cast<unsigned long long>(options.seed), again.digest.c_str());
  return false;
}

tally run_seeds(const simulate_options& asked, const fault_mix& faults, unsigned share,
                unsigned shares) {
  tally sum;
  for (auto seed = asked.first_seed + share; seed <= asked.last_seed; seed += shares) {
    simulation_options options;
    options.seed = seed;
    options.workspaces = asked.workspaces;
    options.hours = asked.hours;
    options.faults = faults;
    options.trace_lines = asked.trace_file.empty() ? lines_kept : ~size_t{0};
    const auto report = run_once(options);
    std::printf("seed %llu  %s  %llu events\n", static_cast<unsigned long long>(seed),
                report.digest.c_str(), static_cast<unsigned long long>(report.events));
    if (!asked.trace_file.empty()) {
      std::ofstream out{asked.trace_file};
      for (const auto& line : report.trace)
        out << line << '\n';
    }
    if (report.broken)
      tell_broken(options, report);
    const bool differs = asked.twice && !tells_the_same(options, report);
    std::fflush(stdout);
    sum.add({1, report.broken || differs ? 1u : 0u, report.events, report.steps, report.calls,
             report.simulated.count(), report.struck});
  }
  return sum;
}

/// A process for each share of the seeds; what they print comes as they run.
result<tally> run_shares(const simulate_options& asked, const fault_mix& faults, unsigned shares) {
  std::vector<std::pair<pid_t, int>> children;
  std::fflush(stdout);
  for (unsigned share = 0; share < shares; ++share) {
    int ends[2];
    if (::pipe(ends) != 0)
      return error{ec::storage, "no pipe can be made", "close some programs"};
    const auto child = ::fork();
    if (child == 0) {
      const auto sum = run_seeds(asked, faults, share, shares);
      const bool told = ::write(ends[1], &sum, sizeof sum) == sizeof sum;
      std::fflush(stdout);
      ::_exit(told ? 0 : 1);
    }
    ::close(ends[1]);
    if (child < 0)
      return error{ec::storage, "no process can be started", "close some programs"};
    children.emplace_back(child, ends[0]);
  }
  tally sum;
  bool whole = true;
  for (const auto& [child, end] : children) {
    tally part;
    whole = ::read(end, &part, sizeof part) == sizeof part && whole;
    ::close(end);
    int status = 0;
    ::waitpid(child, &status, 0);
    sum.add(part);
  }
  if (!whole)
    return error{ec::bug, "a simulating process died", "run its seeds one by one with --seed"};
  return sum;
}

void tell_sum(const tally& sum, const simulate_options& asked, double seconds) {
  std::printf("\n%-18s %10s  %s\n", "fault", "struck", "what it does");
  for (size_t at = 0; at < fault_site_count; ++at)
    std::printf("%-18s %10llu  %s\n", fault_sites()[at].name.data(),
                static_cast<unsigned long long>(sum.struck[at]), fault_sites()[at].does.data());
  const auto hours = static_cast<double>(sum.simulated_ms) / 3.6e6;
  std::printf(
      "\n%llu seeds of %u workspaces: %.0f simulated hours in %.1f s, %.0f times real time; "
      "%llu calls, %.0f messages/s\n%llu broke a rule\n",
      static_cast<unsigned long long>(sum.seeds), asked.workspaces, hours, seconds,
      hours * 3600 / seconds, static_cast<unsigned long long>(sum.calls),
      static_cast<double>(sum.steps) / seconds, static_cast<unsigned long long>(sum.broken));
}

} // namespace

int run_simulate(const simulate_options& asked) {
  const auto faults = fault_mix::parse(asked.faults);
  if (!faults) {
    std::fprintf(stderr, "nexte-sync: %s\n", faults.failure().line().c_str());
    return exit_usage;
  }
  const auto seeds = asked.last_seed - asked.first_seed + 1;
  const auto cores
      = asked.jobs > 0 ? asked.jobs : std::max(std::thread::hardware_concurrency(), 1u);
  const auto shares = static_cast<unsigned>(std::min<uint64_t>(seeds, cores));
  const auto began = std::chrono::steady_clock::now();
  const auto sum = shares > 1 ? run_shares(asked, *faults, shares)
                              : result<tally>{run_seeds(asked, *faults, 0, 1)};
  if (!sum) {
    std::fprintf(stderr, "nexte-sync: %s\n", sum.failure().line().c_str());
    return exit_failed;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  tell_sum(*sum, asked, took.count());
  return sum->broken > 0 ? exit_failed : exit_done;
}

} // namespace nexte::program
