// The whole engine in one thread: virtual time, simulated providers, a store in a temporary
// directory. GoogleTest fixture.
#pragma once

#include "actors/engine_impl.hpp"
#include "actors/rate_limiter.hpp"
#include "protocol/hubspot/simulator.hpp"
#include "protocol/simulation/catalog.hpp"
#include "protocol/simulation/in_process_transport.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/temp_dir.hpp"

#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nexte::test {

using namespace std::chrono_literals;

class virtual_world : public ::testing::Test {
protected:
  static constexpr const char* hubspot_base = "https://hubspot.test";

  virtual_world() {
    options.seed = 7;
    options.records = 250;
    options.auto_consent = true;
  }

  void TearDown() override {
    stop();
  }

  /// What the simulator is made with; change it before the first use of `hubspot()`.
  simulation::simulator_options options;
  /// What the engine is started with beside its defaults; change it before `boot`.
  std::function<void(engine_options&)> configure = [](engine_options&) {};
  /// Where the engine takes its providers from.
  engine_impl::provider_finder find = find_provider;

  simulation::hubspot_simulator& hubspot() {
    if (!hubspot_)
      hubspot_ = &dynamic_cast<simulation::hubspot_simulator&>(add_provider("hubspot"));
    return *hubspot_;
  }
  /// Simulates a provider of the catalog at `https://<name>.test`. The engine uses those that were
  /// added before `boot`; without any, HubSpot.
  simulation::simulator& add_provider(const std::string& name) {
    auto made = simulation::make_simulators({name}, options);
    EXPECT_TRUE(made) << made.failure().line();
    providers_.push_back(std::move(made->front()));
    net->add("https://" + name + ".test", providers_.back().get());
    return *providers_.back();
  }

  /// Starts the engine on the directory as it stands.
  void boot() {
    if (providers_.empty())
      hubspot();
    engine_options settings;
    settings.data_dir = data_dir();
    settings.master_key = secret{std::string(32, 'k')};
    for (const auto& simulated : providers_) {
      const auto there = simulated->endpoints();
      provider_settings provider;
      provider.name = simulated->provider();
      provider.client_id = there.client_id;
      provider.client_secret = secret{there.client_secret};
      provider.api_base = there.api_base;
      provider.authorize_url = there.authorize_url;
      provider.token_url = there.token_url;
      provider.revoke_url = there.revoke_url;
      settings.providers.push_back(std::move(provider));
    }
    settings.on_notification
        = [this](const notification_row& row) { notifications.push_back(row); };
    configure(settings);
    auto started = engine_impl::start(
        std::move(settings),
        [this](caf::actor_system& system) {
          sched_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
          sched_->clock().current_time += 1h; // at its own zero, timers would be due at once
          booted_at_ = sched_->clock().now();
          engine_ports ports;
          ports.net = road ? road : net;
          ports.listeners = listeners;
          ports.wall_now = [this] { return wall_now(); };
          ports.steady_now = [this] { return sched_->clock().now(); };
          ports.uptime_now = [this] {
            return uptime{"virtual", wall_now() - wall_jump - wall_start};
          };
          ports.random = counting_random();
          ports.log = [this](std::string_view line) { log.emplace_back(line); };
          return ports;
        },
        scheduling::virtual_time, find);
    ASSERT_TRUE(started) << started.failure().line();
    engine_ = *std::move(started);
    settle();
  }

  /// Ends the engine in good order; what is durable stays for the next `boot`.
  void stop() {
    if (!engine_)
      return;
    elapsed_ += std::chrono::floor<milliseconds>(sched_->clock().now() - booted_at_);
    engine_->stop_actors();
    sched_->run();
    sched_->clock().cancel_all();
    later_.clear();
    sched_ = nullptr;
    engine_.reset();
  }

  wall_time wall_now() const {
    const auto since_boot = sched_ ? sched_->clock().now() - booted_at_ : 0ns;
    return wall_start + elapsed_ + wall_jump + std::chrono::floor<milliseconds>(since_boot);
  }
  /// By the provider's clock.
  wall_time provider_now() const {
    return wall_now() + provider_skew;
  }
  /// Runs actors until no message is left; time stands still.
  void settle() {
    sched_->run();
    if (on_settled)
      on_settled();
  }
  /// Runs so many messages; time stands still.
  void step(size_t messages) {
    for (size_t i = 0; i < messages && sched_->try_run_once(); ++i) {}
  }
  /// Moves time by `span`, stopping at each deadline on the way, so that timers armed by timers
  /// ring at their own moment.
  void advance(std::chrono::nanoseconds span) {
    auto& clock = sched_->clock();
    const auto target = clock.now() + span;
    settle();
    for (auto due = next_due(); due && *due <= target; due = next_due()) {
      clock.advance_time(std::max(*due - clock.now(), caf::timespan{0}));
      run_later();
      settle();
    }
    clock.advance_time(target - clock.now());
    settle();
  }
  /// Calls `what` once `delay` has passed, from `advance`: what the network is slow with.
  void after(std::chrono::nanoseconds delay, std::function<void()> what) {
    later_.emplace(sched_->clock().now() + delay, std::move(what));
  }
  /// The limiter of a configured provider, to be looked at.
  const rate_limiter_state& limiter(const std::string& provider = "hubspot") const {
    using with_state = rate_limiter_actor::stateful_base<rate_limiter_state>;
    const auto handle = engine_->limiter(provider);
    return dynamic_cast<const with_state&>(*caf::actor_cast<caf::abstract_actor*>(handle)).state;
  }

  /// Asks the engine and waits for its answer: `ask<void>([&](auto done) { engine().refresh(id,
  /// done); })`.
  template <class T, class Start>
  result<T> ask(Start&& start) {
    std::optional<result<T>> heard;
    start(reply<T>{[&heard](result<T> answer) { heard.emplace(std::move(answer)); }});
    settle();
    if (!heard)
      return error{ec::bug, "no answer came"};
    return *std::move(heard);
  }

  integration_id add(const std::string& workspace = "acme",
                     const std::string& provider = "hubspot") {
    auto id = ask<integration_id>(
        [&](auto done) { engine().add(*workspace_id::parse(workspace), provider, done); });
    EXPECT_TRUE(id) << id.failure().line();
    return id ? *id : integration_id{};
  }
  /// Sends a person to the consent screen; yields its address.
  std::string begin_consent(integration_id id) {
    auto url = ask<std::string>([&](auto done) {
      engine().connect(id, done, [this](result<connect_outcome> outcome) {
        outcomes.push_back(std::move(outcome));
      });
    });
    EXPECT_TRUE(url) << url.failure().line();
    return url ? *url : std::string{};
  }
  /// … who consents, as the account `login` (empty: the first one).
  void consent(integration_id id, const std::string& login = {}) {
    auto url = begin_consent(id);
    if (!login.empty())
      url = with_query(url, {{"login_hint", login}});
    EXPECT_TRUE(follow_consent(*net, *listeners, url));
    settle();
  }
  integration_id connected(const std::string& workspace = "acme",
                           const std::string& provider = "hubspot") {
    const auto id = add(workspace, provider);
    consent(id);
    return id;
  }
  integration_status status(integration_id id) {
    auto heard = ask<integration_status>([&](auto done) { engine().status(id, done); });
    EXPECT_TRUE(heard) << heard.failure().line();
    return heard ? *std::move(heard) : integration_status{};
  }
  engine_impl& engine() {
    return *engine_;
  }
  /// Where the engine's data lies.
  std::filesystem::path data_dir() const {
    return directory_.path() / "data";
  }

  std::shared_ptr<simulation::in_process_transport> net
      = std::make_shared<simulation::in_process_transport>([this] { return provider_now(); });
  /// What the engine calls in place of `net`; set it before `boot`.
  std::shared_ptr<transport> road;
  /// Called whenever no message is left.
  std::function<void()> on_settled;
  std::shared_ptr<virtual_listeners> listeners = std::make_shared<virtual_listeners>();
  std::vector<std::string> log;                  ///< What the engine warned of.
  std::vector<notification_row> notifications;   ///< What the host heard.
  std::vector<result<connect_outcome>> outcomes; ///< How consents ended.
  milliseconds wall_jump{0};                     ///< Somebody set the wall clock.
  milliseconds provider_skew{0};                 ///< The provider's clock is ahead of ours.

private:
  static constexpr wall_time wall_start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}
                                        + 9h};

  /// Random enough to tell ids apart, and the same in every run.
  random_source counting_random() {
    return [this](std::span<uint8_t> out) {
      for (auto& byte : out)
        byte = static_cast<uint8_t>(
            (random_state_ = random_state_ * 6364136223846793005u + 1442695040888963407u) >> 56);
    };
  }

  std::optional<steady_time> next_due() const {
    const auto& timers = sched_->clock().schedule();
    std::optional<steady_time> due;
    if (!timers.empty())
      due = timers.begin()->first;
    if (!later_.empty())
      due = due ? std::min(*due, later_.begin()->first) : later_.begin()->first;
    return due;
  }
  void run_later() {
    while (!later_.empty() && later_.begin()->first <= sched_->clock().now())
      later_.extract(later_.begin()).mapped()();
  }

  temp_dir directory_{temp_dir::in_memory()}; ///< Time is virtual: no disk may take any.
  std::vector<std::unique_ptr<simulation::simulator>> providers_;
  simulation::hubspot_simulator* hubspot_ = nullptr; ///< One of them.
  std::unique_ptr<engine_impl> engine_;
  caf::scheduler::test_coordinator* sched_ = nullptr;
  std::chrono::steady_clock::time_point booted_at_{};
  std::multimap<steady_time, std::function<void()>> later_;
  milliseconds elapsed_{0};
  uint64_t random_state_ = 42;
};

} // namespace nexte::test
