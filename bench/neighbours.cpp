// How much do integrations that are broken for good slow the healthy ones beside them?
//
// One in five crashes at every call, never hears an answer, is refused by 401 for ever, or is
// answered at one byte a second. A cycle runs from when a poll is due to when its end is durable;
// the figure is what 99 in 100 of the healthy ones' cycles keep to, beside that of a run without
// the broken ones in the same turn. It lies where the machine is so busy that cycles of both runs
// wait for the CPU above all; the road's latency, 20 to 220 ms a call, is meant to be most of one.
#include "bench/spread.hpp"
#include "bench/suite.hpp"
#include "bench/troubled_fleet.hpp"

namespace fs = std::filesystem;
using namespace nexte;
using namespace nexte::bench;

namespace {

way fleet(std::string name, std::string what, fleet_options options) {
  return {std::move(name), std::move(what), [options](const fs::path& folder) mutable {
            options.directory = folder;
            std::vector<double> cycles_ms;
            for (const auto cycle : run_fleet(options))
              cycles_ms.push_back(static_cast<double>(cycle.count()));
            return figures{{"cycles", static_cast<double>(cycles_ms.size())},
                           {"cycle p50, ms", percentile(cycles_ms, 0.5)},
                           {"cycle p99, ms", percentile(cycles_ms, 0.99)}};
          }};
}

benchmark make(bool quick) {
  fleet_options options;
  options.integrations = quick ? 200 : 2'000;
  options.poll_every = seconds{quick ? 1 : 5};
  options.lasts = seconds{quick ? 2 : 10};
  auto broken = options;
  broken.with_broken = true;
  benchmark made;
  made.name = "neighbours";
  made.question = "How much do integrations that are broken for good slow the healthy ones?";
  made.settings = {{"integrations", readable(options.integrations)},
                   {"polled every", std::to_string(options.poll_every.count()) + " s"},
                   {"watched for", std::to_string(options.lasts.count()) + " s of each run"}};
  made.ways = {fleet("alone", "the healthy ones without the others", options),
               fleet("beside broken", "the same, and one in five of all is broken", broken)};
  made.comparisons = {{"cycle p99, ms", "beside broken", "alone", aim_bound::at_most, 1.1}};
  return made;
}

} // namespace

int main(int argc, char** argv) {
  return run_benchmark(argc, argv, make);
}
