// How much memory does an integration take that waits for its next poll?
//
// `engine N` is a whole engine over N integrations that are connected, synced and have an hour to
// wait: token, state, checkpoint, timer. What is counted is anonymous memory (RssAnon) from before
// the start until nothing runs any more, each time in a process of its own; the store's file is
// mapped and not part of it. `bare N` is as many CAF actors with a state of 200 bytes.
// The numbers lie where few integrations share what an engine needs anyhow.
#include "bench/resting_fleet.hpp"
#include "bench/suite.hpp"
#include "protocol/oauth/callback_listener.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace fs = std::filesystem;
using namespace nexte;
using namespace nexte::bench;
using namespace std::chrono_literals;

namespace {

constexpr auto quiet_look = 200ms;
constexpr double quiet_cpu_max = 0.02; // seconds of CPU in one look: nothing runs
constexpr int quiet_looks_max = 600;
constexpr size_t bare_state_bytes = 200;

void wait_until_quiet() {
  for (int look = 0; look < quiet_looks_max; ++look) {
    const double before = cpu_seconds();
    std::this_thread::sleep_for(quiet_look);
    if (cpu_seconds() - before < quiet_cpu_max)
      return;
  }
  throw std::runtime_error("the engine does not come to rest");
}

figures per_integration(double before, unsigned integrations) {
  return {{"bytes each", (anonymous_bytes() - before) / integrations}};
}

figures run_engine(const fs::path& folder, const resting_fleet& fleet) {
  const double before = anonymous_bytes();
  const auto net = std::make_shared<quiet_provider>();
  const auto running
      = must(engine::start(engine_over(folder, fleet), net, oauth::make_loopback_listeners()));
  const auto last = must(wait_for<integration_status>(
      [&](auto done) { running->status(id_of(fleet.integrations - 1), done); }));
  if (last.state != "connected")
    throw std::runtime_error("the last integration is " + last.state);
  wait_until_quiet();
  if (net->calls() > fleet.integrations / 2)
    throw std::runtime_error("the fleet did not rest");
  return per_integration(before, fleet.integrations);
}

struct bare_state {
  std::array<char, bare_state_bytes> bytes{};
};

figures run_bare(unsigned actors) {
  const double before = anonymous_bytes();
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::vector<caf::actor> alive;
  alive.reserve(actors);
  for (unsigned i = 0; i < actors; ++i)
    alive.push_back(system.spawn([](caf::stateful_actor<bare_state>* self) -> caf::behavior {
      self->state.bytes.fill('x');
      return {[](int) {}};
    }));
  wait_until_quiet();
  auto measured = per_integration(before, actors);
  for (const auto& one : alive)
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  return measured;
}

void add_size(benchmark& to, unsigned integrations) {
  resting_fleet fleet;
  fleet.integrations = integrations;
  const auto size = " " + readable(integrations);
  to.ways.push_back(
      {"bare" + size, "",
       [=](const auto&) { return in_process_of_its_own([=] { return run_bare(integrations); }); },
       "bare actor", double(integrations)});
  // Written once, by the first run, and read by all.
  to.ways.push_back(
      {"engine" + size, "",
       [fleet, disk = std::shared_ptr<fleet_on_disk>{}](const fs::path& folder) mutable {
         if (!disk)
           disk = std::make_shared<fleet_on_disk>(folder, fleet);
         return in_process_of_its_own([&] { return run_engine(disk->folder(), fleet); });
       },
       "engine", double(integrations)});
  to.comparisons.push_back({"bytes each", "engine" + size, "bare" + size});
  to.comparisons.push_back({"bytes each", "engine" + size, {}, aim_bound::at_most, 2'000});
}

benchmark make(bool quick) {
  benchmark made;
  made.name = "idle";
  made.question = "How much memory does an integration take that waits for its next poll?";
  for (const unsigned size : quick ? std::vector<unsigned>{1'000}
                                   : std::vector<unsigned>{1'000, 10'000, 100'000, 600'000})
    add_size(made, size);
  made.charts = {{"bytes each", "integrations"}};
  return made;
}

} // namespace

int main(int argc, char** argv) {
  return run_benchmark(argc, argv, make);
}
