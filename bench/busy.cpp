// How much memory do complete syncs take that all run at once?
//
// N integrations begin their initial sync together, over a road of 50 ms, each of full pages of 50
// KB. What is counted is the most anonymous memory (RssAnon) at any moment above that of the engine
// before the first answer, each time in a process of its own. The provider's copy of the page is
// shared; each answer is a copy of its own, as from a network.
// The numbers lie where the road is shorter than parsing: then fewer syncs have a page in hand.
#include "bench/contact_pages.hpp"
#include "bench/resting_fleet.hpp"
#include "bench/suite.hpp"
#include "protocol/oauth/callback_listener.hpp"
#include "protocol/simulation/delayed_replies.hpp"

#include <algorithm>
#include <chrono>
#include <malloc.h>
#include <stdexcept>
#include <thread>

namespace fs = std::filesystem;
using namespace nexte;
using namespace nexte::bench;
using namespace std::chrono_literals;

namespace {

constexpr auto road = 50ms;
constexpr auto look_every = 5ms;
constexpr auto sync_max = 5min;

/// Lists so many full pages of contacts to everybody; answers nothing until `begin`.
class distant_provider final : public transport {
public:
  explicit distant_provider(unsigned pages)
      : pages_(contact_pages(uint64_t{pages} * contacts_per_page)) {}

  void call(http_request request, done on_done) override {
    late_.after(road, [this, request = std::move(request), on_done = std::move(on_done)] {
      on_done({http_response{200, answer(request), "application/json"}});
    });
  }

private:
  std::string answer(const http_request& request) const {
    if (request.method == "POST")
      return R"({"total":0,"results":[]})";
    if (request.url.find("archived=true") != std::string::npos)
      return R"({"results":[]})";
    const auto at = request.url.find("after=");
    const auto last = at == std::string::npos ? 0 : std::stoull(request.url.substr(at + 6));
    return pages_.at(last == 0 ? 0 : (last - first_contact + 1) / contacts_per_page);
  }

  std::vector<std::string> pages_;
  simulation::delayed_replies late_; ///< The last: its thread uses the pages.
};

bool all_synced(const store& data, unsigned integrations) {
  for (unsigned number = integrations; number-- > 0;)
    if (must(data.stream(id_of(number), fleet_stream)).synced_at == wall_time{})
      return false;
  return true;
}

figures run(const fs::path& folder, const resting_fleet& fleet, unsigned pages) {
  const auto net = std::make_shared<distant_provider>(pages);
  const auto running
      = must(engine::start(engine_over(folder, fleet), net, oauth::make_loopback_listeners()));
  const double before = anonymous_bytes();
  double most = before;
  const auto begun = std::chrono::steady_clock::now();
  for (unsigned look = 1;; ++look) {
    std::this_thread::sleep_for(look_every);
    most = std::max(most, anonymous_bytes());
    if (look % 100 == 0 && all_synced(running->data(), fleet.integrations))
      break;
    if (std::chrono::steady_clock::now() - begun > sync_max)
      throw std::runtime_error("the syncs did not end");
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  return {{"bytes each", (most - before) / fleet.integrations}, {"seconds", took.count()}};
}

benchmark make(bool quick) {
  benchmark made;
  made.name = "busy";
  made.question = "How much memory do complete syncs take that all run at once?";
  const unsigned pages = quick ? 2 : 4;
  made.settings = {{"pages each", std::to_string(pages) + " of 100 contacts"}};
  const std::vector<std::pair<unsigned, double>> sizes // and what each may take at most
      = quick ? std::vector<std::pair<unsigned, double>>{{200, 24'000}}
              : std::vector<std::pair<unsigned, double>>{{1'000, 24'000}, {10'000, 4'000}};
  for (const auto& [integrations, bytes_max] : sizes) {
    resting_fleet fleet;
    fleet.integrations = integrations;
    fleet.synced = false;
    const auto name = "engine " + readable(integrations);
    made.ways.push_back({name, "",
                         [=](const fs::path& folder) {
                           const fleet_on_disk disk{folder, fleet};
                           return in_process_of_its_own(
                               [&] { return run(disk.folder(), fleet, pages); });
                         },
                         "engine", double(integrations)});
    made.comparisons.push_back({"bytes each", name, {}, aim_bound::at_most, bytes_max});
  }
  made.charts = {{"bytes each", "integrations"}};
  return made;
}

} // namespace

int main(int argc, char** argv) {
  return run_benchmark(argc, argv, make);
}
