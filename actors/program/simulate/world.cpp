#include "actors/program/simulate/world.hpp"

#include "protocol/http/url.hpp"
#include "protocol/simulation/catalog.hpp"

#include <algorithm>
#include <utility>

namespace nexte::program {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr wall_time start_at{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

} // namespace

simulated_world::simulated_world(world_options options, fault_draw& faults, trace& told,
                                 ruling& rules)
    : options_(std::move(options)),
      told_(told),
      rules_(rules),
      order_(options_.seed),
      random_(simulation::seeded_source(options_.seed + 1)),
      listeners_(std::make_shared<simulation::virtual_listeners>()),
      data_dir_(options_.folder / "data-0") {
  network_ports ports;
  ports.events = &events_;
  ports.faults = &faults;
  ports.told = &told;
  ports.rules = &rules;
  ports.elapsed = [this] { return elapsed(); };
  ports.is_durable = [this](std::string_view provider, size_t account, std::string_view token) {
    return is_durable(provider, account, token);
  };
  net_ = std::make_shared<simulated_network>(std::move(ports), options_.seed + 2);
  simulation::simulator_options made;
  made.seed = options_.seed;
  made.accounts = options_.accounts;
  made.records = options_.records;
  made.auto_consent = true;
  auto all = simulation::make_simulators({}, made);
  for (auto& one : *all)
    if (one->observed() && simulation::takes_part(one->provider())) {
      net_->add("https://" + std::string{one->provider()} + ".simulated", one.get());
      providers_.push_back(std::move(one));
    }
}

simulated_world::~simulated_world() {
  stop();
}

engine_options simulated_world::settings() const {
  engine_options settings;
  settings.data_dir = data_dir_;
  settings.master_key = secret{std::string(32, 'k')};
  for (const auto& one : providers_) {
    const auto there = one->endpoints();
    provider_settings reached;
    reached.name = one->provider();
    reached.client_id = there.client_id;
    reached.client_secret = secret{there.client_secret};
    reached.api_base = there.api_base;
    reached.authorize_url = there.authorize_url;
    reached.token_url = there.token_url;
    reached.revoke_url = there.revoke_url;
    settings.providers.push_back(std::move(reached));
  }
  return settings;
}

void simulated_world::boot() {
  auto wanted = settings();
  wanted.on_notification = [this](const notification_row& row) { notifications.push_back(row); };
  auto started = engine_impl::start(
      std::move(wanted),
      [this](caf::actor_system& system) {
        sched_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
        sched_->clock().current_time += 1h; // at its own zero, timers would be due at once
        booted_at_ = sched_->clock().now();
        engine_ports ports;
        ports.net = net_;
        ports.listeners = listeners_;
        ports.wall_now = [this] { return wall_now(); };
        ports.uptime_now = [this] { return std::optional{uptime{"simulated", elapsed()}}; };
        ports.steady_now = [this] { return sched_->clock().now(); };
        ports.random = random_;
        ports.log = [this](std::string_view line) { log.emplace_back(line); };
        return ports;
      },
      scheduling::virtual_time);
  if (!started) {
    sched_ = nullptr;
    return rules_.broken(invariant::starts_again, started.failure().line());
  }
  engine_ = *std::move(started);
  say("the engine starts");
  settle();
}

void simulated_world::end_scheduler() {
  const auto lived = sched_->clock().now() - booted_at_;
  engine_->stop_actors();
  sched_->run();
  sched_->clock().cancel_all();
  sched_ = nullptr;
  before_boot_ += lived;
  engine_.reset();
}

void simulated_world::stop() {
  if (!engine_)
    return;
  say("the engine stops");
  net_->cut();
  end_scheduler();
}

void simulated_world::kill() {
  say("the process dies");
  // The copy is what a machine finds after the death: all that was committed and nothing else. What
  // the dying engine still does in its good order happens to the folder left behind.
  auto next = options_.folder / ("data-" + std::to_string(++deaths_));
  fs::create_directory(next);
  fs::permissions(next, fs::perms::owner_all);
  for (const auto& file : fs::directory_iterator(data_dir_))
    fs::copy_file(file.path(), next / file.path().filename());
  net_->cut();
  const auto last = std::exchange(data_dir_, next);
  const auto heard = notifications.size();
  end_scheduler();
  notifications.resize(heard);
  fs::remove_all(last);
}

milliseconds simulated_world::elapsed() const {
  const auto since_boot = sched_ ? sched_->clock().now() - booted_at_ : 0ns;
  return std::chrono::floor<milliseconds>(before_boot_ + since_boot);
}

wall_time simulated_world::wall_now() const {
  return start_at + elapsed() + wall_jump;
}

void simulated_world::run_one() {
  auto& jobs = sched_->jobs;
  std::swap(jobs.front(), jobs[order_.below(jobs.size())]);
  sched_->run_once();
  ++steps;
}

void simulated_world::settle() {
  while (sched_ && !sched_->jobs.empty())
    run_one();
}

void simulated_world::live() {
  while (sched_ && !sched_->jobs.empty()) {
    run_one();
    if (dies_at_ && steps >= *dies_at_) {
      dies_at_.reset();
      at_death_();
      kill();
      boot();
    }
  }
}

bool simulated_world::step(milliseconds until) {
  live();
  if (!sched_)
    return false;
  auto& clock = sched_->clock();
  std::chrono::nanoseconds next = until - before_boot_;
  if (!clock.schedule().empty())
    next = std::min<std::chrono::nanoseconds>(next, clock.schedule().begin()->first - booted_at_);
  if (!events_.empty())
    next = std::min<std::chrono::nanoseconds>(next, events_.next() - before_boot_);
  const auto passed = clock.now() - booted_at_;
  clock.advance_time(std::max<caf::timespan>(next - passed, caf::timespan{0}));
  live();
  // An event may end this engine and start another: nothing of it is touched after one.
  while (!events_.empty() && events_.next() <= elapsed() && !rules_.first()) {
    events_.take()();
    live();
  }
  return elapsed() < until;
}

bool simulated_world::consent(integration_id id, const std::string& login) {
  auto url = ask<std::string>(
      [&](auto done) { running().connect(id, done, [](const result<connect_outcome>&) {}); });
  if (!url) {
    say("no consent for " + id.str() + ": " + url.failure().what);
    return false;
  }
  const auto page = net_->browse(
      http_request{"GET", login.empty() ? *url : with_query(*url, {{"login_hint", login}})});
  return page.status / 100 == 3 && listeners_->hit(std::string{page.headers.get("Location")});
}

simulation::simulator* simulated_world::provider(std::string_view name) {
  const auto found
      = std::ranges::find_if(providers_, [&](const auto& one) { return one->provider() == name; });
  return found == providers_.end() ? nullptr : found->get();
}

bool simulated_world::is_durable(std::string_view provider_name, size_t account,
                                 std::string_view access_token) {
  const auto who = provider(provider_name)->observed()->account_id(account);
  auto& holders = holders_[{std::string{provider_name}, who}];
  const auto one_holds = [&] {
    return std::ranges::any_of(holders, [&](integration_id id) {
      const auto held = engine_->data().tokens(id);
      return held && *held && (*held)->access_token.reveal() == access_token;
    });
  };
  if (one_holds())
    return true;
  const auto rows = engine_->data().integrations(); // reads every history: the last resort
  holders.clear();
  if (rows)
    for (const auto& row : *rows)
      if (row.provider == provider_name && row.account.id == who)
        holders.push_back(row.id);
  return one_holds();
}

} // namespace nexte::program
