// How long after a kill does the first scheduled poll go out?
//
// `engine N` starts over the rows of N integrations that a killed process left, with a poll due
// at every moment of the five minutes, and stops the watch at the first request. `bare N` reads the
// same rows with their tokens and checkpoints and spawns a bare actor for each. The numbers lie
// where the file is not in the page cache: after a reboot the disk decides.
#include "bench/resting_fleet.hpp"
#include "bench/suite.hpp"
#include "protocol/oauth/callback_listener.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <future>
#include <stdexcept>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace nexte;
using namespace nexte::bench;

namespace {

using clock_type = std::chrono::steady_clock;
constexpr std::chrono::minutes first_poll_max{3};

figures seconds_since(clock_type::time_point begun) {
  const std::chrono::duration<double> took = clock_type::now() - begun;
  return {{"seconds", took.count()}};
}

figures run_engine(const fs::path& folder, const resting_fleet& fleet) {
  const auto begun = clock_type::now();
  std::promise<void> polled;
  std::atomic<bool> heard = false;
  const auto net = std::make_shared<quiet_provider>([&](unsigned) {
    if (!heard.exchange(true))
      polled.set_value();
  });
  const auto running
      = must(engine::start(engine_over(folder, fleet), net, oauth::make_loopback_listeners()));
  if (polled.get_future().wait_for(first_poll_max) != std::future_status::ready)
    throw std::runtime_error("no poll went out");
  return seconds_since(begun);
}

figures run_bare(const fs::path& folder, const resting_fleet& fleet) {
  const auto begun = clock_type::now();
  const auto settings = engine_over(folder, fleet);
  store_options where;
  where.directory = settings.data_dir;
  const auto data = must(store::open(std::move(where), settings.master_key));
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::vector<caf::actor> alive;
  for (const auto& row : must(data->integrations())) {
    if (!must(data->tokens(row.id)) || !must(data->stream(row.id, fleet_stream)).checkpoint)
      throw std::runtime_error("a row is missing");
    alive.push_back(system.spawn([] { return caf::behavior{[](int) {}}; }));
  }
  auto measured = seconds_since(begun);
  for (const auto& one : alive)
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  return measured;
}

void add_size(benchmark& to, unsigned integrations,
              const std::shared_ptr<std::shared_ptr<fleet_on_disk>>& disk) {
  resting_fleet fleet;
  fleet.integrations = integrations;
  fleet.mode = "real_time";
  const auto on_rows = [=](auto measure) { // written once, by the first run, and read by all
    return [=](const fs::path& folder) {
      if (!*disk)
        *disk = std::make_shared<fleet_on_disk>(folder, fleet);
      return in_process_of_its_own([&] { return measure((*disk)->folder(), fleet); });
    };
  };
  const auto size = " " + readable(integrations);
  to.ways.push_back({"bare" + size, "", on_rows(run_bare), "bare loop", double(integrations)});
  to.ways.push_back({"engine" + size, "", on_rows(run_engine), "engine", double(integrations)});
  to.comparisons.push_back({"seconds", "engine" + size, "bare" + size, aim_bound::at_most, 1.5});
}

benchmark make(bool quick) {
  benchmark made;
  made.name = "restart";
  made.question = "How long after a kill does the first scheduled poll go out?";
  const auto sizes
      = quick ? std::vector<unsigned>{10'000} : std::vector<unsigned>{10'000, 100'000, 600'000};
  for (const unsigned size : sizes)
    add_size(made, size, std::make_shared<std::shared_ptr<fleet_on_disk>>());
  if (!quick)
    made.comparisons.push_back({"seconds", "engine " + readable(sizes.back()),
                                "engine " + readable(sizes[1]), aim_bound::at_most, 1.05, true});
  made.charts = {{"seconds", "integrations"}};
  return made;
}

} // namespace

int main(int argc, char** argv) {
  return run_benchmark(argc, argv, make);
}
