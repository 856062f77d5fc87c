// How punctual is a fleet that is polled every five minutes, and what does a poll cost?
//
// `engine N` runs N integrations in real time against a provider in this process that never has
// anything new, each at its own moment of the five minutes. Lateness runs from when a poll was due
// to its first request. `bare N` sends as many requests of the same kind through the same provider,
// reads the answers and makes each end durable, in a loop.
// The numbers lie where the provider is far (then a poll is waiting above all), and on a machine
// that others load. CPU of `engine` is counted from the start of the process's load being over.
#include "actors/policy/schedule.hpp"
#include "bench/resting_fleet.hpp"
#include "bench/spread.hpp"
#include "bench/suite.hpp"
#include "protocol/hubspot/page_reader.hpp"
#include "protocol/oauth/callback_listener.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace fs = std::filesystem;
using namespace nexte;
using namespace nexte::bench;

namespace {

constexpr seconds settling{1};

/// When each integration is due, and how late it was.
class punctuality {
public:
  explicit punctuality(const resting_fleet& fleet) : fleet_(fleet) {}

  /// From here on lateness is noted.
  void begin(const store& data) {
    std::vector<wall_time> due;
    for (unsigned number = 0; number < fleet_.integrations; ++number) {
      const auto synced = must(data.stream(id_of(number), fleet_stream)).synced_at;
      due.push_back(next_poll_at(id_of(number), fleet_.mode, fleet_.poll_every, synced, synced));
    }
    const std::lock_guard lock{mutex_};
    due_ = std::move(due);
  }
  void called(unsigned number) {
    const auto now = clock_now();
    const std::lock_guard lock{mutex_};
    if (due_.empty() || now < due_[number])
      return; // before the watch, or another request of the same poll
    late_ms_.push_back(static_cast<double>((now - due_[number]).count()));
    due_[number]
        = next_poll_at(id_of(number), fleet_.mode, fleet_.poll_every, due_[number], due_[number]);
  }
  std::vector<double> take() {
    const std::lock_guard lock{mutex_};
    return std::move(late_ms_);
  }

private:
  resting_fleet fleet_;
  std::mutex mutex_;
  std::vector<wall_time> due_;
  std::vector<double> late_ms_;
};

figures run_engine(const fs::path& folder, const resting_fleet& fleet, seconds lasts) {
  punctuality clock{fleet};
  const auto net = std::make_shared<quiet_provider>([&](unsigned number) { clock.called(number); });
  const auto running
      = must(engine::start(engine_over(folder, fleet), net, oauth::make_loopback_listeners()));
  must(wait_for<integration_status>(
      [&](auto done) { running->status(id_of(fleet.integrations - 1), done); }));
  std::this_thread::sleep_for(settling); // polls that came due during the start are no measure
  clock.begin(running->data());
  const double before = cpu_seconds();
  const auto calls_before = net->calls();
  std::this_thread::sleep_for(lasts);
  const double cpu = cpu_seconds() - before;
  auto late = clock.take();
  if (late.empty())
    throw std::runtime_error("no poll was due");
  const auto polls = static_cast<double>(late.size());
  return {{"polls", polls},
          {"requests a poll", static_cast<double>(net->calls() - calls_before) / polls},
          {"late p50, ms", percentile(late, 0.5)},
          {"late p99, ms", percentile(late, 0.99)},
          {"CPU a poll, ms", cpu * 1e3 / polls},
          {"CPU, % of a core", cpu * 100 / static_cast<double>(lasts.count())}};
}

/// A poll as a loop makes it: search, look at archived ones, read both, make the end durable.
void poll(quiet_provider& net, store& data, unsigned number, uint64_t& sequence) {
  for (const char* method : {"POST", "GET"}) {
    http_request request{method, "https://hubspot.bench/crm/v3/objects/contacts"};
    const auto tokens = must(data.tokens(id_of(number)));
    request.headers.add("Authorization", "Bearer " + std::string{tokens->access_token.reveal()});
    net.call(std::move(request), [](http_answer answer) {
      record_guard guard;
      must(hubspot::read_object_page(must(std::move(answer.response)).body, guard));
    });
  }
  const std::vector<store_write> writes{end_run{id_of(number), fleet_stream, sequence, true}};
  sequence = must(must(data.commit(writes, clock_now())).front()).sequence;
}

figures run_bare(const fs::path& folder, const resting_fleet& fleet, unsigned polls) {
  const auto settings = engine_over(folder, fleet);
  store_options where;
  where.directory = settings.data_dir;
  const auto data = must(store::open(std::move(where), settings.master_key));
  quiet_provider net;
  std::vector<uint64_t> sequences;
  for (unsigned number = 0; number < std::min(polls, fleet.integrations); ++number)
    sequences.push_back(must(data->stream(id_of(number), fleet_stream)).sequence);
  const double before = cpu_seconds();
  for (unsigned i = 0; i < polls; ++i) {
    const auto number = i % static_cast<unsigned>(sequences.size());
    poll(net, *data, number, sequences[number]);
  }
  return {{"polls", static_cast<double>(polls)},
          {"CPU a poll, ms", (cpu_seconds() - before) * 1e3 / polls}};
}

void add_size(benchmark& to, unsigned integrations, seconds lasts) {
  resting_fleet fleet;
  fleet.integrations = integrations;
  fleet.mode = "real_time";
  const auto expected
      = static_cast<unsigned>(integrations * lasts.count() / fleet.poll_every.count()) + 1;
  const auto on_rows = [=](auto measure) {
    return [=](const fs::path& folder) {
      const fleet_on_disk disk{folder, fleet}; // anew: only what was just synced is spread evenly
      return in_process_of_its_own([&] { return measure(disk.folder()); });
    };
  };
  const auto size = " " + readable(integrations);
  to.ways.push_back({"bare" + size, "",
                     on_rows([=](const fs::path& at) { return run_bare(at, fleet, expected); }),
                     "bare loop", double(integrations)});
  to.ways.push_back({"engine" + size, "",
                     on_rows([=](const fs::path& at) { return run_engine(at, fleet, lasts); }),
                     "engine", double(integrations)});
  to.comparisons.push_back(
      {"CPU a poll, ms", "engine" + size, "bare" + size, aim_bound::at_most, 1.6});
  to.comparisons.push_back({"late p99, ms", "engine" + size, {}, aim_bound::at_most, 1'000});
}

benchmark make(bool quick) {
  const seconds lasts{quick ? 3 : 10};
  benchmark made;
  made.name = "fleet";
  made.question
      = "How punctual is a fleet that is polled every five minutes, and what does a poll cost?";
  made.settings = {{"watched for", std::to_string(lasts.count()) + " s of each run"}};
  const auto sizes = quick ? std::vector<unsigned>{1'000}
                           : std::vector<unsigned>{1'000, 10'000, 60'000, 100'000};
  for (const unsigned size : sizes)
    add_size(made, size, lasts);
  if (!quick)
    made.comparisons.push_back({"CPU, % of a core", "engine " + readable(sizes.back()),
                                "engine " + readable(sizes[1]), aim_bound::at_most, 1.03, true});
  made.charts = {{"late p99, ms", "integrations"}, {"CPU a poll, ms", "integrations"}};
  return made;
}

} // namespace

int main(int argc, char** argv) {
  return run_benchmark(argc, argv, make);
}
