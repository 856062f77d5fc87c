// One consent attempt alone: which hits it takes for its answer.
#include "actors/authorizer.hpp"
#include "actors/timers.hpp"
#include "protocol/simulation/in_process_transport.hpp"
#include "tests/support/browser.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

class Authorizer : public ::testing::Test {
protected:
  Authorizer() {
    config_.set("scheduler.policy", caf::atom("testing"));
    system_ = std::make_unique<caf::actor_system>(config_);
    sched_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
    auto ports = std::make_shared<engine_ports>();
    ports->net = net_;
    ports->listeners = listeners_;
    ports->wall_now = [] { return wall_time{}; };
    ports->steady_now = [this] { return sched_->clock().now(); };
    ports->random = [](std::span<uint8_t> out) { std::ranges::fill(out, uint8_t{7}); };
    ports->log = [](std::string_view) {};
    provider_->description = &description;
    provider_->app.authorize_url = "https://acme.test/authorize";
    deps_.ports = ports;
    deps_.provider = provider_;
    deps_.timers = system_->spawn(timers, deps_.ports);
    deps_.state = "our-state";
    deps_.authorization_url
        = answer<std::string>{[this](const result<std::string>& url) { url_ = *url; }};
  }
  void TearDown() override {
    caf::anon_send_exit(authorizer_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(deps_.timers, caf::exit_reason::user_shutdown);
    authorizer_ = nullptr;
    deps_ = {};
    sched_->run();
    sched_->clock().cancel_all();
  }
  void begin() {
    authorizer_ = system_->spawn(authorizer, deps_);
    sched_->run();
  }
  /// Whether the hit was taken for the answer.
  bool hit(query_parameters answer) {
    const auto asked = parse_query(parse_url(url_)->query());
    return listeners_->hit(with_query(*find_parameter(*asked, "redirect_uri"), answer));
  }

  provider_description description;

private:
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* sched_ = nullptr;
  std::shared_ptr<simulation::in_process_transport> net_
      = std::make_shared<simulation::in_process_transport>([] { return wall_time{}; });
  std::shared_ptr<test::virtual_listeners> listeners_ = std::make_shared<test::virtual_listeners>();
  std::shared_ptr<provider_context> provider_ = std::make_shared<provider_context>();
  authorizer_deps deps_;
  authorizer_actor authorizer_;
  std::string url_;
};

} // namespace

TEST_F(Authorizer, TakesNoAnswerOfAnotherIssuer) {
  description.issuer = "https://acme.test";
  begin();
  EXPECT_FALSE(hit({{"code", "c"}, {"state", "our-state"}}));
  EXPECT_FALSE(hit({{"code", "c"}, {"state", "our-state"}, {"iss", "https://evil.test"}}));
  EXPECT_FALSE(hit({{"error", "access_denied"}, {"state", "our-state"}}));
  EXPECT_TRUE(hit({{"code", "c"}, {"state", "our-state"}, {"iss", "https://acme.test"}}));
}

TEST_F(Authorizer, ComparesNoIssuerWhereTheProviderSendsNone) {
  begin();
  EXPECT_FALSE(hit({{"code", "c"}, {"state", "of-another"}}));
  EXPECT_TRUE(hit({{"code", "c"}, {"state", "our-state"}, {"iss", "https://acme.test"}}));
}
