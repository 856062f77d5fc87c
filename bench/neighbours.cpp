// How much do integrations that are broken for good slow the healthy ones beside them?
//
// One in five crashes at every call, never hears an answer, is refused by 401 for ever, or is
// answered at one byte a second. A cycle runs from when a poll is due to when its end is durable;
// the figure is what 99 in 100 of the healthy ones' cycles keep to, beside that of a run without
// the broken ones in the same turn. It lies where the machine is so busy that cycles of both runs
// wait for the CPU above all; the road's latency, 20 to 220 ms a call, is meant to be most of one.
#include "bench/measure.hpp"
#include "bench/troubled_fleet.hpp"
#include "protocol/json/writer.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace fs = std::filesystem;
using namespace nexte;
using namespace nexte::bench;

namespace {

struct run_figures {
  double median_ms = 0;
  double p99_ms = 0;
  size_t cycles = 0;
};

run_figures run_once(fleet_options options, const fs::path& data) {
  std::string pattern = data / "neighbours-XXXXXX";
  if (!mkdtemp(pattern.data()))
    throw std::runtime_error("cannot make a folder in " + data.string());
  options.directory = pattern;
  auto cycles = run_fleet(options);
  fs::remove_all(pattern);
  std::ranges::sort(cycles);
  return {static_cast<double>(cycles[cycles.size() / 2].count()),
          static_cast<double>(cycles[cycles.size() * 99 / 100].count()), cycles.size()};
}

void print(const char* name, const std::vector<run_figures>& runs) {
  std::vector<double> medians;
  std::vector<double> p99s;
  for (const auto& run : runs) {
    medians.push_back(run.median_ms);
    p99s.push_back(run.p99_ms);
  }
  const auto median = spread_of(std::move(medians));
  const auto p99 = spread_of(std::move(p99s));
  std::printf("%-14s %8.0f / %6.0f / %6.0f   %8.0f / %6.0f / %6.0f\n", name, median.min,
              median.median, median.max, p99.min, p99.median, p99.max);
}

void write_runs(json::writer& out, std::string_view name, const std::vector<run_figures>& runs) {
  out.key(name).begin_array();
  for (const auto& run : runs) {
    out.begin_object();
    out.key("median_ms").value(run.median_ms).key("p99_ms").value(run.p99_ms);
    out.end_object();
  }
  out.end_array();
}

void run_all(fleet_options options, unsigned runs, const fs::path& json_file) {
  const fs::path data = json_file.has_parent_path() ? json_file.parent_path() : fs::path{"."};
  std::vector<run_figures> healthy;
  std::vector<run_figures> beside;
  std::vector<double> ratios;
  for (unsigned run = 0; run <= runs; ++run) { // the first warms up, where there are several
    std::vector<run_figures> turn;
    for (const bool with_broken : {false, true}) {
      options.with_broken = with_broken;
      turn.push_back(run_once(options, data));
    }
    if (run == 0 && runs > 1)
      continue;
    healthy.push_back(turn[0]);
    beside.push_back(turn[1]);
    ratios.push_back(turn[1].p99_ms / turn[0].p99_ms);
    if (runs == 1)
      break;
  }
  std::printf("%-14s %u, one in five broken in the second way\n", "integrations",
              options.integrations);
  std::printf("%-14s every %lld s for %lld s, %zu cycles a run\n", "polls",
              static_cast<long long>(options.poll_every.count()),
              static_cast<long long>(options.lasts.count()), healthy.back().cycles);
  std::printf("%-14s %zu\n\n%-14s %26s   %26s\n", "runs", healthy.size(), "cycle, ms",
              "median (min/median/max)", "p99 (min/median/max)");
  print("healthy alone", healthy);
  print("beside broken", beside);
  const auto ratio = spread_of(ratios);
  std::printf("\np99 beside broken / alone, within a turn: %.2f / %.2f / %.2f\n", ratio.min,
              ratio.median, ratio.max);
  if (json_file.empty())
    return;
  json::writer out;
  out.begin_object();
  out.key("benchmark").value("neighbours");
  out.key("integrations").value(uint64_t{options.integrations});
  write_runs(out, "healthy_alone", healthy);
  write_runs(out, "beside_broken", beside);
  out.end_object();
  if (!(std::ofstream{json_file} << out.take() << '\n' << std::flush))
    throw std::runtime_error("cannot write " + json_file.string());
}

} // namespace

int main(int argc, char** argv) {
  fleet_options options;
  options.integrations = 2000;
  options.poll_every = seconds{5};
  options.lasts = seconds{15};
  unsigned runs = 5;
  bool quick = false;
  fs::path json_file;
  CLI::App app{"Healthy integrations beside broken ones."};
  app.add_option("--integrations", options.integrations, "How many")->check(CLI::Range(50, 10'000));
  app.add_option("--runs", runs, "Runs of each way")->check(CLI::Range(1, 100));
  app.add_flag("--quick", quick, "200 integrations, one run: proves that it runs, says little");
  app.add_option("--json", json_file,
                 "Where to write the result; the data of a run lies beside it");
  CLI11_PARSE(app, argc, argv);
  if (quick) {
    options.integrations = 200;
    options.poll_every = seconds{1};
    options.lasts = seconds{2};
    runs = 1;
  }
  try {
    run_all(options, runs, json_file);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_neighbours: %s\n", failure.what());
    return 1;
  }
}
